"""A real scheduler with two workers on loopback, as a school would start them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.jobs import SCHEDULER, Engine, Order
from core.jobs.engine import LOST
from core.jobs.job import Job

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def until(reached: Callable[[], object], seconds: float = 180) -> None:
    for _ in range(int(seconds * 50)):
        if reached():
            return
        time.sleep(0.02)
    assert reached()


def dask(word: str, *words: str) -> subprocess.Popen[bytes]:
    """`dask WORD ...`, as the README writes it."""
    command = [str(Path(sys.executable).parent / "dask"), word, *words]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, **quiet)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler's address; it has two workers."""
    folder = tmp_path_factory.mktemp("dask")
    told = folder / "scheduler.json"
    with ExitStack() as running:
        ends = []
        here = ("--host", "127.0.0.1")
        scheduler = dask("scheduler", *here, "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        ends.append(running.enter_context(scheduler))
        until(told.exists)
        for _ in range(2):
            worker = dask(
                "worker", "--scheduler-file", str(told), *here, "--nthreads", "1", "--no-dashboard",
                "--preload", "core.jobs.preload", "--local-directory", str(folder),
            )  # fmt: skip
            ends.append(running.enter_context(worker))
        until(lambda: told.read_text())
        yield json.loads(told.read_text())["address"]
        for process in reversed(ends):
            process.terminate()
        for process in reversed(ends):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def engine(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """It finds the scheduler as the app does: by the environment."""
    monkeypatch.setenv(SCHEDULER, address)
    running = Engine()
    until(lambda: len(running._link.workers()) == 2)
    yield running
    running.close()


def count(engine: Engine, owner: str, total: int = 10_000) -> Job:
    return engine.start(owner, "count", Order("core.jobs.trial:count", {"total": total, "seconds": 0.01}))


def test_two_sessions_work_side_by_side(engine: Engine) -> None:
    jobs = [count(engine, owner) for owner in ("anna", "bert")]
    until(lambda: all(len(job.results) > 5 for job in jobs))
    assert [job.state for job in jobs] == ["running", "running"]
    third = count(engine, "carl", 3)
    time.sleep(0.3)
    assert third.state == "waiting"
    engine.stop("anna", "count")
    until(lambda: third.state == "done")
    assert jobs[1].state == "running"
    engine.leave("bert")
    until(lambda: not jobs[1].active)


def test_a_lost_worker_is_one_job_s_loss(engine: Engine) -> None:
    jobs = {owner: count(engine, owner) for owner in ("anna", "bert")}
    until(lambda: all(len(job.results) > 2 for job in jobs.values()))
    os.kill(jobs["anna"].process, signal.SIGKILL)
    until(lambda: not jobs["anna"].active)
    assert (jobs["anna"].state, jobs["anna"].error) == ("failed", LOST)
    seen = len(jobs["bert"].results)
    until(lambda: len(jobs["bert"].results) > seen + 5)
    assert jobs["bert"].state == "running"
    again = count(engine, "anna", 3)
    until(lambda: again.state == "done")


def test_a_scheduler_that_is_not_there_is_a_sentence() -> None:
    engine = Engine("tcp://127.0.0.1:9", connect_s=1.0)
    try:
        job = count(engine, "anna")
        until(lambda: not job.active)
        assert job.state == "failed"
        assert job.error == (
            "The Dask scheduler at tcp://127.0.0.1:9 cannot be reached: start it, or unset CONVNET_EXPLORER_SCHEDULER."
        )
    finally:
        engine.close()


def test_a_scheduler_without_workers_is_a_sentence(tmp_path: Path) -> None:
    told = tmp_path / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
    with dask("scheduler", *words) as scheduler:
        try:
            until(lambda: told.exists() and told.read_text())
            engine = Engine(json.loads(told.read_text())["address"], patience_s=1.0)
            try:
                job = count(engine, "anna")
                until(lambda: not job.active)
                assert (job.state, job.error) == (
                    "failed", "No worker has joined the scheduler: start one as the README says.",
                )  # fmt: skip
            finally:
                engine.close()
        finally:
            scheduler.terminate()
            scheduler.wait(10)
