"""Work that takes seconds, done in the background once for everybody who asks for the same.

A job is a generator of steps, so it can be stopped between any two of them. One thread carries out all steps: visitors
in turn, step by step, so that what is quick is never long behind what is slow; each visitor's jobs in the order they
were asked for. A job that nobody looks at any more is given up.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Literal

State = Literal["waiting", "running", "done", "stopped", "failed"]
Steps = Iterator[tuple[float, Any]]
"""The share of the work that is done, and what there is so far, or None."""

KEPT = 96  # results that are kept for the next who asks
PATIENCE_S = 20.0  # a job that nobody has looked at for so long is given up
_DUE = (ValueError, LookupError, RuntimeError, OSError)


@dataclass(slots=True, eq=False)
class Job:
    """One piece of work on its way. Only the workbench writes.

    Args:
        make: gives the steps; called in the workbench's thread.
        state: where it stands.
        share: of the work, 0 to 1.
        result: the latest that the steps gave.
        error: why it failed, in a sentence.
    """

    make: Callable[[], Steps] | None
    state: State = "waiting"
    share: float = 0.0
    result: Any = None
    error: str = ""
    _began: float = 0.0
    _now: float = 0.0
    _steps: Steps | None = None
    _seen: dict[str, float] = field(default_factory=dict)  # who looks at it, and when last

    @property
    def active(self) -> bool:
        """It waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return self._now - self._began


class Workbench:
    """All jobs of a server, by what they compute."""

    def __init__(self, kept: int = KEPT, patience_s: float = PATIENCE_S) -> None:
        self._kept, self._patience_s = kept, patience_s
        self._jobs: dict[Hashable, Job] = {}  # the one asked for last stands last
        self._served: dict[str, int] = {}
        self._turn = 0
        self._changed = Condition()
        self._thread: Thread | None = None

    def ask(self, owner: str, key: Hashable, make: Callable[[], Steps]) -> Job:
        """The job of this key: the one that is there, done or on its way, or a new one."""
        with self._changed:
            job = self._jobs.pop(key, None)
            if job is None or job.state in ("stopped", "failed"):
                job = Job(make)
            self._jobs[key] = job
            job._seen[owner] = time.monotonic()
            self._tidy()
            if job.active and (self._thread is None or not self._thread.is_alive()):
                self._thread = Thread(target=self._work, daemon=True, name="workbench")
                self._thread.start()
            self._changed.notify_all()
        return job

    def peek(self, owner: str, key: Hashable) -> Job | None:
        """The job of this key, if there is one; looking at one keeps it alive."""
        with self._changed:
            job = self._jobs.get(key)
            if job is not None and (owner in job._seen or not job.active):
                job._seen[owner] = time.monotonic()
        return job

    def stop(self, owner: str, keys: Iterable[Hashable]) -> None:
        """The owner no longer waits for these; what nobody else waits for is stopped."""
        with self._changed:
            for key in keys:
                job = self._jobs.get(key)
                if job is not None and job.active:
                    job._seen.pop(owner, None)
            self._give_up()

    def leave(self, owner: str) -> None:
        """The owner's session has ended: nothing stays that only they asked for."""
        with self._changed:
            self._served.pop(owner, None)
            for key, job in list(self._jobs.items()):
                if job._seen.pop(owner, None) is not None and not job._seen:
                    job.state = "stopped" if job.active else job.state
                    del self._jobs[key]

    def wait(self, job: Job, seconds: float) -> bool:
        """Wait until a job has ended; False if it takes longer than this."""
        until = time.monotonic() + seconds
        with self._changed:
            return self._changed.wait_for(lambda: not job.active, max(0.0, until - time.monotonic()))

    def _give_up(self) -> None:
        late = time.monotonic() - self._patience_s
        for job in self._jobs.values():
            if job.active and all(seen < late for seen in job._seen.values()):
                job.state = "stopped"

    def _tidy(self) -> None:
        for key, job in list(self._jobs.items()):
            if len(self._jobs) <= self._kept:
                break
            if not job.active:
                del self._jobs[key]

    def _next(self) -> Job | None:
        """The first job of the visitor who was served longest ago."""
        with self._changed:
            self._give_up()
            active = [job for job in self._jobs.values() if job.active]
            if not active:
                self._thread = None
                return None
            job = min(active, key=self._last_turn)
            self._turn += 1
            self._served.update(dict.fromkeys(job._seen, self._turn))
            if job.state == "waiting":
                job.state, job._began, job._now = "running", time.monotonic(), time.monotonic()
            return job

    def _last_turn(self, job: Job) -> int:
        return min(self._served.get(owner, 0) for owner in job._seen)

    def _work(self) -> None:
        while job := self._next():
            state, error, step = "failed", "The work ended too early.", None
            try:
                state, error, step = _one_step(job)
            finally:
                with self._changed:
                    job._now = time.monotonic()
                    if step is not None:
                        job.share, found = step
                        job.result = job.result if found is None else found
                    if job.state == "running":
                        job.state, job.error = state, error
                    if not job.active:
                        job.make = job._steps = None  # with them goes the picture
                    self._changed.notify_all()


def _one_step(job: Job) -> tuple[State, str, tuple[float, Any] | None]:
    """Carry out the next step of a job: where it stands then, why it failed, what the step gave."""
    try:
        if job._steps is None and job.make is not None:
            job._steps = job.make()
        if job._steps is None:
            return "stopped", "", None
        step = next(job._steps, None)
    except _DUE as error:
        return "failed", str(error), None
    return ("done" if step is None else "running"), "", step


def progress(jobs: Iterable[Job]) -> tuple[float, float | None]:
    """The share of several jobs that is done, and the seconds they still take at the pace so far (None: not known)."""
    every = list(jobs)
    done = sum(job.share if job.active else 1.0 for job in every)
    share = done / (len(every) or 1)
    spent, paced = (sum(kind) for kind in zip(*[(job.seconds, job.share) for job in every], strict=True))
    return share, (len(every) - done) * spent / paced if paced and spent else None
