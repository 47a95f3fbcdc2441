"""What each PyTorch function does to the shape of a map and to what its units see.

One small rule per function, found by name ("relu" also stands for "relu_"). A function without a rule is an error
and never a guess.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from core.convolution.arithmetic import output_size
from core.receptive_field.sight import Sight, joined

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Signal:
    """A tensor on its way: shape, what each dimension is ("n", "c", "h", "w") and what its units see.

    `sight` is None once space is averaged or flattened away: such a value sees the whole image.
    """

    shape: tuple[int, ...]
    dims: tuple[str, ...] = ("n", "c", "h", "w")
    sight: Sight | None = field(default_factory=Sight)

    @property
    def output_hw(self) -> Pair:
        """Height and width; (1, 1) where there is no space left."""
        sizes = dict(zip(self.dims, self.shape, strict=True))
        return sizes.get("h", 1), sizes.get("w", 1)

    @property
    def channels(self) -> int:
        """Product of all dimensions that hold channels."""
        return math.prod(size for size, dim in zip(self.shape, self.dims, strict=True) if dim == "c")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call makes: the kind of operation, the map (or maps, as a tuple) and its multiply-adds."""

    kind: str
    signals: tuple[Signal, ...]
    macs: int = 0
    is_tuple: bool = False


def apply(name: str, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Outcome:
    """Outcome of the function `name`; in the arguments every map is its `Signal`.

    Raises: NotImplementedError naming the function if it has no rule.
    """
    if name not in RULES:
        raise NotImplementedError(f"There is no rule for what the units of {name} see.")
    return RULES[name](*arguments, **keywords)


def conv2d(x: Signal, weight: Any, bias: Any = None, stride=1, padding=0, dilation=1, groups=1) -> Outcome:
    """A convolution; on an averaged map (1 x 1, no sight) it stays without sight."""
    made = _windowed(x, tuple(weight.shape[2:]), _pair(stride), _pair(padding), _pair(dilation), False)
    made = replace(made, shape=(x.shape[0], weight.shape[0], *made.shape[2:]))
    return Outcome("conv", (made,), math.prod(made.shape) * math.prod(weight.shape[1:]))


def max_pool2d(
    x: Signal, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
) -> Outcome:
    """The largest of a window."""
    kernel = _pair(kernel_size)
    made = _windowed(x, kernel, _pair(stride or kernel), _pair(padding), _pair(dilation), ceil_mode)
    return Outcome("max_pool", (made,))


def avg_pool2d(
    x: Signal,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
) -> Outcome:
    """The average of a window."""
    kernel = _pair(kernel_size)
    made = _windowed(x, kernel, _pair(stride or kernel), _pair(padding), (1, 1), ceil_mode)
    return Outcome("avg_pool", (made,))


def adaptive_avg_pool2d(x: Signal, output_size) -> Outcome:
    """The average of the whole map, or of windows that depend on its size: no closed field from here on."""
    made = Signal((*x.shape[:2], *_pair(output_size)), x.dims, None)
    return Outcome("global_pool", (made,))


def mean(x: Signal, dim, keepdim=False) -> Outcome:
    """The average over height and width."""
    away = {d % len(x.shape) for d in _tuple(dim)}
    if {x.dims[d] for d in away} != {"h", "w"}:
        raise NotImplementedError(f"An average is taken over height and width, got dimensions {dim}.")
    kept = [d for d in range(len(x.shape)) if keepdim or d not in away]
    shape = tuple(1 if d in away else x.shape[d] for d in kept)
    return Outcome("global_pool", (Signal(shape, tuple(x.dims[d] for d in kept), None),))


def linear(x: Signal, weight: Any, bias: Any = None) -> Outcome:
    """A matrix over the last dimension; over channels it acts like a 1 x 1 convolution."""
    made = replace(x, shape=(*x.shape[:-1], weight.shape[0]))
    return Outcome("linear", (made,), math.prod(made.shape) * weight.shape[1])


def layer_norm(x: Signal, normalized_shape, weight: Any = None, bias: Any = None, eps=1e-5) -> Outcome:
    """Normalisation of the last dimensions, which are channels here."""
    if set(x.dims[-len(normalized_shape) :]) != {"c"}:
        raise NotImplementedError("A layer norm over height and width sees the whole image.")
    return Outcome("norm", (x,))


def add(x: Any, y: Any) -> Outcome:
    """A sum of branches: the hull of their fields."""
    signals = [each for each in (x, y) if isinstance(each, Signal)]
    return Outcome("add", (_merged(signals, signals[0].shape),))


def mul(x: Any, y: Any) -> Outcome:
    """A product. A map times a gate without sight (squeeze-and-excitation) sees the whole image."""
    signals = sorted(
        (each for each in (x, y) if isinstance(each, Signal)), key=lambda each: -math.prod(each.shape)
    )
    return Outcome("scale", (_merged(signals, signals[0].shape),))


def cat(tensors: list[Signal] | tuple[Signal, ...], dim: int = 0) -> Outcome:
    """Maps side by side in the channels: the hull of their fields."""
    shape = list(tensors[0].shape)
    shape[dim] = sum(each.shape[dim] for each in tensors)
    return Outcome("cat", (_merged(list(tensors), tuple(shape)),))


def pad(x: Signal, pad, mode="constant", value=None) -> Outcome:
    """Rows and columns of padding around a map, given as left, right, top, bottom: moves the first field."""
    left, right, top, bottom = pad
    made = _windowed(x, (1, 1), (1, 1), (top, left), (1, 1), False)
    shape = (*x.shape[:2], x.shape[2] + top + bottom, x.shape[3] + left + right)
    return Outcome("pad", (replace(made, shape=shape),))


def flatten(x: Signal, start_dim: int = 0, end_dim: int = -1) -> Outcome:
    """All that follows the first dimension in one row."""
    if start_dim != 1 or end_dim != -1:
        raise NotImplementedError(f"A flatten keeps the first dimension alone, got {start_dim} to {end_dim}.")
    return Outcome("reshape", (Signal((x.shape[0], math.prod(x.shape[1:])), ("n", "c"), None),))


def view(x: Signal, *shape) -> Outcome:
    """Channels in groups: height and width stay the last two dimensions."""
    sizes = tuple(shape[0]) if isinstance(shape[0], tuple | list) else shape
    known = math.prod(size for size in sizes if size != -1)
    sizes = tuple(math.prod(x.shape) // known if size == -1 else size for size in sizes)
    if x.dims[-2:] != ("h", "w") or sizes[-2:] != x.shape[-2:] or sizes[0] != x.shape[0]:
        raise NotImplementedError(f"A view regroups channels alone, got {x.shape} to {sizes}.")
    return Outcome("reshape", (replace(x, shape=sizes, dims=("n", *"c" * (len(sizes) - 3), "h", "w")),))


def permute(x: Signal, *order) -> Outcome:
    """Dimensions in another order."""
    order = tuple(order[0]) if isinstance(order[0], tuple | list) else order
    made = replace(x, shape=tuple(x.shape[d] for d in order), dims=tuple(x.dims[d] for d in order))
    return Outcome("reshape", (made,))


def transpose(x: Signal, first: int, second: int) -> Outcome:
    """Two dimensions change places."""
    order = list(range(len(x.shape)))
    order[first], order[second] = order[second], order[first]
    return permute(x, order)


def chunk(x: Signal, chunks: int, dim: int = 0) -> Outcome:
    """Equal parts along one dimension."""
    part = list(x.shape)
    part[dim] //= chunks
    return Outcome("reshape", (replace(x, shape=tuple(part)),) * chunks, is_tuple=True)


def activation(x: Signal, *_: Any, **__: Any) -> Outcome:
    """Any function of each value alone."""
    return Outcome("activation", (x,))


def contiguous(x: Signal) -> Outcome:
    """The same values, laid out anew in memory; a later view needs it."""
    return Outcome("reshape", (x,))


def norm(x: Signal, *_: Any, **__: Any) -> Outcome:
    """Batch normalisation in evaluation: a scale and a shift per channel."""
    return Outcome("norm", (x,))


def identity(x: Signal, *_: Any, **__: Any) -> Outcome:
    """Nothing (dropout and stochastic depth in evaluation)."""
    return Outcome("identity", (x,))


_POINTWISE = ("relu", "relu6", "hardtanh", "silu", "hardswish", "hardsigmoid", "sigmoid", "gelu")
_NOTHING = ("dropout", "feature_dropout")

RULES: dict[str, Callable[..., Outcome]] = {
    "conv2d": conv2d,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "adaptive_avg_pool2d": adaptive_avg_pool2d,
    "mean": mean,
    "linear": linear,
    "layer_norm": layer_norm,
    "batch_norm": norm,
    "add": add,
    "radd": add,
    "iadd": add,
    "mul": mul,
    "rmul": mul,
    "imul": mul,
    "cat": cat,
    "pad": pad,
    "flatten": flatten,
    "view": view,
    "permute": permute,
    "transpose": transpose,
    "chunk": chunk,
    "contiguous": contiguous,
    **dict.fromkeys(_POINTWISE, activation),
    **dict.fromkeys(_NOTHING, identity),
}


def _windowed(x: Signal, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, ceil: bool) -> Signal:
    settings = zip(x.shape[2:], kernel, stride, padding, dilation, strict=True)
    sides = [output_size(*axis, ceil) for axis in settings]
    sight = x.sight
    if sight is not None:
        rows = sight.rows.through_window(kernel[0], stride[0], padding[0], dilation[0])
        columns = sight.columns.through_window(kernel[1], stride[1], padding[1], dilation[1])
        sight = replace(sight, rows=rows, columns=columns)
    return Signal((*x.shape[:2], *sides), x.dims, sight)


def _merged(signals: list[Signal], shape: tuple[int, ...]) -> Signal:
    seeing = [each.sight for each in signals if each.sight is not None]
    if not seeing:
        return replace(signals[0], shape=shape)
    sight = joined(seeing)
    gated = len(seeing) < len(signals)
    return replace(signals[0], shape=shape, sight=replace(sight, whole_image=gated or sight.whole_image))


def _pair(value: Any) -> Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


def _tuple(value: Any) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)
