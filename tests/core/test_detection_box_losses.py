"""Regression losses of a box: values and gradients against automatic differentiation over torchvision's losses."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F
from torchvision import ops

from core.detection.box_losses import BOX_LOSSES, box_loss
from core.detection.boxes import iou
from tests.core.box_strategy import FRACTION, WHOLE, one_box

NAMES = list(BOX_LOSSES)
TARGET = (10.0, 10.0, 30.0, 30.0)


def reference(name: str, predicted: tuple, target: tuple) -> tuple[float, np.ndarray]:
    """Value and gradient by torchvision, with its eps off (its CIoU keeps it in a part); it has no plain IoU loss."""
    p, t = torch.tensor([[predicted], [target]], dtype=torch.float64).requires_grad_()
    if name == "smooth_l1":
        loss = F.smooth_l1_loss(p, t, reduction="sum")
    elif name == "iou":
        loss = (1 - ops.box_iou(p, t)).sum()
    else:
        whole = {"giou": "generalized", "diou": "distance", "ciou": "complete"}[name]
        loss = getattr(ops, f"{whole}_box_iou_loss")(p, t, eps=1e-300, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, p)
    return loss.item(), gradient[0].numpy()


@pytest.mark.parametrize("name", NAMES)
@given(one_box(FRACTION, least=1.0), one_box(FRACTION, least=1.0))
def test_value_and_gradient_are_torchvision_s(name: str, predicted: tuple, target: tuple) -> None:
    value, gradient = reference(name, predicted, target)
    found = box_loss(name, predicted, target)
    within = 1e-6 if name == "ciou" else 1e-9
    assert found.value == pytest.approx(value, abs=within)
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-6, atol=within)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name != "iou"]
)  # box_iou cuts off otherwise where they touch
@given(one_box(WHOLE, least=1.0), one_box(WHOLE, least=1.0))
def test_also_where_edges_coincide(name: str, predicted: tuple, target: tuple) -> None:
    if predicted != target or name == "smooth_l1":  # at the minimum 1 - IoU + v is 0 in torchvision's alpha
        np.testing.assert_allclose(
            box_loss(name, predicted, target).gradient,
            reference(name, predicted, target)[1],
            rtol=1e-6,
            atol=1e-6 if name == "ciou" else 1e-9,  # torchvision adds 1e-7 to alpha's divisor
        )


@pytest.mark.parametrize("name", NAMES)
def test_the_right_box_costs_nothing(name: str) -> None:
    found = box_loss(name, TARGET, TARGET)
    assert found.value == 0 and found.shift == (0, 0)


def test_apart_the_iou_loss_alone_has_no_gradient() -> None:
    pulls = {name: box_loss(name, (50.0, 12.0, 60.0, 22.0), TARGET) for name in NAMES}
    assert pulls["iou"].value == 1 and pulls["iou"].gradient == (0, 0, 0, 0)
    assert all(
        pulls[name].shift[0] < 0 for name in NAMES if name != "iou"
    )  # to the left, where the target is


@pytest.mark.parametrize("name", NAMES)
@given(one_box(FRACTION, least=2.0), st.sampled_from([0.5, 1.0, 5.0, 40.0]))
def test_a_small_step_along_the_pull_lowers_the_loss(name: str, box: tuple, offset: float) -> None:
    target = (box[0] + offset, box[1] - offset, box[2] + 2 * offset, box[3])
    before = box_loss(name, box, target)
    steepness = float(np.abs(before.pull).max())
    if steepness > 1e-6:
        moved = np.array(box) + np.array(before.pull) / steepness * 1e-4
        # CIoU descends with alpha held still, so only its sum with the frozen weight must fall.
        assert box_loss(name, moved, target).value < before.value + (1e-5 if name == "ciou" else 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "target", [TARGET, (5.0, 5.0, 5.0, 5.0), (0.0, 5.0, 9.0, 5.0)], ids=["box", "point", "line"]
)
@pytest.mark.parametrize("box", [(5.0, 5.0, 5.0, 5.0), (0.0, 5.0, 9.0, 5.0)], ids=["point", "line"])
def test_boxes_without_area_give_numbers(name: str, box: tuple, target: tuple) -> None:
    found = box_loss(name, box, target)
    assert np.isfinite([found.value, *found.gradient]).all()
    assert name == "smooth_l1" or found.value >= 1 - iou([box], [target]).item() - 1e-12


@pytest.mark.parametrize(
    ("name", "box", "message"),
    [
        ("l2", TARGET, "one of smooth_l1, iou, giou, diou, ciou, got 'l2'"),
        ("iou", (9.0, 0.0, 1.0, 1.0), "left <= right"),
    ],
    ids=["unknown loss", "inverted box"],
)
def test_bad_input_is_refused_in_a_sentence(name: str, box: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        box_loss(name, box, TARGET)
