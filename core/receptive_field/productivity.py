"""Layers that come too late: once a unit sees the whole picture, a wider view shows it only padding.

Source: Richter, Byttner, Krumnack, Schallner and Shenk, "Should You Go Deeper? Optimizing Convolutional Neural
Network Architectures without Training" (ICMLA 2021): layers whose input already sees more than the picture are
unproductive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from core.receptive_field.layer import StackLayer
from core.receptive_field.network import network_fields
from core.receptive_field.stack import trace_stack

Verdict = Literal["productive", "last useful", "unproductive"]


@dataclass(frozen=True, slots=True)
class LayerUse:
    """A layer that widens the view, and whether the picture still has something to show it.

    Args:
        name: of the layer; in a stack with its number.
        size_below, size: field in pixels before and after it.
        verdict: "productive" while its field fits into the picture; "last useful" where it first reaches beyond;
            "unproductive" where the maps it reads already saw it all.
    """

    name: str
    size_below: int
    size: int
    verdict: Verdict


def layer_uses(model: str | Sequence[StackLayer], input_size: int = 224) -> tuple[LayerUse, ...]:
    """Every layer of a network or stack that widens the field, judged for a picture of `input_size` pixels a side.

    Raises: ValueError as `network_fields` and `trace_stack`.
    """
    if isinstance(model, str):
        sizes = [(field.name, field.size_below, field.size) for field in network_fields(model, input_size)]
        sizes = [(name, below, size) for name, below, size in sizes if size > below]
    else:
        rows = trace_stack(model, (input_size, input_size))
        sizes = [(f"{row.index} {row.name}", before.size, row.size) for before, row in pairwise(rows)]
    return tuple(
        LayerUse(name, below, size, _verdict(below, size, input_size)) for name, below, size in sizes
    )


def _verdict(below: int, size: int, input_size: int) -> Verdict:
    if below >= input_size:
        return "unproductive"
    return "productive" if size <= input_size else "last useful"
