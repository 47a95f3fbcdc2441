"""The Numbers view's layer: stride, padding, dilation and what belongs to one operation only.

Every list of choices is filtered by asking core whether the layer would fit, so an impossible one cannot be chosen.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.convolution import (
    MODES,
    Layer,
    effective_kernel,
    global_pooling,
    largest_output_padding,
    padding_by_name,
)
from pages.shared import controls

OPERATIONS = {
    "Convolution": "convolution",
    "Transposed": "transposed",
    "Max pooling": "max_pool",
    "Average pooling": "avg_pool",
}
LARGEST_DRAWN = 40  # rows and columns that can still be told apart on the screen
LARGEST_STRIDE = 5
LARGEST_DILATION = 4
LARGEST_WINDOW = 7
BY_SIDE = "by side"
PADDINGS = ("valid", "same", "full", "1", "2", "3", BY_SIDE)
WIDTH = 110  # three of them stand side by side on a phone


@dataclass(frozen=True, slots=True)
class Place:
    """Where the controls go: those in sight, and the panel behind a button for the rarer ones."""

    shown: Any
    more: Any


def chosen_operation() -> str:
    """One of the four operations."""
    name = controls.choice(
        "Operation", "conv_operation", "Convolution", tuple(OPERATIONS), label_visibility="collapsed"
    )
    return OPERATIONS[name]


def chosen_layer(operation: str, hw: tuple[int, int], kernel: tuple[int, int], place: Place) -> Layer:
    """Draw the controls and return a layer that fits on an input of this size."""
    settings: dict[str, Any] = {"operation": operation, "kernel": kernel}
    if operation in ("max_pool", "avg_pool"):
        with place.more:
            if controls.toggle("Global: one window over all", "conv_global"):
                return global_pooling(operation, hw)
        settings["kernel"] = _window(hw, place)
        settings |= _rounding(operation, place)
    name = _padding_name(settings, hw, place)
    settings["dilation"] = (1, 1) if operation == "avg_pool" else _dilation(settings, hw, name, place)
    settings["padding"] = _padding(settings, hw, name, place)
    if operation == "convolution" and any(settings["padding"]):
        settings["mode"] = _mode(settings, hw, place)
    settings["stride"] = _stride(settings, hw, place)
    if operation == "transposed":
        settings["output_padding"] = _output_padding(settings, hw, place)
    return Layer(**settings)


def _fits(settings: dict[str, Any], hw: tuple[int, int]) -> bool:
    """Whether core accepts the settings on this input, and the grids are not too large to be drawn."""
    return _known_to_fit(tuple(settings.items()), hw)


@lru_cache(maxsize=4096)  # every run asks for the same two dozen layers, and so does every student of a class
def _known_to_fit(settings: tuple[tuple[str, Any], ...], hw: tuple[int, int]) -> bool:
    try:
        layer = Layer(**dict(settings))
        largest = max(layer.output_hw(hw))
    except ValueError:
        return False
    padded = max(n + sum(layer.sides(axis)) for axis, n in enumerate(hw))
    return largest <= LARGEST_DRAWN and (padded <= LARGEST_DRAWN or layer.operation == "transposed")


def _window(hw: tuple[int, int], place: Place) -> tuple[int, int]:
    most = [min(LARGEST_WINDOW, n) for n in hw]
    with place.shown:
        down = controls.slider("Window", "conv_window", 2, 1, most[0], width=WIDTH)
    with place.more:
        across = controls.number("Window across, 0 as down", "conv_window_across", 0, 0, most[1])
    return down, across or min(down, most[1])


def _rounding(operation: str, place: Place) -> dict[str, bool]:
    with place.more:
        ceil = controls.toggle("Round the size up (ceil_mode)", "conv_ceil")
        if operation == "max_pool":
            return {"ceil_mode": ceil}
        counted = controls.toggle("Average over padding too (count_include_pad)", "conv_count_pad", True)
    return {"ceil_mode": ceil, "count_include_pad": counted}


def _padding_name(settings: dict[str, Any], hw: tuple[int, int], place: Place) -> str:
    convolution = settings["operation"] == "convolution"
    names = [name for name in PADDINGS if convolution or name not in ("same", "full")]
    named = {name: _named(name, settings["kernel"], (1, 1)) for name in names if name != BY_SIDE}
    possible = [name for name in names if name == BY_SIDE or _fits(settings | {"padding": named[name]}, hw)]
    label = "Cropping" if settings["operation"] == "transposed" else "Padding"
    with place.shown:
        return controls.select(label, "conv_padding", possible[0], possible, width=WIDTH)


def _named(name: str, kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int, int, int]:
    if name.isdigit():
        every = int(name)
        return every, every, every, every
    return padding_by_name(name, kernel, dilation)


def _dilation(settings: dict[str, Any], hw: tuple[int, int], name: str, place: Place) -> tuple[int, int]:
    if name == BY_SIDE:  # the sides are chosen afterwards, and those of a convolution as wide as it takes
        name = "full" if settings["operation"] == "convolution" else "valid"
    down, across = (
        [step for step in range(1, LARGEST_DILATION + 1) if _fits(_dilated(settings, name, axis, step), hw)]
        for axis in (0, 1)
    )
    with place.shown:
        first = controls.choices_slider("Dilation", "conv_dilation", 1, down or [1], width=WIDTH)
    with place.more:
        second = controls.number(
            "Dilation across, 0 as down", "conv_dilation_across", 0, 0, max(across or [1])
        )
    return first, second or min(first, max(across or [1]))


def _dilated(settings: dict[str, Any], name: str, axis: int, step: int) -> dict[str, Any]:
    dilation = (step, 1) if axis == 0 else (1, step)
    return settings | {"dilation": dilation, "padding": _named(name, settings["kernel"], dilation)}


def _padding(
    settings: dict[str, Any], hw: tuple[int, int], name: str, place: Place
) -> tuple[int, int, int, int]:
    if name != BY_SIDE:
        return _named(name, settings["kernel"], settings["dilation"])
    sides: list[int] = []
    with place.more:
        for axis, (before, after) in enumerate((("top", "bottom"), ("left", "right"))):
            span = effective_kernel(settings["kernel"][axis], settings["dilation"][axis])
            first = _side(before, 0, _most(settings, hw[axis], axis, span))
            if settings["operation"] == "transposed":
                sides += [first, _side(after, 0, _most(settings, hw[axis], axis, span) - first)]
            else:
                least = max(span - hw[axis] - first, 0)
                sides += [first, _side(after, least, max(least, _most(settings, hw[axis], axis, span)))]
    top, bottom, left, right = sides
    return top, bottom, left, right


def _most(settings: dict[str, Any], n: int, axis: int, span: int) -> int:
    """The most one side can be padded with: the span of the kernel, half a window, or what a cropping leaves."""
    cropped = n + span - 2
    return {"convolution": span, "transposed": cropped}.get(
        settings["operation"], settings["kernel"][axis] // 2
    )


def _side(name: str, low: int, high: int) -> int:
    return controls.number(f"Padding {name}", f"conv_pad_{name}", low, low, high)


def _mode(settings: dict[str, Any], hw: tuple[int, int], place: Place) -> str:
    modes = [mode for mode in MODES if _fits(settings | {"mode": mode}, hw)]
    with place.more:
        return controls.choice("The padding holds", "conv_mode", "zeros", modes or ["zeros"])


def _stride(settings: dict[str, Any], hw: tuple[int, int], place: Place) -> tuple[int, int]:
    pools = settings["operation"] in ("max_pool", "avg_pool")
    key, default = ("conv_pool_stride", 2) if pools else ("conv_stride", 1)
    down = _steps(settings, hw, lambda step: (step, 1))
    across = _steps(settings, hw, lambda step: (1, step))
    with place.shown:
        first = controls.choices_slider("Stride", key, default, down, width=WIDTH)
    with place.more:
        second = controls.number("Stride across, 0 as down", "conv_stride_across", 0, 0, max(across))
    return first, second or min(first, max(across))


def _steps(settings: dict[str, Any], hw: tuple[int, int], stride) -> list[int]:
    steps = [step for step in range(1, LARGEST_STRIDE + 1) if _fits(settings | {"stride": stride(step)}, hw)]
    return steps or [1]


def _output_padding(settings: dict[str, Any], hw: tuple[int, int], place: Place) -> tuple[int, int]:
    chosen = []
    for axis, name in enumerate(("rows", "columns")):
        most = largest_output_padding(settings["stride"][axis], settings["dilation"][axis])
        with place.more:
            chosen.append(controls.number(f"Output padding, {name}", f"conv_extra_{name}", 0, 0, most))
    return tuple(chosen)
