"""A visitor opens Features while the network is in memory: how soon the prediction is there, and what a session takes.

Every visit is a websocket client with a photo that nobody showed the network before, so that the answer is computed.
Run: python -m benchmarks.opening
"""

import asyncio
import statistics
import time

import psutil

from benchmarks.server import Server, serve
from benchmarks.timing import machine
from benchmarks.visitor import Visitor, visit
from core import bundled

PAGE, SETTLE_S = "features", 3.0


async def opened(port: int, photo: str) -> tuple[float, Visitor]:
    """Seconds until the page with its prediction is complete; the visit is over."""
    start = time.perf_counter()
    async with visit(port, PAGE, f"photo={photo.replace(' ', '%20')}") as visitor:
        if visitor.errors:
            raise RuntimeError(visitor.errors[0])
        return time.perf_counter() - start, visitor


async def measured(server: Server) -> tuple[float, list[float], float]:
    """Seconds of the very first visit, of the later ones, and the megabytes that a second session adds beside one."""
    first, *others = bundled.NAMES
    cold, _ = await opened(server.port, first)
    await asyncio.sleep(SETTLE_S)
    waits = [(await opened(server.port, photo))[0] for photo in others]
    process = psutil.Process(server.pid)
    async with visit(server.port, PAGE):
        await asyncio.sleep(SETTLE_S)
        before = process.memory_info().rss
        async with visit(server.port, PAGE):
            await asyncio.sleep(SETTLE_S)
            added = process.memory_info().rss - before
    return cold, waits, added / 1e6


def main() -> None:
    """Print how long the visits took and what a second session adds."""
    print(machine())
    with serve() as server:
        cold, waits, added = asyncio.run(measured(server))
    print(f"the first visit of all, PyTorch and the network being loaded: {cold:.1f} s")
    print(
        f"the network in memory, a new photo: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s "
        f"of {len(waits)} visits"
    )
    print(f"a second session adds {added:.1f} MB")


if __name__ == "__main__":
    main()
