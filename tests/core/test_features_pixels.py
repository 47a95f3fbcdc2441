"""Explanations at the pixels and by covering: against hooks, loops and what their authors prove."""

import threading

import numpy as np
import pytest
import torch
from torch import nn

from core.features.circuit import circuit_from
from core.features.explanations import Effort, Subject, explain, explain_steps, subject_in
from core.features.explanations.occlusion import windows
from tests.core.explained_networks import (
    LITE,
    MODULES,
    close,
    one_thread,  # noqa: F401  used by every test here
    own_copy,
    picture,
    subject,
)


def slope_of(network: nn.Module, shown: torch.Tensor, category: int = 7) -> np.ndarray:
    shown = shown.clone().requires_grad_()
    return torch.autograd.grad(network(shown)[0, category], shown)[0][0].numpy()


@pytest.mark.parametrize("name", MODULES)
def test_saliency_is_the_steepest_colour_of_a_plain_gradient(name):
    expected = np.abs(slope_of(own_copy(name), picture())).max(axis=0)
    assert close(explain("saliency", subject(name)).values, expected)


@pytest.mark.parametrize("name", MODULES)
def test_guided_backprop_agrees_with_backward_hooks_on_every_relu(name):
    relus = [each for each in own_copy(name).modules() if isinstance(each, nn.ReLU | nn.ReLU6)]
    handles = [
        each.register_full_backward_hook(lambda _module, slopes, _above: (slopes[0].clamp(min=0),))
        for each in relus
    ]
    # With a ReLU's own rule, clamping below it or above it is the same: 1[a > 0] max(R, 0) = max(1[a > 0] R, 0).
    expected = np.abs(slope_of(own_copy(name), picture())).max(axis=0)
    for handle in handles:
        handle.remove()
    assert relus
    assert close(explain("guided_backprop", subject(name)).values, expected)


def midpoint_loop(name: str, steps: int) -> np.ndarray:
    shown, total = picture()[0].numpy(), 0.0
    for i in range(steps):
        total = total + slope_of(own_copy(name), (i + 0.5) / steps * picture())
    return (shown * total / steps).sum(axis=0)


@pytest.mark.parametrize("name", MODULES)
def test_integrated_gradients_agree_with_a_loop(name):
    found = explain("integrated_gradients", subject(name), Effort(steps=3))
    assert found.signed
    assert close(found.values, midpoint_loop(name, 3))


@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0"])
def test_integrated_gradients_add_up_to_what_the_picture_is_worth(name):
    """Completeness (Sundararajan et al. 2017, proposition 1)."""
    with torch.no_grad():
        shown, grey = (float(own_copy(name)(each)[0, 7]) for each in (picture(), torch.zeros_like(picture())))
    errors = []
    for steps in (4, 40):
        found = explain("integrated_gradients", subject(name), Effort(steps=steps))
        assert found.details["output"] == pytest.approx(shown, rel=1e-4, abs=1e-4)
        assert found.details["grey"] == pytest.approx(grey, rel=1e-4, abs=1e-4)
        assert found.values.sum() == pytest.approx(found.details["sum"], rel=1e-3, abs=1e-3)
        errors.append(abs(found.details["sum"] - (shown - grey)))
    assert errors[1] < 0.01 * abs(shown - grey) and errors[1] <= errors[0]


def test_integrated_gradients_of_a_linear_network_are_exact():
    layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Flatten(), nn.Linear(4 * 64, 5))
    generator = torch.Generator().manual_seed(0)
    for parameter in layers.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    shown = torch.randn(1, 3, 8, 8, generator=generator)
    found = explain(
        "integrated_gradients", subject_in(circuit_from(layers, (8, 8)), shown, 2), Effort(steps=1)
    )
    expected = (shown[0].numpy() * slope_of(layers, shown, 2)).sum(axis=0)
    assert close(found.values, expected)
    assert found.details["sum"] == pytest.approx(found.details["output"] - found.details["grey"], rel=1e-4)


@pytest.mark.parametrize(("side", "stride"), [(32, 16), (40, 24), (96, 96)])
def test_occlusion_agrees_with_a_loop(side, stride):
    asked, network = subject(LITE), own_copy(LITE)
    with torch.no_grad():
        plain = float(network(picture())[0, 7])
        falls = [[[] for _ in range(96)] for _ in range(96)]
        for top in range(0, 96 - side + stride, stride):
            for left in range(0, 96 - side + stride, stride):
                covered = picture()
                covered[:, :, top : top + side, left : left + side] = 0
                fall = plain - float(network(covered)[0, 7])
                for y in range(top, min(top + side, 96)):
                    for x in range(left, min(left + side, 96)):
                        falls[y][x].append(fall)
    found = explain("occlusion", asked, Effort(window=side, stride=stride))
    assert close(found.values, np.array([[np.mean(each) for each in row] for row in falls]), 1e-3)
    assert found.signed and found.details["count"] == len(windows((96, 96), side, stride))
    assert found.details["output"] == pytest.approx(plain, abs=1e-4)


@pytest.mark.parametrize(("side", "stride"), [(0, 0), (97, 8), (8, 9), (8, 0)])
def test_windows_that_make_no_sense_are_refused(side, stride):
    with pytest.raises(ValueError, match="got a stride"):
        windows((96, 96), side, stride)


@pytest.mark.parametrize("method", ["occlusion", "integrated_gradients", "score_cam"])
def test_long_methods_say_how_far_they_are_and_stop_when_nobody_asks(method):
    effort = Effort(channels=20, steps=9, window=32, stride=32)
    steps = list(explain_steps(method, subject(LITE), effort))
    shares = [share for share, _ in steps]
    assert len(steps) >= 3 and shares == sorted(shares) and shares[-1] == 1
    assert all(found is None for _, found in steps[:-1]) and steps[-1][1] is not None
    begun = explain_steps(method, subject(LITE), effort)
    next(begun)
    begun.close()


def test_two_threads_with_two_rules_do_not_mix():
    """Guided backpropagation changes the rule of ReLUs in its own thread only."""
    asked = subject(LITE)
    expected = {name: explain(name, asked).values for name in ("guided_backprop", "saliency")}
    wrong = []

    def work(name: str) -> None:
        wrong.extend(
            name for _ in range(6) if not np.array_equal(explain(name, asked).values, expected[name])
        )

    threads = [threading.Thread(target=work, args=(name,)) for name in (*expected, *expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_grey_photo_speaks_for_nothing_where_only_the_difference_from_grey_counts():
    asked = subject(LITE)
    grey = Subject(asked.circuit, torch.zeros_like(asked.tensor), asked.layer, 7)
    effort = Effort(steps=2, window=48, stride=48)
    assert explain("integrated_gradients", grey, effort).empty
    assert not explain("occlusion", grey, effort).strength.max() > 1e-5
