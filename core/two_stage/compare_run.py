"""The comparison as long work: one route after the other, each timed on the same photo."""

import statistics
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from core.detection.detector import FETCHED
from core.jobs import Job, Order, Tick, work
from core.two_stage.compare import ROUTES, Boxes

REPEATS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one route finds and costs.

    Args:
        route: its key. found: its boxes.
        seconds: from the photo to the last boxes, the median of three after one to warm up.
        macs: multiply-adds; None where they are not counted (ONNX files).
    """

    route: str
    found: Boxes
    seconds: float
    macs: int | None


def compare_order(
    photo: UInt8[np.ndarray, "height width 3"], keys: Sequence[str], score: float, overlap: float
) -> Order:
    """The order for what `compare` does.

    Raises: ValueError without a route, or with one that there is not.
    """
    unknown = [key for key in keys if key not in ROUTES]
    if unknown or not keys:
        raise ValueError(f"The routes are some of {', '.join(ROUTES)}, got {', '.join(unknown) or 'none'}.")
    given = {"photo": photo, "keys": tuple(keys), "score": score, "overlap": overlap}
    return Order("core.two_stage.compare_run:compare", given)


@work
def compare(
    photo: np.ndarray, keys: tuple[str, ...], score: float, overlap: float
) -> Generator[Any, bool | None, None]:
    """Ask one route after the other; results are an `Answer` for each."""
    turns = REPEATS + 2
    for number, key in enumerate(keys):
        found: list[Boxes] = []
        times: list[float] = []
        for turn in range(turns):
            if (yield Tick(number * turns + turn, len(keys) * turns, ROUTES[key].title)):
                return
            if turn <= REPEATS:
                start = time.perf_counter()
                found.append(ROUTES[key].run(photo, score, overlap))  # the first call loads the weights, too
                times.append(time.perf_counter() - start)
        yield Answer(key, found[-1], statistics.median(times[1:]), counted(key, photo, score, overlap))


def counted(key: str, photo: np.ndarray, score: float, overlap: float) -> int | None:
    """Multiply-adds of one route whose weights are loaded; None for an ONNX file."""
    if key in FETCHED:
        return None
    from core.two_stage.compare_cost import MultiplyAdds

    with MultiplyAdds() as counter:
        ROUTES[key].run(photo, score, overlap)
    return counter.count


def answers(job: Job | None) -> tuple[Answer, ...]:
    """The answers so far."""
    return job.results if job else ()
