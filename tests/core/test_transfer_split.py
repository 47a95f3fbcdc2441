"""The split: an independent count of what it must keep, over random sets, and each sentence it says."""

from collections import Counter

import numpy as np
import pytest

from core.photo import Photo
from core.transfer.duplicates import duplicate_groups
from core.transfer.samples import PhotoSet, Sample
from core.transfer.split import TEST_ALL, TEST_EACH, Split, split


def photo(value: int) -> Photo:
    """A flat photo: equal to another only by its pixels."""
    return Photo.of(
        np.full((2, 2, 3), divmod(value, 256)[1], np.uint8) + np.uint8([0, 0, value // 256]), f"{value}.png"
    )


def made(*counts: int) -> PhotoSet:
    """Different photos, so many of each class."""
    photos, value = PhotoSet(tuple(f"class {i}" for i in range(len(counts)))), 0
    for label, count in enumerate(counts):
        photos = photos.with_class(f"class {label}", [photo(value + i) for i in range(count)])
        value += count
    return photos


def half_up(value: float) -> int:
    return int(value + 0.5)


def parts_of(found: Split) -> dict[int, str]:
    return {number: part for part in ("training", "validation", "test") for number in getattr(found, part)}


@pytest.mark.parametrize("seed", range(60))
def test_random_sets(seed: int) -> None:
    """No overlap, all covered, groups whole, every class trained on, proportions within rounding."""
    dice = np.random.default_rng(seed)
    counts = dice.integers(0, 40, dice.integers(1, 6)).tolist()
    photos = made(*counts)
    groups, free = [], dice.permutation(len(photos.samples)).tolist()
    for _ in range(int(dice.integers(0, 5))):
        size = int(dice.integers(2, 5))
        groups.append(free[:size])
        free = free[size:]
    groups = [group for group in groups if len(group) > 1]
    found = split(photos, seed=seed, groups=groups)
    assert sorted((*found.training, *found.validation, *found.test)) == list(range(len(photos.samples)))
    part_of = parts_of(found)
    assert all(len({part_of[number] for number in group}) == 1 for group in groups)
    for part in (found.training, found.validation, found.test):
        assert list(part) == sorted(part)
    grouped = {number for group in groups for number in group}
    for label, count in enumerate(counts):
        own = [n for n, sample in enumerate(photos.samples) if sample.label == label]
        share = Counter(part_of[number] for number in own)
        if grouped.isdisjoint(own):
            assert share["validation"] == (0 if count < 2 else max(1, half_up(0.2 * count)))
            assert share["test"] == (half_up(0.2 * count) if found.test else 0)
            assert count == 0 or share["training"] >= 1
        else:  # a group moves at most its own size
            assert abs(share["validation"] - 0.2 * count) <= 0.5 + sum(map(len, groups)) + 1


@pytest.mark.parametrize("seed", range(10))
def test_the_same_photos_in_another_order_are_divided_alike(seed: int) -> None:
    photos = made(12, 7, 20)
    order = np.random.default_rng(seed).permutation(len(photos.samples))
    shuffled = PhotoSet(photos.classes, tuple(photos.samples[i] for i in order))
    groups = [(0, 5), (13, 14, 15)]
    place = {int(number): new for new, number in enumerate(order)}
    there = parts_of(split(photos, seed=seed, groups=groups))
    here = parts_of(split(shuffled, seed=seed, groups=[[place[n] for n in group] for group in groups]))
    assert {place[number]: part for number, part in there.items()} == here


def test_a_class_is_divided_alike_whatever_happens_to_others() -> None:
    one, other = split(made(10, 20, 20), seed=3, groups=()), split(made(10, 20, 11), seed=3, groups=())
    assert [n for n in one.validation if n < 30] == [n for n in other.validation if n < 30]


def test_the_seed_decides() -> None:
    photos = made(30, 30)
    found = [split(photos, seed=seed, groups=()) for seed in (0, 0, 1, 2)]
    assert found[0] == found[1]
    assert len({each.validation for each in found}) == 3


def test_every_photo_is_held_out_about_as_often() -> None:
    """Over 400 seeds each of 10 photos is validated on 80 times; five standard deviations are 40."""
    photos = made(10)
    times = Counter(
        number for seed in range(400) for number in split(photos, seed=seed, groups=()).validation
    )
    assert len(times) == 10
    assert all(40 <= count <= 120 for count in times.values())


COUNTS = {
    "one": ((1,), (1, 0, 0)),
    "two": ((2,), (1, 1, 0)),
    "three": ((3,), (2, 1, 0)),
    "ten": ((10,), (8, 2, 0)),
    "29": ((29,), (23, 6, 0)),
    "30": ((30,), (18, 6, 6)),
    "a class of four": ((30, 4), (24 + 3, 6 + 1, 0)),
    "a class of five": ((30, 5), (18 + 3, 6 + 1, 6 + 1)),
    "an empty class": ((30, 0), (18, 6, 6)),
    "nothing": ((), (0, 0, 0)),
}


@pytest.mark.parametrize(("counts", "expected"), COUNTS.values(), ids=COUNTS)
def test_sizes(counts: tuple[int, ...], expected: tuple[int, int, int]) -> None:
    found = split(made(*counts), groups=())
    assert (len(found.training), len(found.validation), len(found.test)) == expected


GROUPS = {
    "all alike": ((6,), [(0, 1, 2, 3, 4, 5)], (6, 0, 0)),
    "two halves": ((6,), [(0, 1, 2), (3, 4, 5)], (3, 3, 0)),
    "one large": ((12,), [tuple(range(10))], (10, 2, 0)),
    "the largest is trained on": ((24,), [tuple(range(20))], (20, 4, 0)),
    "a group that does not fit": ((10,), [(0, 1, 2)], (8, 2, 0)),
}


@pytest.mark.parametrize(("counts", "groups", "expected"), GROUPS.values(), ids=GROUPS)
def test_groups(counts: tuple[int, ...], groups: list, expected: tuple[int, int, int]) -> None:
    for seed in range(20):
        found = split(made(*counts), seed=seed, groups=groups)
        sizes = (len(found.training), len(found.validation), len(found.test))
        assert sizes == expected
        if len(groups[0]) > len(found.validation):
            assert set(groups[0]) <= set(found.training)


def test_equal_pixels_stay_together_without_being_named() -> None:
    photos = made(10).with_class("class 0", [photo(4)] * 3)
    for seed in range(20):
        part_of = parts_of(split(photos, seed=seed, groups=()))
        assert len({part_of[number] for number in (4, 10, 11, 12)}) == 1


def test_near_duplicates_are_found_where_none_are_given() -> None:
    dice = np.random.default_rng(0)
    pixels = [dice.integers(0, 200, (8, 8, 3), np.uint8).repeat(10, 0).repeat(10, 1) for _ in range(8)]
    photos = PhotoSet(
        ("a",), tuple(Sample(Photo.of(p + np.uint8(20 * k)), 0) for p in pixels for k in (0, 1))
    )
    assert len(duplicate_groups([sample.photo for sample in photos.samples])) == 8
    for seed in range(10):
        part_of = parts_of(split(photos, seed=seed))
        assert all(part_of[2 * i] == part_of[2 * i + 1] for i in range(8))


def test_sentences() -> None:
    photos = made(8, 1, 0, 2)
    photos = photos.with_class("class 0", [photo(8)])  # the only photo of class 1
    notes = split(photos, groups=[(9, 10)]).notes
    assert notes == (
        "The class “class 1” has one photo: it is trained on, and nothing checks what was learnt.",
        "The class “class 2” has no photos: the network cannot learn it.",
        "The 2 photos of the class “class 3” are copies of each other: they are trained on, and nothing checks what "
        "was learnt.",
        "“8.png” in “class 1” and “8.png” in “class 0” are the same photo: only one of their classes can be right. "
        "They are kept in one part.",
        f"There is no test part: it takes {TEST_EACH} different photos of each class and {TEST_ALL} in all.",
    )


def test_near_duplicates_in_different_classes_are_said_a_few_times() -> None:
    photos = made(40, 40)
    notes = split(photos, groups=[(i, 40 + i) for i in range(7)]).notes
    assert [("near-duplicates" in note) for note in notes] == [True] * 3 + [False]
    assert notes[-1] == "4 more such pairs are in different classes."


def test_a_good_set_needs_no_sentence() -> None:
    assert split(made(20, 20), groups=()).notes == ()
    assert split(made(5, 5), test=0, groups=()).notes == ()


def test_shares() -> None:
    photos = made(50)
    for validation, test in ((0, 0), (0.1, 0.3), (0.4, 0.4), (0.4, 0)):
        found = split(photos, validation=validation, test=test, groups=())
        assert (len(found.validation), len(found.test)) == (round(50 * validation), round(50 * test))


WRONG = {
    "seed": ({"seed": -1}, "seed is 0 or more, got -1"),
    "validation": ({"validation": 0.5}, "validation part is 0 to 0.4, got 0.5"),
    "test": ({"test": -0.1}, "test part is 0 to 0.4, got -0.1"),
    "twice": ({"groups": [(0, 1), (1, 2)]}, "one group of near-duplicates, got 1 in two"),
    "number": ({"groups": [(0, 10)]}, "0 to 9, got 10"),
}


@pytest.mark.parametrize(("given", "why"), WRONG.values(), ids=WRONG)
def test_what_must_not_be(given: dict, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        split(made(10), **given)


def test_a_sample_is_in_one_part() -> None:
    with pytest.raises(ValueError, match="one part"):
        Split((0, 1), (1,), ())
