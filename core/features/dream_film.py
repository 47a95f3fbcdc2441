"""Dreams as long work: several recipes climb in turn, some frames of each are kept as a film, the latest is seen."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from core import networks
from core.features.dream import Frame, Recipe, dream
from core.jobs import Job, Order, Tick, work

KEPT = 25  # frames of a film that are kept, spread evenly, besides the latest


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A frame of the film of a recipe (its number, from 0)."""

    recipe: int
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class Latest:
    """Where all recipes stand: the latest frame of each, and its scores at every step so far."""

    frames: tuple[Frame, ...]
    scores: tuple[tuple[float, ...], ...]


def dream_order(
    network: str,
    weights: str,
    recipes: Sequence[Recipe],
    start: UInt8[np.ndarray, "side side 3"] | None = None,
) -> Order:
    """The order for what `dreams` makes.

    Args:
        network: a name of `core.networks.NAMES`, or of a visitor's own network.
        weights: "trained" or "untrained".
        recipes: one, or several that climb in turn, step by step.
        start: the picture to begin with, or None for noise.

    Raises: ValueError without a recipe.
    """
    if not recipes:
        raise ValueError("A dream has at least one recipe, got none.")
    given = {"network": network, "weights": weights, "recipes": tuple(recipes), "start": start}
    return Order("core.features.dream_film:dreams", given)


def for_a_worker(order: Order) -> Order:
    """The order with all that it speaks of: a visitor's own network is not known where it is carried out."""
    name = order.arguments["network"]
    if order.arguments["weights"] != "trained" or not networks.is_guest(name):
        return order
    known = networks.record(name)
    own = (known.architecture, known.categories, networks.packed(name))
    return Order(order.work, {**order.arguments, "own": own})


@work
def dreams(
    network: str,
    weights: str,
    recipes: tuple[Recipe, ...],
    start: np.ndarray | None,
    own: tuple[str, tuple[str, ...], bytes] | None = None,
) -> Generator[Any, bool | None, None]:
    """Climb; ticks hold a `Latest`, results are `Kept` frames at even distances.

    Raises: ValueError if the network has no such layer, channel or class.
    """
    name = network
    if own:
        architecture, named, data = own
        name = networks.bring(data, architecture, len(named), named, most=networks.FOLDER_BYTES_MOST)
    try:
        loaded, how = networks.load(name, weights), networks.record(name).preprocessing
        yield from _climb([dream(loaded, how, recipe, start) for recipe in recipes], recipes)
    finally:
        if own:
            networks.let_go(name)


def _climb(films: list[Any], recipes: tuple[Recipe, ...]) -> Generator[Any, bool | None, None]:
    total = sum(recipe.steps + 1 for recipe in recipes)
    frames: list[Frame] = []
    scores: list[tuple[float, ...]] = [() for _ in recipes]
    for step in range(max(recipe.steps for recipe in recipes) + 1):
        for number, film in enumerate(films):
            frame = next(film, None)
            if frame is None:
                continue  # a shorter one has ended
            frames[number : number + 1] = [frame]
            scores[number] += (frame.score,)
            every = max(1, -(-recipes[number].steps // (KEPT - 1)))
            if frame.step % every == 0 and (yield Kept(number, frame)):
                return
        done = sum(map(len, scores))
        what = f"step {step} of {max(recipe.steps for recipe in recipes)}"
        seen = Latest(tuple(frames), tuple(scores))
        if (yield Tick(done, total, what, photos=done, updates=done - len(films), seen=seen)):
            return


def film(job: Job, recipe: int = 0) -> tuple[Frame, ...]:
    """The frames of a recipe kept so far, the first and the latest among them."""
    kept = [each.frame for each in job.results if each.recipe == recipe]
    latest = _latest(job)
    if latest and recipe < len(latest.frames) and (not kept or latest.frames[recipe].step > kept[-1].step):
        kept.append(latest.frames[recipe])
    return tuple(kept)


def scores(job: Job, recipe: int = 0) -> tuple[float, ...]:
    """The score of a recipe at every step so far."""
    latest = _latest(job)
    return latest.scores[recipe] if latest else ()


def _latest(job: Job) -> Latest | None:
    return job.tick.seen if job.tick else None
