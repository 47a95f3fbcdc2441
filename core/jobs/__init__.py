"""Long work outside the web server's process, on Dask distributed: queue, progress, stop.

Work is a generator function in `core`, marked with `work`. It yields frozen steps: a `Tick` says how far it is (only
the latest is kept), everything else is a result (all are kept, in order). Each `yield` gives back True once the visitor
wants it to stop: the work then closes with what it has (a few results more, at once) and returns.

    @work
    def count(n: int) -> Generator[Tick | Found, bool | None, None]:
        for i in range(n):
            if (yield Tick(i, n)): break
        yield Found(...)

    engine = Engine()                                       # a cluster of its own, or CONVNET_EXPLORER_SCHEDULER
    job = engine.start(owner, "count", Order("core.module:count", {"n": 3}))
    job.state, job.tick, job.results, job.seconds_left(); engine.stop(owner, "count"); engine.leave(owner)

Importing this loads neither Dask nor PyTorch.
"""

from core.jobs.declared import work
from core.jobs.engine import Engine
from core.jobs.job import Job, Order
from core.jobs.link import SCHEDULER
from core.jobs.steps import Tick

__all__ = ["SCHEDULER", "Engine", "Job", "Order", "Tick", "work"]
