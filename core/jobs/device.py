"""What a worker computes on: CUDA where there is one, then Apple's MPS, then the processor."""

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def best_device() -> Any:
    """The `torch.device` to train on."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def device_name() -> str:
    """In words: "cuda (NVIDIA H100)", "mps" or "cpu, 3 threads"."""
    import torch

    device = best_device()
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    threads = torch.get_num_threads()
    return "mps" if device.type == "mps" else f"cpu, {threads} thread{'s' if threads > 1 else ''}"
