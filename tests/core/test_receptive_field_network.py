"""Real networks: published fields, PyTorch's own shapes and weights, and fields measured by gradient."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import timm
import torch
import torchvision
from torch import nn
from torchvision.models import get_model, list_models

from core.receptive_field import NETWORKS, LayerField, layer_uses, network_fields, network_totals, unit_box
from core.receptive_field.catalogue import build
from core.receptive_field.network import record_network
from core.receptive_field.sight import Axis, Sight, joined

TEN = {
    "alexnet": 195,
    "vgg16": 212,
    "resnet18": 435,
    "resnet50": 427,
    "googlenet": 379,
    "inception_v3": 1311,
    "densenet121": 2071,
    "mobilenet_v2": 491,
    "squeezenet1_1": 207,
    "tf_efficientnet_lite0": 851,
}
SLOW = ("inception_v3", "densenet121")


def real(name):
    """The network with values in its weights."""
    if name.startswith("tf_"):
        return timm.create_model(name, pretrained=False).eval()
    if name in ("googlenet", "inception_v3"):
        return get_model(name, weights=None, aux_logits=False, init_weights=False).eval()
    return get_model(name, weights=None).eval()


def test_networks_are_all_convolutional_classifiers_of_torchvision_and_efficientnet_lite():
    attention = ("vit_", "swin_", "maxvit_")
    torchvisions = {n for n in list_models(module=torchvision.models) if not n.startswith(attention)}
    lite = set(timm.list_models("tf_efficientnet_lite*"))
    assert set(NETWORKS) == torchvisions | lite | {"resnet50_v1"}
    assert len(NETWORKS) == len(set(NETWORKS))


@pytest.mark.parametrize(("name", "size"), [*TEN.items(), ("resnet50_v1", 483)])
def test_the_last_map_has_the_published_field(name, size):
    last = network_fields(name)[-1]
    assert (last.size, last.size_hw, last.shift_invariant) == (size, (size, size), True)


def test_vgg16_sees_196_pixels_before_its_last_pool():
    assert {field.name: field.size for field in network_fields("vgg16")}["features.29"] == 196


@pytest.mark.parametrize(
    ("name", "input_size", "gmacs", "millions"),
    [
        ("alexnet", 224, 0.714, 61.1),
        ("vgg16", 224, 15.47, 138.36),
        ("resnet18", 224, 1.814, 11.69),
        ("resnet50", 224, 4.089, 25.56),
        ("googlenet", 224, 1.498, 6.62),
        ("inception_v3", 299, 5.713, 23.83),
        ("densenet121", 224, 2.834, 7.98),
        ("mobilenet_v2", 224, 0.301, 3.50),
        ("squeezenet1_1", 224, 0.349, 1.24),
        ("efficientnet_b0", 224, 0.386, 5.29),
        ("convnext_tiny", 224, 4.456, 28.59),
        ("regnet_y_400mf", 224, 0.402, 4.34),
    ],
)
def test_totals_are_the_published_ones(name, input_size, gmacs, millions):
    totals = network_totals(name, input_size)
    assert totals.macs / 1e9 == pytest.approx(gmacs, abs=0.005)
    assert totals.parameters / 1e6 == pytest.approx(millions, abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_traced_and_no_weight_is_missed(name):
    network = build(name)
    fields = network_fields(name)
    assert fields[-1].size > 100 and fields[0].size_below == 1
    assert network_totals(name).parameters == sum(p.numel() for p in network.parameters())
    modules = dict(network.named_modules())
    convolutions = {path for path, module in modules.items() if isinstance(module, nn.Conv2d)}
    gates = ("se.", "fc1", "fc2", "se_", "block.2.", "block.3.", "block.1.fc")
    for path in convolutions - {field.name for field in fields}:
        assert any(gate in path for gate in gates), path
    assert len({field.name for field in fields}) == len(fields)


@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        "googlenet",
        "mobilenet_v3_small",
        "shufflenet_v2_x0_5",
        "convnext_tiny",
        "tf_efficientnet_lite0",
    ],
)
@pytest.mark.parametrize("input_size", [224, (97, 160)], ids=["square", "odd"])
def test_maps_have_the_shapes_that_pytorch_makes(name, input_size):
    network = real(name).to("meta")
    made = {}
    for path, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.MaxPool2d):
            module.register_forward_hook(
                lambda m, i, output, path=path: made.update({path: tuple(output.shape[1:])})
            )
    hw = (input_size, input_size) if isinstance(input_size, int) else input_size
    network(torch.empty(1, 3, *hw, device="meta"))
    fields = {field.name: (field.channels, *field.output_hw) for field in network_fields(name, input_size)}
    spatial = {path: shape for path, shape in made.items() if path in fields}
    assert len(spatial) > 10
    assert spatial == {path: fields[path] for path in spatial}


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in TEN])
@pytest.mark.parametrize("axis", [0, 1], ids=["rows", "columns"])
def test_the_field_measured_by_gradient_is_the_traced_one(name, axis, monkeypatch):
    """A narrow picture keeps it cheap: rows and columns do not influence each other's extent."""
    narrow = 96
    long_side = (TEN[name] // 32 + 4) * 32
    hw = (long_side, narrow) if axis == 0 else (narrow, long_side)
    field = network_fields(name, hw)[-1]
    maps, image = measured(name, hw, monkeypatch)
    assert tuple(maps.shape[2:]) == field.output_hw
    unit = tuple(n // 2 for n in field.output_hw)
    (gradient,) = torch.autograd.grad(maps[0, :, unit[0], unit[1]].sum(), image)
    support = np.flatnonzero(gradient[0].sum(dim=(0, 2 - axis)).numpy())
    first, last = field.interval(axis, unit[axis])
    assert first >= 0 and last <= long_side
    assert (support[0], support[-1] + 1) == (first, last)


def measured(name, hw, monkeypatch):
    """The last map of the network when every path lets something through: positive weights, averages for maxima."""

    def average(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return nn.functional.avg_pool2d(x, kernel_size, stride, padding, ceil_mode)

    monkeypatch.setattr(nn.functional, "max_pool2d", average)
    monkeypatch.setattr(nn.functional, "hardtanh", lambda x, *_, **__: x)  # ReLU6 would cut off large values
    monkeypatch.setattr(nn.functional, "relu6", lambda x, *_, **__: x)
    seen = []

    def pooled(x, *_, **__):
        seen.append(x)
        raise StopIteration

    network = real(name).double()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
        if isinstance(module, nn.Dropout | nn.Linear | nn.AdaptiveAvgPool2d):
            module.forward = pooled
    if name.startswith("tf_"):
        network.global_pool.forward = pooled
    monkeypatch.setattr(nn.functional, "adaptive_avg_pool2d", pooled)
    if name == "squeezenet1_1":
        network.classifier[0].forward = lambda x: x
    image = torch.ones(1, 3, *hw, dtype=torch.float64, requires_grad=True)
    with pytest.raises(StopIteration):
        network(image)
    return seen[0], image


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("efficientnet_b0", "features.1.0.block.1.mul"),
        ("mobilenet_v3_large", "features.4.block.2.mul"),
        ("regnet_y_400mf", "trunk_output.block1.block1-0.f.se.mul"),
        ("resnet50", ""),
        ("tf_efficientnet_lite0", ""),
    ],
)
def test_squeeze_and_excitation_sees_the_whole_image_from_its_first_product_on(name, first):
    fields = network_fields(name)
    assert network_totals(name).whole_image_from == first
    flags = [field.whole_image for field in fields]
    assert flags == sorted(flags)
    assert fields[-1].whole_image == bool(first)


def test_without_its_gates_efficientnet_has_the_field_of_the_lite_variant_that_left_them_out():
    assert network_fields("efficientnet_b0")[-1].size == network_fields("tf_efficientnet_lite0")[-1].size


def test_inceptions_long_kernels_make_fields_that_differ_by_axis():
    fields = {field.name: field for field in network_fields("inception_v3", 299)}
    long = fields["Mixed_6b.branch7x7_2.conv"]
    assert long.size_hw[1] - long.size_hw[0] == 6 * long.jump
    assert long.size == max(long.size_hw)


def test_boxes_of_a_network_tile_the_picture_by_the_jump():
    last = network_fields("resnet18")[-1]
    x1, y1, x2, y2 = unit_box(last, (0, 0))
    assert ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1) == (last.start, last.start, last.size)
    assert unit_box(last, (2, 5)) == (x1 + 5 * 32, y1 + 2 * 32, x2 + 5 * 32, y2 + 2 * 32)


