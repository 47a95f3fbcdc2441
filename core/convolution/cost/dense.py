"""A fully connected layer is a convolution whose kernel is as large as its input, proven on numbers.

On a larger input the same weights slide and give a map of outputs, one for each place where the small input would
fit (Sermanet et al. 2014, OverFeat; Long et al. 2015, fully convolutional networks).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from core.convolution import convolve
from core.convolution.cost.conv_layer import Pair


@dataclass(frozen=True, slots=True)
class DenseProof:
    """The same weights, used as a dense layer and as a convolution.

    Args:
        dense, convolved: the outputs of both on the small input, [units].
        window_by_window: the dense layer applied to every window of the larger input, [units, rows, columns].
        sliding: the convolution of the larger input, done once, same shape.
    """

    dense: Int[np.ndarray, " units"]
    convolved: Int[np.ndarray, " units"]
    window_by_window: Int[np.ndarray, "units rows columns"]
    sliding: Int[np.ndarray, "units rows columns"]

    @property
    def difference(self) -> int:
        """max |dense - convolution| over all outputs, on both inputs."""
        small = np.abs(self.dense - self.convolved).max()
        large = np.abs(self.window_by_window - self.sliding).max()
        return int(max(small, large))


def dense_proof(
    seed: int, channels: int = 3, input_hw: Pair = (4, 5), units: int = 6, larger_hw: Pair = (7, 9)
) -> DenseProof:
    """Draw whole numbers for a picture, weights and biases and compute both ways.

    Whole numbers, because sums of them are exact in any order: the difference must be 0, not merely small.

    Raises:
        ValueError: the larger input is smaller than the input of the dense layer.
    """
    if larger_hw[0] < input_hw[0] or larger_hw[1] < input_hw[1]:
        raise ValueError(f"The larger input must be at least {input_hw[0]} x {input_hw[1]}, got {larger_hw}.")
    numbers = np.random.default_rng(seed)
    picture = numbers.integers(-9, 10, (channels, *larger_hw))
    weight = numbers.integers(-9, 10, (units, channels * input_hw[0] * input_hw[1]))
    bias = numbers.integers(-9, 10, units)
    kernels = weight.reshape(units, channels, *input_hw)
    small = picture[:, : input_hw[0], : input_hw[1]]
    return DenseProof(
        dense=weight @ small.ravel() + bias,
        convolved=convolve(small, kernels, bias)[:, 0, 0],
        window_by_window=_slide(picture, weight, bias, input_hw),
        sliding=convolve(picture, kernels, bias),
    )


def _slide(
    picture: Int[np.ndarray, "channels height width"],
    weight: Int[np.ndarray, "units inputs"],
    bias: Int[np.ndarray, " units"],
    window: Pair,
) -> Int[np.ndarray, "units rows columns"]:
    """Cut out every window, flatten it and send it through the dense layer."""
    windows = np.lib.stride_tricks.sliding_window_view(
        picture, window, axis=(1, 2)
    )  # [c, rows, columns, h, w]
    flat = windows.transpose(1, 2, 0, 3, 4).reshape(*windows.shape[1:3], -1)  # [rows, columns, inputs]
    return np.moveaxis(flat @ weight.T + bias, -1, 0)
