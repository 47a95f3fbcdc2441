"""Who is responsible: against loops, torchvision's Matcher, and the collisions that lose an object."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models.detection._utils import Matcher

from core.detection.assignment import (
    Slot,
    anchor_boxes,
    faster_rcnn,
    slots,
    yolo_v1,
    yolo_v2,
    yolo_v5,
)
from core.detection.boxes import iou
from core.detection.encoding import decode_target, encode
from core.detection.grid import Grid
from tests.core.grid_strategy import ANCHORS, boxes_in, grids

THREE = Grid(3, 3, (300, 300))
WIDE, TALL = (110.0, 130.0, 190.0, 160.0), (130.0, 110.0, 160.0, 190.0)  # both centred in cell 1, 1
SHAPES = [(30.0, 80.0), (80.0, 30.0)]  # height, width


@st.composite
def scenes(draw: st.DrawFn, most: int = 6):
    grid = draw(grids().filter(lambda grid: grid.rows * grid.columns <= 60))
    boxes = draw(st.lists(boxes_in(grid), max_size=most))
    anchors = draw(st.lists(st.sampled_from(ANCHORS), min_size=1, max_size=3, unique=True))
    return boxes, grid, anchors


def naive_cell(box, grid: Grid) -> tuple[int, int]:
    """The cell whose half-open square holds the centre, found by looking into every one."""
    x, y = (box[0] + box[2]) / 2 * grid.columns, (box[1] + box[3]) / 2 * grid.rows
    for row in range(grid.rows):
        for column in range(grid.columns):
            height, width = grid.photo_hw
            if row <= y / height < row + 1 and column <= x / width < column + 1:
                return row, column
    raise AssertionError(box)


def naive_shape_iou(box, anchor) -> float:
    w, h = box[2] - box[0], box[3] - box[1]
    shared = min(w, anchor[1]) * min(h, anchor[0])
    return shared / (w * h + anchor[0] * anchor[1] - shared)


@given(scenes())
def test_yolo_v1_gives_a_cell_to_the_first_centre_in_it(scene) -> None:
    boxes, grid, _ = scene
    owner: dict[tuple[int, int], int] = {}
    lost = []
    for index, box in enumerate(boxes):
        if owner.setdefault(naive_cell(box, grid), index) != index:
            lost.append(index)
    found = yolo_v1(boxes, grid)
    assert {(c.slot.row, c.slot.column): c.object for c in found.responsible} == owner
    assert found.lost == tuple(lost) and found.unreached == () and found.ignored == ()
    assert all(claim.slot.anchor is None and claim.fit == 1 for claim in found.claims)


@given(scenes())
def test_yolo_v2_takes_the_most_similar_anchor_and_the_last_claim(scene) -> None:
    boxes, grid, anchors = scene
    owner = {}
    for index, box in enumerate(boxes):
        fits = [naive_shape_iou(box, anchor) for anchor in anchors]
        best = max(range(len(fits)), key=lambda i: (round(fits[i], 12), -i))
        owner[(*naive_cell(box, grid), best)] = index
    found = yolo_v2(boxes, grid, anchors)
    if all(
        len({round(naive_shape_iou(box, a), 9) for a in anchors}) == len(anchors) for box in boxes
    ):  # no ties
        assert {(c.slot.row, c.slot.column, c.slot.anchor): c.object for c in found.responsible} == owner
        assert set(found.lost) == set(range(len(boxes))) - set(owner.values())


@given(scenes())
def test_yolo_v5_takes_every_anchor_in_proportion_in_up_to_three_cells(scene) -> None:
    """The cells as YOLOv5 finds them: the whole parts of the centre moved by half a cell, where the photo goes on."""
    boxes, grid, anchors = scene
    expected = set()
    for index, box in enumerate(boxes):
        height, width = grid.photo_hw
        x, y = (box[0] + box[2]) / 2 * grid.columns / width, (box[1] + box[3]) / 2 * grid.rows / height
        cells = {(int(y), int(x))}
        for dy, dx in ((0, 0.5), (0, -0.5), (0.5, 0), (-0.5, 0)):
            row, column = int(np.floor(y - dy)), int(np.floor(x - dx))
            exactly_between = (dx < 0 and x % 1 == 0.5) or (dy < 0 and y % 1 == 0.5)
            if 0 <= row < grid.rows and 0 <= column < grid.columns and not exactly_between:
                cells.add((row, column))
        for number, (h, w) in enumerate(anchors):
            sides = ((box[2] - box[0]) / w, (box[3] - box[1]) / h)
            if max(max(r, 1 / r) for r in sides) < 4:
                expected |= {(index, Slot(*cell, number)) for cell in cells}
    found = yolo_v5(boxes, grid, anchors)
    assert {(c.object, c.slot) for c in found.responsible} == expected
    assert set(found.unreached) == set(range(len(boxes))) - {index for index, _ in expected}
    for index in range(len(boxes)):
        own = {slot for owner, slot in expected if owner == index}
        others = {slot for owner, slot in expected if owner != index}
        assert (index in found.lost) == bool(own and own <= others)


@given(scenes())
def test_what_yolo_v5_makes_responsible_can_be_taught_the_box(scene) -> None:
    boxes, grid, anchors = scene
    for claim in yolo_v5(boxes, grid, anchors).responsible:
        cell, anchor = (claim.slot.row, claim.slot.column), anchors[claim.slot.anchor]
        target = encode("yolo_v5", boxes[claim.object], grid, anchor_hw=anchor, cell=cell)
        np.testing.assert_allclose(decode_target(target), boxes[claim.object], rtol=1e-9, atol=1e-9)


@settings(max_examples=200)
@given(scenes(), st.sampled_from([(0.7, 0.3), (0.5, 0.5), (0.6, 0.1)]))
def test_faster_rcnn_is_torchvision_s_matcher(scene, thresholds) -> None:
    """But for objects that overlap no anchor: to torchvision every anchor is the best of those."""
    boxes, grid, anchors = scene
    places, all_anchors = slots(grid, len(anchors)), anchor_boxes(grid, anchors)
    boxes = [box for box in boxes if iou([box], all_anchors).max() > 0]
    found = faster_rcnn(boxes, grid, anchors, positive=thresholds[0], negative=thresholds[1])
    if not boxes:
        assert not found.responsible
        return
    overlaps = torch.from_numpy(iou(boxes, all_anchors))
    matches = Matcher(*thresholds, allow_low_quality_matches=True)(overlaps).tolist()
    owners = {claim.slot: claim for claim in found.responsible}
    for place, match, best in zip(places, matches, overlaps.max(dim=0).values.tolist(), strict=True):
        assert (place in owners) == (match >= 0)
        assert (place in found.ignored) == (match == Matcher.BETWEEN_THRESHOLDS)
        if match >= 0:  # equal objects may be told apart differently
            assert owners[place].fit == best == overlaps[owners[place].object, places.index(place)]
    assert set(found.lost) == set(range(len(boxes))) - {claim.object for claim in found.responsible}


def test_anchor_boxes_lie_on_the_middle_of_their_cell_in_the_order_of_the_slots() -> None:
    grid = Grid(2, 3, (100, 300))
    found = dict(zip(slots(grid, 2), anchor_boxes(grid, [(10, 20), (60, 30)]).tolist(), strict=True))
    assert len(found) == 12
    assert found[Slot(0, 0, 0)] == [40, 20, 60, 30]
    assert found[Slot(1, 2, 1)] == [235, 45, 265, 105]  # beyond the photo


def test_two_shapes_in_one_cell_collide_without_anchors_and_get_on_with_them() -> None:
    boxes = [WIDE, TALL]
    first = yolo_v1(boxes, THREE)
    assert (first.lost, first.contested, first.of(0)) == ((1,), (Slot(1, 1),), (Slot(1, 1),))
    second = yolo_v2(boxes, THREE, SHAPES)
    assert second.lost == () and second.contested == ()
    assert (second.of(0), second.of(1)) == ((Slot(1, 1, 0),), (Slot(1, 1, 1),))
    assert faster_rcnn(boxes, THREE, SHAPES).lost == ()


def test_the_same_shape_in_one_cell_is_lost_to_the_first_or_the_last() -> None:
    twins = [WIDE, (111.0, 131.0, 191.0, 161.0)]
    assert yolo_v1(twins, THREE).lost == (1,)
    assert yolo_v2(twins, THREE, SHAPES).lost == (0,)
    shared = yolo_v5([WIDE, WIDE], THREE, SHAPES)  # both are taught to every anchor, and neither is alone
    assert shared.lost == (0, 1)
    assert shared.contested == shared.of(0) == shared.of(1)


def test_faster_rcnn_loses_an_object_whose_best_anchor_overlaps_another_more() -> None:
    large = (100.0, 100.0, 200.0, 200.0)
    small = (140.0, 140.0, 160.0, 160.0)
    found = faster_rcnn([large, small], THREE, [(100.0, 100.0)])
    assert found.contested == (Slot(1, 1, 0),)
    assert found.of(0) == (Slot(1, 1, 0),)
    assert found.lost == (1,)


def test_an_object_out_of_all_proportion_is_not_reached() -> None:
    thin = (0.0, 140.0, 300.0, 145.0)
    assert yolo_v5([thin], THREE, SHAPES).unreached == (0,)
    assert yolo_v2([thin], THREE, SHAPES).unreached == ()
    tiny_in_a_corner = (0.0, 0.0, 4.0, 4.0)
    found = faster_rcnn([tiny_in_a_corner], THREE, [(10.0, 10.0)])
    assert found.unreached == (0,) and found.responsible == () and found.lost == ()


@pytest.mark.parametrize(
    ("centre", "cells"),
    [
        pytest.param((120.0, 130.0), {(1, 1), (1, 0), (0, 1)}, id="upper-left-part"),
        pytest.param((180.0, 170.0), {(1, 1), (1, 2), (2, 1)}, id="lower-right-part"),
        pytest.param((150.0, 150.0), {(1, 1)}, id="exactly-the-middle"),
        pytest.param((100.0, 100.0), {(1, 1), (1, 0), (0, 1)}, id="on-the-border"),
        pytest.param((20.0, 20.0), {(0, 0)}, id="corner-of-the-photo"),
        pytest.param((280.0, 150.0), {(1, 2)}, id="edge-of-the-photo"),
    ],
)
def test_the_neighbours_of_yolo_v5(centre, cells) -> None:
    x, y = centre
    found = yolo_v5([(x - 15, y - 15, x + 15, y + 15)], THREE, [(30.0, 30.0)])
    assert {(slot.row, slot.column) for slot in found.of(0)} == cells


def test_predictions_that_overlap_an_object_by_more_than_half_are_ignored_by_yolo_v3() -> None:
    predicted = np.tile((0.0, 0.0, 5.0, 5.0), (18, 1))
    predicted[3], predicted[8] = WIDE, WIDE  # cell 0, 1 anchor 1, and the responsible one
    found = yolo_v2([WIDE], THREE, SHAPES, predicted=predicted)
    assert found.of(0) == (Slot(1, 1, 0),)
    assert found.ignored == (Slot(0, 1, 1),)


def test_without_objects_nobody_is_responsible() -> None:
    for found in (
        yolo_v1([], THREE),
        yolo_v2([], THREE, SHAPES),
        yolo_v5([], THREE, SHAPES),
        faster_rcnn([], THREE, SHAPES),
    ):
        assert (found.objects, found.claims, found.responsible, found.lost, found.unreached) == (
            0,
            (),
            (),
            (),
            (),
        )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda: yolo_v1([(0, 0, 301, 20)], THREE),
            "A box must lie inside the photo of 300 x 300",
            id="outside",
        ),
        pytest.param(
            lambda: yolo_v2([WIDE], THREE, []), "Sizes must be an array of n x 2 heights", id="no-anchors"
        ),
        pytest.param(
            lambda: yolo_v2([WIDE], THREE, SHAPES, predicted=[WIDE]),
            "There must be 18 predicted boxes, one a slot, got 1.",
            id="predictions",
        ),
        pytest.param(
            lambda: faster_rcnn([WIDE], THREE, SHAPES, positive=0.2),
            "The thresholds must be 0 <= negative <= positive <= 1, got 0.3 and 0.2.",
            id="thresholds",
        ),
    ],
)
def test_what_cannot_be_assigned_is_said_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value).startswith(message)
