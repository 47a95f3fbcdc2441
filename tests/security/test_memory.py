"""Promises M4 and M5: memory comes back when visitors leave, and does not creep while they stay."""

import asyncio
import platform
import time
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from benchmarks.server import Server, serve
from benchmarks.visitor import attend, visit
from core.freed_memory import give_back
from tests.core.picture_files import encoded

VISITORS = 30
BACK_WITHIN_MB, CREEP_MB = 100, 0.2
WARM_RUNS, STRETCH, STRETCHES = 20, 30, 6  # 200 runs of a page at most
VIEWS = [
    ("", ""),
    *(("convolution", f"conv_view={view}") for view in ("Numbers", "Photo", "Cost")),
    *(("receptive_field", f"rf_view={view}") for view in ("Stack", "Real%20networks", "On%20your%20photo")),
]
pytestmark = pytest.mark.slow
GNU = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries free by other rules")


def resident_mb(server: Server) -> float:
    """The memory that the server's process holds."""
    return psutil.Process(server.pid).memory_info().rss / 1e6


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server past its first visits: what it loads in the background, and for the first page's pictures, is there."""
    with serve() as server:
        for _ in range(2):  # the second visitor is the first to see pictures that need a network
            attend(stay(server.port, 3))
            come_to_rest(server)
        yield server


def come_to_rest(server: Server) -> None:
    """Wait until the memory has not changed for three seconds."""
    last, still = resident_mb(server), 0
    deadline = time.monotonic() + 90
    while still < 6 and time.monotonic() < deadline:
        time.sleep(0.5)
        now = resident_mb(server)
        still = still + 1 if now > 300 and abs(now - last) < 1 else 0  # PyTorch alone takes more
        last = now
    assert still == 6


async def stay(port: int, seconds: float) -> None:
    async with visit(port):
        await asyncio.sleep(seconds)


@GNU
def test_memory_comes_back_when_a_class_leaves(server: Server) -> None:
    picture = encoded(np.random.default_rng(1).integers(0, 256, (2570, 2600, 3), np.uint8), "BMP")
    assert len(picture) > 20e6
    before = resident_mb(server)
    here = attend(a_class(server, picture))
    assert here - before > 50  # thirty photos at working size: the class was there
    time.sleep(2)
    assert resident_mb(server) - before < BACK_WITHIN_MB  # nobody has come since


async def a_class(server: Server, picture: bytes) -> float:
    """Everybody opens the app, uploads a picture and waits for the others; the memory when all are there."""
    arrived, leave = [], asyncio.Event()

    async def student(number: int) -> None:
        async with visit(server.port) as visitor:
            await visitor.upload(f"{number}.bmp", picture)
            assert visitor.errors == []
            assert f"{number}.bmp" in visitor.widget("-photo").element.selectbox.options
            arrived.append(number)
            await leave.wait()

    students = [asyncio.create_task(student(number)) for number in range(VISITORS)]
    while len(arrived) < VISITORS and not any(student.done() for student in students):
        await asyncio.sleep(0.1)
    here = resident_mb(server)
    leave.set()
    await asyncio.gather(*students)
    return here


@pytest.mark.parametrize(("page", "query"), VIEWS, ids=[f"{page}?{query}" for page, query in VIEWS])
def test_memory_does_not_creep(server: Server, page: str, query: str) -> None:
    """A cache that fills up costs once and is over by a later stretch; what creeps does so in each of them."""
    growth = attend(creep(server, page, query))
    assert min(growth) < CREEP_MB, f"MB a run, stretch by stretch: {growth}"


async def creep(server: Server, page: str, query: str) -> list[float]:
    """MB a run in stretches of runs, until one stays below the limit."""
    growth: list[float] = []
    async with visit(server.port, page, query) as visitor:
        for _ in range(WARM_RUNS):
            await visitor.run()
        assert visitor.widgets
        while len(growth) < STRETCHES and not (growth and growth[-1] < CREEP_MB):
            before = resident_mb(server)
            for _ in range(STRETCH):
                await visitor.run()
            growth.append((resident_mb(server) - before) / STRETCH)
        assert visitor.errors == []
    return growth


@GNU
def test_freed_pieces_are_given_back_to_the_system() -> None:
    def resident() -> int:
        return psutil.Process().memory_info().rss

    before = resident()
    pieces = [bytearray(100_000) for _ in range(2000)]
    last = bytearray(100_000)  # lies behind them: without being asked, the C library keeps all before it
    held = resident()
    assert held - before > 150e6
    pieces.clear()
    give_back()
    assert held - resident() > 150e6
    assert len(last) == 100_000
