"""The receptive field of every map of a real network, branches included, from its graph alone.

Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks" (Distill 2019).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from core.receptive_field.catalogue import NETWORKS, build
from core.receptive_field.rules import Signal
from core.receptive_field.sight import Sight

if TYPE_CHECKING:
    from core.receptive_field.tape import Step, Tape

SIDES = (16, 4096)
_KEPT = 16  # Python's collector walks all that is kept after every run of a page: 64 would take it 40 ms
_INVISIBLE = ("reshape", "pad")  # no new values: not a line of the table


@dataclass(frozen=True, slots=True)
class LayerField:
    """One map of a network and what its units see.

    Args:
        name: dotted path of the module ("layer1.0.conv1"); for a function, path of the module that calls it and
            the function's name ("layer1.0.add"); used again it gets _1, _2, ...
        kind: "conv", "max_pool", "avg_pool", "activation", "norm", "add", "cat", "scale" or "linear".
        output_hw, channels: shape of the map.
        size: side of the field in pixels, the longer one where they differ; without gates' global averages.
        size_below: the longest field among the maps it reads; 1 for the picture.
        jump: pixels between the fields of neighbouring units.
        start: centre of the field of unit 0 in pixels (pixel 0 has its centre at 0.5).
        size_hw, jump_hw, start_hw: the same down and across.
        parameters, macs: of this layer alone, for one picture.
        whole_image: a squeeze-and-excitation gate lies below, so every unit depends on the whole picture.
        shift_invariant: every unit's field has this size; False only if branches of unequal jump meet.
    """

    name: str
    kind: str
    output_hw: tuple[int, int]
    channels: int
    size: int
    size_below: int
    jump: int
    start: float
    size_hw: tuple[int, int]
    jump_hw: tuple[int, int]
    start_hw: tuple[float, float]
    parameters: int
    macs: int
    whole_image: bool
    shift_invariant: bool

    def interval(self, axis: int, i: int) -> tuple[float, float]:
        """First and one past the last pixel that unit i sees on `axis` (0 down, 1 across), padding included."""
        first = self.start_hw[axis] - self.size_hw[axis] / 2 + i * self.jump_hw[axis]
        return first, first + self.size_hw[axis]


@dataclass(frozen=True, slots=True)
class NetworkTotals:
    """Cost of a whole network, its classifier included.

    Args:
        parameters: weights and biases (running statistics are buffers and not counted).
        macs: multiply-adds for one picture; what torchvision prints as "GFLOPS" is this in billions.
        whole_image_from: name of the first map that a gate lets see the whole picture, or "".
    """

    parameters: int
    macs: int
    whole_image_from: str


def network_fields(name: str, input_size: int | tuple[int, int] = 224) -> tuple[LayerField, ...]:
    """The field of every map of `name` in execution order; the last one is the last map before global pooling.

    Args:
        name: one of `NETWORKS`.
        input_size: side of the picture in pixels, or (height, width). Size, jump and start do not depend on it
            (except for TensorFlow's "same" padding, which moves the start).

    Raises: ValueError for an unknown name or a picture that is too small for the network.
    """
    return _fields(name, _checked_hw(input_size))


def network_totals(name: str, input_size: int | tuple[int, int] = 224) -> NetworkTotals:
    """Parameters and multiply-adds of the whole network, and where the whole image comes in."""
    steps = recording(name, _checked_hw(input_size)).steps
    gated = (field.name for field in network_fields(name, input_size) if field.whole_image)
    return NetworkTotals(
        sum(step.parameters for step in steps), sum(step.macs for step in steps), next(gated, "")
    )


@lru_cache(maxsize=_KEPT)
def recording(name: str, input_hw: tuple[int, int]) -> "Tape":
    """Every operation of `name` on a picture of `input_hw`; read it, never change it."""
    return record_network(name, input_hw)


def record_network(name: str, input_hw: tuple[int, int]) -> "Tape":
    """As `recording`, done anew (about 0.05 s)."""
    from core.receptive_field import tape

    network = build(name)
    try:
        return tape.record(network, input_hw)
    except ValueError as error:
        raise ValueError(f"{name} cannot take a {input_hw[0]} x {input_hw[1]} picture: {error}") from error


@lru_cache(maxsize=_KEPT)
def _fields(name: str, input_hw: tuple[int, int]) -> tuple[LayerField, ...]:
    return fields_of(recording(name, input_hw).steps)


def fields_of(steps: "list[Step]") -> tuple[LayerField, ...]:
    """The steps that make a map with height and width, as lines of the table."""
    return tuple(
        _layer_field(step, step.signal, step.signal.sight, _size_below(steps, step))
        for step in steps
        if step.signal.sight is not None and step.kind not in _INVISIBLE
    )


def _size_below(steps: "list[Step]", step: "Step") -> int:
    sights = (steps[i].signal.sight if i >= 0 else Sight() for i in step.inputs)
    return max(max(sight.rows.size, sight.columns.size) for sight in sights if sight is not None)


def _layer_field(step: "Step", signal: Signal, sight: Sight, size_below: int) -> LayerField:
    rows, columns = sight.rows, sight.columns
    return LayerField(
        name=step.name,
        kind=step.kind,
        output_hw=signal.output_hw,
        channels=signal.channels,
        size=max(rows.size, columns.size),
        size_below=size_below,
        jump=max(rows.jump, columns.jump),
        start=rows.start,
        size_hw=(rows.size, columns.size),
        jump_hw=(rows.jump, columns.jump),
        start_hw=(rows.start, columns.start),
        parameters=step.parameters,
        macs=step.macs,
        whole_image=sight.whole_image,
        shift_invariant=sight.aligned,
    )


def _checked_hw(input_size: int | tuple[int, int]) -> tuple[int, int]:
    hw = (input_size, input_size) if isinstance(input_size, int) else tuple(input_size)
    if len(hw) != 2 or not all(isinstance(n, int) and SIDES[0] <= n <= SIDES[1] for n in hw):
        raise ValueError(f"The picture is {SIDES[0]} to {SIDES[1]} pixels a side, got {input_size}.")
    return hw


__all__ = ["NETWORKS", "LayerField", "NetworkTotals", "network_fields", "network_totals"]
