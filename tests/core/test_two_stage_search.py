"""Selective search against a slow reference that counts every histogram anew from the pixels."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bundled import bundled
from core.two_stage.selective_search import first_cut, grouped, neighbours, search
from core.two_stage.similarity import (
    COLOUR_BINS,
    MEASURES,
    TEXTURE_BINS,
    alike,
    colour_bins,
    regions_of,
    texture_bins,
)


def patches(seed: int, count: int = 6, side: int = 18) -> tuple[np.ndarray, np.ndarray]:
    """A picture, and regions grown around random seeds: every pixel belongs to the nearest."""
    dice = np.random.default_rng(seed)
    centres = dice.uniform(0, side, (count, 2))
    rows, columns = np.mgrid[:side, :side]
    nearest = ((rows[..., None] - centres[:, 0]) ** 2 + (columns[..., None] - centres[:, 1]) ** 2).argmin(2)
    labels = np.unique(nearest, return_inverse=True)[1].reshape(side, side)
    base = dice.integers(0, 256, (count, 3))[nearest]
    noise = dice.integers(-40, 40, (side, side, 3)) * dice.integers(0, 2, (count, 1))[nearest]
    return np.clip(base + noise, 0, 255).astype(np.uint8), labels


def counted(bins: np.ndarray, inside: np.ndarray, count: int) -> np.ndarray:
    """The histogram of some pixels as exact counts, one by one."""
    found = np.zeros(bins.shape[2] * count, np.int64)
    for row, column in zip(*np.nonzero(inside), strict=True):
        for channel, value in enumerate(bins[row, column]):
            found[channel * count + value] += 1
    return found


def shared(one: np.ndarray, other: np.ndarray) -> float:
    """The intersection of two histograms, in fractions."""
    total, other_total = int(one.sum()), int(other.sum())
    pairs = zip(one.tolist(), other.tolist(), strict=True)
    return float(sum(min(Fraction(a, total), Fraction(b, other_total)) for a, b in pairs))


def slow(pixels: np.ndarray, labels: np.ndarray, use: tuple[str, ...]) -> list[tuple[int, int]]:
    """The pairs that merge, everything computed anew from the pixels before each merge."""
    colours, textures, area = colour_bins(pixels), texture_bins(pixels), labels.size
    now, number, merges = labels.copy(), labels.max() + 1, []
    while len(np.unique(now)) > 1:
        best = None
        for one, other in itertools.combinations(np.unique(now).tolist(), 2):
            a, b = now == one, now == other
            touching = any(
                ((first == one) & (second == other) | (first == other) & (second == one)).any()
                for first, second in ((now[:, :-1], now[:, 1:]), (now[:-1], now[1:]))
            )
            if not touching:
                continue
            rows, columns = np.nonzero(a | b)
            box = (rows.max() - rows.min() + 1) * (columns.max() - columns.min() + 1)
            parts = {
                "colour": shared(*(counted(colours, each, COLOUR_BINS) for each in (a, b))),
                "texture": shared(*(counted(textures, each, TEXTURE_BINS) for each in (a, b))),
                "size": 1 - (a.sum() + b.sum()) / area,
                "fill": 1 - (box - a.sum() - b.sum()) / area,
            }
            total = sum(parts[name] for name in use)
            if best is None or total > best[0]:
                best = (total, one, other)
        assert best is not None
        merges.append(best[1:])
        now[(now == best[1]) | (now == best[2])] = number
        number += 1
    return merges


@settings(max_examples=12)
@given(st.integers(0, 500), st.sampled_from([MEASURES, ("colour",), ("texture", "fill"), ("size", "fill")]))
def test_the_merges_are_those_of_the_slow_way(seed: int, use: tuple[str, ...]) -> None:
    pixels, labels = patches(seed)
    regions = list(regions_of(pixels, labels))
    merges = grouped(regions, neighbours(labels), labels.size, use)
    assert [(merge.first, merge.second) for merge in merges] == slow(pixels, labels, use)


def test_equal_pairs_merge_from_the_smallest_numbers() -> None:
    pixels = np.zeros((4, 12, 3), np.uint8)
    labels = np.arange(12)[None].repeat(4, 0) // 3
    merges = grouped(list(regions_of(pixels, labels)), neighbours(labels), labels.size, ("colour",))
    pairs = [(merge.first, merge.second) for merge in merges]
    assert pairs == [(0, 1), (2, 3), (4, 5)] == slow(pixels, labels, ("colour",))


@given(st.integers(0, 500))
def test_similarities_are_shares_and_symmetric(seed: int) -> None:
    pixels, labels = patches(seed)
    regions = regions_of(pixels, labels)
    for one, other in itertools.combinations(regions, 2):
        found = alike(one, other, labels.size)
        assert found == alike(other, one, labels.size)
        assert all(-1e-12 <= getattr(found, name) <= 1 + 1e-12 for name in MEASURES)
        both = one.with_other(other)
        assert both.size == one.size + other.size
        assert both.colour.sum() == 3 * both.size
        assert both.texture.sum() == 24 * both.size


def test_a_region_is_as_like_itself_as_can_be() -> None:
    pixels, labels = patches(3)
    region = regions_of(pixels, labels)[0]
    assert alike(region, region, labels.size).colour == 1
    assert alike(region, region, labels.size).texture == 1


@pytest.mark.parametrize("name", ["Cat", "Coffee"])
def test_a_photo_is_searched_to_its_end(name: str) -> None:
    photo = bundled(name).pixels
    found = search(photo)
    height, width = photo.shape[:2]
    assert len(found.merges) == found.first - 1
    assert found.regions[-1].size == found.labels.size
    for count in (0, 1, len(found.merges) // 2, len(found.merges)):
        assert len(np.unique(found.labels_after(count))) == found.first - count
    boxes = found.boxes
    assert len(np.unique(boxes, axis=0)) == len(boxes) == found.boxes_after(len(found.merges))
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert boxes.min() >= 0
    assert (boxes.max(axis=0) == (width, height, width, height))[2:].all()
    np.testing.assert_allclose(found.on_photo(len(found.regions) - 1), (0, 0, width, height))
    for merge in found.merges[:: len(found.merges) // 5]:
        inside = found.labels_after(merge.made - found.first + 1) == merge.made
        assert inside.sum() == found.regions[merge.made].size
        rows, columns = np.nonzero(inside)
        assert found.regions[merge.made].box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_the_boxes_that_merges_have_made() -> None:
    found = search(bundled("Coffee").pixels)
    assert found.made_boxes(0) == ()
    for count in (1, 7, len(found.merges)):
        wanted = {found.regions[merge.made].box for merge in found.merges[:count]}
        boxes = found.made_boxes(count)
        assert set(boxes) == wanted
        assert len(boxes) == len(wanted)
        assert boxes[0] == found.regions[found.merges[count - 1].made].box


def test_the_order_of_proposals_is_the_seed_s() -> None:
    photo = bundled("Cat").pixels
    one, again, other = search(photo), search(photo), search(photo, seed=1)
    np.testing.assert_array_equal(one.boxes, again.boxes)
    assert (one.boxes != other.boxes).any()
    assert {tuple(box) for box in one.boxes} == {tuple(box) for box in other.boxes}
    sizes = np.prod(one.boxes[:, 2:] - one.boxes[:, :2], axis=1)
    assert sizes[: len(sizes) // 4].mean() > sizes[-len(sizes) // 4 :].mean()


def test_a_larger_scale_begins_with_fewer_regions() -> None:
    photo = bundled("Coffee").pixels
    assert search(photo, scale=400).first < search(photo, scale=50).first


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((60, 80, 3), np.uint8),
        np.full((50, 50, 3), 128, np.uint8),
        np.zeros((200, 4000, 3), np.uint8),
        np.zeros((1, 500, 3), np.uint8),
    ],
    ids=["one pixel", "black", "grey", "strip", "line"],
)
def test_odd_pictures(pixels: np.ndarray) -> None:
    found = search(pixels)
    assert len(found.boxes) >= 1
    assert found.regions[-1].size == found.labels.size
    assert found.labels_after(len(found.merges)).max() == len(found.regions) - 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"use": ()}, "some of colour, texture, size, fill, got"),
        ({"use": ("shape",)}, "some of colour"),
        ({"scale": 0.0}, "above 0, got 0.0"),
        ({"scale": float("nan")}, "above 0"),
    ],
    ids=str,
)
def test_settings_that_cannot_be(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        search(np.zeros((5, 5, 3), np.uint8), **change)


def test_labels_must_fit() -> None:
    with pytest.raises(ValueError, match="label for each pixel"):
        regions_of(np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3), np.int64))
    with pytest.raises(ValueError, match="without a gap"):
        regions_of(np.zeros((1, 2, 3), np.uint8), np.array([[0, 2]]))
    with pytest.raises(ValueError, match="0 to 0 merges, got 1"):
        search(np.zeros((1, 1, 3), np.uint8)).labels_after(1)
    assert first_cut(np.zeros((1, 5, 3), np.uint8), 100).max() == 0
