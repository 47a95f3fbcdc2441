"""Work that a visitor started ends with their session: nothing computes for a tab that is closed."""

import asyncio
import time
from collections.abc import Iterator

import psutil
import pytest

from benchmarks.server import Server, serve
from benchmarks.visitor import attend, visit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


def worker(server: Server, module: str) -> psutil.Process | None:
    """The oldest of the server's processes that run a module: a later one may be the spare that loads PyTorch."""
    children = psutil.Process(server.pid).children()
    return min(
        (each for each in children if module in each.cmdline()),
        key=psutil.Process.create_time,
        default=None,
    )


@pytest.mark.parametrize(
    ("page", "query", "button", "module"),
    [
        ("augmentation", "aug_view=Leak", "aug_leak_go", "core.augmentation.laboratory_process"),
        (
            "features",
            "feat_view=Filters&feat_filters_section=What+does+it+look+for%3F&feat_filters_steps=512",
            "feat_filters_go",
            "core.features.dream_process",
        ),
    ],
    ids=["training", "dream"],
)
def test_it_ends_when_the_tab_is_closed(
    server: Server, page: str, query: str, button: str, module: str
) -> None:
    process = attend(work_and_leave(server, page, query, button, module))
    deadline = time.monotonic() + 30
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "it still works for a visitor who has left"
        time.sleep(0.1)


async def work_and_leave(server: Server, page: str, query: str, button: str, module: str) -> psutil.Process:
    """Start the work, see that it uses the processor, close the tab; the process that did it."""
    async with visit(server.port, page, query) as visitor:
        await visitor.press(button)
        assert visitor.errors == []
        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, "nothing was started"
            await visitor.run()  # who does not look is given up
            found = worker(server, module)
            if found and sum(found.cpu_times()[:2]) > 3:  # it has loaded PyTorch, at the least
                return found
            await asyncio.sleep(0.5)
