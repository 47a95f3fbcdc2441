"""Work that a visitor started ends with their session: nothing computes for a tab that is closed."""

import asyncio
import time
from collections.abc import Iterator

import psutil
import pytest

from benchmarks.server import Server, serve
from benchmarks.visitor import attend, visit
from tests.security.test_training_sessions import idle, the_worker, trains, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(environment={"CONVNET_EXPLORER_WORKERS": "1"}) as server:
        yield server


@pytest.mark.parametrize(
    ("page", "query", "button"),
    [
        ("augmentation", "aug_view=Leak&aug_leak_seeds=20&aug_leak_digits=400", "aug_leak_go"),
        (
            "features",
            "feat_view=Filters&feat_filters_section=What+does+it+look+for%3F"
            "&feat_filters_side=256&feat_filters_steps=256",
            "feat_filters_go",
        ),
    ],
    ids=["training", "dream"],
)
def test_it_ends_when_the_tab_is_closed(server: Server, page: str, query: str, button: str) -> None:
    worker = attend(work_and_leave(server, page, query, button))
    deadline = time.monotonic() + 30
    while not idle(worker):
        assert time.monotonic() < deadline, "it still works for a visitor who has left"


async def work_and_leave(server: Server, page: str, query: str, button: str) -> psutil.Process:
    """Start the work, see that it uses the processor, close the tab; the process that did it."""
    async with visit(server.port, page, query) as visitor:
        await visitor.press(button)
        assert visitor.errors == []
        worker = await the_worker(server.pid)
        await until(trains(worker))  # whatever it loads first, a second later it still computes
        await asyncio.sleep(6)
        await until(trains(worker))
        return worker


def test_workers_are_there_before_anyone_asks() -> None:
    with serve(
        environment={"CONVNET_EXPLORER_WORKERS": "1", "CONVNET_EXPLORER_WORKERS_AFTER_S": "0"}
    ) as server:
        attend(look(server))


async def look(server: Server) -> None:
    """Open the first page, which needs none."""
    async with visit(server.port, "", "") as visitor:
        assert visitor.errors == []
        await the_worker(server.pid)
