"""A set of photos: every edit gives another set, and what must not be is refused."""

import numpy as np
import pytest

from core.photo import Photo
from core.transfer.samples import CLASSES_MOST, PhotoSet, Sample


def photo(value: int) -> Photo:
    return Photo.of(np.full((4, 5, 3), value, np.uint8), str(value))


def three() -> PhotoSet:
    return PhotoSet().with_class("a", map(photo, (1, 2))).with_class("b", [photo(3)]).with_class("c")


def names(photos: PhotoSet) -> list[tuple[str, str]]:
    return [(sample.photo.name, photos.classes[sample.label]) for sample in photos.samples]


def test_classes_are_made_and_joined() -> None:
    photos = three().with_class("a", [photo(4)])
    assert photos.classes == ("a", "b", "c")
    assert photos.counts == (3, 1, 0)
    assert names(photos) == [("1", "a"), ("2", "a"), ("3", "b"), ("4", "a")]
    assert photos.size_bytes == 4 * 60


def test_edits() -> None:
    photos = three()
    assert names(photos.relabelled([0, 2], 2)) == [("1", "c"), ("2", "a"), ("3", "c")]
    assert names(photos.without([1])) == [("1", "a"), ("3", "b")]
    assert photos.without([0, 1, 2]).classes == photos.classes
    assert names(photos.renamed(0, "z")) == [("1", "z"), ("2", "z"), ("3", "b")]
    assert names(photos.without_class(0)) == [("3", "b")]
    assert photos.without_class(0).classes == ("b", "c")
    assert names(photos.without_class(2)) == names(photos)
    assert names(photos) == [("1", "a"), ("2", "a"), ("3", "b")]  # none has changed it


def test_the_digest_tells_names_pixels_labels_and_order_apart() -> None:
    photos = three()
    others = [
        photos,
        photos.renamed(0, "z"),
        photos.relabelled([0], 1),
        photos.without([0]),
        photos.without_class(2),
        PhotoSet(photos.classes, photos.samples[::-1]),
    ]
    assert len({each.digest for each in others}) == len(others)
    assert three().digest == photos.digest


WRONG = {
    "label": (lambda: PhotoSet(("a",), (Sample(photo(1), 1),)), "label is 0 to 0, got 1"),
    "negative label": (lambda: PhotoSet(("a",), (Sample(photo(1), -1),)), "got -1"),
    "name twice": (lambda: PhotoSet(("a", "a")), "'a' twice"),
    "renamed to another": (lambda: three().renamed(0, "b"), "'b' twice"),
    "no name": (lambda: PhotoSet(("",)), "1 to 60 letters, got 0"),
    "long name": (lambda: PhotoSet(("x" * 61,)), "got 61"),
    "classes": (lambda: PhotoSet(tuple(map(str, range(CLASSES_MOST + 1)))), "at most 50 classes, got 51"),
}


@pytest.mark.parametrize(("build", "why"), WRONG.values(), ids=WRONG)
def test_what_must_not_be(build, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        build()
