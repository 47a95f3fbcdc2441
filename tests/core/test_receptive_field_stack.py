"""Stacks: known networks, the recurrence against index sets counted in loops, and against PyTorch's gradients."""

import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from core.receptive_field import (
    PRESETS,
    StackLayer,
    padding_share,
    stack_from_text,
    stack_to_text,
    trace_stack,
    unit_box,
)
from tests.core.naive_field import output_side, pixels_read, window_layers

WINDOWS = ("conv", "max_pool", "avg_pool")


def test_importing_the_package_does_not_load_pytorch():
    code = "import sys, core.receptive_field; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("preset", "input_hw", "size", "jump", "start", "output_hw"),
    [
        ("One 7 x 7", (224, 224), 7, 1, 0.5, (224, 224)),
        ("Three 3 x 3", (224, 224), 7, 1, 0.5, (224, 224)),
        ("LeNet-5", (28, 28), 32, 4, 14.0, (1, 1)),
        ("AlexNet", (224, 224), 195, 32, 31.5, (6, 6)),
        ("VGG-16", (224, 224), 212, 32, 16.0, (7, 7)),
        ("Dilations 2, 2, 2", (64, 48), 13, 1, 0.5, (64, 48)),
        ("Dilations 1, 2, 3", (64, 48), 13, 1, 0.5, (64, 48)),
        ("Dilations 1, 2, 5", (64, 48), 17, 1, 0.5, (64, 48)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_presets_have_their_published_fields(preset, input_hw, size, jump, start, output_hw):
    last = trace_stack(stack_from_text(PRESETS[preset]), input_hw)[-1]
    assert (last.size, last.jump, last.start, last.output_hw) == (size, jump, start, output_hw)


def test_vgg16_sees_196_pixels_before_its_last_pool():
    assert trace_stack(stack_from_text(PRESETS["VGG-16"]))[-2].size == 196


@pytest.mark.parametrize(
    ("preset", "parameters", "macs"),
    [("VGG-16", 14_714_688, 15_346_630_656), ("AlexNet", 2_469_696, 655_566_528)],
    ids=["vgg16 without its dense layers", "alexnet without its dense layers"],
)
def test_costs_are_those_of_the_published_networks(preset, parameters, macs):
    rows = trace_stack(stack_from_text(PRESETS[preset]))
    assert (sum(row.parameters for row in rows), sum(row.macs for row in rows)) == (parameters, macs)


def test_the_picture_is_the_first_row_and_sees_itself():
    row = trace_stack([], (5, 7), 3)[0]
    assert (row.size, row.jump, row.start, row.neurons, row.memory_bytes) == (1, 1, 0.5, 105, 420)
    assert unit_box(row, (4, 6)) == (6, 4, 7, 5)


@settings(deadline=None, max_examples=150)
@given(st.lists(window_layers(WINDOWS), min_size=1, max_size=5), st.integers(0, 30))
def test_box_holds_exactly_the_outermost_pixels_read(layers, unit):
    # Five such layers see 1 + 12 * (1 + 3 + 9 + 27 + 81) = 1453 pixels at most.
    rows = trace_stack(layers, (1500, 1500), 1)
    unit = min(unit, rows[-1].output_hw[0] - 1)
    pixels = pixels_read(layers, unit)
    x1, y1, x2, y2 = unit_box(rows[-1], (unit, unit))
    assert (min(pixels), max(pixels) + 1) == (x1, x2) == (y1, y2)


@settings(deadline=None, max_examples=60)
@given(st.lists(window_layers(stride=2), min_size=1, max_size=4), st.integers(0, 20))
def test_above_transposed_layers_boxes_are_exact_for_every_unit(layers, unit):
    assume(any(layer.kind == "transposed" for layer in layers))
    rows = traced(layers, (60, 60))
    assume(rows and unit < rows[-1].output_hw[0])
    pixels = pixels_read(layers, unit)
    x1, _, x2, _ = unit_box(rows[-1], (0, unit))
    assert (x1, x2) == ((min(pixels), max(pixels) + 1) if pixels else (x1, x1))
    assert rows[-1].size >= x2 - x1


@settings(deadline=None, max_examples=30)
@given(st.lists(window_layers(stride=2), min_size=1, max_size=3))
def test_above_transposed_layers_the_size_is_that_of_the_widest_unit(layers):
    rows = traced(layers, (40, 40))
    assume(rows)
    spans = [max(read) + 1 - min(read) for u in range(16) if (read := pixels_read(layers, u + 32))]
    assert rows[-1].size == max(spans, default=0)


@settings(deadline=None, max_examples=80)
@given(st.lists(window_layers(), min_size=1, max_size=4), st.data())
def test_pytorch_agrees_on_shape_weights_and_which_pixels_move_a_unit(layers, data):
    side = 24
    rows = traced(layers, (side, side))
    assume(rows and max(row.output_hw[0] for row in rows) < 150)
    net = positive_net(layers)
    image = torch.ones(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    maps = net(image)
    assert tuple(maps.shape[1:]) == (rows[-1].channels, *rows[-1].output_hw)
    assert [row.parameters for row in rows[1:] if row.parameters] == [
        weights for part in net if (weights := sum(p.numel() for p in part.parameters()))
    ]
    i, j = (data.draw(st.integers(0, n - 1), label="unit") for n in rows[-1].output_hw)
    (gradient,) = torch.autograd.grad(maps[0, 0, i, j], image, allow_unused=True)
    moved = gradient[0].sum(dim=0).numpy() > 0  # [side, side]
    sides = [row.output_hw[0] for row in rows]
    down, across = (np.isin(np.arange(side), list(pixels_read(layers, u, sides))) for u in (i, j))
    assert (moved == np.outer(down, across)).all()
    assert_within(moved, unit_box(rows[-1], (i, j)))


def assert_within(moved, box):
    """No moved pixel lies outside the box."""
    x1, y1, x2, y2 = box
    rows, columns = np.nonzero(moved)
    assert all(y1 <= r < y2 for r in rows) and all(x1 <= c < x2 for c in columns)


def traced(layers, input_hw):
    """The rows, or nothing if a map vanishes."""
    try:
        return trace_stack(layers, input_hw)
    except ValueError:
        return ()


def positive_net(layers, channels=3):
    """The stack in PyTorch with positive weights, its max pools as sums with the same window."""
    parts = []
    for each in layers:
        window = {"stride": each.stride, "padding": each.padding}
        if each.kind == "conv":
            parts.append(nn.Conv2d(channels, each.channels, each.kernel, dilation=each.dilation, **window))
        elif each.kind == "transposed":
            extra = dict(dilation=each.dilation, output_padding=each.output_padding, **window)
            parts.append(nn.ConvTranspose2d(channels, each.channels, each.kernel, **extra))
        elif each.kind == "avg_pool":
            parts.append(nn.AvgPool2d(each.kernel, **window))
        else:
            parts.append(Summed(each.kernel, each.dilation, **window))
        channels = each.channels if each.has_weights else channels
    net = nn.Sequential(*parts).double()
    for weight in net.parameters():
        nn.init.constant_(weight, 0.5)
    return net


class Summed(nn.Module):
    """A pooling that lets every element of the window through."""

    def __init__(self, kernel, dilation, stride, padding):
        super().__init__()
        self.settings = {"dilation": dilation, "stride": stride, "padding": padding}
        self.kernel = kernel

    def forward(self, x):
        ones = torch.ones(x.shape[1], 1, self.kernel, self.kernel, dtype=x.dtype)
        return nn.functional.conv2d(x, ones, groups=x.shape[1], **self.settings)


@settings(deadline=None, max_examples=100)
@given(window_layers(), st.integers(1, 40))
def test_output_side_is_the_number_of_windows_that_fit(layer, n):
    expected = output_side(layer, n)
    if expected < 1:
        with pytest.raises(ValueError, match="got"):
            layer.output_side(n)
    else:
        assert layer.output_side(n) == expected


@settings(deadline=None, max_examples=100)
@given(st.lists(window_layers(), min_size=1, max_size=5))
def test_every_formula_gives_its_number_when_worked_out(layers):
    for row in traced(layers, (50, 50))[1:]:
        for formula in (*row.formulas, *row.slips):
            if "largest one" not in formula.note:
                assert worked_out(formula.filled) == pytest.approx(float(formula.value)), formula
        height, size, jump, start, parameters, macs = row.formulas
        assert (height.value, size.value) == (row.output_hw[0], row.size)
        assert (float(jump.value), start.value) == (pytest.approx(float(row.jump)), pytest.approx(row.start))
        assert (parameters.value, macs.value) == (row.parameters, row.macs)


def worked_out(latex):
    """The value of a filled-in formula."""
    text = re.sub(r"\\tfrac\{(-?\d+)\}\{(\d+)\}", r"(\1/\2)", latex)
    text = re.sub(r"\\left\\lfloor \\frac\{(.+)\}\{(\d+)\} \\right\\rfloor", r"((\1)//\2)", text)
    text = text.replace(r"\cdot", "*").replace(r"\,", "*").replace("^", "**")
    assert re.fullmatch(r"[-+*/(). \de]+", text), text
    return eval(text)  # noqa: S307


@pytest.mark.parametrize("preset", list(PRESETS))
def test_slips_are_the_sums_they_say(preset):
    layers = stack_from_text(PRESETS[preset])
    own, left_out = (
        trace_stack(layers)[-1].slips if preset != "LeNet-5" else trace_stack(layers, (32, 32))[-1].slips
    )
    strides = [layer.stride for layer in layers]
    assert own.value == 1 + sum(
        layer.reach * int(np.prod(strides[: i + 1])) for i, layer in enumerate(layers)
    )
    assert left_out.value == 1 + sum(
        layer.reach * int(np.prod(strides[1:i])) for i, layer in enumerate(layers)
    )


def test_slips_are_wrong_for_alexnet():
    last = trace_stack(stack_from_text(PRESETS["AlexNet"]))[-1]
    assert [slip.value for slip in last.slips] == [281, 57]
    assert last.size == 195


@pytest.mark.parametrize(
    ("layers", "input_hw", "message"),
    [
        ("c3 m2 c3", (4, 4), "Layer 3 \\(Convolution 3 x 3\\) leaves nothing"),
        ("c7", (6, 20), "Layer 1 \\(Convolution 7 x 7\\) leaves nothing"),
        ("t2s16 t2s16", (200, 200), "Layer 2 \\(Transposed convolution 2 x 2, stride 16\\) makes a map"),
        ("m2s2p1 " * 14, (64, 64), "would see more than 8192 pixels"),
        ("t2s2p1 " * 7, (4, 4), "would divide the jump by 128"),
        ("t1s1p4", (4, 4), "leaves nothing"),
    ],
    ids=["vanishes after a pool", "vanishes at once", "grows", "sees too much", "divides", "cropped away"],
)
def test_impossible_stacks_name_their_layer(layers, input_hw, message):
    with pytest.raises(ValueError, match=message):
        trace_stack(stack_from_text(layers), input_hw)


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"kernel": 0}, "The kernel is a whole number 1 to 64, got 0"),
        ({"kernel": 2.5}, "got 2.5"),
        ({"stride": 0}, "The stride"),
        ({"kind": "dense"}, "The kind is one of"),
        ({"kind": "max_pool", "kernel": 2, "padding": 2}, "at most half its kernel of 2, got padding 2"),
        ({"kind": "avg_pool", "kernel": 2, "dilation": 2}, "no dilation, got 2"),
        ({"output_padding": 1}, "Only a transposed convolution"),
        ({"kind": "transposed", "stride": 2, "output_padding": 2}, "smaller than the stride 2"),
    ],
    ids=str,
)
def test_impossible_layers_are_refused(settings_, message):
    with pytest.raises(ValueError, match=message):
        StackLayer(**settings_)


