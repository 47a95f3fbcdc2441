"""Maps, sums, cuts and likeness of small networks and of real architectures, against plain PyTorch."""

import threading

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import get_model

from core.features import contributions, maps, similarity, statistics, wire
from core.features.circuit import PICTURE, circuit_from, evaluate, frontier

CLOSE = {"rtol": 1e-5, "atol": 1e-6}


class Branches(nn.Module):
    """A little of everything: in-place activations, a shortcut, branches, groups, a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.act = nn.ReLU6(inplace=True)
        self.depthwise = nn.Conv2d(8, 8, (3, 5), padding=(2, 4), dilation=2, groups=8)
        self.bn2 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.grouped = nn.Conv2d(16, 6, 1, groups=2)
        self.pool = nn.MaxPool2d(2)
        self.squeeze = nn.Conv2d(6, 6, 1)
        self.head = nn.Linear(6, 5)

    def forward(self, x):
        x = self.act(self.bn(self.conv(x)))
        y = self.relu(self.bn2(self.depthwise(x)) + x)
        z = self.pool(self.grouped(torch.cat([x, y], 1)))
        gate = torch.sigmoid(self.squeeze(functional.adaptive_avg_pool2d(z, 1)))
        return self.head(torch.flatten(functional.adaptive_avg_pool2d(z * gate, 1), 1))


def randomised(network, seed=0):
    """The network in evaluation with weights and statistics from a seed."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2, generator=generator)
        elif tensor.is_floating_point():
            spread = (2 / tensor[0].numel()) ** 0.5 if tensor.ndim > 1 else 0.3
            tensor.normal_(1.0 if name.endswith("bn.weight") else 0.0, spread, generator=generator)
    return network.eval().requires_grad_(False)


def picture(side, seed=1):
    return torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def small():
    network = randomised(Branches())
    return network, circuit_from(network, (32, 32)), picture(32)


def everything(circuit, shown):
    with torch.no_grad():
        return evaluate(circuit, {PICTURE: shown}, range(len(circuit.steps)))


def test_the_circuit_computes_what_the_network_computes(small):
    network, circuit, shown = small
    found = maps.look(circuit, shown, (circuit.last,))[circuit.last]
    assert torch.allclose(found, network(shown), **CLOSE)


def test_results_before_an_activation_in_place_stay_as_they_were(small):
    network, circuit, shown = small
    values = everything(circuit, shown)
    before = network.bn(network.conv(shown))
    assert before.min() < 0
    assert torch.allclose(values[circuit.named("bn")], before, **CLOSE)
    assert torch.allclose(values[circuit.named("act")], before.clamp(0, 6), **CLOSE)


def test_unneeded_results_are_let_go_and_unknown_ones_refused(small):
    _, circuit, shown = small
    assert set(maps.look(circuit, shown, (2,))) == {2}
    with pytest.raises(ValueError, match="picture is among"):
        evaluate(circuit, {}, (2,))
    with pytest.raises(ValueError, match="got 'nowhere'"):
        circuit.named("nowhere")


def test_layers_say_which_tensor_they_are(small):
    _, circuit, _ = small
    layers = maps.layers_of(circuit)
    assert layers["conv"].tensor == "convolution, before batch norm"
    assert layers["bn"].tensor == "after batch norm, before ReLU6"
    assert layers["act"].tensor == "after ReLU6" and layers["act"].rectified
    assert layers["add"].tensor == "shortcut + branch, before ReLU" and not layers["add"].rectified
    assert layers["cat"].rectified and not layers["grouped"].rectified
    stages = maps.stages_of(circuit)
    assert [stage.hw for stage in stages] == [(16, 16), (8, 8)]
    assert stages[0].face.name == "cat"
    assert all(layer.stage == stage.number for stage in stages for layer in stage.layers)


