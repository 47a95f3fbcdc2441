"""The queue of long work, kept in the web server: fair between owners, one running job each.

Only work that can run now is given to a worker; a thread for each running job asks it for one step after the other.
"""

import contextlib
import logging
import time
from threading import Condition, Thread
from typing import Any

from core.jobs.actor import Answer, Work
from core.jobs.job import Job, Order, State
from core.jobs.link import CONNECT_S, Link, NoWorkers

WAITING_MOST = 64
GRACE_S = 30.0  # a work that was told to stop and says nothing for so long is ended with its process
_GRACES = 6  # so many times as long it may take to close while it says how far it is
LOST = (
    "The process that computed this ended before it was done, perhaps because it needed more memory than it may take. "
    "What had come so far is kept; try again with fewer or smaller photos, or a smaller batch."
)
BROKEN = "This work failed in a way that nobody expected ({}); the server's log says more."
FULL = "The queue holds at most {} runs and is full: try again in a few minutes."
_NOBODY = "No worker has joined the scheduler: start one as the README says."
_CLOSE_S = 2.0  # for a step that nobody waits for any more
_TRIES = 20  # of giving a job to a worker that is listed and gone
PATIENCE_S = 60.0


class Engine:
    """All long work of a server.

    Args:
        address: as for `core.jobs.link.Link`.
        waiting_most: jobs that may wait.
        grace_s: seconds that a work told to stop may take for a step of closing.
        patience_s: seconds that jobs wait for a first worker. connect_s: for the scheduler.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        waiting_most: int = WAITING_MOST,
        grace_s: float = GRACE_S,
        patience_s: float = PATIENCE_S,
        connect_s: float = CONNECT_S,
    ) -> None:
        self._link = Link(address, connect_s)
        self._most, self._grace_s, self._patience_s = waiting_most, grace_s, patience_s
        self._jobs: dict[tuple[str, str], Job] = {}
        self._queue: list[Job] = []  # waiting, in order of arrival
        self._running: dict[str, Job] = {}  # by worker
        self._served: dict[str, float] = {}  # owners, and when a job of theirs last began
        self._changed = Condition()
        self._dispatcher: Thread | None = None
        self._closed = False

    def start(self, owner: str, name: str, order: Order) -> Job:
        """Queue an order; the owner's earlier job of this name is stopped and forgotten."""
        job = Job(owner, name, order)
        with self._changed:
            earlier = self._jobs.get((owner, name))
            if earlier is not None:
                earlier._abandoned = True  # nobody can see any more what it would close with
                self._stop(earlier)
            self._jobs[owner, name] = job
            if len(self._queue) >= self._most:
                job._end("failed", FULL.format(self._most))
                return job
            self._queue.append(job)
            self._changed.notify_all()
        self.prepare()
        return job

    def of(self, owner: str, name: str) -> Job | None:
        """The owner's latest job of this name."""
        with self._changed:
            return self._jobs.get((owner, name))

    def place(self, job: Job) -> int:
        """How many jobs begin before this one, and this one: 1 for the next; 0 if it does not wait."""
        with self._changed:
            order, queue, served = [], list(self._queue), dict(self._served)
            while queue:
                first = min(queue, key=lambda each: served.get(each.owner, 0.0))
                queue.remove(first)
                order.append(first)
                served[first.owner] = time.monotonic() + len(order)
        return order.index(job) + 1 if job in order else 0

    def stop(self, owner: str, name: str) -> None:
        """Tell a job to stop: it closes with what it has."""
        with self._changed:
            job = self._jobs.get((owner, name))
            if job is not None:
                self._stop(job)

    def leave(self, owner: str) -> None:
        """The owner's session has ended: stop and forget all their jobs."""
        with self._changed:
            for key in [key for key in self._jobs if key[0] == owner]:
                job = self._jobs.pop(key)
                job._abandoned = True
                self._stop(job)
            self._served.pop(owner, None)

    def prepare(self) -> None:
        """Have the workers ready; returns at once, and costs nothing the second time."""
        with self._changed:
            if self._dispatcher is None and not self._closed:
                self._dispatcher = Thread(target=self._dispatch, daemon=True, name="jobs")
                self._dispatcher.start()

    def close(self) -> None:
        """End everything."""
        with self._changed:
            self._closed = True
            for job in self._jobs.values():
                self._stop(job)
            self._changed.notify_all()
            dispatcher = self._dispatcher
        self._link.close()
        if dispatcher is not None:
            dispatcher.join(20)

    def _stop(self, job: Job) -> None:
        if job.state == "waiting":
            self._queue.remove(job)
            job._end("stopped")
        elif job.state == "running":
            job.state, job._stop_asked = "stopping", time.monotonic()

    def _dispatch(self) -> None:
        """The one thread that gives jobs to workers."""
        empty_since = time.monotonic()
        while not self._closed:
            try:
                free = [each for each in self._link.workers() if each not in self._running]
                if free or self._running:
                    empty_since = time.monotonic()
                elif time.monotonic() - empty_since > self._patience_s:
                    raise NoWorkers(_NOBODY)
                for worker in free:
                    self._give(worker)
            except NoWorkers as error:
                self._refuse_all(str(error))
            except Exception as unexpected:  # the next job may find what this one did not
                logging.getLogger(__name__).exception("Workers could not be asked.")
                self._refuse_all(BROKEN.format(type(unexpected).__name__))
            with self._changed:
                if self._queue and not self._closed:
                    self._changed.wait(0.2)  # all are busy, or none is there yet
                elif not self._closed:
                    self._changed.wait()
                    empty_since = time.monotonic()  # nobody waited for a worker meanwhile

    def _give(self, worker: str) -> None:
        """Begin the next job that may run on a free worker."""
        with self._changed:
            busy = {job.owner for job in self._running.values()}
            ready = [job for job in self._queue if job.owner not in busy]
            if not ready:
                return
            job = min(ready, key=lambda each: self._served.get(each.owner, 0.0))
            self._queue.remove(job)
            self._served[job.owner] = time.monotonic()
            self._running[worker] = job
            job.state = "running"
        Thread(target=self._follow, args=(job, worker), daemon=True, name=f"job {job.name}").start()

    def _refuse_all(self, sentence: str) -> None:
        with self._changed:
            for job in self._queue:
                job._end("failed", sentence)
            self._queue.clear()

    def _follow(self, job: Job, worker: str) -> None:
        """Ask a worker for one step after the other until the work ends. One thread per running job."""
        held = None
        try:
            actor, held = self._link.actor(Work, worker)
        except Exception:  # the worker died since it was listed: the job has not begun
            logging.getLogger(__name__).debug("A worker was gone before its job began.", exc_info=True)
            self._put_back(job, worker)
            return
        state, error = "failed", LOST
        try:
            begun = self._waited(job, actor.begin(job.order.work, job.order.arguments))
            if begun is not None:
                job._start(*begun)
            state, error = self._steps(job, actor, worker) if begun is not None else self._ended(job, worker)
        except (OSError, RuntimeError, TimeoutError) as lost:  # the worker is gone, or never answered
            logging.getLogger(__name__).warning("A worker was lost: %s", lost)
            state, error = ("stopped", "") if job.state == "stopping" else ("failed", LOST)
        except (NoWorkers, ValueError) as refused:
            state, error = "failed", str(refused)
        except Exception as unexpected:
            logging.getLogger(__name__).exception("A job failed.")
            state, error = "failed", BROKEN.format(type(unexpected).__name__)
        finally:
            with contextlib.suppress(Exception):  # its scheduler may be gone: nothing is left to release
                held.release()
            self._free(
                job, worker, state, error
            )  # whatever happened: the owner and the worker are free again

    def _put_back(self, job: Job, worker: str) -> None:
        """The worker was gone before the job began: to the head of the queue, a few times."""
        with self._changed:
            job._tries += 1
            if job.state == "running" and job._tries < _TRIES and not self._closed:
                self._running.pop(worker, None)
                job.state = "waiting"
                self._queue.insert(0, job)
                self._changed.notify_all()
                return
        stopped = job.state == "stopping"
        self._free(job, worker, "stopped" if stopped else "failed", "" if stopped else LOST)

    def _free(self, job: Job, worker: str, state: State, error: str) -> None:
        with self._changed:
            job._end(state, error)
            self._running.pop(worker, None)
            self._changed.notify_all()

    def _ended(self, job: Job, worker: str) -> tuple[State, str]:
        """The work did not close in time: the visitor need not wait until its process is gone."""
        job._end("stopped")
        self._link.restart(worker, job.process)
        return "stopped", ""

    def _steps(self, job: Job, actor: Any, worker: str) -> tuple[State, str]:
        """Take the steps; returns how the job ended, and why if it failed."""
        while True:
            if job._abandoned:  # nobody waits for what it would close with
                actor.close().result(timeout=_CLOSE_S)
                return "stopped", ""
            answer = self._next(job, actor)
            if answer is None:
                return self._ended(job, worker)
            kind, value = answer
            if kind == "end":
                return ("stopped" if job.state == "stopping" else "done"), ""
            if kind == "refused":
                return "failed", value
            if kind == "broken":
                return "failed", BROKEN.format(value)
            job._take(value)

    def _next(self, job: Job, actor: Any) -> Answer | None:
        """The next answer; None if the work was told to stop and does not close in time."""
        return self._waited(job, actor.next(job.state == "stopping"))

    def _waited(self, job: Job, coming: Any) -> Any:
        """What is coming from the worker; None if the job was told to stop and that takes too long."""
        while True:
            try:
                return coming.result(timeout=0.5)
            except TimeoutError:
                grace_s = min(_CLOSE_S, self._grace_s) if job._abandoned or self._closed else self._grace_s
                now, asked = time.monotonic(), job._stop_asked
                if asked and (now - max(asked, job._heard) > grace_s or now - asked > _GRACES * grace_s):
                    return None
