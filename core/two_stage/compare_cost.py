"""Multiply-adds of whatever PyTorch computes, counted while it runs, in this thread only."""

from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode


class MultiplyAdds(TorchDispatchMode):
    """Within it, convolutions and matrix products are counted; nothing else is.

    A convolution: outputs x inputs of its group x kernel; a product [n, k] [k, m]: n k m.
    """

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        name = func.overloadpacket.__name__
        if name in ("convolution", "conv2d"):
            weight = args[1]
            self.count += out.numel() * (weight.numel() // weight.shape[0])
        elif name in ("mm", "bmm", "matmul", "linear"):
            self.count += out.numel() * args[0].shape[-1]
        elif name == "addmm":
            self.count += out.numel() * args[1].shape[-1]
        return out
