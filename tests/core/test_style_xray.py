"""Gram matrices looked into: shuffled places, the strongest pairs and where they are, distances between styles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from core.figures import style_why as figures
from core.receptive_field import network_fields
from core.style.gram_matrix import gram
from core.style.trunk import layer_names
from core.style.xray import (
    SIDE,
    apart,
    box_of,
    distances,
    maps_of,
    matrices_of,
    mean_matrix,
    pair_of,
    rank_correlation,
    shuffle,
    strongest_pairs,
)
from tests.core.test_style_stylize import PHOTO, STYLE


@given(st.integers(0, 50))
def test_shuffling_leaves_the_gram_matrix_and_not_the_content(seed: int) -> None:
    maps = np.random.default_rng(seed).random((5, 6, 7)) * 100
    found = shuffle(maps, seed)
    assert found.gram_gap < 1e-14
    assert found.largest < 1e-12 * found.norm
    assert found.content > 0.1
    np.testing.assert_allclose(np.sort(found.after, axis=None), np.sort(found.before, axis=None))


def test_nothing_to_shuffle() -> None:
    assert shuffle(np.ones((3, 1, 1))).content == 0
    assert shuffle(np.zeros((3, 4, 4))).gram_gap == 0


def test_the_strongest_pairs_are_the_largest_entries() -> None:
    dice = np.random.default_rng(0)
    maps = dice.random((6, 8, 8)) * 0.1
    maps[2, 3, 5] = maps[4, 3, 5] = 9.0
    matrix = gram(maps) / 64
    first, *rest = strongest_pairs(matrix)
    assert first == (2, 4)
    values = [matrix[pair] for pair in (first, *rest)]
    every = sorted((matrix[i, j] for i in range(6) for j in range(i + 1, 6)), reverse=True)
    assert values == every[:5]
    found = pair_of(maps, first, (SIDE, SIDE), "vgg16_hed", "relu4_1")
    assert (found.first, found.second) == first
    assert found.value == pytest.approx(matrix[first])
    assert found.boxes[0] == box_of("vgg16_hed", "relu4_1", 3, 5, (SIDE, SIDE))


def test_one_channel_has_no_pair() -> None:
    assert strongest_pairs(np.ones((1, 1))) == ()
    assert pair_of(np.zeros((2, 3, 3)), (0, 1), (9, 9), "vgg16_hed", "relu1_1").boxes == ()


@pytest.mark.parametrize("layer", layer_names("vgg16_hed")[1::4])
def test_boxes_are_the_receptive_fields(layer: str) -> None:
    names = [name for name in layer_names("vgg16_hed") if name.startswith("relu")]
    convolutions = [each for each in network_fields("vgg16", SIDE) if each.kind == "conv"]
    field = convolutions[names.index(layer)]
    middle = field.output_hw[0] // 2
    left, top, right, bottom = box_of("vgg16_hed", layer, middle, middle, (SIDE, SIDE))
    centre = field.start + middle * field.jump
    assert (left, right) == (max(0, centre - field.size / 2), min(SIDE, centre + field.size / 2))
    assert (left, right) == (top, bottom)
    half = box_of("vgg16_hed", layer, middle, middle, (2 * SIDE, 2 * SIDE))
    assert half == pytest.approx(tuple(2 * edge for edge in (left, top, right, bottom)))


def test_the_maps_of_a_picture() -> None:
    found = maps_of(PHOTO, "vgg16_hed", ("relu1_1", "relu2_1"), "untrained")
    assert found["relu1_1"].shape == (64, 160, SIDE)
    assert found["relu2_1"].shape == (128, 80, SIDE // 2)
    assert found["relu1_1"].min() >= 0


def test_a_picture_is_nearest_to_itself() -> None:
    layers = ("relu1_1", "relu2_1")
    style, own = (matrices_of(each, "vgg16_hed", layers, "untrained") for each in (STYLE, PHOTO))
    found = distances(own, (style, own))
    assert found.shape == (2, 2)
    assert not found[1].any()
    assert (found[0] > 0.01).all()
    maps = maps_of(PHOTO, "vgg16_hed", ("relu2_1",), "untrained")["relu2_1"]
    np.testing.assert_allclose(own["relu2_1"], mean_matrix(maps))
    gap = np.linalg.norm(style["relu2_1"] - own["relu2_1"]) / np.linalg.norm(own["relu2_1"])
    assert found[0, 1] == pytest.approx(gap)
    assert apart(style, own) == pytest.approx(dict(zip(layers, found[0], strict=True)))
    assert distances(own, ()).shape == (0, 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12))
def test_the_rank_correlation_is_scipys(pairs: list) -> None:
    one, other = ([float(value) for value in side] for side in zip(*pairs, strict=True))
    found = rank_correlation(one, other)
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert found == 0
    else:
        assert found == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


def test_a_rank_correlation_needs_two_lists() -> None:
    assert rank_correlation([1, 2, 3], [5, 7, 9]) == pytest.approx(1)
    with pytest.raises(ValueError, match="got 1 and 1"):
        rank_correlation([1.0], [2.0])
    with pytest.raises(ValueError, match="got 2 and 3"):
        rank_correlation([1.0, 2.0], [1.0, 2.0, 3.0])


@pytest.mark.parametrize("maps", [np.zeros((4, 1, 1)), np.full((4, 3, 3), 7.0)], ids=["nothing", "plain"])
def test_plain_matrices_have_pictures(maps: np.ndarray) -> None:
    matrix = mean_matrix(maps)
    most = float(matrix.max())
    assert figures.gram_rgb(matrix, most).shape == (512, 512, 3)
    flat = figures.difference_rgb(matrix - matrix, most)
    assert (flat == flat[0, 0]).all()


def test_one_huge_entry_leaves_the_others_light() -> None:
    matrix = np.ones((40, 40))
    matrix[3, 3] = 1e9
    assert figures.limit_of([matrix]) == 1
    assert figures.limit_of([np.zeros((2, 2))]) == 1


def test_too_much_is_blue_and_missing_is_orange() -> None:
    shown = figures.difference_rgb(np.array([[1.0, -1.0], [-1.0, 0.0]]), 1.0)
    missing, surplus = shown[0, 0].astype(int), shown[0, -1].astype(int)
    assert missing[0] > missing[2]
    assert surplus[2] > surplus[0]


def test_crops_are_what_the_boxes_show() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :30] = 200
    shown = figures.crops(pixels, [(0, 0, 30, 20), (30, 20, 60, 40)], side=16, between=4)
    assert shown.shape == (16, 36, 3)
    assert (shown[:, :16] == 200).all()
    assert (shown[:, 16:20] == 255).all()
    assert not shown[:, 20:].any()
    assert figures.crops(np.zeros((1, 1, 3), np.uint8), [(0, 0, 1, 1)], side=8).shape == (8, 8, 3)
