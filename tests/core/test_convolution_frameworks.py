"""The same layer in other frameworks: against PyTorch's own layers and timm's padding."""

import numpy as np
import pytest
import torch
from timm.layers import pad_same
from torch.nn import functional as F

from core.convolution import Layer, run, same_layer

GRID = np.random.default_rng(3).integers(-9, 10, (9, 12))
KERNEL = np.random.default_rng(4).integers(-9, 10, (4, 3))
X = torch.from_numpy(GRID)[None, None].double()
W = torch.from_numpy(KERNEL)[None, None].double()


def variants(layer, grid=GRID):
    kernel = None if layer.pools else KERNEL[: layer.kernel[0], : layer.kernel[1]]
    return {variant.name: variant for variant in same_layer(layer, grid, kernel)}


def same_as(variant, expected):
    np.testing.assert_allclose(variant.values, expected[0, 0].numpy(), rtol=1e-12)
    assert variant.output_hw == tuple(expected.shape[-2:])


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@pytest.mark.parametrize("dilation", [(1, 1), (2, 1)])
def test_pytorch_same(dilation):
    found = variants(Layer(kernel=(4, 3), dilation=dilation))['PyTorch, padding="same"']
    same_as(found, F.conv2d(X, W, padding="same", dilation=dilation))
    assert found.output_hw == GRID.shape


def test_pytorch_has_no_same_with_stride():
    found = variants(Layer(kernel=(4, 3), stride=(2, 1)))['PyTorch, padding="same"']
    assert found.values is None
    assert found.note == "PyTorch allows it with stride 1 only, got 2 x 1."
    with pytest.raises(ValueError, match="padding='same' is not supported for strided convolutions"):
        torch.nn.Conv2d(1, 1, 3, stride=(2, 1), padding="same")


@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (2, 3), (5, 1)])
def test_tensorflow_same_convolution(stride):
    found = variants(Layer(kernel=(4, 3), stride=stride, padding=(1, 1, 1, 1)))["TensorFlow and Keras, SAME"]
    same_as(found, F.conv2d(pad_same(X, [4, 3], list(stride)), W, stride=stride))


def test_tensorflow_pads_224_with_kernel_3_and_stride_2_at_the_bottom_right_only():
    layer, grid = Layer(stride=(2, 2), padding=(1, 1, 1, 1)), np.random.default_rng(0).random((224, 224))
    pytorch, _, tensorflow = same_layer(layer, grid, np.eye(3))
    assert tensorflow.layer.padding == (0, 1, 0, 1)
    assert tensorflow.output_hw == pytorch.output_hw == (112, 112)
    assert tensorflow.difference > 0.1
    assert tensorflow.note == "The sizes agree, the windows or their padding do not."


def test_tensorflow_same_pooling():
    layer = Layer("max_pool", kernel=(3, 2), stride=(2, 2))
    expected = F.max_pool2d(pad_same(X, [3, 2], [2, 2], value=-torch.inf), (3, 2), 2)
    same_as(variants(layer)["TensorFlow and Keras, SAME"], expected)
    mean = Layer("avg_pool", kernel=(3, 2), stride=(2, 2))
    inside = F.avg_pool2d(pad_same(torch.ones_like(X), [3, 2], [2, 2]), (3, 2), 2)
    expected = F.avg_pool2d(pad_same(X, [3, 2], [2, 2]), (3, 2), 2) / inside
    same_as(variants(mean)["TensorFlow and Keras, SAME"], expected)


@pytest.mark.parametrize("kernel", [(4, 3), (1, 2), (2, 2)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_tensorflow_transposed_same_is_the_gradient_of_same(kernel, stride):
    found = variants(Layer("transposed", kernel=kernel, stride=stride))["TensorFlow and Keras, SAME"]
    weight = W[:, :, : kernel[0], : kernel[1]]
    above = torch.zeros(1, 1, 9 * stride[0], 12 * stride[1], dtype=torch.float64, requires_grad=True)
    below = F.conv2d(pad_same(above, list(kernel), list(stride)), weight, stride=stride)
    (expected,) = torch.autograd.grad(below, above, X)
    same_as(found, expected)


@pytest.mark.parametrize("operation", ["max_pool", "avg_pool"])
def test_rounding_up_and_down(operation):
    pool = {"max_pool": F.max_pool2d, "avg_pool": F.avg_pool2d}[operation]
    layer = Layer(operation, kernel=(3, 2), stride=(2, 3), padding=(1, 1, 0, 0))
    found = variants(layer)["PyTorch with ceil_mode, and Caffe"]
    same_as(found, pool(X, (3, 2), (2, 3), (1, 0), ceil_mode=True))
    up = Layer(operation, kernel=(3, 2), stride=(2, 3), padding=(1, 1, 0, 0), ceil_mode=True)
    same_as(variants(up)["PyTorch, rounded down"], pool(X, (3, 2), (2, 3), (1, 0)))


def test_different_sizes_are_said_not_subtracted():
    layer = Layer("max_pool", kernel=(2, 2), stride=(2, 2))
    _, ceil, _ = same_layer(layer, GRID)
    assert (ceil.output_hw, ceil.difference) == ((5, 6), None)
    assert ceil.note.endswith("cannot be compared: 5 x 6 here, 4 x 6 in the first.")


@pytest.mark.parametrize(
    ("layer", "note"),
    [
        (
            Layer(stride=(2, 2), dilation=(2, 2)),
            "no convolution with stride 2 x 2 and dilation 2 x 2 at once",
        ),
        (Layer("transposed", stride=(2, 2), dilation=(1, 2)), "stride 2 x 2 and dilation 1 x 2 at once"),
        (Layer("max_pool", dilation=(2, 2)), "pools without dilation, got 2 x 2"),
    ],
)
def test_what_keras_has_not(layer, note):
    found = variants(layer)["TensorFlow and Keras, SAME"]
    assert (found.layer, found.values, found.output_hw) == (None, None, None)
    assert note in found.note


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (Layer(padding=(1, 1, 1, 1)), "PyTorch, padding=1"),
        (Layer(padding=(1, 1, 2, 2)), "PyTorch, padding=(1, 2)"),
        (Layer(padding=(0, 1, 0, 1)), "PyTorch, padding by F.pad"),
        (Layer("avg_pool", ceil_mode=True), "PyTorch with ceil_mode, and Caffe"),
    ],
)
def test_the_first_is_the_layer_as_it_is_set(layer, name):
    kernel = None if layer.pools else KERNEL[:3]
    first = same_layer(layer, GRID, kernel)[0]
    assert (first.name, first.difference, first.layer) == (name, 0, layer)
    np.testing.assert_array_equal(first.values, run(layer, GRID, kernel))


def test_a_reflecting_layer_keeps_its_mode_in_pytorch_and_gets_zeros_in_keras():
    layer = Layer(kernel=(4, 3), padding=(2, 2, 2, 2), mode="reflect")
    _, same, keras = same_layer(layer, GRID, KERNEL)
    same_as(same, F.conv2d(F.pad(X, (1, 1, 1, 2), mode="reflect"), W))
    assert keras.layer.mode == "zeros"


@pytest.mark.parametrize("hw", [(1, 1), (1, 7), (16, 16)])
@pytest.mark.parametrize("operation", ["convolution", "transposed", "max_pool", "avg_pool"])
def test_every_size_has_its_variants(operation, hw):
    layer = Layer(operation, kernel=(1, 1), stride=(2, 2))
    assert len(variants(layer, np.ones(hw))) >= 2
