"""The list of all multiplications against plain loops, and the values it gives against PyTorch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from core.convolution import Layer, pad, run, winners, wire
from tests.core import naive_convolution as naive
from tests.core.layer_strategy import layers

seeds = st.integers(0, 2**32 - 1)


def grid_for(hw, seed):
    return np.random.default_rng(seed).integers(-9, 10, hw)


@given(case=layers())
@settings(deadline=None)
def test_wires_are_those_of_the_loops(case):
    layer, hw = case
    wiring = wire(layer, hw)
    top, left = (0, 0) if layer.operation == "transposed" else (layer.padding[0], layer.padding[2])
    row, column = np.divmod(wiring.cell, wiring.padded_hw[1])
    found = zip(wiring.output, row - top, column - left, wiring.weight, strict=True)
    assert [tuple(map(int, wire)) for wire in found] == naive.wires(layer, hw, wiring.output_hw)


@given(case=layers())
@settings(deadline=None)
def test_source_is_what_numpy_pads(case):
    layer, hw = case
    wiring = wire(layer, hw)
    numbered = np.arange(hw[0] * hw[1]).reshape(hw)
    if layer.operation == "transposed":
        expected = numbered
    elif layer.mode == "zeros":
        expected = np.pad(numbered, np.reshape(layer.padding, (2, 2)), constant_values=-1)
    else:
        expected = naive.padded(numbered[None], layer.padding, layer.mode)[0]
    np.testing.assert_array_equal(wiring.source.reshape(wiring.padded_hw), expected)


@given(case=layers())
@settings(deadline=None)
def test_uses_count_the_outputs_that_read_a_pixel(case):
    layer, hw = case
    wiring = wire(layer, hw)
    readers = {(int(o), int(i)) for o, i in zip(wiring.output, wiring.input, strict=True) if i >= 0}
    expected = np.zeros(hw[0] * hw[1], int)
    for _, pixel in readers:
        expected[pixel] += 1
    np.testing.assert_array_equal(wiring.uses, expected.reshape(hw))
    if not wiring.uses.any():
        return  # only padding is read: each axis says for itself what its windows miss
    assert wiring.unread_rows == tuple(i for i in range(hw[0]) if not wiring.uses[i].any())
    assert wiring.unread_columns == tuple(j for j in range(hw[1]) if not wiring.uses[:, j].any())


@given(case=layers(operations=("convolution", "transposed")), seed=seeds)
@settings(deadline=None)
def test_the_products_of_the_wires_add_up_to_the_output(case, seed):
    layer, hw = case
    grid, kernel = grid_for(hw, seed), grid_for(layer.kernel, seed)
    wiring = wire(layer, hw)
    expected = np.zeros(wiring.output_hw, int).ravel()
    products = pad(grid, layer, wiring).ravel()[wiring.cell] * kernel.ravel()[wiring.weight]
    np.add.at(expected, wiring.output, products)
    np.testing.assert_array_equal(run(layer, grid, kernel).ravel(), expected)


@given(case=layers(operations=("avg_pool",)), seed=seeds)
@settings(deadline=None)
def test_an_average_is_the_sum_of_its_wires_over_the_divisor(case, seed):
    layer, hw = case
    grid, wiring = grid_for(hw, seed), wire(layer, hw)
    counted = np.zeros(len(wiring.divisor), int)
    np.add.at(counted, wiring.output, (wiring.input >= 0) | layer.count_include_pad)
    np.testing.assert_array_equal(wiring.divisor, counted)
    total = np.zeros(len(wiring.divisor))
    np.add.at(total, wiring.output, pad(grid, layer, wiring).ravel()[wiring.cell])
    np.testing.assert_allclose(run(layer, grid).ravel(), total / counted, rtol=1e-12)


@given(case=layers(operations=("max_pool",)), seed=seeds, most=st.sampled_from([0, 1, 9]))
@settings(deadline=None)
def test_the_first_of_the_largest_wins(case, seed, most):
    layer, hw = case
    grid, wiring = np.random.default_rng(seed).integers(-most, most + 1, hw), wire(layer, hw)
    corner = layer.padding[0], layer.padding[2]
    values, places = naive.pool_max(
        grid, layer.kernel, layer.stride, corner, layer.dilation, wiring.output_hw
    )
    wins = winners(wiring, pad(grid, layer, wiring))
    np.testing.assert_array_equal(wiring.output[wins], np.arange(len(wins)))
    np.testing.assert_array_equal(wiring.input[wins], places.ravel())
    np.testing.assert_array_equal(run(layer, grid), values)


def test_ties_are_won_as_in_pytorch():
    layer = Layer("max_pool", stride=(2, 2), padding=(1, 1, 1, 1), ceil_mode=True)
    grid = np.random.default_rng(0).integers(0, 3, (16, 16))
    wiring = wire(layer, (16, 16))
    wins = wiring.input[winners(wiring, pad(grid, layer, wiring))]
    x = torch.from_numpy(grid)[None].double()
    _, expected = F.max_pool2d(x, 3, 2, 1, ceil_mode=True, return_indices=True)
    np.testing.assert_array_equal(wins, expected.numpy().ravel())


def test_a_pixel_read_twice_through_the_mirror_counts_once():
    wiring = wire(Layer(kernel=(3, 3), padding=(1, 1, 1, 1), mode="reflect"), (2, 2))
    assert wiring.uses.tolist() == [[4, 4], [4, 4]]
    assert len(wiring.output) == 36


def test_a_transposed_convolution_leaves_out_what_is_cropped():
    wiring = wire(Layer("transposed", kernel=(3, 3), padding=(1, 1, 1, 1)), (1, 1))
    assert (wiring.output.tolist(), wiring.weight.tolist()) == ([0], [4])
    assert wiring.padded_hw == (1, 1)


@pytest.mark.parametrize(
    ("layer", "rows", "columns"),
    [
        (Layer(stride=(2, 2)), (15,), (15,)),
        (Layer(stride=(2, 2), padding=(1, 1, 1, 1)), (), ()),
        (
            Layer(kernel=(1, 2), stride=(4, 3)),
            (1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15),
            (2, 5, 8, 11, 14, 15),
        ),
    ],
    ids=["remainder", "padding-takes-the-remainder", "stride-larger-than-kernel"],
)
def test_unread_rows_and_columns(layer, rows, columns):
    wiring = wire(layer, (16, 16))
    assert (wiring.unread_rows, wiring.unread_columns) == (rows, columns)


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        (
            {"operation": "pooling"},
            "operation must be one of convolution, transposed, max_pool, avg_pool, got",
        ),
        ({"kernel": (0, 3)}, r"kernel must be 2 numbers of at least 1, got \(0, 3\)"),
        ({"stride": (1, 0)}, r"stride must be 2 numbers of at least 1, got \(1, 0\)"),
        ({"padding": (0, 0, 0, -1)}, "padding must be 4 numbers of at least 0, got"),
        ({"mode": "wrap"}, "mode must be one of zeros, reflect, replicate, circular, got wrap"),
        ({"operation": "max_pool", "mode": "reflect"}, "Only a convolution has a padding mode"),
        ({"ceil_mode": True}, "Only a pooling can round its size up, got convolution"),
        ({"operation": "avg_pool", "dilation": (2, 1)}, r"An average pooling has no dilation, got \(2, 1\)"),
        ({"output_padding": (1, 0)}, "Only a transposed convolution has output padding, got convolution"),
        ({"operation": "transposed", "output_padding": (1, 0)}, "must be between 0 and 0, below"),
        ({"operation": "max_pool", "padding": (2, 0, 0, 0)}, "at most half its window of 3, got 2"),
    ],
)
def test_a_layer_refuses_in_one_sentence(settings_, message):
    with pytest.raises(ValueError, match=message):
        Layer(**settings_)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Layer(kernel=(4, 3)), "padded input of 3, got a kernel that spans 4"),
        (Layer(padding=(3, 0, 0, 0), mode="reflect"), "by reflect can be at most 2 on an input of 3, got 3"),
        (Layer("transposed", kernel=(1, 1), padding=(1, 2, 0, 0)), "got a size of 0 after cropping 3"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused(layer, message):
    with pytest.raises(ValueError, match=message):
        wire(layer, (3, 3))
