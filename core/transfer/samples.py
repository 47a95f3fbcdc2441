"""Photos in classes: what a network is to learn from."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from core.photo import Photo

CLASSES_MOST = 50
NAME_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo and the number of its class, from 0."""

    photo: Photo
    label: int


@dataclass(frozen=True)
class PhotoSet:
    """Classes by name, and photos in them; never changed, every edit gives another set.

    Args:
        classes: 0 to `CLASSES_MOST` different names, each of 1 to `NAME_LETTERS` letters.
        samples: in the order they came; a class may have none.

    Raises: ValueError naming the rule and the value found.
    """

    classes: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()

    def __post_init__(self) -> None:
        if len(self.classes) > CLASSES_MOST:
            raise ValueError(f"A set has at most {CLASSES_MOST} classes, got {len(self.classes)}.")
        if len(set(self.classes)) != len(self.classes):
            twice = next(name for name in self.classes if self.classes.count(name) > 1)
            raise ValueError(f"Classes have different names, got {twice!r} twice.")
        for name in self.classes:
            if not 1 <= len(name) <= NAME_LETTERS:
                raise ValueError(f"The name of a class has 1 to {NAME_LETTERS} letters, got {len(name)}.")
        for sample in self.samples:
            if not 0 <= sample.label < len(self.classes):
                raise ValueError(f"A label is 0 to {len(self.classes) - 1}, got {sample.label}.")

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Photos of each class."""
        labels = [sample.label for sample in self.samples]
        return tuple(labels.count(label) for label in range(len(self.classes)))

    @cached_property
    def digest(self) -> str:
        """Identifies names, pixels and labels in their order."""
        found = hashlib.blake2b(repr(self.classes).encode(), digest_size=16)
        for sample in self.samples:
            found.update(f"{sample.photo.digest} {sample.label}\n".encode())
        return found.hexdigest()

    @property
    def size_bytes(self) -> int:
        """Of all pixels."""
        return sum(sample.photo.pixels.nbytes for sample in self.samples)

    def with_class(self, name: str, photos: Iterable[Photo] = ()) -> "PhotoSet":
        """Photos join the class of this name, which is made if it is new."""
        classes = self.classes if name in self.classes else (*self.classes, name)
        label = classes.index(name)
        return replace(
            self, classes=classes, samples=(*self.samples, *(Sample(photo, label) for photo in photos))
        )

    def relabelled(self, numbers: Iterable[int], label: int) -> "PhotoSet":
        """The photos of these numbers belong to another class."""
        chosen = set(numbers)
        return replace(
            self,
            samples=tuple(
                replace(sample, label=label) if i in chosen else sample
                for i, sample in enumerate(self.samples)
            ),
        )

    def without(self, numbers: Iterable[int]) -> "PhotoSet":
        """The photos of these numbers are gone; their classes stay."""
        gone = set(numbers)
        return replace(self, samples=tuple(s for i, s in enumerate(self.samples) if i not in gone))

    def renamed(self, label: int, name: str) -> "PhotoSet":
        """A class gets another name."""
        return replace(self, classes=tuple(name if i == label else old for i, old in enumerate(self.classes)))

    def without_class(self, label: int) -> "PhotoSet":
        """A class and its photos are gone."""
        return PhotoSet(
            tuple(name for i, name in enumerate(self.classes) if i != label),
            tuple(
                replace(sample, label=sample.label - (sample.label > label))
                for sample in self.samples
                if sample.label != label
            ),
        )
