"""Timing two ways of doing one thing against each other: medians, both orders, one run."""

import platform
import statistics
import time
from collections.abc import Callable


def median_ms(work: Callable[[], object], repeats: int) -> float:
    """Median time of one call, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def compare(
    name: str, ours: Callable[[], object], reference: Callable[[], object], *, named: str, repeats: int = 20
) -> float:
    """Print the medians of both and their ratio, ours over the reference; warm-up first, then A B B A."""
    ours()
    reference()
    first = median_ms(ours, repeats), median_ms(reference, repeats)
    second = median_ms(reference, repeats), median_ms(ours, repeats)
    mine = statistics.mean((first[0], second[1]))
    theirs = statistics.mean((first[1], second[0]))
    print(f"{name}: {mine:.2f} ms against {theirs:.2f} ms of {named}: ratio {mine / theirs:.2f}")
    return mine / theirs


def machine() -> str:
    """The machine in a line, for the head of a report."""
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
