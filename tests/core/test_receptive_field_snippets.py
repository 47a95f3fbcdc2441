"""Every snippet of the receptive field page, run as a student would, gives the number that core gives."""

import numpy as np
import pytest

from core.receptive_field import PRESETS, coverage, network_fields, stack_from_text, trace_stack, unit_box
from core.snippets import receptive_field as snippets

STACKS = {
    "strides": "c7s2p3 m3s2p1 c3p1",
    "dilations": "c3p2d2 c3p1 a2",
    "even kernels": "c4s2 c2 m2d2",
}


def run(code):
    """`result` after executing the snippet alone."""
    names = {}
    exec(compile(code, "snippet", "exec"), names)
    return names["result"]


@pytest.mark.parametrize("text", [*STACKS.values(), PRESETS["VGG-16"], PRESETS["AlexNet"]])
def test_recurrence(text):
    layers = stack_from_text(text)
    last = trace_stack(layers)[-1]
    assert run(snippets.recurrence(layers)) == (last.size, last.jump, last.start)


@pytest.mark.parametrize("text", [*STACKS.values(), "c3s2 t4s2p1 c3"], ids=[*STACKS, "transposed"])
def test_field_measured_by_gradient(text):
    layers, input_hw = stack_from_text(text), (64, 60)
    last = trace_stack(layers, input_hw)[-1]
    unit = tuple(n // 2 for n in last.output_hw)
    x1, y1, x2, y2 = unit_box(last, unit)
    assert run(snippets.measured_field(layers, input_hw, unit)) == (y1, y2 - 1, x1, x2 - 1)


@pytest.mark.parametrize("text", list(STACKS.values()), ids=list(STACKS))
def test_poke(text):
    layers, input_hw = stack_from_text(text), (64, 60)
    last = trace_stack(layers, input_hw)[-1]
    unit = tuple(n // 2 for n in last.output_hw)
    x1, y1, x2, y2 = (int(edge) for edge in unit_box(last, unit))
    for pixel in [(y1 - 1, x1), (y1, x1 - 1), (y2, x1), (y1, x2)]:
        assert run(snippets.poked(layers, input_hw, unit, pixel)) == 0.0
    inside = [run(snippets.poked(layers, input_hw, unit, (r, (x1 + x2) // 2))) for r in range(y1, y2)]
    assert any(inside)


@pytest.mark.parametrize("text", [*STACKS.values(), PRESETS["Dilations 2, 2, 2"]], ids=[*STACKS, "gridding"])
def test_coverage(text):
    layers = stack_from_text(text)
    expected = coverage(layers).paths
    assert np.allclose(run(snippets.coverage(layers, len(expected))).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "layer", "input_hw"),
    [
        ("resnet18", "layer2.0.conv2", (160, 64)),
        ("vgg11", "features.15", (128, 64)),
        ("mobilenet_v2", "features.7.conv.2", (192, 64)),
        ("resnet50_v1", "layer3.0.conv1", (160, 64)),  # strides where the paper has them
        ("tf_efficientnet_lite0", "blocks.2.1.conv_pwl", (160, 64)),  # SAME padding, more of it at the end
        ("mobilenet_v3_small", "features.5.block.1.0", (192, 64)),  # has gates
        ("efficientnet_b0", "features.3.1.block.1.0", (160, 64)),
    ],
)
def test_field_of_a_network(name, layer, input_hw):
    field = next(f for f in network_fields(name, input_hw) if f.name == layer)
    unit = tuple(n // 2 for n in field.output_hw)
    first, last = field.interval(0, unit[0])
    assert first > 0 and last < input_hw[0]
    assert run(snippets.network_field(name, layer, input_hw, unit)) == (first, last - 1)
