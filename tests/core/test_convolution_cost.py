"""The counts of the cost view against PyTorch's modules and counters, and against a loop that counts."""

import re
from dataclasses import fields
from fractions import Fraction
from math import prod

import numpy as np
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from core.convolution.cost import (
    CANDIDATES,
    OPTIMISERS,
    SEPARABLE,
    ConvLayer,
    arrange,
    arrangements,
    channel_wiring,
    comparisons,
    dense_proof,
    fully_connected,
    group_choices,
    layer_cost,
    ratio_formula,
    separable,
    separable_ratio,
    stack_comparison,
    sweep,
)
from core.snippets import convolution_cost as snippets

PAIRS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def conv_layers(draw: st.DrawFn) -> ConvLayer:
    """Any small layer that exists."""
    groups = draw(st.integers(1, 3))
    layer = {
        "in_channels": groups * draw(st.integers(1, 3)),
        "filters": groups * draw(st.integers(1, 3)),
        "kernel": draw(PAIRS),
        "input_hw": draw(st.tuples(st.integers(1, 9), st.integers(1, 9))),
        "stride": draw(PAIRS),
        "padding": draw(st.tuples(st.integers(0, 2), st.integers(0, 2))),
        "dilation": draw(PAIRS),
        "groups": groups,
        "bias": draw(st.booleans()),
    }
    try:
        return ConvLayer(**layer)
    except ValueError:
        assume(False)
        raise


def module(layer: ConvLayer) -> torch.nn.Conv2d:
    return torch.nn.Conv2d(
        layer.in_channels,
        layer.filters,
        layer.kernel,
        layer.stride,
        layer.padding,
        layer.dilation,
        layer.groups,
        layer.bias,
        device="meta",
    )


def torch_macs(*layers: ConvLayer) -> int:
    x = torch.empty(1, layers[0].in_channels, *layers[0].input_hw, device="meta")
    with FlopCounterMode(display=False) as counter:
        torch.nn.Sequential(*map(module, layers))(x)
    return counter.get_total_flops() // 2


