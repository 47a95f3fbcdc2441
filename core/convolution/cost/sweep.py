"""How the cost of a layer moves when one of its settings moves and the others stay."""

from dataclasses import dataclass, replace

from core.convolution.cost.arrangement import arrange
from core.convolution.cost.conv_layer import ConvLayer, Pair
from core.convolution.cost.count import LayerCost

_CHANNELS = (1, 2, 3, *range(4, 65, 4), *range(80, 513, 16))
CANDIDATES = {
    "input size": tuple(range(8, 257, 8)),
    "input channels": _CHANNELS,
    "filters": _CHANNELS,
    "kernel": tuple(range(1, 12, 2)),
    "stride": (1, 2, 3, 4),
}


@dataclass(frozen=True, slots=True)
class Sweep:
    """The cost along one setting.

    Args:
        setting: which one; where it has two axes, both move together.
        values: where it was counted, rising; impossible values are left out.
        parameters, macs: the counts there.
        current: the value the layer has (the vertical one of two).
    """

    setting: str
    values: tuple[int, ...]
    parameters: tuple[int, ...]
    macs: tuple[int, ...]
    current: int


def sweep(layer: ConvLayer, setting: str, groups: int = 1) -> Sweep:
    """Count the cost for every sensible value of a setting, arranged in groups (or SEPARABLE) throughout.

    Raises:
        ValueError: there is no such setting.
    """
    if setting not in CANDIDATES:
        raise ValueError(f"The setting must be one of {', '.join(CANDIDATES)}, got {setting!r}.")
    current = _current(layer, setting)
    counted = {value: _cost_at(layer, setting, value, groups) for value in (*CANDIDATES[setting], current)}
    costs = {value: cost for value, cost in sorted(counted.items()) if cost is not None}
    return Sweep(
        setting,
        tuple(costs),
        tuple(int(cost.parameters.value) for cost in costs.values()),
        tuple(int(cost.macs.value) for cost in costs.values()),
        current,
    )


def _cost_at(layer: ConvLayer, setting: str, value: int, groups: int) -> LayerCost | None:
    """The cost with the setting moved there, or None where no such layer exists."""
    try:
        return arrange(_moved(layer, setting, value), groups).cost
    except ValueError:  # the kernel does not fit, or the groups do not divide the channels
        return None


def _current(layer: ConvLayer, setting: str) -> int:
    return {
        "input size": layer.input_hw[0],
        "input channels": layer.in_channels,
        "filters": layer.filters,
        "kernel": layer.kernel[0],
        "stride": layer.stride[0],
    }[setting]


def _moved(layer: ConvLayer, setting: str, value: int) -> ConvLayer:
    if value == _current(layer, setting):
        return layer
    if setting == "kernel":
        return replace(layer, kernel=(value, value), padding=_padding_as_before(layer, value))
    if setting in ("input size", "stride"):
        return replace(layer, **{"input_hw" if setting == "input size" else "stride": (value, value)})
    return replace(layer, groups=1, **{"in_channels" if setting == "input channels" else "filters": value})


def _padding_as_before(layer: ConvLayer, kernel: int) -> Pair:
    """Where the padding made up for the kernel it still does; else it stays as it is."""
    vertical, horizontal = (
        d * (kernel - 1) // 2 if 2 * p == d * (k - 1) else p
        for p, k, d in zip(layer.padding, layer.kernel, layer.dilation, strict=True)
    )
    return vertical, horizontal
