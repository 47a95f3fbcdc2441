"""Weights fetched because a visitor asked: one download at a time, in a process of its own that can be stopped.

The server's own process opens no connection. The download goes into PyTorch's cache, is checked by its hash, and serves
everybody; whoever waited for the same network finds it there.
"""

import json
import subprocess
from dataclasses import dataclass

from core.child_process import started
from core.networks.store import cache_folder, discard_partial
from core.run_queue import Run, RunQueue


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """Fetch the trained weights of a network; `steps` is percent, of which each is answered once it is there."""

    network: str
    steps: int = 100


class Fetcher(RunQueue[FetchOrder, Run[FetchOrder]]):
    """All downloads of a server."""

    def __init__(self) -> None:
        super().__init__(Run, 1, "The process that fetches weights ended too early.")

    def _taken(self) -> "subprocess.Popen[bytes]":
        return started("core.networks.fetching_process")

    def _listen(self, run: Run[FetchOrder], process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        folder = cache_folder()
        order = {"network": run.order.network, "folder": str(folder)}
        try:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()  # it stays open: its end is the sign to stop
            for line in process.stdout:
                said = json.loads(line)
                if "error" in said:
                    raise ValueError(said["error"])
                while run.done < said["percent"]:
                    run._arrived()
        finally:  # a process that was stopped cannot tidy up
            process.kill()
            process.wait()
            discard_partial(run.order.network, folder, process.pid)
