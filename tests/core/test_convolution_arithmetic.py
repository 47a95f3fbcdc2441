"""Sizes along one axis, against counting windows and against PyTorch and timm."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from timm.layers import get_same_padding
from torch.nn import functional as F

from core.convolution import (
    effective_kernel,
    largest_dilation,
    largest_output_padding,
    named_padding,
    output_size,
    same_padding_pytorch,
    same_padding_tensorflow,
    transposed_output_size,
)

sizes = st.integers(1, 20)
small = st.integers(1, 5)
pads = st.tuples(st.integers(0, 4), st.integers(0, 4))


def windows(n, kernel, stride, padding, dilation):
    """The windows by their definition: starts at every stride, the last tap inside the padded input."""
    cells = n + sum(padding)
    return sum(start + (kernel - 1) * dilation < cells for start in range(0, cells, stride))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param((1, 1), 1, id="one-cell"),
        pytest.param((5, 3), 3, id="plain"),
        pytest.param((224, 7, 2, 3), 112, id="resnet-stem"),
        pytest.param((224, 11, 4, 2), 55, id="alexnet-stem"),
        pytest.param((6, 3, 2), 2, id="inexact-is-floored"),
        pytest.param((1, 3, 1, 1), 1, id="kernel-larger-than-input"),
        pytest.param((16, 3, 1, 2, 2), 16, id="dilated"),
        pytest.param((224, 3, 2, (0, 1)), 112, id="padding-per-side"),
        pytest.param((32, 1, 2, 0, 1, True), 16, id="ceil-drops-a-window-behind-the-input"),
        pytest.param((6, 3, 2, 0, 1, True), 3, id="ceil"),
        pytest.param((2, 3, 2, 0, 1, True), 1, id="ceil-with-a-window-larger-than-the-input"),
    ],
)
def test_output_size_of_known_layers(arguments, expected):
    assert output_size(*arguments) == expected


@given(n=sizes, kernel=small, stride=small, padding=pads, dilation=st.integers(1, 3))
@settings(deadline=None)
def test_output_size_counts_the_windows(n, kernel, stride, padding, dilation):
    expected = windows(n, kernel, stride, padding, dilation)
    if expected:
        assert output_size(n, kernel, stride, padding, dilation) == expected
    else:
        with pytest.raises(ValueError, match="must fit into the padded input"):
            output_size(n, kernel, stride, padding, dilation)


@given(n=sizes, kernel=small, stride=small, share=st.floats(0, 1), dilation=st.integers(1, 3))
@settings(deadline=None)
def test_output_size_rounds_up_as_pytorch_pools(n, kernel, stride, share, dilation):
    padding = int(share * (kernel // 2))
    try:
        expected = F.max_pool1d(torch.zeros(1, 1, n), kernel, stride, padding, dilation, True).shape[-1]
    except RuntimeError:
        with pytest.raises(ValueError):
            output_size(n, kernel, stride, padding, dilation, ceil=True)
    else:
        assert output_size(n, kernel, stride, padding, dilation, ceil=True) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1), "input size must be at least 1, got 0"),
        ((5, 0), "kernel must be at least 1, got 0"),
        ((5, 3, 0), "stride must be at least 1, got 0"),
        ((5, 3, 1, -1), "padding must be at least 0, got -1"),
        ((5, 3, 1, (0, -2)), "padding must be at least 0, got -2"),
        ((5, 3, 1, 0, 0), "dilation must be at least 1, got 0"),
        ((2, 3), "padded input of 2, got a kernel that spans 3"),
    ],
)
def test_output_size_refuses_in_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        output_size(*arguments)


@given(
    n=sizes, kernel=small, stride=small, padding=st.integers(0, 4), dilation=small, extra=st.integers(0, 4)
)
@settings(deadline=None)
def test_transposed_output_size_is_pytorchs(n, kernel, stride, padding, dilation, extra):
    layer = torch.nn.ConvTranspose1d(1, 1, kernel, stride, padding, extra, dilation=dilation)
    try:
        with torch.no_grad():
            expected = layer(torch.zeros(1, 1, n)).shape[-1]
    except RuntimeError:
        expected = 0
    if expected > 0:
        assert transposed_output_size(n, kernel, stride, padding, dilation, extra) == expected
    else:
        with pytest.raises(ValueError):
            transposed_output_size(n, kernel, stride, padding, dilation, extra)


def test_two_sizes_with_one_output_need_the_output_padding():
    assert output_size(5, 3, 2, 1) == output_size(6, 3, 2, 1) == 3
    assert transposed_output_size(3, 3, 2, 1) == 5
    assert transposed_output_size(3, 3, 2, 1, output_padding=1) == 6


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "expected"),
    [(224, 3, 2, (0, 1)), (224, 7, 2, (2, 3)), (225, 3, 2, (1, 1)), (5, 2, 1, (0, 1)), (4, 1, 3, (0, 0))],
)
def test_tensorflow_same_padding_of_known_layers(n, kernel, stride, expected):
    assert same_padding_tensorflow(n, kernel, stride) == expected


@given(n=st.integers(1, 300), kernel=st.integers(1, 9), stride=small, dilation=st.integers(1, 3))
@settings(deadline=None)
def test_tensorflow_same_padding_is_timms_and_gives_the_rounded_up_quotient(n, kernel, stride, dilation):
    before, after = same_padding_tensorflow(n, kernel, stride, dilation)
    assert before + after == get_same_padding(n, kernel, stride, dilation)
    assert after - before in (0, 1)
    assert output_size(n, kernel, stride, (before, after), dilation) == -(-n // stride)


@given(n=sizes, kernel=small, dilation=st.integers(1, 3))
@settings(deadline=None)
def test_named_padding_keeps_or_grows_the_size(n, kernel, dilation):
    span = effective_kernel(kernel, dilation)
    assert named_padding("valid", kernel, dilation) == (0, 0)
    assert output_size(n, kernel, padding=named_padding("same", kernel, dilation), dilation=dilation) == n
    full = named_padding("full", kernel, dilation)
    assert output_size(n, kernel, padding=full, dilation=dilation) == n + span - 1


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
def test_pytorch_same_puts_the_odd_cell_of_an_even_kernel_at_the_end():
    assert same_padding_pytorch(4) == (1, 2)
    x = torch.arange(5.0)[None, None]
    ones = torch.ones(1, 1, 4)
    assert torch.equal(F.conv1d(x, ones, padding="same"), F.conv1d(F.pad(x, (1, 2)), ones))


def test_an_unknown_padding_is_refused():
    with pytest.raises(ValueError, match="one of valid, same, full, got half"):
        named_padding("half", 3)


@given(n=sizes, padding=pads, kernel=st.integers(2, 6))
@settings(deadline=None)
def test_the_largest_dilation_fits_and_the_next_does_not(n, padding, kernel):
    if windows(n, kernel, 1, padding, 1):
        widest = largest_dilation(n, kernel, padding)
        assert windows(n, kernel, 1, padding, widest) > 0
        assert windows(n, kernel, 1, padding, widest + 1) == 0


def test_a_kernel_of_one_takes_no_dilation():
    assert largest_dilation(9, 1) == 1


@pytest.mark.parametrize(("stride", "dilation", "most"), [(1, 1, 0), (3, 1, 2), (2, 4, 3)])
def test_the_largest_output_padding_is_accepted_and_the_next_refused(stride, dilation, most):
    assert largest_output_padding(stride, dilation) == most
    transposed_output_size(5, 3, stride, 0, dilation, most)
    with pytest.raises(ValueError, match="output padding"):
        transposed_output_size(5, 3, stride, 0, dilation, most + 1)
