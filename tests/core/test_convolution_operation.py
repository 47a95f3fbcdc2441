"""Values of convolutions, transposed convolutions and poolings against plain loops and PyTorch."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from core.convolution import MODES, Layer, convolve, convolve_transposed, global_pooling, pool, run
from core.convolution.operation import SMALL_PRODUCT, SMALL_SUM
from tests.core import naive_convolution as naive

TORCH_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
seeds = st.integers(0, 2**32 - 1)


@st.composite
def convolutions(draw):
    """Inputs and settings of a convolution; the kernel may turn out not to fit."""
    groups = draw(st.integers(1, 3))
    channels, filters = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    hw = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    sides = draw(st.tuples(*[st.integers(0, 3)] * 4))
    rng = np.random.default_rng(draw(seeds))
    image = rng.standard_normal((channels, *hw))
    weight = rng.standard_normal((filters, channels // groups, *kernel))
    return image, weight, rng.standard_normal(filters), groups, sides, draw(pairs), draw(pairs)


def fits(hw, kernel, sides, dilation):
    return all(
        n + before + after > d * (k - 1)
        for n, before, after, d, k in zip(hw, sides[::2], sides[1::2], dilation, kernel, strict=True)
    )


def possible(sides, hw, mode):
    """The sides, cut back to what a padding mode can give on this input."""
    most = {"reflect": (hw[0] - 1, hw[1] - 1), "circular": hw}.get(mode, (9, 9))
    return tuple(min(side, most[place // 2]) for place, side in enumerate(sides))


@given(case=convolutions(), mode=st.sampled_from(MODES))
@settings(deadline=None)
def test_convolution_is_pytorchs(case, mode):
    image, weight, bias, groups, sides, stride, dilation = case
    sides = possible(sides, image.shape[1:], mode)
    given_ = {"stride": stride, "padding": sides, "dilation": dilation, "groups": groups, "mode": mode}
    if not fits(image.shape[1:], weight.shape[2:], sides, dilation):
        with pytest.raises(ValueError, match="must fit into the padded input"):
            convolve(image, weight, bias, **given_)
        return
    top, bottom, left, right = sides
    x = F.pad(torch.from_numpy(image)[None], (left, right, top, bottom), mode=TORCH_MODES[mode])
    expected = F.conv2d(x, *map(torch.from_numpy, (weight, bias)), stride, 0, dilation, groups)[0].numpy()
    np.testing.assert_allclose(convolve(image, weight, bias, **given_), expected, rtol=1e-12, atol=1e-12)


@given(case=convolutions(), mode=st.sampled_from(MODES))
@settings(deadline=None, max_examples=40)
def test_whole_numbers_are_convolved_exactly(case, mode):
    image, weight, _, groups, _, stride, dilation = case
    span = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
    image = np.pad(
        image, ((0, 0), (span[0], 0), (span[1], 0)), mode="linear_ramp"
    )  # large enough for any mode
    image, weight = (np.rint(array * 1e8).astype(np.int64) for array in (image, weight))
    sides = possible((1, 2, 0, 3), image.shape[1:], mode)
    found = convolve(image, weight, stride=stride, padding=sides, dilation=dilation, groups=groups, mode=mode)
    assert found.dtype == np.int64
    expected = naive.convolve(image, weight, stride, sides, dilation, groups, mode)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("stride", [1, 2, (3, 1)])
@pytest.mark.parametrize("dilation", [1, 2, (1, 3)])
@pytest.mark.parametrize("height", [31, 32, 33, 70])
def test_pictures_taller_than_a_strip(stride, dilation, height):
    rng = np.random.default_rng(height)
    image, weight = rng.standard_normal((3, height, 9)), rng.standard_normal((2, 3, 3, 3))
    found = convolve(image, weight, stride=stride, padding=2, dilation=dilation)
    expected = F.conv2d(*map(torch.from_numpy, (image[None], weight)), None, stride, 2, dilation)[0]
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("filters", [1, 3, 8])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_pictures_wider_than_one_product(filters, stride, dilation):
    rng = np.random.default_rng(filters)
    image, weight = rng.standard_normal((3, 20, 3601)), rng.standard_normal((filters, 3, 5, 5))
    assert weight.size * (3601 // stride) > (SMALL_PRODUCT if filters > 1 else SMALL_SUM)
    found = convolve(image, weight, stride=stride, padding=2, dilation=dilation)
    expected = F.conv2d(*map(torch.from_numpy, (image[None], weight)), None, stride, 2, dilation)[0]
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("image", "weight", "result"),
    [
        ("float32", "float32", "float32"),
        ("uint8", "float32", "float32"),
        ("float64", "float32", "float64"),
        ("int64", "float64", "float64"),
        ("uint8", "int8", "int64"),
        ("float16", "float16", "float32"),
    ],
)
def test_types(image, weight, result):
    found = convolve(np.full((1, 3, 3), 200 if image == "uint8" else 1, image), np.ones((1, 1, 3, 3), weight))
    assert found.dtype == result
    assert found == (1800 if image == "uint8" else 9)


def test_a_picture_of_one_pixel():
    image, weight = np.full((1, 1, 1), 3.0), np.arange(9.0).reshape(1, 1, 3, 3)
    assert convolve(image, weight, padding=1) == 12
    assert convolve(image, weight, padding=1, mode="replicate") == 108


def test_the_kernel_is_not_flipped():
    image, kernel = np.zeros((1, 5, 5)), np.arange(1.0, 10).reshape(1, 1, 3, 3)
    image[0, 2, 2] = 1
    np.testing.assert_array_equal(convolve(image, kernel)[0], kernel[0, 0, ::-1, ::-1])


def test_arguments_are_left_as_they_were():
    image, weight, bias = np.ones((1, 4, 4)), np.ones((1, 1, 3, 3)), np.ones(1)
    convolve(image, weight, bias, padding=1)
    convolve_transposed(image, weight, bias)
    pool(image, "max", 2)
    assert image.min() == image.max() == weight.min() == weight.max() == bias[0] == 1


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"groups": 2}, "groups must divide 3 channels and 4 filters, got 2"),
        ({"groups": 0}, "groups must divide 3 channels and 4 filters, got 0"),
        ({"groups": 1, "channels": 2}, "as many input channels as the image, 3, got 2"),
        ({"stride": 0}, "stride must be 2 numbers of at least 1, got"),
        ({"padding": -1}, "padding must be 4 numbers of at least 0, got"),
        ({"mode": "mirror"}, "padding mode must be one of zeros, reflect, replicate, circular, got mirror"),
        ({"mode": "reflect", "padding": 5}, "by reflect can be at most 4 on an input of 5, got 5"),
        ({"mode": "circular", "padding": 6}, "by circular can be at most 5 on an input of 5, got 6"),
    ],
)
def test_convolution_refuses_in_one_sentence(settings_, message):
    channels = settings_.pop("channels", 3)
    with pytest.raises(ValueError, match=message):
        convolve(np.zeros((3, 5, 5)), np.zeros((4, channels, 3, 3)), **settings_)


@pytest.mark.parametrize("operation", [convolve, convolve_transposed])
@pytest.mark.parametrize(
    ("image", "weight", "bias", "message"),
    [
        ((5, 5), (1, 1, 3, 3), 1, r"axes \(channel, row, column\), got the shape \(5, 5\)"),
        ((1, 5, 5), (3, 3), 1, r"four axes, two of them the kernel's, got the shape \(3, 3\)"),
        ((4, 5, 5), (4, 4, 3, 3), 1, r"one number per filter, 4, got the shape \(1,\)"),
    ],
)
def test_arrays_of_the_wrong_shape_are_refused(operation, image, weight, bias, message):
    bare = inspect.unwrap(operation)  # without the checks of shapes that tests put around it
    with pytest.raises(ValueError, match=message):
        bare(np.zeros(image), np.zeros(weight), np.zeros(bias))


@given(case=convolutions(), extra=st.tuples(st.integers(0, 2), st.integers(0, 2)))
@settings(deadline=None)
def test_transposed_convolution_is_pytorchs(case, extra):
    image, weight, bias, groups, sides, stride, dilation = case
    weight = weight.reshape(len(image), -1, *weight.shape[2:])  # [channels, filters per group, kh, kw]
    bias = bias[:1].repeat(weight.shape[1] * groups)
    padding, both = (sides[0], sides[2]), (sides[0], sides[0], sides[2], sides[2])
    extra = tuple(min(e, max(s, d) - 1) for e, s, d in zip(extra, stride, dilation, strict=True))
    hw = [
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, s, p, d, k, e in zip(
            image.shape[1:], stride, padding, dilation, weight.shape[2:], extra, strict=True
        )
    ]
    common = {"stride": stride, "output_padding": extra, "dilation": dilation, "groups": groups}
    if min(hw) < 1:
        with pytest.raises(ValueError, match="must leave at least 1 row and column"):
            convolve_transposed(image, weight, bias, padding=both, **common)
        return
    expected = F.conv_transpose2d(
        *map(torch.from_numpy, (image[None], weight, bias)), padding=padding, **common
    )
    found = convolve_transposed(image, weight, bias, padding=padding, **common)
    assert found.shape[1:] == tuple(hw)
    np.testing.assert_allclose(found, expected[0].numpy(), rtol=1e-12, atol=1e-12)


def test_transposed_convolution_with_a_crop_per_side():
    rng = np.random.default_rng(0)
    image, weight = rng.standard_normal((2, 4, 5)), rng.standard_normal((2, 3, 3, 3))
    whole = convolve_transposed(image, weight, stride=2)
    np.testing.assert_array_equal(
        convolve_transposed(image, weight, stride=2, padding=(1, 2, 0, 3)), whole[:, 1:-2, :-3]
    )


def test_uneven_overlap_makes_a_checkerboard():
    ones = np.ones((1, 1, 3, 3), int)
    counts = convolve_transposed(np.ones((1, 6, 6), int), ones, stride=2)[0, 2:-2, 2:-2]
    assert counts[0:2, 0:2].tolist() == [[4, 2], [2, 1]]
    np.testing.assert_array_equal(counts, np.tile(counts[:2, :2], (5, 5))[: len(counts), : len(counts)])


def test_output_padding_beyond_the_stride_is_refused():
    with pytest.raises(
        ValueError, match="between 0 and 1, below the larger of stride 2 and dilation 1, got 2"
    ):
        convolve_transposed(np.ones((1, 3, 3)), np.ones((1, 1, 3, 3)), stride=2, output_padding=2)


@st.composite
def poolings(draw):
    hw = draw(st.tuples(st.integers(1, 10), st.integers(1, 10)))
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    image = np.random.default_rng(draw(seeds)).standard_normal((2, *hw))
    return image, kernel, draw(pairs), padding, draw(st.booleans())


@given(case=poolings(), dilation=pairs)
@settings(deadline=None)
def test_max_pooling_is_pytorchs(case, dilation):
    image, kernel, stride, padding, ceil = case
    try:
        expected = F.max_pool2d(torch.from_numpy(image)[None], kernel, stride, padding, dilation, ceil)[0]
    except RuntimeError:
        with pytest.raises(ValueError, match="must fit"):
            pool(image, "max", kernel, stride, padding, dilation, ceil_mode=ceil)
    else:
        found = pool(image, "max", kernel, stride, padding, dilation, ceil_mode=ceil)
        np.testing.assert_array_equal(found, expected.numpy())


@given(case=poolings(), include=st.booleans())
@settings(deadline=None)
def test_average_pooling_is_pytorchs(case, include):
    image, kernel, stride, padding, ceil = case
    try:
        expected = F.avg_pool2d(torch.from_numpy(image)[None], kernel, stride, padding, ceil, include)[0]
    except RuntimeError:
        with pytest.raises(ValueError, match="must fit"):
            pool(image, "avg", kernel, stride, padding, ceil_mode=ceil, count_include_pad=include)
    else:
        found = pool(image, "avg", kernel, stride, padding, ceil_mode=ceil, count_include_pad=include)
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-12, atol=1e-12)


def test_max_pooling_ignores_padding_and_average_pooling_may_count_it():
    image = np.full((1, 2, 2), -4.0)
    assert pool(image, "max", 2, padding=1).tolist() == [[[-4.0, -4.0], [-4.0, -4.0]]]
    assert pool(image, "avg", 2, padding=1).tolist() == [[[-1.0, -1.0], [-1.0, -1.0]]]
    assert pool(image, "avg", 2, padding=1, count_include_pad=False).max() == -4


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
def test_max_pooling_keeps_the_type(dtype):
    image = np.random.default_rng(0).integers(0, 2, (1, 5, 5)).astype(dtype)
    found = pool(image, "max", 3, 1, 1)
    assert found.dtype == dtype
    expected = F.max_pool2d(torch.from_numpy(image.astype("float64"))[None], 3, 1, 1)[0]
    np.testing.assert_array_equal(found, expected.numpy())


def test_average_pooling_keeps_float32_and_gives_float64_for_whole_numbers():
    assert pool(np.ones((1, 4, 4), "float32"), "avg", 2).dtype == "float32"
    assert pool(np.full((1, 2, 2), 255, "uint8"), "avg", 2).tolist() == [[[255.0]]]


@pytest.mark.parametrize(("operation", "expected"), [("max_pool", 19), ("avg_pool", 9.5)])
def test_global_pooling_sees_everything(operation, expected):
    grid = np.arange(20.0).reshape(4, 5)
    assert run(global_pooling(operation, (4, 5)), grid).tolist() == [[expected]]


def test_unknown_poolings_are_refused():
    with pytest.raises(ValueError, match="max or avg, got median"):
        pool(np.ones((1, 4, 4)), "median", 2)
    with pytest.raises(ValueError, match="at most half its window of 3, got 2"):
        pool(np.ones((1, 9, 9)), "max", 3, padding=2)


@pytest.mark.parametrize("kernel", [None, np.ones((2, 2))])
def test_running_a_layer_needs_its_kernel(kernel):
    with pytest.raises(ValueError, match=r"must have the layer's size \(3, 3\), got"):
        run(Layer(), np.ones((5, 5)), kernel)
