"""Deletion, insertion and the sanity check: against loops, and against the untrained network itself."""

import copy
from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch

from core.features.circuit import PICTURE, evaluate
from core.features.explanations import (
    Curve,
    Effort,
    Explanation,
    area_formula,
    chance_order,
    deletion_insertion,
    deletion_insertion_steps,
    explain,
    likeness,
    order_of,
    randomised,
    sanity_check,
    sanity_check_steps,
    stages,
)
from core.features.explanations.agreement import ssim
from core.networks import load
from tests.core.explained_networks import (
    LITE,
    NETWORKS,
    close,
    network,
    one_thread,  # noqa: F401  used by every test here
    own_copy,
    picture,
    subject,
)


def loop_curve(order, mode: str, steps: int) -> list[float]:
    """One picture at a time, pixel after pixel."""
    soft = cv2.GaussianBlur(picture()[0].permute(1, 2, 0).numpy(), (0, 0), 0.06 * 96)
    start, end = picture()[0].numpy(), np.zeros((3, 96, 96), np.float32)
    if mode == "insertion":
        start, end = soft.transpose(2, 0, 1), start
    found = []
    for i in range(steps + 1):
        shown = start.copy()
        for pixel in order[: round(i * len(order) / steps)]:
            shown[:, pixel // 96, pixel % 96] = end[:, pixel // 96, pixel % 96]
        with torch.no_grad():
            found.append(own_copy(LITE)(torch.from_numpy(shown)[None]).softmax(1)[0, 7].item())
    return found


def test_curves_and_areas_agree_with_a_loop():
    order = order_of(explain("grad_cam", subject(LITE)), (96, 96))
    found = deletion_insertion(subject(LITE), order, steps=6)
    for mode in ("deletion", "insertion"):
        curve, expected = getattr(found, mode), loop_curve(order, mode, 6)
        assert curve.mode == mode
        assert np.allclose(curve.shares, np.arange(7) / 6)
        assert np.allclose(curve.probabilities, expected, rtol=1e-3, atol=1e-6)
        area = sum((a + b) / 2 for a, b in pairwise(expected)) / 6
        assert curve.area == pytest.approx(area, rel=1e-3, abs=1e-6)
        assert area_formula(curve).value == round(curve.area, 4)
    assert found.insertion.probabilities[-1] == pytest.approx(found.deletion.probabilities[0], rel=1e-4)


def test_the_strongest_pixels_come_first_and_every_pixel_once():
    values = np.array([[3.0, -1], [0, 2]], np.float32)
    assert order_of(Explanation("saliency", values), (2, 2)).tolist() == [0, 3, 2, 1]
    for hw in ((96, 96), (20, 31), (5, 5)):
        assert sorted(chance_order(hw).tolist()) == list(range(hw[0] * hw[1]))
    assert np.array_equal(chance_order((96, 96), 1), chance_order((96, 96), 1))
    assert not np.array_equal(chance_order((96, 96), 1), chance_order((96, 96), 2))


def test_curves_say_how_far_they_are():
    steps = list(deletion_insertion_steps(subject(LITE), chance_order((96, 96)), steps=9))
    shares = [share for share, _ in steps]
    assert shares == sorted(shares) and shares[-1] == 1 and len(steps) > 3
    assert all(found is None for _, found in steps[:-1])


def test_a_curve_has_two_points_or_more():
    with pytest.raises(ValueError, match="2 points or more"):
        Curve("deletion", (0.0,), (0.5,))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_parts_go_from_the_output_down_and_leave_nothing_out(name):
    circuit = subject(name).circuit
    parts = stages(circuit)
    names = [each for part in parts for each in part.names]
    assert 3 <= len(parts) <= 8
    assert len(names) == len(set(names))
    assert set(names) == {each for each in circuit.tensors if not each.endswith("num_batches_tracked")}


def test_with_all_parts_random_it_is_the_untrained_network():
    asked = subject(LITE)
    circuit = randomised(asked.circuit, stages(asked.circuit), seed=5)
    with torch.no_grad():
        found = evaluate(circuit, {PICTURE: asked.tensor}, (circuit.last,))[circuit.last]
        expected = load(LITE, "untrained", seed=5)(asked.tensor)
    assert close(found.numpy(), expected.numpy())


def test_the_check_randomises_more_and_more_and_never_touches_the_shared_network():
    asked, before = subject(LITE), copy.deepcopy(network(LITE).state_dict())
    parts = stages(asked.circuit)
    circuit = asked.circuit
    for depth, part in enumerate(parts, start=1):
        circuit = randomised(circuit, (part,), seed=0)
        random = {name for done in parts[:depth] for name in done.names}
        for name, tensor in circuit.tensors.items():
            if name not in random:
                assert tensor is asked.circuit.tensors[name]
            elif name.endswith("weight") and tensor.ndim > 1:
                assert not torch.equal(tensor, asked.circuit.tensors[name])
    check = sanity_check(asked, ("grad_cam", "occlusion"), Effort(window=48, stride=48))
    assert all(torch.equal(value, before[name]) for name, value in network(LITE).state_dict().items())
    for method in ("grad_cam", "occlusion"):
        trials = check.of(method)
        assert [trial.depth for trial in trials] == list(range(len(parts) + 1))
        assert [trial.stage for trial in trials] == ["", *(part.title for part in parts)]
        assert trials[0].likeness.ranks == pytest.approx(1)
        last = explain(
            method, type(asked)(circuit, asked.tensor, asked.layer, 7), Effort(window=48, stride=48)
        )
        assert close(trials[-1].found.values, last.values)


def test_guided_backprop_keeps_its_picture_where_grad_cam_loses_it():
    """Adebayo et al. 2018: guided backpropagation does not depend on the upper layers, Grad-CAM does."""
    check = sanity_check(subject(LITE), ("grad_cam", "guided_backprop"))
    assert check.of("guided_backprop")[1].likeness.ranks > 0.95
    assert check.of("grad_cam")[1].likeness.ranks < 0.8
    assert check.kept("guided_backprop") > check.kept("grad_cam")
    assert np.isnan(check.kept("occlusion"))


def test_the_check_comes_trial_by_trial_and_again_the_same():
    one, other = (list(sanity_check_steps(subject(LITE), ("saliency",), seed=4, most=3)) for _ in range(2))
    assert [share for share, _ in one] == [0.25, 0.5, 0.75, 1]
    for (_, first), (_, second) in zip(one, other, strict=True):
        assert np.array_equal(first.found.values, second.found.values)


def test_likeness_is_spearmans_rank_correlation_and_ssim():
    from scipy.stats import spearmanr
    from skimage.metrics import structural_similarity

    draws = np.random.default_rng(0)
    one, other = draws.random((2, 112, 112)).astype(np.float32).round(1)
    found = likeness(Explanation("saliency", one), Explanation("saliency", other))
    assert found.ranks == pytest.approx(spearmanr(one.ravel(), other.ravel()).statistic, abs=1e-6)
    expected = structural_similarity(one.astype(np.float64), other.astype(np.float64), data_range=1.0)
    assert found.picture == pytest.approx(expected, abs=1e-6)
    assert ssim(one, one) == pytest.approx(1)
    empty = likeness(Explanation("saliency", one), Explanation("saliency", np.zeros_like(one)))
    assert np.isnan(empty.ranks) and np.isnan(empty.picture)
