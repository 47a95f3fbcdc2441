"""A training belongs to the tab that started it: closed, it frees its worker; killed, it fails alone (R6, R7)."""

import asyncio
import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from benchmarks.server import serve
from benchmarks.visitor import attend, visit

pytestmark = pytest.mark.slow
LONG = "tl_view=Train&tl_set=faces&tl_each=40&tl_size=64&tl_approach=From%20scratch&tl_epochs_scratch=100"


def workers(server: int) -> list[psutil.Process]:
    """The server's processes that have loaded PyTorch."""
    found = []
    for child in psutil.Process(server).children(recursive=True):
        try:
            if child.memory_info().rss > 250e6:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def computed(worker: psutil.Process) -> float:
    """Seconds of a processor that it has taken so far."""
    return sum(worker.cpu_times()[:2])


def idle(worker: psutil.Process) -> bool:
    """It takes next to nothing for three seconds; one that trains takes more, even behind everything else."""
    before = computed(worker)
    time.sleep(3)
    return computed(worker) - before < 0.1


def trains(worker: psutil.Process) -> Callable[[], bool]:
    """From now on it takes a second and more."""
    before = computed(worker)
    return lambda: computed(worker) > before + 1


async def until(reached: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(reached):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


async def the_worker(server: int, besides: psutil.Process | None = None) -> psutil.Process:
    """The one that is there, once it is the only one and not the one given.

    Counted and taken from one and the same look: for a moment a dying one still counts, and so does a process that the
    server has just forked and that is about to become another program.
    """
    seen: list[psutil.Process] = []

    def alone() -> bool:
        seen[:] = workers(server)
        return len(seen) == 1 and (besides is None or seen[0].pid != besides.pid)

    await until(alone)
    return seen[0]


async def train_and_leave(port: int, server: int) -> psutil.Process:
    """Start a long training, see that it runs, and close the tab."""
    async with visit(port, "transfer", LONG) as visitor:
        worker = await the_worker(server)
        await until(lambda: idle(worker))  # it has loaded everything
        running = trains(worker)
        await visitor.press("tl_go")
        await until(running)
        assert visitor.errors == []
        return worker


async def train_and_lose(port: int, server: int) -> None:
    """The worker of one visitor dies: that visitor reads why, and another trains."""
    async with visit(port, "transfer", LONG) as visitor, visit(port, "transfer", LONG) as other:
        worker = await the_worker(server)
        running = trains(worker)
        await visitor.press("tl_go")
        await until(running)
        os.kill(worker.pid, signal.SIGKILL)
        await the_worker(server, besides=worker)
        for _ in range(2):  # the first run notices the end and asks for another
            await visitor.run()
        (said,) = visitor.errors  # no traceback: a sentence
        assert "ended before it was done" in said
        fresh = await the_worker(server, besides=worker)
        await until(lambda: idle(fresh))
        running = trains(fresh)
        await other.press("tl_go")
        await until(running)


def test_a_closed_tab_frees_its_worker_and_a_lost_one_fails_alone() -> None:
    with serve(environment={"CONVNET_EXPLORER_WORKERS": "1"}) as server:
        worker = attend(train_and_leave(server.port, server.pid))
        deadline = time.monotonic() + 30
        while not idle(worker):
            assert time.monotonic() < deadline
        attend(train_and_lose(server.port, server.pid))
    _, alive = psutil.wait_procs([worker], timeout=10)
    assert not alive
