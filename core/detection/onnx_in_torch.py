"""A network in an ONNX file, carried out by PyTorch: so that a teacher answers in batches, on a GPU where there is one.

Only the operators that YOLOX's files hold are known. To look at one photo ONNX Runtime is the better choice.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class OnnxNetwork(nn.Module):
    """One input, one output.

    Args:
        path: of the `.onnx` file.

    Raises: ValueError for an operator that is not known, naming it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        import onnx
        from onnx import numpy_helper

        graph = onnx.load(str(path)).graph
        self._constants: dict[str, str] = {}
        for number, each in enumerate(graph.initializer):
            self._constants[each.name] = f"c{number}"
            self.register_buffer(f"c{number}", torch.from_numpy(numpy_helper.to_array(each).copy()))
        self._steps = []
        for node in graph.node:
            if node.op_type not in _KNOWN:
                raise ValueError(f"Known are {', '.join(sorted(_KNOWN))}; the file holds {node.op_type}.")
            given = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
            self._steps.append((_KNOWN[node.op_type], tuple(node.input), node.output[0], given))
        self._input, self._output = graph.input[0].name, graph.output[0].name
        self._last_use: dict[str, int] = {
            name: i for i, (_, names, *_) in enumerate(self._steps) for name in names
        }

    def forward(self, pictures: Tensor) -> Tensor:
        """What the file's output gives for [b, channels, height, width]."""
        values: dict[str, Tensor] = {self._input: pictures}
        for i, (make, names, output, given) in enumerate(self._steps):
            values[output] = make([self._value(values, name) for name in names], given)
            for name in names:
                if self._last_use[name] == i:
                    values.pop(name, None)  # nobody reads it again
        return values[self._output]

    def _value(self, values: dict[str, Tensor], name: str) -> Any:
        if name in values:
            return values[name]
        return getattr(self, self._constants[name]) if name in self._constants else None


Make = Callable[[list[Any], dict[str, Any]], Tensor]


def _conv(given: list[Any], how: dict[str, Any]) -> Tensor:
    values, weight, *bias = given
    top, left, bottom, right = how.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        raise ValueError(f"Only equal padding on both sides is known, got {how['pads']}.")
    return functional.conv2d(
        values,
        weight,
        bias[0] if bias else None,
        stride=tuple(how.get("strides", (1, 1))),
        padding=(top, left),
        dilation=tuple(how.get("dilations", (1, 1))),
        groups=how.get("group", 1),
    )


def _pool(given: list[Any], how: dict[str, Any]) -> Tensor:
    top, left, *_ = how.get("pads", (0, 0, 0, 0))
    return functional.max_pool2d(given[0], how["kernel_shape"], how.get("strides", (1, 1)), (top, left))


def _resize(given: list[Any], how: dict[str, Any]) -> Tensor:
    if how.get("mode") != b"nearest" or how.get("coordinate_transformation_mode") != b"asymmetric":
        raise ValueError("Only repeating pixels (nearest, asymmetric) is known.")
    *_, height, width = (float(each) for each in given[2])
    return functional.interpolate(given[0], scale_factor=(height, width))


def _slice(given: list[Any], _how: dict[str, Any]) -> Tensor:
    values, starts, ends, axes, steps = given
    where = [slice(None)] * values.ndim
    for start, end, axis, step in zip(*(each.tolist() for each in (starts, ends, axes, steps)), strict=True):
        where[axis] = slice(start, end, step)
    return values[tuple(where)]


def _reshape(given: list[Any], _how: dict[str, Any]) -> Tensor:
    """The file says one picture; here come as many as there are."""
    values, shape = given
    return values.reshape(len(values), *shape.tolist()[1:])


_KNOWN: dict[str, Make] = {
    "Conv": _conv,
    "MaxPool": _pool,
    "Resize": _resize,
    "Slice": _slice,
    "Reshape": _reshape,
    "Sigmoid": lambda given, _how: given[0].sigmoid(),
    "Mul": lambda given, _how: given[0] * given[1],
    "Add": lambda given, _how: given[0] + given[1],
    "Concat": lambda given, how: torch.cat(given, dim=how["axis"]),
    "Transpose": lambda given, how: given[0].permute(*how["perm"]),
}
