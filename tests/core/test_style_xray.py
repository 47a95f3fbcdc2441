"""Gram matrices looked into: shuffled places, the strongest pairs and where they are, distances between styles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.receptive_field import network_fields
from core.style.gram_matrix import gram
from core.style.trunk import layer_names
from core.style.xray import SIDE, box_of, distances, maps_of, mean_matrix, shuffle, strongest_pairs
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
    first, *rest = strongest_pairs(maps, (SIDE, SIDE), "vgg16_hed", "relu4_1")
    assert (first.first, first.second) == (2, 4)
    matrix = gram(maps) / 64
    assert first.value == pytest.approx(matrix[2, 4])
    assert [pair.value for pair in rest] == sorted((pair.value for pair in rest), reverse=True)
    assert first.boxes[0] == box_of("vgg16_hed", "relu4_1", 3, 5, (SIDE, SIDE))
    assert all(pair.first < pair.second for pair in (first, *rest))


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
    found = distances(PHOTO, (STYLE, PHOTO), "vgg16_hed", ("relu1_1", "relu2_1"), "untrained")
    assert found.shape == (2, 2)
    assert not found[1].any()
    assert (found[0] > 0.01).all()
    maps = [maps_of(each, "vgg16_hed", ("relu2_1",), "untrained")["relu2_1"] for each in (STYLE, PHOTO)]
    style, own = (mean_matrix(each) for each in maps)
    assert found[0, 1] == pytest.approx(np.linalg.norm(style - own) / np.linalg.norm(own))
    assert distances(PHOTO, (), "vgg16_hed", ("relu1_1",), "untrained").shape == (0, 1)