def looped_multiplications(layer: ConvLayer) -> int:
    """Multiply one by one as a plain convolution does, and count."""
    counted = 0
    rows, columns = (
        range(0, n + 2 * p - d * (k - 1), s)
        for n, p, d, k, s in zip(
            layer.input_hw, layer.padding, layer.dilation, layer.kernel, layer.stride, strict=True
        )
    )
    for _filter in range(layer.filters):
        for _row in rows:
            for _column in columns:
                for _channel in range(layer.in_channels // layer.groups):
                    counted += sum(1 for _u in range(layer.kernel[0]) for _v in range(layer.kernel[1]))
    return counted


def answer(snippet: str) -> int | float:
    names: dict = {}
    exec(snippet, names)
    return names["result"]


@settings(deadline=None)
@given(conv_layers())
def test_one_layer_costs_what_pytorch_counts(layer):
    cost = layer_cost(layer)
    conv = module(layer)
    output = conv(torch.empty(1, layer.in_channels, *layer.input_hw, device="meta"))
    assert cost.parameters.value == sum(p.numel() for p in conv.parameters())
    assert cost.macs.value == torch_macs(layer)
    assert cost.flops.value == 2 * cost.macs.value
    assert cost.activations.value == output.numel()
    assert (layer.filters, *layer.output_hw) == tuple(output.shape[1:])


@settings(deadline=None)
@given(conv_layers())
def test_multiplications_are_those_of_a_plain_loop(layer):
    assert layer_cost(layer).multiplications == looped_multiplications(layer)


@settings(deadline=None, max_examples=30)
@given(conv_layers(), st.integers(1, 4), st.sampled_from(list(OPTIMISERS)), st.booleans())
def test_snippets_give_the_numbers_of_the_page(layer, batch, optimiser, split):
    layers = separable(layer) if split else (layer,)
    cost = layer_cost(*layers, batch=batch, optimiser=optimiser)
    assert answer(snippets.parameters(*layers)) == cost.parameters.value
    assert answer(snippets.macs(*layers)) == cost.macs.value
    assert answer(snippets.flops(*layers)) == cost.flops.value
    assert answer(snippets.activations(*layers)) == cost.activations.value
    assert answer(snippets.inference_bytes(*layers, batch=batch)) == cost.inference_bytes.value
    assert (
        answer(snippets.training_bytes(*layers, batch=batch, optimiser=optimiser))
        == cost.training_bytes.value
    )


def test_a_snippet_counts_a_layer_too_large_to_hold():
    side = next(c for c in comparisons() if c.key == "dense").left
    assert answer(snippets.parameters(*side.layers)) == side.cost.parameters.value > 3e9


@pytest.mark.parametrize("optimiser, kept", [("SGD", 0), ("momentum", 1), ("Adam", 2)])
def test_training_keeps_gradients_maps_and_the_state_of_the_optimiser(optimiser, kept):
    layer = ConvLayer(3, 5, (3, 3), (6, 6))
    cost = layer_cost(layer, batch=2, optimiser=optimiser)
    parameters, maps = 5 * 28, 2 * (3 * 36 + 5 * 16)
    assert cost.training_bytes.value == 4 * (2 * parameters + kept * parameters + 2 * maps)
    assert cost.inference_bytes.value == 4 * (parameters + maps)


def test_running_a_row_of_layers_holds_only_two_maps_at_once():
    wide = ConvLayer(1, 8, (1, 1), (4, 4), bias=False)
    narrow = ConvLayer(8, 1, (1, 1), (4, 4), bias=False)
    cost = layer_cost(wide, narrow)
    assert cost.inference_bytes.value == 4 * (16 + 16 * (1 + 8))
    assert cost.training_bytes.value == 4 * (4 * 16 + 2 * 16 * (1 + 8 + 1))


@settings(deadline=None)
@given(conv_layers())
def test_wiring_is_where_a_nonzero_weight_can_carry_a_change(layer):
    (wiring,) = channel_wiring(layer)
    expected = set()
    conv = torch.nn.Conv2d(layer.in_channels, layer.filters, 1, groups=layer.groups, bias=False)
    torch.nn.init.ones_(conv.weight)
    for channel in range(layer.in_channels):
        x = torch.zeros(1, layer.in_channels, 1, 1)
        x[0, channel] = 1
        expected |= {(channel, int(f)) for f in conv(x).flatten().nonzero().flatten()}
    assert {tuple(edge) for edge in wiring.edges().tolist()} == expected
    assert wiring.wires == len(wiring.edges()) == len(expected)
    assert wiring.weights == layer.weights
    for index in range(layer.filters):
        assert set(wiring.sources(index)) == {c for c, f in expected if f == index}


@settings(deadline=None)
@given(conv_layers())
def test_the_separable_ratio_is_exact(layer):
    standard = layer_cost(arrange(layer, 1).layers[0])
    split = layer_cost(*separable(layer))
    assert Fraction(split.macs.value, standard.macs.value) == separable_ratio(layer)
    assert ratio_formula(layer).value == pytest.approx(1 / layer.filters + 1 / prod(layer.kernel))
    assert answer(snippets.separable_ratio(layer)) == pytest.approx(ratio_formula(layer).value)


@pytest.mark.parametrize(
    "channels, filters, expected",
    [
        (8, 16, (1, 2, 4, 8, SEPARABLE)),
        (6, 9, (1, 3, SEPARABLE)),
        (1, 1, (1, SEPARABLE)),
        (3, 5, (1, SEPARABLE)),
        (12, 12, (1, 2, 3, 4, 6, 12, SEPARABLE)),
    ],
)
def test_group_choices_are_the_common_divisors(channels, filters, expected):
    assert group_choices(channels, filters) == expected


def test_each_step_of_the_slider_is_cheaper_for_a_usual_layer():
    row = arrangements(ConvLayer(8, 16, (3, 3), (32, 32), padding=(1, 1)))
    grouped = [a.cost.macs.value for a in row[:-1]]
    assert grouped == [grouped[0] // g for g in (1, 2, 4, 8)]
    assert [a.label for a in row] == [
        "standard",
        "2 groups",
        "4 groups",
        "8 groups, depthwise",
        "depthwise + pointwise",
    ]


CLASSICS = {c.key: c for c in comparisons()}


@pytest.mark.parametrize(
    "key, left, right",
    [
        ("separable", 2160, 672),
        ("bottleneck", 120_422_400, 12_443_648),
        ("dense", 3_000_001_000, 1_792),
        ("stack", 49 * 64**2, 27 * 64**2),
    ],
)
def test_classic_comparisons_have_their_known_numbers(key, left, right):
    comparison = CLASSICS[key]
    assert comparison.count(comparison.left).value == left
    assert comparison.count(comparison.right).value == right
    assert comparison.ratio == Fraction(right, left)


@pytest.mark.parametrize("key", CLASSICS)
def test_classic_comparisons_agree_with_pytorch(key):
    for side in (CLASSICS[key].left, CLASSICS[key].right):
        assert side.cost.macs.value == torch_macs(*side.layers)
        assert side.cost.parameters.value == sum(
            p.numel() for layer in side.layers for p in module(layer).parameters()
        )


@pytest.mark.parametrize("channels", [1, 3, 64, 512])
def test_three_small_kernels_see_what_a_large_one_sees_for_less(channels):
    stack = stack_comparison(channels)
    assert stack.left.receptive_field == stack.right.receptive_field == (7, 7)
    assert stack.left.layers[-1].output_hw == stack.right.layers[-1].output_hw
    assert stack.ratio == Fraction(27, 49)


def test_a_dense_layer_costs_as_much_as_the_convolution_it_is():
    layer = fully_connected((7, 7), channels=512, units=4096)
    dense = torch.nn.Linear(7 * 7 * 512, 4096, device="meta")
    assert layer.parameters == sum(p.numel() for p in dense.parameters()) == 102_764_544
    assert layer.macs == dense.weight.numel()
    assert layer.output_hw == (1, 1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31), PAIRS, PAIRS, st.integers(1, 3))
def test_dense_and_convolution_agree_exactly(seed, window, more, channels):
    larger = (window[0] + more[0], window[1] + more[1])
    proof = dense_proof(seed, channels, window, units=4, larger_hw=larger)
    assert proof.difference == 0
    assert proof.sliding.shape == (4, more[0] + 1, more[1] + 1)
    assert np.array_equal(proof.sliding[:, 0, 0], proof.dense)
    assert np.abs(proof.dense).max() > 0 or proof.dense.size == 0


def test_dense_snippet_shows_no_difference():
    assert answer(snippets.dense_as_convolution(3)) == dense_proof(3).difference == 0


@pytest.mark.parametrize("groups", [1, 2, SEPARABLE])
@pytest.mark.parametrize("setting", CANDIDATES)
def test_a_sweep_passes_through_the_layer_itself(setting, groups):
    layer = ConvLayer(6, 10, (3, 3), (20, 24), padding=(1, 1))
    curve = sweep(layer, setting, groups)
    here = curve.values.index(curve.current)
    cost = arrange(layer, groups).cost
    assert (curve.parameters[here], curve.macs[here]) == (cost.parameters.value, cost.macs.value)
    assert list(curve.values) == sorted(set(curve.values))
    assert len(curve.values) > 3


def test_a_sweep_of_the_kernel_keeps_the_output_size():
    curve = sweep(ConvLayer(2, 4, (3, 3), (20, 20), padding=(1, 1), bias=False), "kernel")
    assert curve.macs == tuple(400 * k * k * 2 * 4 for k in curve.values)


def test_a_sweep_leaves_out_what_cannot_be():
    assert sweep(ConvLayer(6, 10, (3, 3), (5, 5)), "kernel").values == (1, 3, 5)
    assert all(n % 2 == 0 for n in sweep(ConvLayer(6, 10, (3, 3), (5, 5)), "filters", 2).values)


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"groups": 3}, "divide the input channels and the filters, got 3 groups for 8"),
        ({"filters": 0}, "filters must be at least 1, got 0"),
        ({"kernel": (0, 3)}, "kernel must be at least 1 on both axes"),
        ({"stride": (1, 0)}, "stride must be at least 1 on both axes"),
        ({"padding": (0, -1)}, "padding must be at least 0"),
        ({"kernel": (9, 1)}, "fit into the padded input of 8 x 8, got a kernel that spans 9 x 1"),
        ({"dilation": (1, 4)}, "got a kernel that spans 3 x 9"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_impossible_layers_are_refused_in_one_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        ConvLayer(**{"in_channels": 8, "filters": 16, "kernel": (3, 3), "input_hw": (8, 8)} | change)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda layer: layer_cost(), "at least 1 layer"),
        (lambda layer: layer_cost(layer, layer), "Each layer must take"),
        (lambda layer: layer_cost(layer, batch=0), "at least 1 picture, got 0"),
        (lambda layer: layer_cost(layer, optimiser="magic"), "got 'magic'"),
        (lambda layer: sweep(layer, "colour"), "got 'colour'"),
        (lambda layer: arrange(layer, 3), "got 3 groups"),
        (lambda layer: dense_proof(0, larger_hw=(3, 9)), "at least 4 x 5"),
    ],
)
def test_impossible_questions_are_refused_in_one_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(ConvLayer(2, 4, (3, 3), (8, 8)))


