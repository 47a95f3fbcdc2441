"""What a worker does before its first job: step back behind the web server, and load PyTorch meanwhile."""

from threading import Thread
from typing import Any

from core.child_process import be_nice


def dask_setup(worker: Any) -> None:
    """Called by Dask in each new worker process."""
    be_nice()
    Thread(target=_load, daemon=True, name="preload").start()


def _load() -> None:
    import torch  # noqa: F401
    import torchvision  # noqa: F401
