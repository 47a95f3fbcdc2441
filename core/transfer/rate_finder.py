"""The learning-rate range test: raise the rate with every update and watch where the loss falls and where it explodes.

Source: Smith 2017, "Cyclical learning rates for training neural networks", arXiv 1506.01186, section 3.3. The smoothing
and the rule of the steepest descent are those that fastai made common.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.jobs import work
from core.jobs.device import best_device
from core.transfer.meter import Meter
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split

LOWEST, HIGHEST, UPDATES = 1e-6, 1.0, 60
_MEMORY = 0.8  # of the moving average
_FEWEST = 4  # points of a curve
_EXPLODED = 4.0  # times the smallest smoothed loss


@dataclass(frozen=True, slots=True)
class RatePoint:
    """One update: its rate, the loss before it, and the smoothed loss."""

    rate: float
    loss: float
    smoothed: float


@dataclass(frozen=True, slots=True)
class RateAdvice:
    """A rate to train with, and why; NaN where the loss never fell."""

    rate: float
    why: str


def rate_at(update: int, updates: int = UPDATES) -> float:
    """The rates rise by the same factor from `LOWEST` to `HIGHEST`."""
    return LOWEST * (HIGHEST / LOWEST) ** (update / (updates - 1))


def smooth(losses: list[float]) -> list[float]:
    """Exponential moving averages, corrected for their start at 0: m_t / (1 - b^t), m_t = b m_(t-1) + (1 - b) l_t."""
    average, found = 0.0, []
    for count, loss in enumerate(losses, 1):
        average = _MEMORY * average + (1 - _MEMORY) * loss
        found.append(average / (1 - _MEMORY**count))
    return found


def advice(points: list[RatePoint]) -> RateAdvice:
    """The rate at which the smoothed loss falls most steeply over the logarithm of the rate, before its minimum."""
    if len(points) < _FEWEST:
        return RateAdvice(math.nan, "The loss exploded before there was anything to see.")
    smoothed = np.array([each.smoothed for each in points])
    logs = np.log10([each.rate for each in points])
    last = max(int(smoothed.argmin()), 2)
    slopes = np.gradient(smoothed, logs)[: last + 1]
    steepest = int(slopes.argmin())
    if slopes[steepest] >= 0:
        return RateAdvice(math.nan, "The loss never fell: more photos or another approach may help.")
    rate = points[steepest].rate
    return RateAdvice(
        rate,
        f"The smoothed loss falls most steeply at {rate:.1e}, and is smallest at {points[last].rate:.1e}.",
    )


@work
def find_rate(photos: PhotoSet, split: Split, recipe: Recipe) -> Generator[Any, bool | None, None]:
    """Train with a rising rate; hands out ticks, a `RatePoint` for each update, and a `RateAdvice`.

    Told to stop, or once the loss has exploded, it advises from what it has seen.

    Raises: ValueError as `core.transfer.training.fine_tune`; WeightsMissing.
    """
    import torch

    from core.transfer.training import prepared
    from core.transfer.updates import batches, optimiser_of, shuffled, update

    pupil, feed, _ = prepared(photos, split, recipe)
    meter, points, losses = Meter(len(split.training) + UPDATES), list[RatePoint](), list[float]()
    optimiser = optimiser_of(pupil, recipe)
    try:
        stopped = yield from feed.fill(split.training, meter)
        epoch, waiting = 0, list[tuple[int, ...]]()
        while len(points) < UPDATES and not stopped:
            if not waiting:
                epoch += 1
                order = shuffled(split.training, recipe.seed, epoch)
                waiting = batches(order, recipe.batch, never_one=pupil.norms_move)
            numbers, rate = waiting.pop(0), rate_at(len(points))
            targets = torch.tensor([photos.samples[number].label for number in numbers], device=best_device())
            inputs = feed.training(numbers, epoch)
            smoothing = recipe.label_smoothing
            losses.append(
                update(pupil, feed.body, optimiser, inputs, targets, rate=rate, smoothing=smoothing)[0]
            )
            if not math.isfinite(losses[-1]):
                break
            points.append(RatePoint(rate, losses[-1], smooth(losses)[-1]))
            stopped = yield points[-1]
            if points[-1].smoothed > _EXPLODED * min(one.smoothed for one in points):
                break
    finally:
        feed.close()
    if stopped and len(points) < _FEWEST:
        yield RateAdvice(math.nan, "Stopped before there was anything to see.")
    else:
        yield advice(points)
