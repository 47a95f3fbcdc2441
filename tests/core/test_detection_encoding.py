"""What a cell is taught about an object: by hand, there and back, and where a recipe cannot say it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.detection.encoding import decode, decode_target, encode
from core.detection.encoding_steps import NEVER, steps, tex
from core.detection.grid import Grid
from core.detection.recipes import RECIPES, logit, sigmoid
from tests.core.grid_strategy import ANCHORS, boxes_in, grids

THREE = Grid(3, 3, (300, 300))
BOX = (110.0, 130.0, 160.0, 250.0)  # centre x 135, y 190: column 1, row 1; 50 wide, 120 high
ANCHORED = ("yolo_v2", "yolo_v5")


def anchor_for(recipe: str, anchor=(100.0, 100.0)):
    return anchor if recipe in ANCHORED else None


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        pytest.param("course", (0.35, 0.9, 0.5, 1.2), id="course-cells"),
        pytest.param(
            "yolo_v1", (0.35, 0.9, math.sqrt(50 / 300), math.sqrt(120 / 300)), id="v1-roots-of-photo"
        ),
        pytest.param(
            "yolo_v2",
            (math.log(0.35 / 0.65), math.log(0.9 / 0.1), math.log(0.5), math.log(1.2)),
            id="v2-logit-and-log",
        ),
        pytest.param(
            "yolo_v5",
            tuple(-math.log(1 / p - 1) for p in (0.425, 0.7, math.sqrt(0.5) / 2, math.sqrt(1.2) / 2)),
            id="v5-twice-the-sigmoid",
        ),
        pytest.param("yolox", (0.35, 0.9, math.log(0.5), math.log(1.2)), id="yolox-strides"),
    ],
)
def test_the_numbers_are_those_of_a_calculation_by_hand(recipe: str, expected: tuple[float, ...]) -> None:
    target = encode(recipe, BOX, THREE, anchor_hw=anchor_for(recipe))
    assert target.cell == (1, 1)
    np.testing.assert_allclose((target.x, target.y, target.w, target.h), expected, rtol=1e-12)


def test_the_course_s_vector_has_its_order_and_the_class_as_one_hot() -> None:
    target = encode("course", BOX, THREE, label=1, classes=3)
    names, values = zip(*target.entries, strict=True)
    assert names == ("p", "b_x", "b_y", "b_h", "b_w", "c_{1}", "c_{2}", "c_{3}")
    np.testing.assert_allclose(values, (1, 0.35, 0.9, 1.2, 0.5, 0, 1, 0), rtol=1e-12)


def test_the_other_vectors_put_width_before_height_and_objectness_behind_the_box() -> None:
    names = [name for name, _ in encode("yolo_v1", BOX, THREE).entries]
    assert names == ["x", "y", r"\sqrt{w}", r"\sqrt{h}", "p", "c_{1}"]
    names = [name for name, _ in encode("yolo_v5", BOX, THREE, anchor_hw=(100.0, 100.0)).entries]
    assert names == ["t_x", "t_y", "t_w", "t_h", "p", "c_{1}"]


@given(st.data(), st.sampled_from(sorted(RECIPES)), grids())
def test_there_and_back_is_the_same_box(data: st.DataObject, recipe: str, grid: Grid) -> None:
    box = data.draw(boxes_in(grid))
    height, width = data.draw(st.sampled_from(ANCHORS))
    if recipe == "yolo_v5":  # it reaches no further than four times its anchor
        height, width = max(height, box[3] - box[1]), max(width, box[2] - box[0])
    anchor = anchor_for(recipe, (height, width))
    back = decode_target(encode(recipe, box, grid, anchor_hw=anchor))
    np.testing.assert_allclose(back, box, rtol=1e-9, atol=1e-9)


@given(st.data(), grids())
def test_the_course_and_yolo_v1_stay_within_their_units(data: st.DataObject, grid: Grid) -> None:
    box = data.draw(boxes_in(grid))
    for recipe in ("course", "yolo_v1"):
        target = encode(recipe, box, grid)
        assert 0 <= target.x < 1 and 0 <= target.y < 1
        assert target.w > 0 and target.h > 0
    assert target.w <= 1 and target.h <= 1  # of YOLOv1: no box is larger than the photo


@given(st.data(), st.sampled_from(["yolo_v5", "yolox"]))
def test_a_neighbouring_cell_can_be_taught_the_same_box(data: st.DataObject, recipe: str) -> None:
    """YOLOv5's offset reaches half a cell beyond the cell, YOLOX's anywhere."""
    middle = data.draw(st.floats(100.5, 149.5))
    box = (middle - 20, 130.0, middle + 20, 250.0)
    target = encode(recipe, box, THREE, anchor_hw=anchor_for(recipe), cell=(1, 0))
    assert target.cell == (1, 0)
    np.testing.assert_allclose(decode_target(target), box, rtol=1e-9)


def test_a_centre_on_a_border_belongs_to_the_next_cell_and_has_no_finite_number_in_yolo_v2() -> None:
    box = (90.0, 190.0, 110.0, 210.0)  # centred on the corner of four cells
    assert encode("course", box, THREE).cell == (2, 1)
    target = encode("yolo_v2", box, THREE, anchor_hw=(20.0, 20.0))
    assert (target.x, target.y, target.w, target.h) == (-math.inf, -math.inf, 0.0, 0.0)
    assert decode_target(target) == box
    assert [step.note for step in steps(target)] == ["", "", NEVER, "", ""] * 2


@pytest.mark.parametrize(
    ("box", "corner"),
    [
        pytest.param((0.0, 0.0, 10.0, 10.0), (0, 0), id="top-left"),
        pytest.param((290.0, 290.0, 300.0, 300.0), (2, 2), id="bottom-right"),
        pytest.param((299.99, 0.0, 300.0, 0.01), (0, 2), id="a-hundredth-of-a-pixel-in-the-corner"),
        pytest.param((0.0, 0.0, 300.0, 300.0), (1, 1), id="the-whole-photo"),
    ],
)
def test_boxes_at_the_edge_of_the_photo_come_back(box, corner) -> None:
    for recipe in RECIPES:
        target = encode(recipe, box, THREE, anchor_hw=anchor_for(recipe))
        assert target.cell == corner
        np.testing.assert_allclose(decode_target(target), box, rtol=1e-9, atol=1e-9)


def test_a_point_on_the_far_edge_lies_in_the_last_cell() -> None:
    assert THREE.cell_at(300.0, 300.0) == (2, 2)
    assert Grid(2, 5, (100, 500)).cell_at(0.0, 499.0) == (0, 4)


@given(st.data(), st.sampled_from(sorted(RECIPES)), grids())
def test_the_steps_end_in_the_target_and_their_values_follow_from_one_another(data, recipe, grid) -> None:
    box = data.draw(boxes_in(grid))
    anchor = anchor_for(recipe, (float(grid.photo_hw[0]), float(grid.photo_hw[1])))
    target = encode(recipe, box, grid, anchor_hw=anchor)
    lines = steps(target)
    assert [line.value for line in lines[2::5]] == [target.x, target.y]
    assert [line.value for line in lines[4::5]] == [target.w, target.h]
    rules = RECIPES[recipe]
    for centre, offset, written, ratio, size in (lines[:5], lines[5:]):
        assert offset.value == centre.value - int(offset.name.split()[-1])
        assert math.isclose(rules.position.encode(offset.value), written.value, rel_tol=1e-9, abs_tol=1e-9)
        assert math.isclose(rules.size.encode(ratio.value), size.value, rel_tol=1e-9, abs_tol=1e-9)
    for line in lines:
        assert "VALUE" not in line.symbolic + line.filled and "AXIS" not in line.symbolic


def test_the_steps_show_the_numbers() -> None:
    lines = steps(encode("yolo_v2", BOX, THREE, anchor_hw=(100.0, 80.0)))
    assert [line.name for line in lines[:5]] == [
        "centre x in cells",
        "offset in column 1",
        "x of the target",
        "width by the anchor's",
        "w of the target",
    ]
    assert lines[0].filled == r"\frac{110 + 160}{2} \cdot \frac{3}{300}"
    assert lines[1].filled == "1.35 - 1"
    assert lines[2].symbolic == r"t_x = \ln\frac{u_x}{1 - u_x}"
    assert lines[3].symbolic == r"r_w = \frac{w}{w_\text{anchor}}"
    assert lines[3].filled == r"\frac{50}{80}"
    assert lines[4].filled == r"\ln 0.625"


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.5, "0.5"), (-2.0, "(-2)"), (1.5e-7, r"1.5 \cdot 10^{-7}"), (123456.0, r"1.2346 \cdot 10^{5}")],
    ids=["plain", "negative", "tiny", "large"],
)
def test_numbers_in_latex(number: float, expected: str) -> None:
    assert tex(number) == expected


@given(st.floats(-700, 700))
def test_the_sigmoid_s_inverse(t: float) -> None:
    p = sigmoid(t)
    assert 0 <= p <= 1 and math.isclose(p + sigmoid(-t), 1)
    if -30 < t < 30:
        assert math.isclose(logit(p), t, rel_tol=1e-6, abs_tol=1e-3 if t > 20 else 1e-6)
    assert (sigmoid(-math.inf), sigmoid(math.inf)) == (0.0, 1.0)
    assert (logit(0.0), logit(1.0)) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda: encode("course", (-50.0, -50.0, 350.0, 350.0), THREE),
            "A box must lie inside the photo of 300 x 300 pixels, "
            "got left -50, top -50, right 350, bottom 350 as box 0.",
            id="larger-than-the-photo",
        ),
        pytest.param(
            lambda: encode("course", (10.0, 10.0, 10.0, 50.0), THREE),
            "A box must be at least 0.001 pixels wide and high, got 0 x 40 as box 0.",
            id="no-width",
        ),
        pytest.param(
            lambda: encode("course", (50.0, 10.0, 10.0, 50.0), THREE),
            "A box must have left <= right",
            id="inverted",
        ),
        pytest.param(
            lambda: encode("yolo", BOX, THREE),
            "A recipe must be one of course, yolo_v1, yolo_v2, yolo_v5, yolox, got yolo.",
            id="unknown-recipe",
        ),
        pytest.param(
            lambda: encode("yolo_v2", BOX, THREE),
            "YOLOv2 and v3 must have an anchor of two sides longer than 0, got None.",
            id="anchor-missing",
        ),
        pytest.param(
            lambda: encode("yolox", BOX, THREE, anchor_hw=(9.0, 9.0)),
            "YOLOX must be used without an anchor, got (9.0, 9.0).",
            id="anchor-not-wanted",
        ),
        pytest.param(
            lambda: encode("yolo_v5", BOX, THREE, anchor_hw=(30.0, 30.0)),
            "A side must be shorter than 4 times the anchor's, got 4.",
            id="v5-four-times-the-anchor",
        ),
        pytest.param(
            lambda: encode("yolo_v5", BOX, THREE, anchor_hw=(100.0, 100.0), cell=(0, 1)),
            "The centre must lie within half a cell around the responsible cell, -0.5 <= offset < 1.5, got 1.9.",
            id="v5-too-far-a-neighbour",
        ),
        pytest.param(
            lambda: encode("course", BOX, THREE, cell=(0, 1)),
            "The centre must lie in the responsible cell, 0 <= offset < 1, got 1.9.",
            id="course-another-cell",
        ),
        pytest.param(
            lambda: encode("yolox", BOX, THREE, cell=(3, 0)),
            "A cell must be a row below 3 and a column below 3, got (3, 0).",
            id="cell-outside",
        ),
        pytest.param(
            lambda: encode("course", BOX, THREE, label=3, classes=3),
            "A class must be a number from 0 to 2, got 3.",
            id="class",
        ),
        pytest.param(
            lambda: decode("yolox", (0.0, 0.0, 1e4, 0.0), (0, 0), THREE),
            "The numbers of a box must give finite pixels, got (0.0, 0.0, 10000.0, 0.0).",
            id="decoding-overflows",
        ),
        pytest.param(lambda: Grid(0, 3, (9, 9)), "A grid must have 1 to 1000 rows, got 0.", id="no-rows"),
        pytest.param(
            lambda: Grid(3, 3, (0, 9)),
            "A photo must have 1 to 1,000,000 pixels a side, got (0, 9).",
            id="no-photo",
        ),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)


def test_a_cell_s_box_is_its_share_of_the_photo() -> None:
    assert Grid(2, 5, (100, 500)).box_of((1, 4)) == (400.0, 50.0, 500.0, 100.0)
