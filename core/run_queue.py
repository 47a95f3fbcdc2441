"""Long work for visitors, each run in a process of its own: one per owner, so many at once, the others in a queue.

Who starts anew ends their earlier run; a run that its owner no longer looks at is given up. Nothing of it runs in the
web server but one thread that listens.
"""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

State = Literal["waiting", "running", "done", "stopped", "failed"]
PATIENCE_S = 20.0  # a run whose owner has not looked for so long is given up


class Order(Protocol):
    """What a run is to make."""

    @property
    def steps(self) -> int:
        """Answers that its process gives in all."""
        ...


Asked = TypeVar("Asked", bound=Order)


@dataclass(slots=True)
class Run(Generic[Asked]):
    """One order on its way; only its queue writes.

    Args:
        state: where it stands.
        error: why it failed, in a sentence.
    """

    _RECENT: ClassVar[int | None] = None  # steps from which the time left is measured; None for all

    order: Asked
    state: State = "waiting"
    error: str = ""
    seen_at: float = field(default_factory=time.monotonic)
    _arrivals: list[float] = field(default_factory=list)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def active(self) -> bool:
        """It waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def done(self) -> int:
        """Answers that have arrived, of order.steps."""
        return len(self._arrivals)

    def seconds_left(self) -> float | None:
        """The answers to come times the mean time of those that came; None before there are two."""
        times = list(self._arrivals)
        recent = times if self._RECENT is None else times[-self._RECENT - 1 :]
        if len(recent) < 2:
            return None
        return (self.order.steps - len(times)) * (recent[-1] - recent[0]) / (len(recent) - 1)

    def _arrived(self) -> None:
        """One more answer is there."""
        self._arrivals.append(time.monotonic())


Made = TypeVar("Made", bound=Run[Any])


class RunQueue(Generic[Asked, Made]):
    """All runs of one kind on a server, in order of arrival.

    Args:
        made: a new run for an order.
        at_once: so many run together.
        ended: the sentence for a process that ended before its work was done.
    """

    def __init__(self, made: Callable[[Asked], Made], at_once: int, ended: str) -> None:
        self._made, self._at_once, self._ended = made, at_once, ended
        self._runs: dict[str, Made] = {}  # by owner, in order of arrival
        self._lock = Lock()

    def _taken(self) -> "subprocess.Popen[bytes]":
        """A process for the next run."""
        raise NotImplementedError

    def _listen(self, run: Made, process: "subprocess.Popen[bytes]") -> None:
        """Give the process its order and take its answers until it ends.

        Raises: ValueError with the process's own sentence; OSError where it is gone.
        """
        raise NotImplementedError

    def start(self, owner: str, order: Asked) -> Made:
        """Begin a run, or queue it; the owner's earlier one is stopped."""
        self.stop(owner)
        run = self._made(order)
        with self._lock:
            self._runs.pop(owner, None)
            self._runs[owner] = run
        self._advance()
        return run

    def of(self, owner: str) -> Made | None:
        """The owner's latest run; looking keeps it alive."""
        with self._lock:
            run = self._runs.get(owner)
        if run:
            run.seen_at = time.monotonic()
        self._advance()
        return run

    def place(self, owner: str) -> int:
        """How many runs will begin before this one, and this one: 1 for the next; 0 if it does not wait."""
        with self._lock:
            waiting = [name for name, run in self._runs.items() if run.state == "waiting"]
        return waiting.index(owner) + 1 if owner in waiting else 0

    def stop(self, owner: str) -> None:
        """End the owner's run at once; what it has made stays to be looked at."""
        with self._lock:
            run = self._runs.get(owner)
        if run:
            self._end(run, "stopped")
        self._advance()

    def leave(self, owner: str) -> None:
        """The owner's session has ended: end the run and forget it."""
        self.stop(owner)
        with self._lock:
            self._runs.pop(owner, None)

    def _advance(self) -> None:
        """Give up runs that nobody looks at, and begin the next ones."""
        late = time.monotonic() - PATIENCE_S
        with self._lock:
            forgotten = [run for run in self._runs.values() if run.active and run.seen_at < late]
        for run in forgotten:
            self._end(run, "stopped")
        with self._lock:
            free = self._at_once - sum(run.state == "running" for run in self._runs.values())
            waiting = [run for run in self._runs.values() if run.state == "waiting"]
            for run in waiting[: max(0, free)]:
                run.state = "running"
                Thread(
                    target=self._follow, args=(run,), daemon=True, name=type(self).__name__.lower()
                ).start()

    def _end(self, run: Made, state: State, error: str = "") -> None:
        with self._lock:
            if not run.active:
                return
            run.state, run.error = state, error
            process = run._process
        if process:
            process.kill()

    def _follow(self, run: Made) -> None:
        """Take a process for a run and listen to it until it ends. One thread per run."""
        with self._taken() as process:
            with self._lock:
                run._process = process
                wanted = run.state == "running"
            if wanted:
                try:
                    self._listen(run, process)
                    if run.done == run.order.steps:
                        self._end(run, "done")
                    else:
                        self._end(run, "failed", self._ended)
                except (OSError, ValueError) as error:  # the process was stopped, or said why it failed
                    self._end(run, "failed", str(error))
            process.kill()
        self._advance()