def test_unit_box_refuses_a_unit_outside_the_map():
    row = trace_stack(stack_from_text("c3s2"), (9, 11))[-1]
    with pytest.raises(ValueError, match="4 x 5 map, got \\(4, 0\\)"):
        unit_box(row, (4, 0))


@settings(deadline=None, max_examples=60)
@given(*[st.integers(-9, 9) for _ in range(2)], *[st.integers(1, 12) for _ in range(4)])
def test_padding_share_counts_the_pixels_outside(x, y, width, height, image_h, image_w):
    outside = sum(
        not (0 <= r < image_h and 0 <= c < image_w) for r in range(y, y + height) for c in range(x, x + width)
    )
    share = padding_share((x, y, x + width, y + height), (image_h, image_w))
    assert share == pytest.approx(outside / (width * height))


def test_padding_share_of_an_empty_box_is_none():
    assert padding_share((3, 3, 3, 3), (8, 8)) == 0


@settings(deadline=None, max_examples=100)
@given(st.lists(window_layers(), min_size=1, max_size=24))
def test_text_gives_the_layers_back(layers):
    again = stack_from_text(stack_to_text(tuple(layers)))
    for layer, other in zip(layers, again, strict=True):
        assert [getattr(layer, name) for name in ("kind", "kernel", "stride", "padding", "dilation")] == [
            getattr(other, name) for name in ("kind", "kernel", "stride", "padding", "dilation")
        ]
        assert layer.output_padding == other.output_padding
        assert not layer.has_weights or layer.channels == other.channels


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="cmat0123456789spdxo ,+_-", max_size=40) | st.text(max_size=30))
def test_any_text_gives_layers_or_one_sentence(text):
    try:
        assert stack_from_text(text)
    except ValueError as error:
        assert str(error).endswith(".") and "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1 to 24 layers, got 0"),
        ("c3 " * 25, "1 to 24 layers, got 25"),
        ("c3 k5", 'Layer 2 is written like .*, got "k5"'),
        ("c3s2s2", "Layer 1 gives each setting once"),
        ("c3 m2p2", 'Layer 2 \\("m2p2"\\): Pooling pads'),
        ("c65", "got 65"),
        ("c3x0", "got 0"),
        ("c3" + " " * 700, "at most 600 characters"),
    ],
    ids=["empty", "too many", "unknown", "twice", "pool padding", "too large", "no filters", "too long"],
)
def test_bad_text_names_the_word(text, message):
    with pytest.raises(ValueError, match=message):
        stack_from_text(text)


def test_jump_above_a_transposed_layer_is_a_fraction():
    rows = trace_stack(stack_from_text("t3s3 c3s2"), (16, 16))
    assert [row.jump for row in rows] == [1, Fraction(1, 3), Fraction(2, 3)]
