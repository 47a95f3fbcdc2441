"""In a worker: one piece of work. The server asks for each step, so no more than one is ever on its way."""

import logging
from collections.abc import Generator, Mapping
from typing import Any, Literal

from core.jobs.declared import found
from core.jobs.device import device_name

Answer = tuple[Literal["step", "end", "refused", "broken"], Any]
"""A step; the end (None); the work's own sentence why it cannot; the kind of an error that nobody expected."""


class Work:
    """One generator. Its methods are called over the network, one after the other."""

    def __init__(self) -> None:
        self._steps: Generator[Any, bool | None, Any] | None = None
        self._begun = False

    def begin(self, name: str, arguments: Mapping[str, Any]) -> tuple[int, str]:
        """Take the order. Returns the process's number and what it computes on."""
        import os

        self._steps = found(name)(**arguments)
        return os.getpid(), device_name()

    def next(self, stop: bool) -> Answer:
        """The next step; `stop` tells the work to close."""
        assert self._steps is not None
        try:
            step = self._steps.send(stop) if self._begun else next(self._steps)
        except StopIteration:
            return "end", None
        except ValueError as error:
            return "refused", str(error)
        except Exception as error:
            logging.getLogger(__name__).exception("Long work failed.")
            return "broken", type(error).__name__
        self._begun = True
        return "step", step

    def close(self) -> None:
        """Let go of everything."""
        if self._steps is not None:
            self._steps.close()
