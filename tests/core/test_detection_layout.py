"""From the raw output to boxes on the photo: against loops, for every cell, and refused where it is broken."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.detection.detector import Seen, candidates, class_names
from core.detection.formulas import cell_formulas, photo_formula
from core.detection.layout import SIDE, STRIDES, cells, decode, side_of
from core.detection.letterbox import GREY, letterbox


def raw(count: int = 3549, seed: int = 0) -> np.ndarray:
    dice = np.random.default_rng(seed)
    return np.concatenate([dice.normal(0, 1, (count, 4)), dice.random((count, 81))], axis=1).astype(
        np.float32
    )


def seen(values: np.ndarray, width: int = 416, height: int = 416) -> Seen:
    return Seen(values, letterbox(np.zeros((height, width, 3), np.uint8)), "embedded")


def test_cells_are_counted_as_by_hand() -> None:
    expected = [
        (column, row, stride)
        for stride in STRIDES
        for row in range(SIDE // stride)
        for column in range(SIDE // stride)
    ]
    assert cells().tolist() == [list(each) for each in expected]
    assert len(expected) == 3549
    assert side_of(3549) == SIDE


def test_every_cell_decodes_as_the_formula_says() -> None:
    values = raw()
    boxes = decode(values)
    for number, (column, row, stride) in enumerate(cells().tolist()):
        x, y, w, h = (float(each) for each in values[number, :4])
        cx, cy = (column + x) * stride, (row + y) * stride
        wide, high = math.exp(w) * stride, math.exp(h) * stride
        expected = [cx - wide / 2, cy - high / 2, cx + wide / 2, cy + high / 2]
        assert boxes[number] == pytest.approx(expected, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((3549, 84), np.float32), "85 numbers"),
        (np.zeros((3550, 85), np.float32), "no side has 3,550"),
        (np.full((3549, 85), np.nan, np.float32), "not finite"),
    ],
    ids=["columns", "cells", "nan"],
)
def test_what_is_no_raw_output_is_refused(values: np.ndarray, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode(values)


@pytest.mark.parametrize("side", [0, 31, 100, -32])
def test_a_side_that_strides_do_not_divide_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        cells(side)


def test_a_broken_network_does_not_overflow() -> None:
    values = raw()
    values[:, 2:4] = 1e30
    assert np.isfinite(decode(values)).all()


@given(st.integers(1, 900), st.integers(1, 900), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_the_letterbox_is_undone(width: int, height: int, shares: list[float]) -> None:
    shown = letterbox(np.full((height, width, 3), 200, np.uint8))
    assert shown.pixels.shape == (SIDE, SIDE, 3)
    left, top = min(shares[:2]) * width, min(shares[2:]) * height
    right, bottom = max(shares[:2]) * width, max(shares[2:]) * height
    box = np.array([[left, top, right, bottom]])
    assert shown.on_photo(box * shown.scale) == pytest.approx(box, abs=1e-6)
    fitted = max(1, round(height * shown.scale)), max(1, round(width * shown.scale))
    assert (shown.pixels[: fitted[0], : fitted[1]] == 200).all()
    assert (shown.pixels[fitted[0] :] == GREY).all()
    assert (shown.pixels[:, fitted[1] :] == GREY).all()


def test_the_network_is_given_blue_green_red() -> None:
    shown = letterbox(np.full((8, 8, 3), (10, 20, 30), np.uint8))
    assert shown.tensor.shape == (1, 3, SIDE, SIDE)
    assert shown.tensor[0, :, 0, 0].tolist() == [30, 20, 10]


def test_a_photo_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="got 0 x 5"):
        letterbox(np.zeros((5, 0, 3), np.uint8))


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.9, 1.0])
def test_candidates_are_those_over_the_threshold(threshold: float) -> None:
    values = raw(seed=3)
    found = candidates(seen(values, 300, 416), threshold)
    kept = []
    for number in range(len(values)):
        score = float(values[number, 4] * values[number, 5:].max())
        box = letterbox(np.zeros((416, 300, 3), np.uint8)).on_photo(decode(values)[[number]])[0]
        if score > threshold and box[2] > box[0] and box[3] > box[1]:
            kept.append((-score, number))
    assert found.cells.tolist() == [number for _, number in sorted(kept)]
    assert (np.diff(found.scores) <= 0).all()
    assert (found.labels == values[found.cells, 5:].argmax(1)).all()
    assert (found.boxes[:, 2] <= 300).all()
    assert found.outside >= 0


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_a_threshold_outside_0_to_1_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        candidates(seen(raw()), threshold)


def test_maps_and_cells_belong_together() -> None:
    found = seen(raw(seed=5))
    for stride in STRIDES:
        grid = found.score_map(stride, "score")
        row, column = np.unravel_index(grid.argmax(), grid.shape)
        cell = found.cell_at(stride, int(column), int(row))
        assert cells()[cell].tolist() == [column, row, stride]
        assert grid[row, column] == found.raw[cell, 4] * found.raw[cell, 5:].max()
    with pytest.raises(ValueError, match="52 x 52"):
        found.cell_at(8, 52, 0)


def test_the_formulas_give_the_box() -> None:
    found = seen(raw(seed=7), 208, 104)
    for cell in (0, 2703, 2704, 3548):
        cx, cy, w, h, score = (each.value for each in cell_formulas(found, cell))
        box = decode(found.raw)[cell]
        assert [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] == pytest.approx(box, rel=1e-5, abs=1e-3)
        assert score == pytest.approx(float(found.raw[cell, 4] * found.raw[cell, 5:].max()))
        assert photo_formula(found, cx).value == pytest.approx(cx / 2)


def test_coco_has_80_classes() -> None:
    assert len(class_names()) == 80
    assert (class_names()[0], class_names()[15], class_names()[79]) == ("person", "cat", "toothbrush")
