"""The three parts of a set, split before anything is augmented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Split:
    """Numbers of the samples in each part; no number is in two of them.

    Args:
        training, validation, test: in rising order; the test part is empty where there are too few photos.
        notes: sentences for a person: a class with one photo, no test part, two photos alike in different classes.
    """

    training: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        parts = (self.training, self.validation, self.test)
        if len({number for part in parts for number in part}) != sum(map(len, parts)):
            raise ValueError("A sample is in one part of the split, got one in two.")