def test_every_unit_is_the_sum_of_its_terms(small):
    _, circuit, shown = small
    values = everything(circuit, shown) | {PICTURE: shown}
    chance = np.random.default_rng(0)
    for layer in maps.layers_of(circuit).values():
        for _ in range(8):
            unit = tuple(int(chance.integers(n)) for n in (layer.channels, *layer.hw))
            found = contributions.explain(circuit, values, layer.index, unit)
            assert found.value == float(values[layer.index][(0, *unit)])
            assert found.total == pytest.approx(found.value, rel=1e-5, abs=1e-5), (layer.name, unit)
            for term in found.terms:
                if term.kind == "input":
                    assert (term.weights * term.inputs).sum() == pytest.approx(term.value)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "squeezenet1_1"])
def test_sums_of_real_architectures_need_only_a_few_results(name):
    network = randomised(get_model(name, weights=None))
    circuit, shown = circuit_from(network, (64, 64)), picture(64)
    layers = list(maps.layers_of(circuit).values())
    for layer in layers[:: max(1, len(layers) // 8)]:
        needed = contributions.needed_for(circuit, layer.index)
        values = maps.look(circuit, shown, tuple(needed)) | {PICTURE: shown}
        unit = (layer.channels - 1, layer.hw[0] // 2, layer.hw[1] - 1)
        found = contributions.explain(circuit, values, layer.index, unit)
        scale = max(1.0, *(abs(term.value) for term in found.terms))
        assert found.total == pytest.approx(found.value, rel=1e-4, abs=1e-5 * scale), layer.name


def test_a_sum_names_its_strongest_channels_and_fills_its_formula(small):
    _, circuit, shown = small
    values = everything(circuit, shown) | {PICTURE: shown}
    found = contributions.explain(circuit, values, circuit.named("grouped"), (5, 3, 3))
    assert [term.channel for term in found.terms if term.kind == "input"] == list(range(8, 16))
    strongest = [abs(term.value) for term in found.strongest(3)]
    assert strongest == sorted(strongest, reverse=True) and len(strongest) == 3
    formula = contributions.sum_formula(found, 3)
    assert "5 others" in formula.filled and formula.value == found.value
    with pytest.raises(ValueError, match="unit lies in"):
        contributions.explain(circuit, values, circuit.named("grouped"), (6, 0, 0))


def taken_up(circuit, shown, layer):
    """A layer's number, and the results that the rest of the network starts from."""
    index = circuit.named(layer)
    kept = (*(frontier(circuit, index) - {PICTURE}), index)
    return index, maps.look(circuit, shown, kept) | {PICTURE: shown}


@pytest.mark.parametrize("layer", ["conv", "act", "add", "cat", "grouped", "pool"])
def test_cutting_a_channel_is_what_a_changed_network_gives(small, layer):
    network, circuit, shown = small
    index, values = taken_up(circuit, shown, layer)
    found = wire.outputs(circuit, values, index, 2, 0.0)
    changed = values[index].clone()
    changed[:, 2] = 0
    given = {PICTURE: shown, index: changed}  # the whole network again, this map replaced
    assert np.allclose(found, evaluate(circuit, given, (circuit.last,))[circuit.last][0], **CLOSE)
    assert np.allclose(wire.outputs(circuit, values, index), network(shown)[0], **CLOSE)
    with pytest.raises(ValueError, match="channel is"):
        wire.outputs(circuit, values, index, 99)


def test_the_prediction_is_the_derivative(small):
    """Close by it is right to second order; far away it is not."""
    _, circuit, shown = small
    index, values = taken_up(circuit, shown, "act")
    before = wire.outputs(circuit, values, index)
    effects = wire.channel_effects(circuit, values, index, range(5))
    assert effects.shape == (5, 8)
    for factor in (1.001, 0.0):
        after = wire.outputs(circuit, values, index, 1, factor)
        categories = wire.leaders(before, after, 2)
        assert categories[:2] == tuple(np.argsort(-after)[:2])
        cut = wire.compare(before, after, categories, effects[list(categories), 1], factor)
        assert np.allclose(
            cut.foretold, before[list(categories)] + (factor - 1) * effects[list(categories), 1]
        )
        if factor > 1:
            assert np.abs(cut.error).max() < 2e-6 < np.abs(cut.after - cut.before).max()
    assert np.allclose(cut.share_after, torch.tensor(after).softmax(0)[list(categories)])
    assert wire.foretold_formula(cut, 0).value == pytest.approx(cut.foretold[0], abs=1e-4)


def test_nothing_of_the_network_is_changed_and_threads_do_not_mix(small):
    network, circuit, _ = small
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    wrong = []

    def visit(seed):
        shown = picture(32, seed)
        index, values = taken_up(circuit, shown, "act")
        alone = network(shown)[0].numpy()
        for _ in range(10):
            wire.channel_effects(circuit, values, index, (0,))
            if not np.allclose(wire.outputs(circuit, values, index), alone, atol=1e-5):
                wrong.append(seed)

    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert not any(p.requires_grad or p.grad is not None for p in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())


def test_channels_in_order_and_silent_ones():
    planes = np.zeros((4, 2, 3), np.float32)
    planes[1] = 1
    planes[2, 0, 0] = 9
    planes[3, 1, 2] = -4
    table = maps.channel_table(planes)
    assert table.silent.tolist() == [True, True, False, False]
    assert table.order("index").tolist() == [0, 1, 2, 3]
    assert table.order("mean").tolist() == [2, 1, 0, 3]
    assert table.order("max").tolist() == [2, 1, 0, 3]
    assert maps.strongest_place(planes[2]) == (0, 0)


def test_statistics_of_a_layer():
    planes = np.zeros((3, 2, 2), np.float32)
    planes[0, 0] = 3
    planes[1, 1, 1] = 4
    found = statistics.layer_statistics(planes)
    assert (found.zeros, found.values, found.silent, found.channels) == (9, 12, 1, 3)
    assert found.energy.tolist() == pytest.approx([18 / 34, 16 / 34, 0])
    assert found.half == 1 and found.counts.sum() == 12
    assert statistics.statistics_formulas(found)[0].value == 0.75
    assert statistics.layer_statistics(np.zeros((2, 2, 2), np.float32)).half == 0


def test_likeness_of_two_maps():
    chance = np.random.default_rng(0)
    first, second = chance.normal(size=(2, 5, 6, 7)).astype(np.float32)
    same = similarity.likeness(first, first)
    assert (same.in_place, same.anywhere, same.cka) == pytest.approx((1, 1, 1))
    assert similarity.likeness(first, 3 * first).cka == pytest.approx(1)
    found = similarity.likeness(first, second)
    u, v = torch.from_numpy(first).flatten(), torch.from_numpy(second).flatten()
    assert found.in_place == pytest.approx(float(functional.cosine_similarity(u, v, 0)), abs=1e-6)
    assert 0 <= found.cka <= 1
    with pytest.raises(ValueError, match="one shape"):
        similarity.likeness(first, second[:3])
    assert (
        similarity.cosine(np.zeros(3), np.ones(3)) == 0
        and similarity.linear_cka(np.ones((3, 2)), np.eye(3)) == 0
    )
    for formula, value in zip(
        similarity.likeness_formulas(first, second), (found.in_place, found.cka), strict=True
    ):
        assert formula.value == pytest.approx(value, abs=1e-4)


def test_cka_by_examples_and_by_features_agree():
    chance = np.random.default_rng(0)
    few, many = chance.normal(size=(2, 6, 9)), chance.normal(size=(2, 40, 9))
    for x, y in (few, many):
        centre = np.eye(len(x)) - 1 / len(x)
        grams = x @ x.T, y @ y.T  # Kornblith et al. 2019, equations 2 and 3
        hsic = [np.trace(grams[a] @ centre @ grams[b] @ centre) for a, b in ((0, 1), (0, 0), (1, 1))]
        assert similarity.linear_cka(x, y) == pytest.approx(hsic[0] / np.sqrt(hsic[1] * hsic[2]))
