"""The fair race: several recipes on one split, with one seed and one budget of updates and of time.

They run one after the other in one process, so that none takes the processor from another. Equal updates alone would
favour whole fine-tuning, whose updates cost more; equal time alone depends on the machine. So both are limits, and the
curves are shown over both.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.jobs import Tick, work
from core.transfer.evaluation import right_of
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.significance import Pair, pairs, verdict, wilson
from core.transfer.split import Split

EPOCHS_MOST = 500


@work
def race(
    photos: PhotoSet, split: Split, recipes: tuple[Recipe, ...], *, updates: int, seconds: float = 0.0
) -> Generator[Any, bool | None, None]:
    """Train by each recipe in turn; every step carries the recipe's number as its lane.

    Args:
        updates: budget of each, at least 1; epochs are as many as it takes.
        seconds: budget of each, with the caching of features; 0 for none.

    Raises: ValueError for fewer than two recipes, different seeds, or as `fine_tune`.
    """
    from core.transfer.training import fine_tune

    if len(recipes) < 2:
        raise ValueError(f"A race has at least two recipes, got {len(recipes)}.")
    if len({recipe.seed for recipe in recipes}) > 1:
        raise ValueError("The recipes of a race have one seed, got several.")
    if updates < 1:
        raise ValueError(f"The budget is at least 1 update, got {updates}.")
    for lane, recipe in enumerate(recipes):
        same = replace(recipe, epochs=EPOCHS_MOST, updates_most=updates, seconds_most=seconds, patience=0)
        running = fine_tune(photos, split, same, lane=lane)
        told: bool | None = None
        while True:
            try:
                step = next(running) if told is None else running.send(told)
            except StopIteration:
                break
            told = bool((yield _of_all(step, lane, len(recipes)))) or bool(told)
        if told:
            return


def _of_all(step: Any, lane: int, lanes: int) -> Any:
    """A tick of one lane as one of the race."""
    if not isinstance(step, Tick):
        return step
    total = 1000
    done = (lane + step.done / max(1, step.total)) / lanes * total
    return replace(
        step, done=min(round(done), total), total=total, what=f"{lane + 1} of {lanes}: {step.what}"
    )


@dataclass(frozen=True, slots=True)
class LaneResult:
    """One lane at its end: right answers of so many, with Wilson's interval."""

    right: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 %."""
        return wilson(self.right, self.of)


@dataclass(frozen=True, slots=True)
class RaceResult:
    """All lanes on the same photos.

    Args:
        lanes: in order. compared: every two of them. sentence: who is better, or that it is not significant.
    """

    lanes: tuple[LaneResult, ...]
    compared: tuple[Pair, ...]
    sentence: str


def race_result(names: Sequence[str], answers: Sequence[np.ndarray], labels: np.ndarray) -> RaceResult:
    """The verdict over lanes that are done.

    Args:
        answers: probabilities [photos, classes] of each lane, on the same photos. labels: of these [photos].

    Raises: ValueError for fewer than two lanes, or without photos.
    """
    if len(answers) < 2 or not len(labels):
        raise ValueError(
            f"Two lanes are compared on photos, got {len(answers)} lanes and {len(labels)} photos."
        )
    right = [right_of(each, labels) for each in answers]
    lanes = tuple(LaneResult(int(each.sum()), len(labels)) for each in right)
    return RaceResult(lanes, pairs(right), verdict(names, right))
