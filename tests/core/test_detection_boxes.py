"""Overlap of boxes: against loops, torchvision, known values and the degenerate cases."""

import math

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torchvision import ops

from core.detection.boxes import areas, checked, ciou, diou, giou, intersection, ios, iou, overlap
from tests.core.box_strategy import FRACTION, boxes, one_box

MEASURES = (iou, giou, diou, ciou, ios)
UNIT = (0.0, 0.0, 1.0, 1.0)
POINT, LINE = (3.0, 3.0, 3.0, 3.0), (0.0, 2.0, 5.0, 2.0)


def naive(name: str, a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """One pair, in plain Python, as the papers write it."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = width * height
    own = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    union = sum(own) - shared
    result = shared / union if union else 0.0
    across, down = max(a[2], b[2]) - min(a[0], b[0]), max(a[3], b[3]) - min(a[1], b[1])
    if name == "ios":
        return shared / min(own) if min(own) else 0.0
    if name == "giou":
        return result - ((across * down - union) / (across * down) if across * down else 0.0)
    if name in ("diou", "ciou") and across**2 + down**2:
        gap = ((a[0] + a[2] - b[0] - b[2]) / 2) ** 2 + ((a[1] + a[3] - b[1] - b[3]) / 2) ** 2
        plain, result = result, result - gap / (across**2 + down**2)
        turn = math.atan2(a[2] - a[0], a[3] - a[1]) - math.atan2(b[2] - b[0], b[3] - b[1])
        v = 4 / math.pi**2 * turn**2
        if name == "ciou" and v:
            result -= v / (1 - plain + v) * v
    return result


@given(boxes(), boxes())
def test_every_measure_is_what_a_loop_over_pairs_gives(first: list, second: list) -> None:
    for measure in MEASURES:
        expected = [[naive(measure.__name__, a, b) for b in second] for a in first]
        found = measure(first, second)
        assert found.shape == (len(first), len(second)) and found.dtype == np.float64
        np.testing.assert_allclose(found, np.reshape(expected, found.shape), rtol=0, atol=1e-12)


@given(boxes(FRACTION, least=1.0, most=6), boxes(FRACTION, least=1.0, most=6))
def test_every_measure_is_torchvision_s(first: list, second: list) -> None:
    """Its DIoU and CIoU add 1e-7 to the denominators; for IoU and GIoU there is no difference but rounding."""
    a, b = (torch.tensor(box, dtype=torch.float64).reshape(-1, 4) for box in (first, second))
    references = (
        (iou, ops.box_iou, 1e-12),
        (giou, ops.generalized_box_iou, 1e-12),
        (diou, ops.distance_box_iou, 1e-6),
        (ciou, ops.complete_box_iou, 1e-6),
    )
    for measure, reference, within in references:
        np.testing.assert_allclose(measure(first, second), reference(a, b).numpy(), rtol=0, atol=within)
    np.testing.assert_array_equal(areas(first), ops.box_area(a).numpy())


@given(one_box(FRACTION), one_box(FRACTION))
@example((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, -0.0))
def test_ranges_order_and_symmetry(a: tuple, b: tuple) -> None:
    values = {measure.__name__: measure([a], [b]).item() for measure in MEASURES}
    assert values == {measure.__name__: pytest.approx(measure([b], [a]).item()) for measure in MEASURES}
    assert 0 <= values["iou"] <= values["ios"] <= 1
    assert -1 <= values["giou"] <= values["iou"] + 1e-12
    assert -1.5 <= values["ciou"] <= values["diou"] <= values["iou"]


@given(one_box(least=1.0))
def test_a_box_with_area_is_one_with_itself(box: tuple) -> None:
    assert [measure([box], [box]).item() for measure in MEASURES] == [1, 1, 1, 1, 1]


@given(one_box(), one_box(), st.integers(-50, 50), st.integers(-50, 50), st.sampled_from([0.25, 2.0, 16.0]))
def test_moving_and_enlarging_both_boxes_changes_no_measure(
    a: tuple, b: tuple, x: int, y: int, scale: float
) -> None:
    moved = [(np.array([box]) + np.array([x, y, x, y])) * scale for box in (a, b)]
    for measure in MEASURES:
        assert measure(*moved).item() == pytest.approx(measure([a], [b]).item(), abs=1e-9)


@pytest.mark.parametrize("box", [POINT, LINE], ids=["point", "line"])
@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
def test_a_box_without_area_gives_a_number_with_everything(measure, box: tuple) -> None:
    found = measure([box, UNIT], [box, UNIT, POINT, LINE])
    assert np.isfinite(found).all()
    assert iou([box], [box]).item() == 0 == ios([box], [(-9.0, -9.0, 9.0, 9.0)]).item()


def test_boxes_apart_on_both_axes_do_not_overlap() -> None:
    """Without a cut-off per axis the two negative overlaps multiply to an IoU of 0.635."""
    assert iou([[0, 0, 100, 100]], [[190, 190, 290, 290]]).item() == 0


@pytest.mark.parametrize(
    ("measure", "expected"),
    [(iou, 1 / 7), (giou, 1 / 7 - 2 / 9), (diou, 1 / 7 - 2 / 18), (ciou, 1 / 7 - 2 / 18), (ios, 1 / 4)],
    ids=["iou", "giou", "diou", "ciou", "ios"],
)
def test_two_squares_that_share_a_corner_by_hand(measure, expected: float) -> None:
    assert measure([[0, 0, 2, 2]], [[1, 1, 3, 3]]).item() == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([[2, 0, 1, 5]], r"left <= right and top <= bottom, got \[2.0, 0.0, 1.0, 5.0\] as box 0"),
        ([[0, 0, 1, 1], [0, 6, 1, 5]], r"got \[0.0, 6.0, 1.0, 5.0\] as box 1"),
        ([0, 0, 1, 1], r"n x 4 coordinates, got shape \(4,\)"),
        ([[0, 0, 1]], r"n x 4 coordinates, got shape \(1, 3\)"),
        ([[0, 0, math.nan, 1]], "must be finite, .* got nan"),
        ([[0, 0, math.inf, 1]], "must be finite, .* got inf"),
        ([[-1e200, 0, 1, 1]], r"at most 1e\+75, got -1e\+200"),
    ],
    ids=["inverted across", "inverted down", "one box without rows", "three columns", "nan", "inf", "huge"],
)
def test_what_is_no_box_is_refused_with_the_value(bad: list, message: str) -> None:
    for call in (checked, areas, lambda box: iou(box, [UNIT]), lambda box: iou([UNIT], box)):
        with pytest.raises(ValueError, match=message):
            call(bad)


@pytest.mark.parametrize("nothing", [[], np.zeros((0, 4))], ids=["list", "array"])
def test_no_boxes_are_an_empty_answer(nothing) -> None:
    assert checked(nothing).shape == (0, 4) and areas(nothing).shape == (0,)
    assert iou(nothing, [UNIT, UNIT]).shape == (0, 2) and ciou([UNIT], nothing).shape == (1, 0)


@given(one_box(FRACTION), one_box(FRACTION))
def test_the_overlap_of_a_pair_carries_the_measures_and_what_they_are_made_of(a: tuple, b: tuple) -> None:
    pair = overlap(a, b)
    for measure in MEASURES:
        assert getattr(pair, measure.__name__) == measure([a], [b]).item()
    assert pair.intersection_area == intersection([a], [b]).item()
    assert pair.union_area + pair.intersection_area == pytest.approx(areas([a, b]).sum())
    assert pair.enclosing_area == areas([pair.enclosing]).item()
    if pair.shared:
        assert areas([pair.shared]).item() == pytest.approx(pair.intersection_area)
    else:
        assert pair.intersection_area == 0
    if pair.diagonal:
        assert pair.diou == pytest.approx(pair.iou - (pair.centre_distance / pair.diagonal) ** 2)
    assert pair.ciou == pytest.approx(pair.diou - pair.trade_off * pair.aspect)
