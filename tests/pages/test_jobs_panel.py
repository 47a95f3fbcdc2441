"""How a job is shown: the queue, the bar, the cost, the end."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs import Job, Order, Tick
from pages.shared.jobs import standing

RUNS = "Race, epoch 2 of 5, about **16 s** left · 4 s · 1,234 photos through the network · 50 updates · cpu, 1 thread"


def job(state: str = "running", tick: Tick | None = None, *, seconds: float = 0, error: str = "") -> Job:
    made = Job("anna", "train", Order("core.x:y", {}))
    if state != "waiting":
        made._start(7, "cpu, 1 thread")
        made._began -= seconds
    if tick is not None:
        made._take(tick)
    if state in ("done", "stopped", "failed"):
        made._end(state, error)  # type: ignore[arg-type]
    made.state = state  # type: ignore[assignment]
    return made


def with_pace() -> Job:
    """Ten of a hundred in two seconds, then twenty in four: 16 s are left."""
    made = job(seconds=4)
    made.tick = Tick(20, 100, "epoch 2 of 5", photos=1234, updates=50)
    made._paces.extend([(2.0, 10), (4.0, 20)])
    return made


@pytest.mark.parametrize(
    ("shown", "place", "words"),
    [
        (lambda: job("waiting"), 1, "Race: next in the queue, as soon as a worker is free …"),
        (lambda: job("waiting"), 3, "Race: number 3 in the queue, as soon as a worker is free …"),
        (lambda: job(), 0, "Race: a worker takes the photos …"),
        (lambda: with_pace(), 0, RUNS),
        (lambda: job("stopping", Tick(1, 9)), 0, "Race: stopping … · 0 s · cpu, 1 thread"),
        (lambda: job("done", Tick(9, 9, updates=30)), 0, "Race: done · 0 s · 30 updates · cpu, 1 thread"),
        (lambda: job("stopped", Tick(1, 9)), 0, "Race: stopped · 0 s · cpu, 1 thread"),
    ],
    ids=["next", "third", "begins", "runs", "stops", "done", "stopped"],
)  # fmt: skip
def test_where_it_stands_in_words(shown: Callable[[], Job], place: int, words: str) -> None:
    assert standing(shown(), "Race", place) == words


def panel(state: str, error: str) -> None:
    from pages.shared import jobs
    from tests.pages.test_jobs_panel import job

    jobs.panel(job(state, error=error), key="stop", what="Race")


@pytest.mark.parametrize(
    ("state", "bars", "buttons"),
    [("waiting", 1, 1), ("running", 1, 1), ("stopping", 1, 1), ("done", 1, 0), ("failed", 0, 0)],
    ids=lambda value: str(value),
)
def test_only_what_runs_can_be_stopped(state: str, bars: int, buttons: int) -> None:
    app = AppTest.from_function(panel, kwargs={"state": state, "error": "No *stars*."}).run()
    assert not app.exception
    assert len(app.get("progress")) == bars
    assert len(app.button) == buttons
    if buttons:
        assert app.button[0].disabled == (state == "stopping")
    if state == "failed":
        assert app.error[0].value == r"No \*stars\*\."