@pytest.mark.parametrize(
    ("name", "input_size", "message"),
    [
        ("vit_b_16", 224, "one of core.receptive_field.NETWORKS, got 'vit_b_16'"),
        ("resnet18", 15, "16 to 4096 pixels a side, got 15"),
        ("resnet18", (224, 5000), "got \\(224, 5000\\)"),
        (
            "alexnet",
            32,
            "alexnet cannot take a 32 x 32 picture: The kernel must fit into the padded input of 1, got",
        ),
    ],
    ids=["attention", "tiny", "huge", "too small for it"],
)
def test_what_cannot_be_traced_is_refused_in_a_sentence(name, input_size, message):
    with pytest.raises(ValueError, match=message):
        network_fields(name, input_size)


def test_tracing_in_many_threads_gives_what_tracing_alone_gives():
    names = ["resnet18", "googlenet", "shufflenet_v2_x0_5", "mobilenet_v2"] * 3
    alone = [[(s.name, s.signal) for s in record_network(name, (96, 96)).steps] for name in names]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda n: [(s.name, s.signal) for s in record_network(n, (96, 96)).steps], names)
        )
    assert together == alone


def test_tracing_draws_no_random_numbers():
    before = torch.get_rng_state()
    record_network("resnet18", (64, 64))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("sights", "expected"),
    [
        ([Axis(0, 3, 2), Axis(-2, 9, 2)], (Axis(-2, 9, 2), True)),
        ([Axis(-4, 5, 2), Axis(0, 5, 2)], (Axis(-4, 9, 2), True)),
        ([Axis(0, 3, 2), Axis(0, 5, 4)], (Axis(0, 5, 4), False)),
    ],
    ids=["one holds the other", "side by side", "unequal jumps"],
)
def test_branches_join_in_their_hull(sights, expected):
    joint = joined([Sight(axis, axis) for axis in sights])
    assert (joint.rows, joint.aligned) == expected


@pytest.mark.parametrize(
    ("model", "input_size", "unproductive"),
    [("alexnet", 64, 4), ("alexnet", 195, 0), ("alexnet", 162, 1)],
    ids=["most of a small picture", "it just fits", "the last pool comes too late"],
)
def test_layers_are_unproductive_once_the_picture_is_seen(model, input_size, unproductive):
    uses = layer_uses(model, input_size)
    assert [use.verdict for use in uses].count("unproductive") == unproductive
    assert all((use.verdict == "unproductive") == (use.size_below >= input_size) for use in uses)


def test_records_are_frozen():
    with pytest.raises(AttributeError):
        network_fields("alexnet")[0].size = 3  # type: ignore[misc]
    assert isinstance(hash(network_fields("alexnet")[0]), int)
    assert isinstance(network_fields("alexnet")[0], LayerField)
