"""Two boxes: the formulas and the code give torchvision's numbers, the arrows go where the loss falls."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision import ops

from core.detection.box_losses import BOX_LOSSES, box_loss
from core.detection.boxes import overlap
from core.detection.pair_formulas import pair_formulas
from core.figures.detection_pair import arrows, pair_picture
from core.snippets import detection as snippets

FIRST, SECOND = (10.0, 20.0, 110.0, 220.0), (60.0, 40.0, 260.0, 160.0)
APART = (300.0, 300.0, 350.0, 380.0)
edge = st.floats(0, 100)


@given(st.tuples(edge, edge, edge, edge), st.tuples(edge, edge, edge, edge))
def test_the_formulas_are_torchvision_s(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    first, second = ((min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1) for a, b, c, d in (one, other))
    a, b = (torch.tensor([each], dtype=torch.float64) for each in (first, second))
    expected = [
        measure(a, b).item()
        for measure in (ops.box_iou, ops.generalized_box_iou, ops.distance_box_iou, ops.complete_box_iou)
    ]
    found = [formula.value for formula in pair_formulas(overlap(first, second))]
    assert found[:4] == pytest.approx(expected, abs=1e-6)


def test_the_code_gives_the_measures_again() -> None:
    names: dict[str, object] = {}
    exec(snippets.pair(FIRST, SECOND), names)
    found = [formula.value for formula in pair_formulas(overlap(FIRST, SECOND))]
    assert names["result"] == pytest.approx(found[:4], abs=1e-6)


@pytest.mark.parametrize("name", BOX_LOSSES)
def test_arrows_point_where_the_loss_falls(name: str) -> None:
    pair, loss = overlap(FIRST, SECOND), box_loss(name, FIRST, SECOND)
    drawn = arrows(pair, loss, 50)
    assert drawn
    longest = max(abs(end[0] - start[0]) + abs(end[1] - start[1]) for start, end in drawn)
    assert 48 <= longest <= 52
    moved = np.array(FIRST) + np.array(loss.pull) / max(map(abs, loss.pull)) * 0.01
    assert box_loss(name, moved, SECOND).value < loss.value


def test_apart_the_iou_loss_has_no_arrow_and_giou_has() -> None:
    pair = overlap(FIRST, APART)
    assert not arrows(pair, box_loss("iou", FIRST, APART), 50)
    assert arrows(pair, box_loss("giou", FIRST, APART), 50)


def test_what_both_share_is_tinted() -> None:
    photo = np.full((400, 400, 3), 90, np.uint8)
    shown = pair_picture(photo, overlap(FIRST, SECOND), box_loss("iou", APART, SECOND))
    assert (shown[100, 80] != 90).any()
    assert (shown[390, 390] == 90).all()
    assert (photo == 90).all()
