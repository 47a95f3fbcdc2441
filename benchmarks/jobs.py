"""What the engine for long work costs: against iterating the work directly, to stop, and after a lost worker.

Run with `python -m benchmarks.jobs`. Medians; the work counts and does nothing else.
"""

import os
import signal
import statistics
import time

from benchmarks.timing import machine
from core.jobs import Engine, Job, Order
from core.jobs.trial import count

STEPS, ROUNDS = 200, 5


def counting(engine: Engine, total: int, seconds: float = 0.0) -> Job:
    return engine.start("anna", "count", Order("core.jobs.trial:count", {"total": total, "seconds": seconds}))


def ended(job: Job) -> float:
    """Seconds until it is no longer active."""
    since = time.perf_counter()
    while job.active:
        time.sleep(0.002)
    return time.perf_counter() - since


def main() -> None:
    print(machine())
    engine = Engine("")
    try:
        since = time.perf_counter()
        ended(counting(engine, 1))
        print(f"first job, with the start of the cluster: {time.perf_counter() - since:.2f} s")
        time.sleep(10)  # the workers load PyTorch meanwhile
        engine_s, direct_s, stop_s, lost_s = [], [], [], []
        for _ in range(ROUNDS):
            job = counting(engine, STEPS)
            ended(job)
            engine_s.append(job.elapsed_s / (2 * STEPS))
            since = time.perf_counter()
            for _step in count(STEPS):
                pass
            direct_s.append((time.perf_counter() - since) / (2 * STEPS))
            job = counting(engine, 10_000, 0.01)
            while len(job.results) < 3:
                time.sleep(0.01)
            engine.stop("anna", "count")
            stop_s.append(ended(job))
            job = counting(engine, 10_000, 0.01)
            while len(job.results) < 3:
                time.sleep(0.01)
            os.kill(job.process, signal.SIGKILL)
            ended(job)
            since = time.perf_counter()
            ended(counting(engine, 1))
            lost_s.append(time.perf_counter() - since)
        step, direct = statistics.median(engine_s), statistics.median(direct_s)
        print(f"a step: {1e3 * step:.2f} ms, iterated directly {1e3 * direct:.4f} ms")
        print(f"told to stop, closed after {1e3 * statistics.median(stop_s):.0f} ms (steps of 10 ms)")
        print(f"worker killed, the next job done after {statistics.median(lost_s):.2f} s")
    finally:
        engine.close()


if __name__ == "__main__":
    main()
