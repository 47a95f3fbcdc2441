"""Targets by hand: the responsible cell of every recipe, who is lost, and what decodes to the box again."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.detection.by_hand import lesson, uses_anchors
from core.detection.grid import Grid
from core.detection.recipes import RECIPES
from core.figures.detection_recipe import grid_picture

PHOTO = (300, 400)
CAT, DOG = (40.0, 60.0, 180.0, 260.0), (210.0, 40.0, 390.0, 200.0)
ends = st.floats(0, 1)


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_object_is_taught_in_the_cell_of_its_middle_and_decodes(recipe: str) -> None:
    found = lesson(recipe, [CAT, DOG], [0, 1], Grid(5, 5, PHOTO))
    for index, (left, top, right, bottom) in enumerate((CAT, DOG)):
        cell = int((top + bottom) / 2 / 60), int((left + right) / 2 / 80)
        target = found.targets[index]
        assert target is not None
        assert target.cell == cell
        assert target.label == index
        assert found.error(index) < 1e-6
    assert not found.assignment.lost
    assert len(found.anchors) == (2 if uses_anchors(recipe) else 0)


@pytest.mark.parametrize("recipe", ["course", "yolo_v1", "yolo_v2"])
def test_two_middles_in_one_place_lose_an_object(recipe: str) -> None:
    near = (CAT[0] + 2, CAT[1] + 2, CAT[2] + 2, CAT[3] + 2)
    found = lesson(recipe, [CAT, near], [0, 0], Grid(5, 5, PHOTO), anchors=1)
    assert len(found.assignment.lost) == 1
    assert len(found.assignment.responsible) == 1


def test_an_object_that_no_anchor_fits_has_no_target() -> None:
    speck = (10.0, 10.0, 12.0, 12.0)
    found = lesson("yolo_v5", [CAT, CAT, CAT, speck], [0] * 4, Grid(5, 5, PHOTO), anchors=1)
    assert [target is None for target in found.targets] == [False, False, False, True]
    assert math.isnan(found.error(3))
    assert found.assignment.unreached == (3,)


@given(
    st.lists(st.tuples(ends, ends, ends, ends), min_size=1, max_size=6),
    st.integers(1, 19),
    st.sampled_from(list(RECIPES)),
)
def test_every_target_decodes_to_its_box(corners: list[tuple[float, ...]], side: int, recipe: str) -> None:
    boxes = [
        (min(a, c) * 390, min(b, d) * 290, max(a, c) * 390 + 5, max(b, d) * 290 + 5) for a, b, c, d in corners
    ]
    found = lesson(recipe, boxes, [0] * len(boxes), Grid(side, side, PHOTO))
    for index, target in enumerate(found.targets):
        assert (target is None) == (index in found.assignment.unreached)
        if target is not None:
            assert found.error(index) < 1e-6 * 400


@pytest.mark.parametrize(
    ("recipe", "boxes", "labels", "words"),
    [
        ("yolo_v9", [CAT], [0], "A recipe is one of"),
        ("course", [], [], "at least one box"),
        ("course", [CAT], [0, 1], "got 2 for 1"),
        ("course", [(0.0, 0.0, 500.0, 10.0)], [0], "inside the photo"),
    ],
    ids=["recipe", "none", "labels", "outside"],
)
def test_what_cannot_be_taught_is_said(recipe: str, boxes: list, labels: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lesson(recipe, boxes, labels, Grid(3, 3, PHOTO))


def test_responsible_cells_are_tinted_and_the_others_are_not() -> None:
    photo = np.full((300, 400, 3), 100, np.uint8)
    shown = grid_picture(photo, lesson("course", [CAT], [0], Grid(5, 5, PHOTO)))
    assert (shown[150, 100] != 100).any()  # row 2, column 1
    assert (shown[30, 300] == 100).all()
    assert (photo == 100).all()
