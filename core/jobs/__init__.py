"""Long work outside the web server's process, on Dask distributed: queue, progress, stop.

Work is a generator function in `core`. It yields frozen steps: a `Tick` says how far it is (only the latest is kept),
everything else is a result (all are kept, in order). Each `yield` gives back True once the visitor wants it to stop:
the work then closes with what it has (a few results more, at once) and returns.

    def count(n: int) -> Generator[Tick | Found, bool | None, None]:
        for i in range(n):
            if (yield Tick(i, n)): break
        yield Found(...)
"""

from core.jobs.steps import Tick

__all__ = ["Tick"]
