"""The three parts of a set, split before anything is augmented.

Photos that are copies of each other stay in one part, or the validation would ask about what was learnt by heart.
Source: Kohavi 1995, "A study of cross-validation and bootstrap" (stratified); Barz and Denzler 2020, "Do we train on
test data?", arXiv 1902.00423 (near-duplicates across parts).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from core.transfer.duplicates import duplicate_groups, joined
from core.transfer.samples import PhotoSet

TEST_EACH, TEST_ALL = 5, 30
"""A test part is made where every class that has photos has so many different ones, and all together so many."""
SHARE_MOST = 0.4
_NAMED = 3  # pairs of copies that are named in notes; of more the number is said


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


Group = tuple[int, ...]


def split(
    photos: PhotoSet,
    *,
    seed: int = 0,
    validation: float = 0.2,
    test: float = 0.2,
    groups: Sequence[Sequence[int]] | None = None,
) -> Split:
    """Every class divided in the same proportions.

    Which photos go where depends on the seed and their pixels alone, not on their order: the same photos in another
    order are divided alike, and every class on its own. Of n different photos of a class floor(n share + 1/2) are
    held out for each part, at least one for the validation if there are two. A group counts with all its photos, goes
    where it fits, and the largest of a class is trained on. A group over several classes is divided with the rarest.

    Args:
        seed: 0 or more.
        validation, test: shares of each class, 0 to 0.4; a test part needs 5 different photos of each class that has
            photos, and 30 in all.
        groups: numbers of near-duplicates, which stay together, no number in two groups; None finds them. Equal
            pixels always stay together.

    Raises: ValueError naming the rule and the value found.
    """
    _check(photos, seed, (validation, test), groups)
    if groups is None:
        groups = duplicate_groups([sample.photo for sample in photos.samples])
    units = _units(photos, groups)
    homes = _homes(photos, units)
    testing = test > 0 and _enough(homes)
    parts: dict[str, list[int]] = {"training": [], "validation": [], "test": []}
    for home in homes:
        for part, chosen in _divided(photos, home, seed, validation, test if testing else 0.0).items():
            parts[part] += [number for unit in chosen for number in unit]
    notes = [*_class_notes(photos, homes), *_copy_notes(photos, units)]
    if test > 0 and not testing and photos.samples:
        notes.append(
            f"There is no test part: it takes {TEST_EACH} different photos of each class and {TEST_ALL} in all."
        )
    return Split(*(tuple(sorted(parts[part])) for part in ("training", "validation", "test")), tuple(notes))


def _check(
    photos: PhotoSet, seed: int, shares: tuple[float, float], groups: Sequence[Sequence[int]] | None
) -> None:
    if seed < 0:
        raise ValueError(f"The seed is 0 or more, got {seed}.")
    for name, share in zip(("validation", "test"), shares, strict=True):
        if not 0 <= share <= SHARE_MOST:
            raise ValueError(f"The share of the {name} part is 0 to {SHARE_MOST}, got {share}.")
    numbers = [number for group in groups or () for number in group]
    if len(set(numbers)) != len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        raise ValueError(f"A photo is in one group of near-duplicates, got {twice} in two.")
    for number in numbers:
        if not 0 <= number < len(photos.samples):
            raise ValueError(f"A group names photos from 0 to {len(photos.samples) - 1}, got {number}.")


def _units(photos: PhotoSet, groups: Sequence[Sequence[int]]) -> tuple[Group, ...]:
    """What must not be divided: the groups, photos of equal pixels, and single photos."""
    pairs = [(group[0], number) for group in groups for number in group[1:]]
    first: dict[str, int] = {}
    for number, sample in enumerate(photos.samples):
        pairs.append((first.setdefault(sample.photo.digest, number), number))
    return joined(len(photos.samples), pairs)


def _homes(photos: PhotoSet, units: tuple[Group, ...]) -> tuple[list[Group], ...]:
    """The units of each class; one over several classes belongs to the rarest, of equals to the first."""
    counts = photos.counts
    homes: tuple[list[Group], ...] = tuple([] for _ in photos.classes)
    for unit in units:
        homes[min({photos.samples[number].label for number in unit}, key=lambda c: (counts[c], c))].append(
            unit
        )
    return homes


def _enough(homes: tuple[list[Group], ...]) -> bool:
    present = [len(home) for home in homes if home]
    return bool(present) and min(present) >= TEST_EACH and sum(present) >= TEST_ALL


def _divided(
    photos: PhotoSet, home: list[Group], seed: int, validation: float, test: float
) -> dict[str, list[Group]]:
    """The units of one class, for each part."""
    order = sorted(home, key=lambda unit: _rank(photos, unit, seed))
    size = sum(map(len, order))
    targets = {"validation": int(size * validation + 0.5), "test": int(size * test + 0.5)}
    parts: dict[str, list[Group]] = {"training": [], "validation": [], "test": []}
    if not order:
        return parts
    largest = max(order, key=len)  # the first of the largest
    order.remove(largest)
    parts["training"].append(largest)
    for part, share in (("validation", validation), ("test", test)):
        if share and order:  # at least one, the smallest if none is small enough
            targets[part] = max(1, targets[part])
            unit = next((unit for unit in order if len(unit) <= targets[part]), min(order, key=len))
            order.remove(unit)
            parts[part].append(unit)
            targets[part] -= len(unit)
    for unit in order:
        part = max(targets, key=lambda name: targets[name])
        part = part if len(unit) <= targets[part] else "training"
        parts[part].append(unit)
        if part != "training":
            targets[part] -= len(unit)
    return parts


def _rank(photos: PhotoSet, unit: Group, seed: int) -> bytes:
    """Shuffles: a hash of the seed and the pixels."""
    digest = min(photos.samples[number].photo.digest for number in unit)
    return hashlib.blake2b(f"{seed} {digest}".encode(), digest_size=16).digest()


def _class_notes(photos: PhotoSet, homes: tuple[list[Group], ...]) -> list[str]:
    notes = []
    for name, count, home in zip(photos.classes, photos.counts, homes, strict=True):
        if count == 0:
            notes.append(f"The class “{name}” has no photos: the network cannot learn it.")
        elif count == 1:
            notes.append(
                f"The class “{name}” has one photo: it is trained on, and nothing checks what was learnt."
            )
        elif len(home) == 1 and len(home[0]) == count:
            notes.append(
                f"The {count} photos of the class “{name}” are copies of each other: they are trained on, and nothing "
                "checks what was learnt."
            )
    return notes


def _copy_notes(photos: PhotoSet, units: tuple[Group, ...]) -> list[str]:
    """Photos alike in different classes: one of their labels is wrong, or both."""
    found = []
    for unit in units:
        one = photos.samples[unit[0]]
        other = next((photos.samples[i] for i in unit if photos.samples[i].label != one.label), None)
        if other is not None:
            alike = "the same photo" if one.photo.digest == other.photo.digest else "near-duplicates"
            found.append(
                f"“{one.photo.name}” in “{photos.classes[one.label]}” and “{other.photo.name}” in "
                f"“{photos.classes[other.label]}” are {alike}: only one of their classes can be right. They are kept "
                "in one part."
            )
    more = len(found) - _NAMED
    return [*found[:_NAMED], *([f"{more} more such pairs are in different classes."] if more > 0 else [])]
