"""PyTorch lines that give the numbers of the convolution page again, each leaving its answer in `result`."""

import numpy as np
from jaxtyping import Num

from core.convolution import Layer

_IMPORTS = "import torch\nimport torch.nn.functional as F\n\n"
_PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def output(
    layer: Layer, grid: Num[np.ndarray, "height width"], kernel: Num[np.ndarray, "kh kw"] | None = None
) -> str:
    """The values of the layer's output on this grid."""
    return _IMPORTS + _grid(grid) + _kernel(kernel) + _call(layer, grid.shape) + "result = y[0, 0]\n"


def output_size(layer: Layer, input_hw: tuple[int, int]) -> str:
    """Rows and columns of the output, from a grid of zeros."""
    zeros = f"x = torch.zeros(1, 1, {input_hw[0]}, {input_hw[1]}, dtype=torch.float64)\n"
    kernel = (
        ""
        if layer.pools
        else f"w = torch.zeros(1, 1, {layer.kernel[0]}, {layer.kernel[1]}, dtype=torch.float64)\n"
    )
    return _IMPORTS + zeros + kernel + _call(layer, input_hw) + "result = tuple(y.shape[-2:])\n"


def matrix_proof(
    layer: Layer, grid: Num[np.ndarray, "height width"], kernel: Num[np.ndarray, "kh kw"] | None = None
) -> str:
    """max |W x - layer(x)|, where column i of W is the layer's answer to a grid that is 1 at input i, else 0."""
    return (
        _IMPORTS
        + _kernel(kernel)
        + _matrix(layer, grid.shape)
        + _grid(grid)
        + _call(layer, grid.shape)
        + "result = (W @ x.flatten() - y.flatten()).abs().max().item()\n"
    )


def tensorflow_same(
    layer: Layer, grid: Num[np.ndarray, "height width"], kernel: Num[np.ndarray, "kh kw"]
) -> str:
    """TensorFlow's SAME convolution in PyTorch: the padding by its formula, the odd cell at the bottom right."""
    return (
        _IMPORTS
        + _grid(grid)
        + _kernel(kernel)
        + "def same(n, k, s, d):\n"
        + "    total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)\n"
        + "    return total // 2, total - total // 2\n\n"
        + f"vertical = same({grid.shape[0]}, {layer.kernel[0]}, {layer.stride[0]}, {layer.dilation[0]})\n"
        + f"horizontal = same({grid.shape[1]}, {layer.kernel[1]}, {layer.stride[1]}, {layer.dilation[1]})\n"
        + "x = F.pad(x, (*horizontal, *vertical))\n"
        + f"y = F.conv2d(x, w, stride={layer.stride}, dilation={layer.dilation})\n"
        + "result = y[0, 0]\n"
    )


def _matrix(layer: Layer, input_hw: tuple[int, ...]) -> str:
    height, width = input_hw
    return (
        f"x = torch.eye({height * width}, dtype=torch.float64).reshape(-1, 1, {height}, {width})\n"
        + _call(layer, input_hw)
        + "W = y.flatten(1).T\n"
    )


def _call(layer: Layer, input_hw: tuple[int, ...]) -> str:
    """Lines that turn x (and w) into y."""
    write = {"convolution": _convolution, "transposed": _transposed}.get(layer.operation, _pooling)
    return write(layer, input_hw)


def _convolution(layer: Layer, input_hw: tuple[int, ...]) -> str:
    common = f"stride={layer.stride}, dilation={layer.dilation}"
    if layer.mode == "zeros" and _even(layer):
        return f"y = F.conv2d(x, w, {common}, padding={_pair(layer)})\n"
    return _pad(layer, f'mode="{_PAD_MODES[layer.mode]}"') + f"y = F.conv2d(x, w, {common})\n"


def _transposed(layer: Layer, input_hw: tuple[int, ...]) -> str:
    common = f"stride={layer.stride}, dilation={layer.dilation}, output_padding={layer.output_padding}"
    if _even(layer):
        return f"y = F.conv_transpose2d(x, w, {common}, padding={_pair(layer)})\n"
    height, width = layer.output_hw((input_hw[0], input_hw[1]))
    top, left = layer.padding[0], layer.padding[2]
    crop = f"[:, :, {top}:{top + height}, {left}:{left + width}]  # PyTorch crops both sides alike\n"
    return f"y = F.conv_transpose2d(x, w, {common}){crop}"


def _pooling(layer: Layer, input_hw: tuple[int, ...]) -> str:
    name, common = f"F.{layer.operation}2d", f"{layer.kernel}, stride={layer.stride}"
    if layer.operation == "max_pool":
        common += f", dilation={layer.dilation}"
    common += f", ceil_mode={layer.ceil_mode}"
    if _even(layer):
        include = "" if layer.operation == "max_pool" else f", count_include_pad={layer.count_include_pad}"
        return f"y = {name}(x, {common}, padding={_pair(layer)}{include})\n"
    height, width = layer.output_hw((input_hw[0], input_hw[1]))
    crop = f"[:, :, :{height}, :{width}]" if layer.ceil_mode else ""
    if layer.operation == "max_pool":
        return _pad(layer, "value=-torch.inf") + f"y = {name}(x, {common}){crop}\n"
    if layer.count_include_pad:
        return _pad(layer) + f"y = {name}(x, {common}){crop}\n"
    inside = "inside = F.pad(torch.ones_like(x[:1]), " + _sides(layer) + ")  # 1 where there is no padding\n"
    return inside + _pad(layer) + f"y = ({name}(x, {common}) / {name}(inside, {common})){crop}\n"


def _pad(layer: Layer, how: str = "") -> str:
    return f"x = F.pad(x, {_sides(layer)}{', ' * bool(how)}{how})\n"


def _sides(layer: Layer) -> str:
    top, bottom, left, right = layer.padding
    return f"({left}, {right}, {top}, {bottom})"


def _even(layer: Layer) -> bool:
    """Whether opposite sides are padded alike, the only padding PyTorch's layers take as a number."""
    top, bottom, left, right = layer.padding
    return top == bottom and left == right


def _pair(layer: Layer) -> tuple[int, int]:
    return layer.padding[0], layer.padding[2]


def _grid(grid: np.ndarray) -> str:
    return f"x = {_tensor(grid)}[None, None]\n"


def _kernel(kernel: np.ndarray | None) -> str:
    return "" if kernel is None else f"w = {_tensor(kernel)}[None, None]\n"


def _tensor(values: np.ndarray) -> str:
    rows = ",\n    ".join("[" + ", ".join(_number(value) for value in row) + "]" for row in values.tolist())
    return f"torch.tensor([\n    {rows},\n], dtype=torch.float64)"


def _number(value: float | int) -> str:
    return str(int(value)) if value == int(value) else repr(value)