def evaluated(filled: str) -> int:
    """What a formula with its numbers filled in comes to, read as arithmetic."""
    text = re.sub(r"\\underbrace\{(.*?)\}_\{(?:\\text\{[^}]*\}|\\times)+\}", r"\1", filled)
    text = re.sub(r"(?<=\d)\\,(?=\d{3})", "", text)
    text = re.sub(r"\\tfrac\{(\d+)\}\{(\d+)\}", r"(\1/\2)", text)
    return int(sympy.parse_expr(text.replace(r"\cdot", "*").replace(r"\,", "*")))


@settings(deadline=None)
@given(conv_layers(), st.integers(1, 2000), st.booleans())
def test_every_formula_comes_to_the_value_it_stands_beside(layer, batch, split):
    cost = layer_cost(*(separable(layer) if split else (layer,)), batch=batch)
    for field in fields(cost):
        formula = getattr(cost, field.name)
        assert evaluated(formula.filled) == formula.value, field.name


@pytest.mark.parametrize("key", CLASSICS)
def test_formulas_of_the_classics_come_to_their_values(key):
    for side in (CLASSICS[key].left, CLASSICS[key].right):
        assert evaluated(side.cost.macs.filled) == side.cost.macs.value
        assert evaluated(side.cost.parameters.filled) == side.cost.parameters.value


def test_a_formula_reads_as_in_a_textbook():
    cost = layer_cost(ConvLayer(192, 32, (5, 5), (28, 28), padding=(2, 2), groups=2))
    assert cost.macs.filled == r"28 \cdot 28 \cdot 5 \cdot 5 \cdot \tfrac{192}{2} \cdot 32"
    assert cost.parameters.symbolic == r"P = k_{h} k_{w} \, \tfrac{C}{g} \, N + N"
