"""Build a network in milliseconds: its parameters get shapes on PyTorch's device "meta" and no values."""

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_FACTORIES = (torch.empty, torch.zeros, torch.ones)


class Weightless(TorchFunctionMode):
    """Within it, this thread's new tensors have no values, and filling one in place does nothing.

    Unlike `torch.device("meta")` it leaves the small tensors alone that a constructor computes sizes with (RegNet
    derives its widths that way), and it skips the drawing of initial weights.
    """

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _FACTORIES:
            return func(*args, **{**kwargs, "device": "meta"})
        if func.__name__.endswith("_") and not func.__name__.endswith("__"):
            filled = args[0] if args else kwargs.get("tensor")  # torch.nn.init hands it on by name
            if isinstance(filled, torch.Tensor) and filled.is_meta:
                return filled
        return func(*args, **kwargs)
