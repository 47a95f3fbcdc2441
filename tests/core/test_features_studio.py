"""The studio: frames arrive from a process of its own, a run stops within a step, and nobody waits for ever."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import enumerate as enumerate_threads

import numpy as np
import psutil
import pytest
from safetensors.torch import save

from core import run_queue
from core.features import studio as studios
from core.features.dream import Frame, Recipe, dream
from core.features.studio import Order, Run, Studio
from core.networks import bring, let_go, load, record

NAME = "shufflenet_v2_x0_5"
RECIPE = Recipe("channel", "conv1.0", 3, side=64, steps=3)
LONG = replace(RECIPE, steps=512, side=256)


@pytest.fixture
def studio() -> Iterator[Studio]:
    one = Studio(at_once=1)
    yield one
    for owner in list(one._runs):
        one.leave(owner)
    until(lambda: not [thread for thread in enumerate_threads() if thread.name == "studio"])
    one.close()


def until(true: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def order(*recipes: Recipe, start: np.ndarray | None = None) -> Order:
    return Order(NAME, "untrained", recipes or (RECIPE,), start)


def test_the_process_makes_what_core_makes(studio: Studio) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    plain = replace(RECIPE, fourier=False, seed=4)
    run = studio.start("me", order(RECIPE, plain, start=photo))
    until(lambda: not studio.of("me").active)
    assert run.state == "done", run.error
    network, how = load(NAME, "untrained"), record(NAME).preprocessing
    for number, recipe in enumerate((RECIPE, plain)):
        here = list(dream(network, how, recipe, photo))
        assert [frame.step for frame in run.film(number)] == [0, 1, 2, 3]
        assert run.scores(number) == pytest.approx([frame.score for frame in here], rel=1e-3, abs=1e-5)
        assert np.abs(run.film(number)[-1].pixels.astype(int) - here[-1].pixels).max() <= 2
    assert run.seconds_left() == 0


def test_a_run_stops_within_a_step_and_the_next_begins(studio: Studio) -> None:
    first = studio.start("one", order(LONG))
    second = studio.start("two", order(RECIPE))
    assert (first.state, second.state) == ("running", "waiting")
    assert (studio.place("one"), studio.place("two")) == (0, 1)
    until(lambda: studio.of("two") and studio.of("one").done > 2)  # both owners keep looking
    assert first.seconds_left() > first.seconds_per_step() > 0
    process = psutil.Process(first._process.pid)
    assert process.nice() >= 10
    studio.stop("one")
    began = time.monotonic()
    until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
    assert time.monotonic() - began < 2
    assert first.state == "stopped"
    assert first.film()
    until(lambda: not studio.of("two").active)
    assert second.state == "done", second.error


def test_a_new_run_takes_the_place_of_the_owners_old_one(studio: Studio) -> None:
    first = studio.start("me", order(LONG))
    second = studio.start("me", order(RECIPE))
    assert first.state == "stopped"
    assert studio.of("me") is second
    studio.leave("me")
    assert second.state == "stopped"
    assert studio.of("me") is None


def test_a_run_that_nobody_looks_at_is_given_up(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    run = studio.start("gone", order(LONG))
    until(lambda: run._process)
    monkeypatch.setattr(run_queue, "PATIENCE_S", 0.05)
    time.sleep(0.1)
    assert studio.of("someone else") is None
    assert run.state == "stopped"


def test_a_visitors_own_network_dreams_too(studio: Studio) -> None:
    tensors = load(NAME, "untrained").state_dict()
    name = bring(save({key: each.contiguous() for key, each in tensors.items()}), NAME, 1000)
    try:
        run = studio.start("me", Order(name, "trained", (RECIPE,)))
        until(lambda: not studio.of("me").active)
    finally:
        let_go(name)
    assert run.state == "done", run.error
    here = list(dream(load(NAME, "untrained"), record(NAME).preprocessing, RECIPE))
    assert run.scores() == pytest.approx([frame.score for frame in here], rel=1e-3, abs=1e-5)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_sessions_end_ends_its_process(studio: Studio) -> None:
    run = studio.start("me", order(LONG))
    until(lambda: run.done > 2)
    pid = run._process.pid
    studio.leave("me")
    until(lambda: gone(pid), 2)


def test_the_next_run_takes_the_process_that_was_prepared(studio: Studio) -> None:
    studio.prepare()
    spare = studio._spare
    studio.prepare()
    assert studio._spare is spare  # one at most
    until(lambda: psutil.Process(spare.pid).memory_info().rss > 150e6)  # PyTorch is there already
    run = studio.start("me", order(RECIPE))
    until(lambda: run._process)
    assert run._process.pid == spare.pid
    until(lambda: not studio.of("me").active)
    assert run.state == "done", run.error


def test_a_spare_process_that_nobody_needs_ends(monkeypatch: pytest.MonkeyPatch, studio: Studio) -> None:
    monkeypatch.setenv("CONVNET_EXPLORER_IDLE_S", "0.5")
    studio.prepare()
    spare = studio._spare
    until(lambda: spare.poll() == 0)
    monkeypatch.delenv("CONVNET_EXPLORER_IDLE_S")
    run = studio.start("me", order(RECIPE))
    until(lambda: not studio.of("me").active)
    assert run.state == "done", run.error


def test_a_failed_run_says_why(studio: Studio) -> None:
    run = studio.start("me", order(replace(RECIPE, index=999)))
    until(lambda: not run.active)
    assert (run.state, run.error) == ("failed", "The channel is 0 to 23, got 999.")


@pytest.mark.parametrize("steps", [1, 3, 24, 25, 100, 512])
def test_a_film_keeps_few_frames_and_the_latest(steps: int) -> None:
    run = Run(order(replace(RECIPE, steps=steps)))
    for step in range(steps + 1):
        run._take(0, Frame(step, np.zeros((1, 1, 3), np.uint8), float(step), 0.0, (1, 1, 1)))
        kept = [frame.step for frame in run.film()]
        assert kept[0] == 0
        assert kept[-1] == step
        assert len(kept) <= studios.KEPT + 1
    assert len(kept) >= min(steps + 1, 12)
    assert run.scores() == tuple(map(float, range(steps + 1)))
