"""Dreams as long work: the frames are those of the dream, few are kept, and it stops within a step."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from safetensors.torch import save

from core.features import dream_film
from core.features.dream import Recipe, dream
from core.features.dream_film import KEPT, Kept, dream_order, film, for_a_worker, scores
from core.jobs import Job, Order, Tick
from core.jobs.declared import found
from core.networks import bring, is_present, let_go, load, record

NAME = "shufflenet_v2_x0_5"
RECIPE = Recipe("channel", "conv1.0", 3, side=64, steps=3)


def order(*recipes: Recipe, start: np.ndarray | None = None) -> Order:
    return dream_order(NAME, "untrained", recipes or (RECIPE,), start)


def carried_out(asked: Order) -> Job:
    """The job after all its steps, as an engine leaves it."""
    job = Job("me", "dream", asked)
    for step in found(asked.work)(**asked.arguments):
        job._take(step)
    return job


def test_the_work_makes_what_core_makes() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    plain = replace(RECIPE, fourier=False, seed=4)
    job = carried_out(order(RECIPE, plain, start=photo))
    network, how = load(NAME, "untrained"), record(NAME).preprocessing
    for number, recipe in enumerate((RECIPE, plain)):
        here = list(dream(network, how, recipe, photo))
        assert [frame.step for frame in film(job, number)] == [0, 1, 2, 3]
        assert scores(job, number) == tuple(frame.score for frame in here)
        assert np.array_equal(film(job, number)[-1].pixels, here[-1].pixels)
    assert (job.tick.done, job.tick.total, job.tick.updates) == (8, 8, 6)


def test_recipes_of_different_lengths_both_end() -> None:
    job = carried_out(order(RECIPE, replace(RECIPE, steps=1)))
    assert [len(scores(job, number)) for number in range(2)] == [4, 2]
    assert (job.tick.done, job.tick.total) == (6, 6)


def test_it_stops_within_a_step_and_keeps_what_there_is() -> None:
    steps = found(order().work)(**order().arguments)
    job = Job("me", "dream", order())
    job._take(next(steps))
    while job.tick is None:
        job._take(steps.send(False))
    with pytest.raises(StopIteration):
        steps.send(True)
    assert [frame.step for frame in film(job)] == [0]


def test_a_visitors_own_network_dreams_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = load(NAME, "untrained").state_dict()
    name = bring(save({key: each.contiguous() for key, each in tensors.items()}), NAME, 1000)
    asked = for_a_worker(dream_order(name, "trained", (RECIPE,)))
    assert for_a_worker(order()).arguments == order().arguments  # nothing to add
    let_go(name)  # where the work is done nobody knows it
    there: list[str] = []
    real = dream_film.networks.let_go
    monkeypatch.setattr(dream_film.networks, "let_go", lambda each: (there.append(each), real(each)))
    job = carried_out(asked)
    here = list(dream(load(NAME, "untrained"), record(NAME).preprocessing, RECIPE))
    assert scores(job) == pytest.approx([frame.score for frame in here], rel=1e-6)
    assert there
    assert not is_present(there[0])


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda: carried_out(order(replace(RECIPE, index=999))), "The channel is 0 to 23, got 999."),
        (lambda: dream_order(NAME, "untrained", ()), "A dream has at least one recipe, got none."),
    ],
    ids=["channel", "none"],
)
def test_what_cannot_be_made_is_said(asked: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        asked()


@pytest.mark.parametrize("steps", [1, 3, 24, 25, 100, 512])
def test_a_film_keeps_few_frames_and_the_latest(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(_network: Any, _how: Any, recipe: Recipe, _start: Any) -> Iterator[Any]:
        for step in range(recipe.steps + 1):
            yield dream_film.Frame(step, np.zeros((1, 1, 3), np.uint8), float(step), 0.0, (1, 1, 1))

    monkeypatch.setattr(dream_film, "dream", quick)
    asked = order(replace(RECIPE, steps=steps))
    job = Job("me", "dream", asked)
    for step in found(asked.work)(**asked.arguments):
        job._take(step)
        if isinstance(step, Tick):
            kept = [frame.step for frame in film(job)]
            assert (kept[0], kept[-1]) == (0, step.done - 1)
            assert len(kept) <= KEPT + 1
    assert all(isinstance(each, Kept) for each in job.results)
    assert len(kept) >= min(steps + 1, 12)
    assert scores(job) == tuple(map(float, range(steps + 1)))
