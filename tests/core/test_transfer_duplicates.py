"""Near-duplicates: copies of every kind are found, different pictures are not, and a plain double loop agrees."""

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core import bundled
from core.photo import Photo, open_photo
from core.transfer.bundled_sets import SETS, bundled_set
from core.transfer.duplicates import SAME, _averaging, duplicate_groups, joined
from core.transfer.intake import reduced

MORE = Path("/work/shared")


@lru_cache(maxsize=1)
def photos() -> tuple[Photo, ...]:
    """The bundled ones, as large as in a set."""
    return tuple(reduced(bundled.bundled(name), 256) for name in bundled.NAMES)


def jpeg(quality: int) -> Callable[[np.ndarray], np.ndarray]:
    def saved(pixels: np.ndarray) -> np.ndarray:
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
        return np.asarray(Image.open(stream))

    return saved


def resized(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    def changed(pixels: np.ndarray) -> np.ndarray:
        height, width = pixels.shape[:2]
        return np.asarray(Image.fromarray(pixels).resize((round(width * factor), round(height * factor))))

    return changed


def cropped(top: float, left: float, part: float) -> Callable[[np.ndarray], np.ndarray]:
    def changed(pixels: np.ndarray) -> np.ndarray:
        height, width = pixels.shape[:2]
        down, right = round(height * top), round(width * left)
        return pixels[down : down + round(height * part), right : right + round(width * part)]

    return changed


def toned(gain: float, offset: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda pixels: np.clip(pixels * gain + offset, 0, 255).astype(np.uint8)


COPIES = {
    "the same": lambda pixels: pixels,
    "JPEG 40": jpeg(40),
    "JPEG 15": jpeg(15),
    "half as large": resized(0.5),
    "larger": resized(1.5),
    "crop 5 % corner": cropped(0.05, 0.05, 0.95),
    "crop 5 % middle": cropped(0.025, 0.025, 0.95),
    "crop 10 %": cropped(0.1, 0, 0.9),
    "crop between": cropped(0.03, 0.015, 0.93),
    "brighter": toned(1.0, 30),
    "darker": toned(0.6, 0),
    "less contrast": toned(0.7, 40),
    "grey": lambda pixels: np.repeat(pixels.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2),
}

MISSED = {
    "half as large": {"Deep field"},
    **{kind: {"Bricks"} for kind in COPIES if kind.startswith("crop")},
}
"""What has nothing coarse in it: galaxies of a few pixels each, and a grid of fine lines."""


@pytest.mark.parametrize("kind", COPIES)
def test_copies_are_found_and_joined_with_nothing_else(kind: str) -> None:
    originals = [photo for photo in photos() if photo.name not in MISSED.get(kind, ())]
    copies = [Photo.of(np.ascontiguousarray(COPIES[kind](photo.pixels))) for photo in originals]
    count = len(originals)
    assert duplicate_groups([*originals, *copies]) == tuple((i, count + i) for i in range(count))


def test_different_photos_are_not_duplicates() -> None:
    assert duplicate_groups(photos()) == ()


OTHERS = {
    "mirrored": lambda pixels: pixels[:, ::-1],
    "upside down": lambda pixels: pixels[::-1],
    "a quarter of it": lambda pixels: pixels[: pixels.shape[0] // 2, : pixels.shape[1] // 2],
    "negative": lambda pixels: 255 - pixels,
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_picture_made_of_it_is_no_copy(kind: str) -> None:
    cat = photos()[0]
    assert duplicate_groups([cat, Photo.of(np.ascontiguousarray(OTHERS[kind](cat.pixels)))]) == ()


@pytest.mark.parametrize("name", SETS)
def test_of_the_bundled_sets_few_photos_are_joined(name: str) -> None:
    """At most 2 pairs in 1,000 (backgrounds of 25 pixels that are one smooth gradient, digits drawn alike)."""
    found = bundled_set(name, SETS[name].most)
    groups = duplicate_groups([sample.photo for sample in found.samples])
    pairs = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    count = len(found.samples)
    assert pairs <= 0.002 * count * (count - 1) / 2
    assert name != "textures" or groups == ()
    labels = [{found.samples[number].label for number in group} for group in groups]
    assert all(len(label) == 1 for label in labels)


@pytest.mark.skipif(not (MORE / "coco64").exists(), reason="needs the photos of the shared folder")
def test_no_two_of_hundreds_of_photos_are_taken_for_one() -> None:
    files = sorted((MORE / "coco64").rglob("*.jpg"))[:200] + sorted((MORE / "photos").glob("*.jpg"))[:150]
    found = [open_photo(file.read_bytes(), longest_px=256) for file in files]
    assert len(found) > 200
    assert duplicate_groups(found) == ()


def plain_fingerprint(photo: Photo, top: float, left: float, part: float, side: int = 16) -> np.ndarray:
    """Averages of the 64 x 64 grey grid over parts of a crop, by loops over a grid 60 times as fine."""
    small = min(photo.pixels.shape[:2]) < 64
    how = Image.Resampling.BILINEAR if small else Image.Resampling.BOX
    grey = np.asarray(Image.fromarray(photo.pixels).convert("L").resize((64, 64), how), np.float64)
    times = 60
    places = [
        (64 * (start + part * (np.arange(side * times) + 0.5) / (side * times))) for start in (top, left)
    ]
    rows, columns = (np.minimum(place.astype(int), 63) for place in places)
    values = grey[np.ix_(rows, columns)].reshape(side, times, side, times).mean(axis=(1, 3)).ravel()
    values -= values.mean()
    return values / np.linalg.norm(values)


def test_a_plain_double_loop_agrees() -> None:
    """For whole pictures, without crops: what correlates by 0.965 is joined."""
    found = [*photos()[:4]]
    found += [Photo.of(COPIES["JPEG 15"](found[0].pixels)), Photo.of(COPIES["darker"](found[2].pixels))]
    prints = [plain_fingerprint(photo, 0, 0, 1) for photo in found]
    pairs = [(i, j) for i in range(6) for j in range(i) if prints[i] @ prints[j] >= SAME]
    assert sorted(pairs) == [(4, 0), (5, 2)]
    assert duplicate_groups(found) == ((0, 4), (2, 5))


@pytest.mark.parametrize("side", [12, 16])
@pytest.mark.parametrize(("start", "part"), [(0, 1), (0.05, 0.95), (0.05, 0.9), (0.1, 0.9)])
def test_averages_are_exact(start: float, part: float, side: int) -> None:
    weights = _averaging(start, part, side)
    assert weights.shape == (side, 64)
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-5)
    middles = weights @ (np.arange(64) + 0.5)  # of a ramp the average is its value in the middle
    expected = 64 * (start + part * (np.arange(side) + 0.5) / side)
    assert np.allclose(middles, expected, atol=0.26)


def flat(value: int, side: int = 20) -> Photo:
    return Photo.of(np.full((side, side, 3), value, np.uint8))


def test_flat_photos_are_duplicates_of_equal_pixels_only() -> None:
    assert duplicate_groups([flat(0), flat(255), flat(0), flat(1), flat(0, 21)]) == ((0, 2),)


DEGENERATE = {
    "none": ([], ()),
    "one": ([flat(3)], ()),
    "one pixel": ([flat(3, 1), flat(4, 1), flat(3, 1)], ((0, 2),)),
    "a strip": ([Photo.of(np.arange(3000, dtype=np.uint8).reshape(1, 1000, 3))] * 2, ((0, 1),)),
}


@pytest.mark.parametrize(("given", "expected"), DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate(given: list[Photo], expected: tuple) -> None:
    assert duplicate_groups(given) == expected


def test_copies_of_copies_are_one_group_in_any_order() -> None:
    first, second = photos()[:2]
    copies = [
        first,
        second,
        *(Photo.of(COPIES[kind](first.pixels)) for kind in ("JPEG 40", "darker", "half as large")),
    ]
    assert duplicate_groups(copies) == ((0, 2, 3, 4),)
    assert duplicate_groups(copies[::-1]) == ((0, 1, 2, 4),)


@pytest.mark.parametrize("seed", range(20))
def test_joined_is_the_closure_of_its_pairs(seed: int) -> None:
    dice = np.random.default_rng(seed)
    count = int(dice.integers(1, 12))
    pairs = [(int(a), int(b)) for a, b in dice.integers(0, count, (int(dice.integers(0, 10)), 2))]
    reach = np.eye(count, dtype=bool)
    for a, b in pairs:
        reach[a, b] = reach[b, a] = True
    for _ in range(count):
        reach = reach @ reach
    assert joined(count, pairs) == tuple(dict.fromkeys(tuple(np.flatnonzero(row).tolist()) for row in reach))
