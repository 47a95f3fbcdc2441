"""Both stages of Faster R-CNN as long work: step by step, the funnel at the end."""

from collections.abc import Generator
from typing import Any

import numpy as np
from jaxtyping import UInt8

from core.jobs import Job, Order, Tick, work
from core.two_stage.faster import network
from core.two_stage.faster_funnel import RPN_OVERLAP, STEPS, Funnel, funnel


def funnel_order(
    name: str, photo: UInt8[np.ndarray, "height width 3"], overlap: float = RPN_OVERLAP
) -> Order:
    """The order for what `run` does."""
    return Order("core.two_stage.faster_run:run", {"name": name, "photo": photo, "overlap": overlap})


@work
def run(name: str, photo: np.ndarray, overlap: float) -> Generator[Any, bool | None, None]:
    """One photo through both stages; the result is the `Funnel`.

    Raises: WeightsMissing, WeightsDamaged.
    """
    total = len(STEPS) + 1
    if (yield Tick(0, total, "reading the weights")):
        return
    steps = funnel(network(name), name, photo, overlap)
    for number, step in enumerate(steps, start=1):
        if isinstance(step, Funnel):
            yield step
        elif (yield Tick(number, total, step)):
            return


def found(job: Job | None) -> Funnel | None:
    """The funnel, if the job has one."""
    return job.results[-1] if job and job.results else None
