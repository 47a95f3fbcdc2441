"""The strongest patches: where they are, how they are cut, and what the guided gradient makes of them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from core.bundled import bundled
from core.features import deconvnet, top_nine
from core.features.top_nine import Peaks
from core.networks import activations, load, prepare, record
from core.receptive_field import network_fields, padding_share, unit_box

NAME = "tf_efficientnet_lite0"
LAYER = "blocks.1.1.bn1"


def small_network() -> nn.Sequential:
    torch_state = torch.get_rng_state()
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU6(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)
    )
    torch.set_rng_state(torch_state)
    return network.eval().requires_grad_(False)


def by_hooks(network: nn.Module, picture: torch.Tensor, unit: tuple[int, int, int], rule: str) -> np.ndarray:
    """The reference: the usual way, with backward hooks on a network that nobody else uses."""

    def change(module: nn.Module, slopes_in: tuple, slopes_out: tuple) -> tuple:
        if rule == "guided":
            return (slopes_in[0].clamp(min=0),)
        return (slopes_out[0].clamp(min=0),)

    for module in network.modules():
        if isinstance(module, nn.ReLU | nn.ReLU6) and rule != "gradient":
            module.register_full_backward_hook(change)
    leaf = picture.clone().requires_grad_()
    network(leaf)[0][unit].backward()
    return leaf.grad[0].numpy()


@pytest.mark.parametrize("rule", deconvnet.RULES)
@pytest.mark.parametrize("unit", [(0, 0, 0), (1, 4, 3), (3, 7, 7)])
def test_the_rules_are_those_of_hooks_on_a_network_of_ones_own(
    rule: deconvnet.Rule, unit: tuple[int, int, int]
) -> None:
    picture = 4 * torch.randn(1, 3, 26, 26, generator=torch.Generator().manual_seed(3))
    network = small_network()
    expected = by_hooks(small_network(), picture, unit, rule)
    assert np.allclose(deconvnet._traced(network, picture, unit, rule), expected, atol=1e-6)
    assert np.abs(expected).max() > 0


def test_the_rules_hold_for_one_call_and_one_thread() -> None:
    network = small_network()
    picture = 4 * torch.randn(1, 3, 26, 26, generator=torch.Generator().manual_seed(3))
    alone = {rule: deconvnet._traced(network, picture, (0, 2, 2), rule) for rule in deconvnet.RULES}
    with ThreadPoolExecutor(6) as pool:
        jobs = [
            (rule, pool.submit(deconvnet._traced, network, picture, (0, 2, 2), rule))
            for rule in deconvnet.RULES * 8
        ]
        assert all(np.array_equal(job.result(), alone[rule]) for rule, job in jobs)
    assert not np.allclose(alone["guided"], alone["gradient"])


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="one of"):
        deconvnet._traced(small_network(), torch.zeros(1, 3, 26, 26), (0, 0, 0), "grad-cam")


def test_peaks_are_the_largest_and_smallest_values() -> None:
    network, tensor = load(NAME), prepare(record(NAME), bundled("Coffee")).tensor
    found = top_nine.peaks(network, tensor, LAYER)
    maps = activations(network, tensor, [LAYER])[LAYER][0].numpy()
    assert np.array_equal(found.values, [maps.max(axis=(1, 2)), maps.min(axis=(1, 2))])
    for end in range(2):
        for channel in (0, 7, 100):
            assert maps[(channel, *found.units[end, channel])] == found.values[end, channel]


def test_the_nine_strongest_are_sorted() -> None:
    rng = np.random.default_rng(0)
    found = [Peaks(rng.normal(size=(2, 5)), rng.integers(0, 9, (2, 5, 2))) for _ in range(14)]
    hits = top_nine.strongest(found, 3)
    assert [hit.value for hit in hits] == sorted((each.values[0, 3] for each in found), reverse=True)[:9]
    weakest = top_nine.strongest(found, 3, negative=True)
    assert [hit.value for hit in weakest] == sorted(each.values[1, 3] for each in found)[:9]
    assert len(top_nine.strongest(found[:4], 0)) == 4


@pytest.mark.parametrize("place", [(0, 0), (20, 31), (55, 55)])
def test_nothing_outside_the_patch_moves_the_unit(place: tuple[int, int]) -> None:
    """The exact field: noise everywhere else leaves the unit as it was, noise inside does not."""
    network, seen = load(NAME), prepare(record(NAME), bundled("Coffee"))
    field = next(each for each in network_fields(NAME, 224) if each.name == LAYER)
    cut = top_nine.patch(seen.pixels, field, place)
    left, top, right, bottom = cut.box
    exact = np.array(unit_box(field, place))
    assert np.array_equal(cut.box, np.clip(exact, 0, 224))
    assert np.array_equal(cut.pixels, seen.pixels[top:bottom, left:right])
    assert cut.padding == pytest.approx(padding_share(tuple(exact), (224, 224)))
    noise = torch.randn(seen.tensor.shape, generator=torch.Generator().manual_seed(0))
    outside, inside = noise.clone(), seen.tensor.clone()
    box = (..., slice(top, bottom), slice(left, right))
    outside[box] = seen.tensor[box]
    inside[box] = noise[box]
    value = [
        float(activations(network, each, [LAYER])[LAYER][(0, 3, *place)])
        for each in (seen.tensor, outside, inside)
    ]
    assert value[0] == pytest.approx(value[1], abs=1e-5)
    assert abs(value[0] - value[2]) > 1e-3


def test_the_gradient_stays_within_the_patch() -> None:
    network, seen = load(NAME), prepare(record(NAME), bundled("Cat"))
    field = next(each for each in network_fields(NAME, 224) if each.name == LAYER)
    left, top, right, bottom = top_nine.patch(seen.pixels, field, (30, 30)).box
    for rule in deconvnet.RULES:
        slope = deconvnet.reconstruction(network, seen.tensor, LAYER, (5, 30, 30), rule=rule)
        outside = slope.copy()
        outside[:, top:bottom, left:right] = 0
        assert not outside.any()
    assert np.abs(slope).max() > 0


def test_a_field_larger_than_the_picture_is_cut_to_it() -> None:
    field = next(each for each in network_fields(NAME, 224) if each.name == "bn2")
    cut = top_nine.patch(np.zeros((224, 224, 3), np.uint8), field, (3, 3))
    assert cut.padding > 0.5
    assert cut.box == (0, 0, 224, 224)
