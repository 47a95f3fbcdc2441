r"""One value of a map as the sum it is: which input channel, through which weights, contributed how much.

A convolution's unit is b + \sum_c \sum_{dy,dx} w_{c,dy,dx} x_{c,y+dy,x+dx}. Batch normalisation in evaluation is the
line g z + (\beta - g \mu) with g = \gamma / \sqrt{\sigma^2 + \epsilon} (Ioffe and Szegedy 2015, arXiv 1502.03167), so g
is folded into the weights and the rest is a term of its own. What the activation takes away or adds is the last term,
so that the terms add up to the value that is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from core.features.circuit import PICTURE, Circuit, weight_names
from core.features.maps import activation_name
from core.formula import Formula

TermKind = Literal["input", "bias", "norm", "activation", "map"]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One summand.

    Args:
        kind: "input" for a channel of the map below, "bias", "norm" (what batch norm adds), "activation" (what it
            changes), or "map" for a whole value that is handed on.
        label: in words.
        channel: number of the input channel, or -1.
        value: the summand.
        weights, inputs: for "input" the folded weights [kh, kw] and the values they meet, padding included as 0;
            weights times inputs add up to `value`.
    """

    kind: TermKind
    label: str
    channel: int
    value: float
    weights: Float[np.ndarray, "kh kw"] | None = None
    inputs: Float[np.ndarray, "kh kw"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class UnitSum:
    """A unit's value and its summands, in the order they arise.

    Args:
        value: as the network computed it.
        terms: float64; they add up to `value` but for float32's rounding.
        source: name of the map that the input channels belong to, "the picture", or "".
    """

    value: float
    terms: tuple[Term, ...]
    source: str = ""

    @property
    def total(self) -> float:
        """The sum of all terms."""
        return float(sum(term.value for term in self.terms))

    def strongest(self, count: int) -> tuple[Term, ...]:
        """The input channels that contributed most, up or down."""
        inputs = [term for term in self.terms if term.kind == "input"]
        return tuple(sorted(inputs, key=lambda term: -abs(term.value))[:count])

    def others(self) -> tuple[Term, ...]:
        """The terms that are no input channel."""
        return tuple(term for term in self.terms if term.kind != "input")


def needed_for(circuit: Circuit, index: int) -> frozenset[int]:
    """The operations whose results `explain` reads: the layer, and what it is made of."""
    step = circuit.steps[index]
    below = frozenset(i for i in step.inputs if i != PICTURE)
    if step.kind in ("activation", "norm") and below:
        return frozenset({index}).union(*(needed_for(circuit, i) for i in below))
    return below | {index}


def explain(circuit: Circuit, values: Mapping[int, Any], index: int, unit: tuple[int, int, int]) -> UnitSum:
    """Take one unit apart.

    Args:
        values: results of the operations of `needed_for` (and `PICTURE` for a first layer).
        unit: channel, row and column.

    Raises: ValueError if the map has no such unit.
    """
    shape = tuple(values[index].shape[1:])
    if not all(0 <= i < n for i, n in zip(unit, shape, strict=True)):
        raise ValueError(f"The unit lies in the map {shape}, got {unit}.")
    step = circuit.steps[index]
    value = float(values[index][(0, *unit)])
    if step.kind == "activation":
        return _activated(circuit, values, index, unit, value)
    if step.kind == "norm" and step.function.__name__ == "batch_norm":
        return _normalised(circuit, values, index, unit, value)
    if step.kind == "conv":
        return _convolved(circuit, values, index, unit, value)
    if step.kind == "add" and len(step.inputs) > 1:
        return UnitSum(value, tuple(_handed_on(circuit, values, i, unit) for i in step.inputs))
    label = {"max_pool": "the largest of its window", "avg_pool": "the mean of its window"}.get(
        step.kind, f"taken from {_name(circuit, step.inputs[0])}"
    )
    return UnitSum(value, (Term("map", label, unit[0], value),))


def _activated(circuit: Circuit, values: Mapping, index: int, unit: tuple, value: float) -> UnitSum:
    step = circuit.steps[index]
    inner = explain(circuit, values, step.inputs[0], unit)
    change = Term("activation", f"{activation_name(step)} changes it by", -1, value - inner.value)
    return UnitSum(value, (*inner.terms, change), inner.source)


def _normalised(circuit: Circuit, values: Mapping, index: int, unit: tuple, value: float) -> UnitSum:
    step = circuit.steps[index]
    gain, shift = _line(circuit, index, unit[0])
    source = step.inputs[0]
    if circuit.steps[source].kind == "conv":
        inner = explain(circuit, values, source, unit)
    else:
        inner = UnitSum(0.0, (_handed_on(circuit, values, source, unit),))
    terms = tuple(_scaled(term, gain) for term in inner.terms)
    return UnitSum(value, (*terms, Term("norm", "batch norm adds", -1, shift)), inner.source)


def _line(circuit: Circuit, index: int, channel: int) -> tuple[float, float]:
    """Batch normalisation of a channel as a line: gain and shift."""
    step = circuit.steps[index]
    mean, variance, *rest = (circuit.tensors[name] for name in weight_names(step))
    gamma, beta = (float(each[channel]) for each in rest) if len(rest) == 2 else (1.0, 0.0)
    epsilon = step.keywords.get("eps", step.arguments[7] if len(step.arguments) > 7 else 1e-5)
    gain = gamma / (float(variance[channel]) + epsilon) ** 0.5
    return gain, beta - gain * float(mean[channel])


def _scaled(term: Term, gain: float) -> Term:
    weights = None if term.weights is None else term.weights * gain
    return replace(term, value=term.value * gain, weights=weights)


def _handed_on(circuit: Circuit, values: Mapping, source: int, unit: tuple) -> Term:
    return Term("map", f"value of {_name(circuit, source)}", unit[0], float(values[source][(0, *unit)]))


def _convolved(circuit: Circuit, values: Mapping, index: int, unit: tuple, value: float) -> UnitSum:
    weight, bias, settings = _convolution(circuit, index)
    source = circuit.steps[index].inputs[0]
    channel, row, column = unit
    kernel = weight[channel].double().numpy()  # [channels of its group, kh, kw]
    patch, first = _patch(values[source][0], kernel.shape, (row, column), settings, channel, len(weight))
    terms = [
        Term("input", f"channel {first + i}", first + i, float((w * x).sum()), w, x)
        for i, (w, x) in enumerate(zip(kernel, patch, strict=True))
    ]
    if bias is not None:
        terms.append(Term("bias", "bias", -1, float(bias[channel])))
    return UnitSum(value, tuple(terms), _source_name(circuit, source))


def _convolution(circuit: Circuit, index: int) -> tuple[Any, Any, dict[str, Any]]:
    """Weight, bias and settings of a convolution, whichever way they were handed over."""
    step = circuit.steps[index]
    names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
    given = {**dict(zip(names, step.arguments, strict=False)), **step.keywords}
    weight, *bias = (circuit.tensors[name] for name in weight_names(step))
    settings = {name: given.get(name, default) for name, default in zip(names[3:], (1, 0, 1, 1), strict=True)}
    return weight, bias[0] if bias else None, settings


def _patch(
    maps: Any, shape: tuple, place: tuple[int, int], settings: dict, channel: int, filters: int
) -> tuple[np.ndarray, int]:
    """The values under the kernel [channels, kh, kw], 0 in the padding, and the number of the first channel."""
    channels, kh, kw = shape
    first = channel // (filters // settings["groups"]) * channels
    patch = np.zeros((channels, kh, kw))
    rows, columns = (
        start * _of(settings["stride"], axis)
        - _of(settings["padding"], axis)
        + _of(settings["dilation"], axis) * np.arange(size)
        for axis, (start, size) in enumerate(zip(place, (kh, kw), strict=True))
    )
    inside_y = np.flatnonzero((rows >= 0) & (rows < maps.shape[1]))
    inside_x = np.flatnonzero((columns >= 0) & (columns < maps.shape[2]))
    values = maps[first : first + channels].double().numpy()
    patch[:, inside_y[:, None], inside_x] = values[:, rows[inside_y][:, None], columns[inside_x]]
    return patch, first


def _of(setting: Any, axis: int) -> int:
    return int(setting) if isinstance(setting, int) else int(setting[axis if len(setting) > 1 else 0])


def _source_name(circuit: Circuit, source: int) -> str:
    while source != PICTURE and circuit.steps[source].kind == "pad":
        source = circuit.steps[source].inputs[0]
    return _name(circuit, source)


def _name(circuit: Circuit, index: int) -> str:
    return "the picture" if index == PICTURE else circuit.steps[index].name


def sum_formula(found: UnitSum, shown: int) -> Formula:
    """The value as the sum of the strongest input channels, all other ones, and the terms that are no channel."""
    inputs = [term for term in found.terms if term.kind == "input"]
    rest = sum(term.value for term in inputs) - sum(term.value for term in found.strongest(shown))
    parts = [rf"{term.value:+.3f}" for term in found.strongest(shown)]
    if len(inputs) > shown:
        parts.append(rf"\underbrace{{{rest:+.3f}}}_{{\text{{{len(inputs) - shown} others}}}}")
    names = {"bias": "bias", "norm": "batch norm", "activation": "activation", "map": "map"}
    parts += [rf"\underbrace{{{term.value:+.3f}}}_{{\text{{{names[term.kind]}}}}}" for term in found.others()]
    symbolic = r"a = f\Big(\sum_c \sum_{i,j} w_{c,i,j}\, x_{c,i,j} + b\Big)"
    return Formula("Value of the unit", symbolic, " ".join(parts), found.value)
