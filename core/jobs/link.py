"""The way to the workers: a cluster of the app's own in a child process, or the scheduler that an address names."""

import contextlib
import json
import os
import signal
import subprocess
from threading import Lock
from typing import Any

from core import child_process
from core.settling import settle

SCHEDULER = "CONVNET_EXPLORER_SCHEDULER"
"""Environment variable with the address of a Dask scheduler, tcp://host:8786."""

CONNECT_S = 20.0


class NoWorkers(Exception):
    """Nobody can do the work; its text is a sentence for a person."""


class Link:
    """A client of one scheduler, made when it is first needed and made again when the scheduler has gone.

    Args:
        address: of a scheduler; None for `SCHEDULER` of the environment, "" there for a cluster of our own.
        connect_s: seconds that connecting may take.
    """

    def __init__(self, address: str | None = None, connect_s: float = CONNECT_S) -> None:
        self._connect_s = connect_s
        self._address = os.environ.get(SCHEDULER, "") if address is None else address
        self._child: subprocess.Popen[bytes] | None = None
        self._client: Any = None
        self._lock = Lock()

    def client(self) -> Any:
        """A connected `distributed.Client`.

        Raises: NoWorkers.
        """
        with self._lock:
            if self._client is not None and not self._lost():
                return self._client
            self._forget()
            self._client = self._connected(self._address) if self._address else self._own()
            return self._client

    def workers(self) -> tuple[str, ...]:
        """The addresses of all workers there are now.

        Raises: NoWorkers if the scheduler cannot be reached.
        """
        client = self.client()
        try:
            return tuple(client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, ValueError, TimeoutError, RuntimeError) as error:
            raise NoWorkers(f"The scheduler {self._where} does not answer any more.") from error

    def actor(self, kind: type, worker: str) -> tuple[Any, Any]:
        """An object of `kind` that lives on a worker, and what must be held (and released) to keep it there."""
        future = self.client().submit(
            kind, actor=True, workers=[worker], allow_other_workers=False, pure=False
        )
        return future.result(timeout=CONNECT_S), future

    def restart(self, worker: str, process: int) -> None:
        """End a worker's process, whatever it does; another takes its place.

        Args:
            process: its number, where it is known; on a computer of our own it is ended at once.
        """
        with contextlib.suppress(Exception):  # it may be gone already; then there is nothing to end
            if self._child is not None and process:
                os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows knows only the latter
            else:
                self.client().restart_workers([worker], timeout=10, raise_for_error=False)

    def close(self) -> None:
        """Let go of the scheduler, and end the cluster if it is our own."""
        with self._lock:
            self._forget()

    @property
    def _where(self) -> str:
        return f"at {self._address}" if self._address else "of the app's own"

    def _lost(self) -> bool:
        ended = self._child is not None and self._child.poll() is not None
        return ended or self._client.status not in ("running", "connecting")

    def _own(self) -> Any:
        """Start the cluster, and connect with the key that it says."""
        from distributed.security import Security

        self._child = child_process.started("core.jobs.cluster")
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise NoWorkers("The processes that compute for the app could not be started.")
        told = json.loads(line)
        security = Security(
            tls_ca_file=told["authority"],
            tls_client_cert=told["certificate"],
            tls_client_key=told["key"],
            require_encryption=True,
        )
        return self._connected(told["address"], security)

    def _connected(self, address: str, security: Any = None) -> Any:
        from distributed import Client

        settle()
        try:
            return Client(
                address,
                timeout=self._connect_s,
                direct_to_workers=True,
                set_as_default=True,
                security=security,
            )
        except (OSError, ValueError, TimeoutError) as error:
            raise NoWorkers(
                f"The Dask scheduler at {address} cannot be reached: start it, or unset {SCHEDULER}."
            ) from error

    def _forget(self) -> None:
        client, self._client = self._client, None
        child, self._child = self._child, None
        if client is not None:
            with contextlib.suppress(OSError, TimeoutError, RuntimeError):
                client.close(timeout=5)
        if child is not None:
            with child:  # which waits for its end at last, however long that takes
                assert child.stdin is not None
                child.stdin.close()
                try:
                    child.wait(10)
                except subprocess.TimeoutExpired:
                    child.kill()
