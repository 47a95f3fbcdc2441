"""Thirty students move a slider every two seconds: how long does each of them wait for the server?

Every session is a websocket client that speaks Streamlit's protocol and waits until its script run has finished.
Run: python -m benchmarks.sessions [sessions] [seconds]
"""

import asyncio
import random
import statistics
import sys
import time

from benchmarks.server import serve
from benchmarks.timing import machine
from benchmarks.visitor import visit

PAUSE_S = 2.0
WARM_UP_S = 12.0  # torch is imported in the background meanwhile


async def student(port: int, page: str, query: str, slider: str, seconds: float, seed: int) -> list[float]:
    """Open the page, wait for the libraries to be there, then move the slider until the time is over."""
    generator = random.Random(seed)
    async with visit(port, page, query) as visitor:
        options = list(visitor.widget(slider).element.slider.options)
        await asyncio.sleep(WARM_UP_S + generator.uniform(0, PAUSE_S))
        end = time.monotonic() + seconds
        waits_ms = []
        while time.monotonic() < end:
            waits_ms.append(await visitor.choose(slider, generator.choice(options)))
            await asyncio.sleep(PAUSE_S)
        return waits_ms


async def crowd(port: int, page: str, query: str, slider: str, sessions: int, seconds: float) -> list[float]:
    """All students at once."""
    runs = (student(port, page, query, slider, seconds, seed) for seed in range(sessions))
    return [wait for waits in await asyncio.gather(*runs) for wait in waits]


def main(sessions: int = 30, seconds: float = 20.0) -> None:
    """Measure each page in a server of its own."""
    print(machine())
    for page, query, slider in (
        ("convolution", "", "conv_stride"),
        ("convolution", "conv_view=Photo", "conv_photo_stride"),
    ):
        with serve() as server:
            waits = asyncio.run(crowd(server.port, page, query, slider, sessions, seconds))
        p95 = statistics.quantiles(waits, n=20)[-1]
        print(
            f"{page}?{query} {slider}: {sessions} sessions, {len(waits)} moves: "
            f"median {statistics.median(waits):.0f} ms, p95 {p95:.0f} ms, longest {max(waits):.0f} ms"
        )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
