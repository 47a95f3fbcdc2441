"""Gram matrices looked into: shuffled places, the strongest pairs and where they are, distances between styles."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import spearmanr

from core.figures import style_why as figures
from core.receptive_field import network_fields
from core.style.gram_matrix import difference, gram
from core.style.pairs import PATCHES, box_of, pair_of, strongest_pairs
from core.style.pixels import sized
from core.style.trunk import layer_names
from core.style.xray import (
    SIDE,
    Look,
    apart,
    distances,
    maps_of,
    matrices_of,
    mean_of,
    rank_correlation,
    shuffle,
)
from tests.core.test_style_stylize import PHOTO, STYLE

LOOK = Look("vgg16_hed", "untrained")


def mean_matrix(maps: np.ndarray) -> np.ndarray:
    """The Gram matrix divided by the number of positions."""
    return gram(maps) / maps[0].size


@given(st.integers(0, 50))
def test_shuffling_leaves_the_gram_matrix_and_not_the_content(seed: int) -> None:
    maps = np.random.default_rng(seed).random((5, 6, 7)) * 100
    found = shuffle(maps, seed)
    assert found.gram_gap < 1e-14
    assert found.largest < 1e-12 * found.norm
    assert found.content > 0.1
    np.testing.assert_allclose(found.gram, mean_matrix(maps))
    np.testing.assert_allclose(found.gram_after, found.gram)
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
    found = pair_of(maps, first, (SIDE, SIDE), LOOK, "relu4_1")
    assert (found.first, found.second) == first
    assert found.value == pytest.approx(matrix[first])
    assert found.boxes[0] == box_of(LOOK, "relu4_1", 3, 5, (SIDE, SIDE))


@given(st.integers(0, 200), st.booleans())
def test_pairs_are_those_that_a_loop_finds(seed: int, missing: bool) -> None:
    dice = np.random.default_rng(seed)
    wanted, there = (mean_matrix(dice.normal(size=(5, 3, 4))) for _ in range(2))
    matrix = np.abs(wanted - there) if missing else wanted
    every = [(-matrix[i, j], i, j) for i in range(5) for j in range(i + 1, 5)]
    assert strongest_pairs(matrix, 4) == tuple((i, j) for _, i, j in sorted(every)[:4])


@given(
    st.integers(0, 100),
    st.sampled_from(["relu1_1", "relu2_2", "relu3_1", "conv4_1", "relu5_1"]),
    st.tuples(st.integers(1, 700), st.integers(1, 700)),
    st.sampled_from([64, 96, SIDE]),
)
def test_places_lie_in_the_picture(seed: int, layer: str, picture_hw: tuple[int, int], side: int) -> None:
    small = sized(np.zeros((*picture_hw, 3), np.uint8), side).shape
    jump = 2 ** (int(layer[4]) - 1)
    maps = np.random.default_rng(seed).random((3, max(1, small[0] // jump), max(1, small[1] // jump)))
    pair = pair_of(maps, (1, 2), picture_hw, replace(LOOK, side=side), layer)
    assert 1 <= len(pair.boxes) <= PATCHES
    assert pair.value == pytest.approx(
        np.mean([a * b for a, b in zip(maps[1].flat, maps[2].flat, strict=True)])
    )
    for left, top, right, bottom in pair.boxes:
        assert 0 <= left < right <= picture_hw[1]
        assert 0 <= top < bottom <= picture_hw[0]


@given(st.integers(0, 100))
def test_places_are_half_a_field_apart(seed: int) -> None:
    maps = np.random.default_rng(seed).random((2, 56, 56))
    boxes = pair_of(maps, (0, 1), (SIDE, SIDE), LOOK, "relu3_1").boxes
    assert len(boxes) == PATCHES
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            assert max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= (one[2] - one[0]) / 2


def test_places_that_see_padding_wait() -> None:
    maps = np.full((2, 56, 56), 0.5)
    maps[:, 0] = maps[:, :, -1] = 9.0  # strong at the edges, as padding makes it
    maps[:, 30, 20] = 2.0
    pair = pair_of(maps, (0, 1), (SIDE, SIDE), LOOK, "relu3_1")
    assert pair.boxes[0] == box_of(LOOK, "relu3_1", 30, 20, (SIDE, SIDE))
    sizes = {(right - left, bottom - top) for left, top, right, bottom in pair.boxes}
    assert len(sizes) == 1  # none is cut
    maps[:, 1:, :-1] = 0  # only the edges are left
    assert pair_of(maps, (0, 1), (SIDE, SIDE), LOOK, "relu3_1").boxes


def test_a_strip_is_stretched_before_it_is_looked_at() -> None:
    left, top, right, bottom = box_of(LOOK, "relu1_1", 8, 100, (200, 4000))
    assert right - left == pytest.approx(3 * 4000 / SIDE)
    assert bottom - top == pytest.approx(3 * 200 / 16)


def test_one_channel_has_no_pair() -> None:
    assert strongest_pairs(np.ones((1, 1))) == ()
    assert pair_of(np.zeros((2, 3, 3)), (0, 1), (9, 9), LOOK, "relu1_1").boxes == ()


@pytest.mark.parametrize("layer", layer_names("vgg16_hed")[1::4])
def test_boxes_are_the_receptive_fields(layer: str) -> None:
    names = [name for name in layer_names("vgg16_hed") if name.startswith("relu")]
    convolutions = [each for each in network_fields("vgg16", SIDE) if each.kind == "conv"]
    field = convolutions[names.index(layer)]
    middle = field.output_hw[0] // 2
    left, top, right, bottom = box_of(LOOK, layer, middle, middle, (SIDE, SIDE))
    centre = field.start + middle * field.jump
    assert (left, right) == (max(0, centre - field.size / 2), min(SIDE, centre + field.size / 2))
    assert (left, right) == (top, bottom)
    half = box_of(LOOK, layer, middle, middle, (2 * SIDE, 2 * SIDE))
    assert half == pytest.approx(tuple(2 * edge for edge in (left, top, right, bottom)))


def test_the_maps_of_a_picture() -> None:
    found = maps_of(PHOTO, LOOK, ("relu1_1", "relu2_1"))
    assert found["relu1_1"].shape == (64, 160, SIDE)
    assert found["relu2_1"].shape == (128, 80, SIDE // 2)
    assert found["relu1_1"].min() >= 0


def test_a_picture_is_nearest_to_itself() -> None:
    layers = ("relu1_1", "relu2_1")
    style, own = (matrices_of(each, LOOK, layers) for each in (STYLE, PHOTO))
    found = distances(own, (style, own))
    assert found.shape == (2, 2)
    assert not found[1].any()
    assert (found[0] > 0.01).all()
    maps = maps_of(PHOTO, LOOK, ("relu2_1",))["relu2_1"]
    np.testing.assert_allclose(own["relu2_1"], mean_matrix(maps), rtol=1e-6)
    gap = np.linalg.norm(style["relu2_1"] - own["relu2_1"]) / np.linalg.norm(own["relu2_1"])
    assert found[0, 1] == pytest.approx(gap)
    assert apart(style, own) == pytest.approx(dict(zip(layers, found[0], strict=True)))
    assert distances(own, ()).shape == (0, 2)


@pytest.mark.parametrize("pooling", ["max", "average"])
def test_matrices_are_sums_over_places(pooling: str) -> None:
    layers = ("relu1_1", "conv3_1")
    look = replace(LOOK, pooling=pooling, side=48)
    found = matrices_of(PHOTO, look, layers)
    for name, maps in maps_of(PHOTO, look, layers).items():
        assert max(maps.shape[1:]) == (48 if name == "relu1_1" else 12)
        slow = sum(np.outer(maps[:, i, j], maps[:, i, j]) for i, j in np.ndindex(maps.shape[1:]))
        np.testing.assert_allclose(
            found[name], slow / maps[0].size, rtol=1e-5, atol=1e-6 * np.abs(slow).max() / maps[0].size
        )


@given(st.lists(st.floats(0.1, 5), min_size=1, max_size=3), st.integers(0, 99))
def test_several_styles_want_their_mean(shares: list[float], seed: int) -> None:
    dice = np.random.default_rng(seed)
    matrices = [{"relu1_1": dice.random((3, 3))} for _ in shares]
    found = mean_of(matrices, shares)["relu1_1"]
    for i, j in np.ndindex(3, 3):
        wanted = sum(s * each["relu1_1"][i, j] for s, each in zip(shares, matrices, strict=True)) / sum(
            shares
        )
        assert found[i, j] == pytest.approx(wanted)
    with pytest.raises(ValueError, match="Each style has a share"):
        mean_of(matrices, [0.0] * len(shares))


@given(st.integers(0, 99))
def test_the_difference_is_its_loop(seed: int) -> None:
    dice = np.random.default_rng(seed)
    there, wanted = dice.normal(size=(2, 4, 4))
    gap = sum((wanted[i, j] - there[i, j]) ** 2 for i in range(4) for j in range(4)) ** 0.5
    assert difference(there, wanted) == pytest.approx(gap / sum(v**2 for v in wanted.flat) ** 0.5)


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
    most = figures.limit_of([matrix])
    assert figures.gram_picture(matrix, most).rgb.shape == (4, 4, 3)
    flat = figures.difference_picture(matrix - matrix, most).rgb
    assert (flat == flat[0, 0]).all()


def test_one_huge_entry_leaves_the_others_light() -> None:
    matrix = np.ones((40, 40))
    matrix[3, 3] = 1e9
    assert figures.limit_of([matrix]) == 1
    assert figures.limit_of([np.zeros((2, 2))]) == 1
    matrix[:] = 0
    matrix[3, 3] = 5
    assert figures.limit_of([matrix]) == 5


def test_too_much_is_blue_and_missing_is_orange() -> None:
    found = figures.difference_picture(np.array([[1.0, -3.0], [-1.0, 0.0]]), 2.0)
    missing, surplus, right = (found.rgb[place].astype(int) for place in ((0, 0), (1, 0), (1, 1)))
    assert missing[0] > missing[2]
    assert surplus[2] > surplus[0]
    assert right.min() > 240
    assert (found.scale.low, found.scale.high) == (-2, 2)
    assert (found.scale.smallest, found.scale.largest) == (-3, 1)


def test_a_gram_matrix_is_lighter_where_it_is_larger_and_diverges_below_zero() -> None:
    found = figures.gram_picture(np.array([[4.0, 1.0], [1.0, 0.0]]), 4.0)
    assert found.rgb[0, 0].sum() > found.rgb[0, 1].sum() > found.rgb[1, 1].sum()
    assert (found.scale.low, found.scale.high) == (0, 4)
    assert figures.gram_picture(np.array([[4.0, -1.0], [-1.0, 2.0]]), 4.0).scale.low == -4


def test_patches_are_what_the_boxes_show() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :30] = 200
    boxes = [(0.0, 0.0, 30.0, 20.0), (30.0, 20.0, 60.0, 40.0)]
    shown = figures.patch_tiles(pixels, boxes, "photo", side=16)
    light, dark = (np.asarray(Image.open(io.BytesIO(tile.picture.data))) for tile in shown)
    assert (light == 200).all()
    assert not dark.any()
    assert [tile.title for tile in shown] == ["1", "2"]
    (tiny,) = figures.patch_tiles(np.zeros((1, 1, 3), np.uint8), [(0.0, 0.0, 1.0, 1.0)], "photo", side=8)
    assert (tiny.picture.height, tiny.picture.width) == (8, 8)


def test_the_pictures_come_with_their_mean_distance() -> None:
    pixels = np.zeros((9, 12, 3), np.uint8)
    wanted, photo = figures.looked_at(
        [("The style", pixels, None), ("The photo", pixels, {"a": 1.0, "b": 0.5})]
    )
    assert wanted.lines[0].text == "what is wanted"
    assert photo.lines[0].text == "0.75 away, mean"


def test_rankings_stand_under_one_scale_with_dark_text() -> None:
    near, far = np.array([[0.5, 1.0], [0.1, 2.0]]), np.array([[4.0, np.inf], [1.0, 3.0]])
    span = figures.span_of([near, far])
    assert span == (0.1, 4.0)
    charts = [figures.ranking_chart(("a", "b"), ("x", "y"), each, (1, 0), span) for each in (near, far)]
    first, second = (chart.data[0] for chart in charts)
    assert (first.zmin, first.zmax) == (second.zmin, second.zmax) == pytest.approx((-1, np.log10(4)))
    assert list(first.y) == ["b", "a"]
    assert list(first.text[0]) == ["0.10", "2.00"]
    assert figures.span_of([np.full((1, 1), np.inf)]) == (0, 1)
    for _, colour in first.colorscale:
        assert contrast(first.textfont.color, colour) > 7  # on the palest and on the strongest


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, 1 to 21."""

    def light(colour: str) -> float:
        values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
