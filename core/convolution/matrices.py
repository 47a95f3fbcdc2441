"""A convolution is a matrix: each row holds the weights of one output, laid out over all inputs.

The transpose of that matrix is the transposed convolution, which is therefore no inverse (Dumoulin & Visin 2016,
sections 4.1 and 4.2). Padding that mirrors, repeats or wraps the input folds into the matrix as well.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Num

from core.convolution.arithmetic import remainder
from core.convolution.layer import Layer
from core.convolution.operation import run
from core.convolution.wiring import Wiring, wire


def matrix(
    wiring: Wiring, kernel: Num[np.ndarray, "kh kw"] | None = None
) -> Float[np.ndarray, "outputs inputs"]:
    """W with run(layer, grid, kernel).ravel() = W @ grid.ravel().

    Raises:
        ValueError: the wiring belongs to a max pooling, which no matrix can do.
    """
    size = _count(wiring.output_hw), _count(wiring.input_hw)
    if kernel is not None:
        weights = kernel.ravel()[wiring.weight]  # [wires]
    elif wiring.divisor is not None:
        weights = 1 / wiring.divisor[wiring.output]
    else:
        raise ValueError("A matrix needs weights, got a pooling that picks the largest value.")
    inputs = wiring.input
    real = inputs >= 0  # a constant cell holds 0 and adds nothing
    place = wiring.output[real] * size[1] + inputs[real]
    cells = np.bincount(place, weights[real], size[0] * size[1])
    return cells.reshape(size).astype(float)  # bincount gives whole numbers where there are no wires


def proof(
    layer: Layer, grid: Num[np.ndarray, "height width"], kernel: Num[np.ndarray, "kh kw"] | None = None
) -> float:
    """max |W x - run(x)|: the matrix from the wiring against the operation, which know nothing of each other.

    Exactly 0 for whole numbers; for others the sums may differ in the last bit.
    """
    weights = matrix(wire(layer, (grid.shape[0], grid.shape[1])), kernel)
    product = (weights * grid.ravel()).sum(axis=1)  # [outputs]
    return float(np.abs(product - run(layer, grid, kernel).ravel()).max())


def transposed_partner(layer: Layer, input_hw: tuple[int, int]) -> Layer:
    """The transposed convolution whose matrix is the transpose of this convolution's on this input.

    It takes the convolution's output and gives back `input_hw`, with the remainder of the size division as its
    output padding.

    Raises:
        ValueError: the layer is no convolution with constant padding, or does not fit.
    """
    if layer.operation != "convolution" or layer.mode != "zeros":
        raise ValueError(
            f"Only a convolution padded with zeros has a transposed partner, got {layer.operation} with {layer.mode}."
        )
    layer.output_hw(input_hw)
    rest = [
        remainder(n, layer.kernel[axis], layer.stride[axis], layer.sides(axis), layer.dilation[axis])
        for axis, n in enumerate(input_hw)
    ]
    return replace(layer, operation="transposed", output_padding=(rest[0], rest[1]))


def _count(hw: tuple[int, int]) -> int:
    return hw[0] * hw[1]
