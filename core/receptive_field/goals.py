"""Stacks for a goal: units that cover an object of so many pixels, within a budget of multiply-adds.

Five families of layers are tried, each as short as it can be to cover the object and then as wide as the budget
allows. They widen the view in different ways, so the same goal shows what each way costs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from core.receptive_field.layer import StackLayer
from core.receptive_field.notation import stack_to_text
from core.receptive_field.stack import LAYERS_MOST, Row, trace_stack

WIDTHS = (4, 8, 16, 24, 32, 48, 64, 96, 128)
CHANNELS_MOST = 512
GIGA = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stack that covers the object within the budget.

    Args:
        name: how it widens the view, in a few words.
        text: the stack as in `stack_from_text`.
        size: field of its last map in pixels.
        macs, parameters: of the whole stack.
        rows: its trace.
    """

    name: str
    text: str
    size: int
    macs: int
    parameters: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goal seek found: proposals from cheap to dear, or one sentence why there is none and what comes nearest."""

    proposals: tuple[Proposal, ...]
    sentence: str
    nearest: Proposal | None = None


def propose(object_px: int, max_gmac: float, input_px: int = 224) -> Answer:
    """Stacks whose units see at least `object_px` pixels for at most `max_gmac` billion multiply-adds.

    Args:
        object_px: side of the object, at most the picture's.
        max_gmac: budget for one picture, above 0.
        input_px: side of the picture, 32 to 1024.

    Raises: ValueError if an argument is out of range.
    """
    if not 32 <= input_px <= 1024:
        raise ValueError(f"The picture is 32 to 1024 pixels a side, got {input_px}.")
    if not 1 <= object_px <= input_px:
        raise ValueError(f"The object is 1 to {input_px} pixels, as large as the picture, got {object_px}.")
    if not max_gmac > 0:
        raise ValueError(f"The budget is above 0, got {max_gmac}.")
    return _answer(object_px, max_gmac, input_px)


@lru_cache(maxsize=64)
def _answer(object_px: int, max_gmac: float, input_px: int) -> Answer:
    covering = [each for family in FAMILIES for each in _covering(family, object_px, input_px)]
    affordable = [each for each in covering if each.macs <= max_gmac * GIGA]
    widest = {each.name: each for each in sorted(affordable, key=lambda each: each.macs)}
    if widest:
        return Answer(tuple(sorted(widest.values(), key=lambda each: each.macs)), "")
    if not covering:
        return Answer((), f"None of these families reaches {object_px} pixels in {LAYERS_MOST} layers.")
    nearest = min(covering, key=lambda each: each.macs)
    sentence = (
        f"No stack here covers {object_px} pixels within {max_gmac:g} billion multiply-adds; the nearest,"
        f" {nearest.name.lower()}, takes {nearest.macs / GIGA:.3g} billion."
    )
    return Answer((), sentence, nearest)


def _covering(family: str, object_px: int, input_px: int) -> Iterator[Proposal]:
    """The shortest stack of the family that covers the object, in every width."""
    layers = tuple(islice(FAMILIES[family](WIDTHS[0]), LAYERS_MOST))
    rows = trace_stack(layers, (input_px, input_px))
    depth = next((row.index for row in rows if row.index and row.size >= object_px), None)
    for width in WIDTHS if depth else ():
        stack = tuple(islice(FAMILIES[family](width), depth))
        traced = trace_stack(stack, (input_px, input_px))
        macs, parameters = sum(row.macs for row in traced), sum(row.parameters for row in traced)
        yield Proposal(family, stack_to_text(stack), traced[-1].size, macs, parameters, traced)


def _plain(width: int) -> Iterator[StackLayer]:
    while True:
        yield StackLayer("conv", 3, padding=1, channels=width)


def _strided(width: int) -> Iterator[StackLayer]:
    for _ in range(5):
        yield StackLayer("conv", 3, stride=2, padding=1, channels=width)
        yield StackLayer("conv", 3, padding=1, channels=width)
        width = min(2 * width, CHANNELS_MOST)
    yield from _plain(width)


def _pooled(width: int) -> Iterator[StackLayer]:
    for _ in range(5):
        yield StackLayer("conv", 3, padding=1, channels=width)
        yield StackLayer("conv", 3, padding=1, channels=width)
        yield StackLayer("max_pool", 2, stride=2)
        width = min(2 * width, CHANNELS_MOST)
    yield from _plain(width)


def _dilated(width: int) -> Iterator[StackLayer]:
    yield StackLayer("conv", 3, stride=2, padding=1, channels=width)
    while True:
        for dilation in (1, 2, 4, 8, 16):
            yield StackLayer("conv", 3, padding=dilation, dilation=dilation, channels=width)


def _large(width: int) -> Iterator[StackLayer]:
    yield StackLayer("conv", 4, stride=4, channels=width)
    while True:
        yield StackLayer("conv", 13, padding=6, channels=width)


FAMILIES: dict[str, Callable[[int], Iterator[StackLayer]]] = {
    "Small kernels alone": _plain,
    "Strided convolutions": _strided,
    "Max pooling": _pooled,
    "Dilated convolutions": _dilated,
    "Large kernels": _large,
}
