"""Exact receptive fields of ten networks: traced from the graph, against measured by gradient on the same networks.

The reference gets every advantage: its networks are built beforehand, ready to be measured (positive weights,
averages for maxima), it computes one unit in one pass, and fields over 1000 pixels are measured on two strips, 96
pixels wide for the rows and 96 high for the columns, instead of on a square that holds the field. Tracing builds its
network from the name each time, keeps nothing from before, and gives every layer's field where measuring gives the
last map's. Times are processor time on one thread, so that other work on the machine does not count.

Run by hand: python -m benchmarks.receptive_field
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torchvision.models import get_model

from benchmarks.timing import machine
from core.receptive_field.network import LayerField, fields_of, record_network

REPEATS = 3
STRIP_FROM, STRIP = 1000, 96
SIZES = {
    "alexnet": 195,
    "vgg16": 212,
    "resnet18": 435,
    "resnet50": 427,
    "googlenet": 379,
    "inception_v3": 1311,
    "densenet121": 2071,
    "mobilenet_v2": 491,
    "squeezenet1_1": 207,
    "tf_efficientnet_lite0": 851,
}
DOUBLE = (
    "densenet121",
)  # in float32 its outermost paths fade to 0 and the measured field comes out too small
LAST = {
    "alexnet": "features",
    "vgg16": "features",
    "resnet18": "layer4",
    "resnet50": "layer4",
    "googlenet": "inception5b",
    "inception_v3": "Mixed_7c",
    "densenet121": "features",
    "mobilenet_v2": "features",
    "squeezenet1_1": "classifier.2",
    "tf_efficientnet_lite0": "bn2",
}


def main() -> None:
    """Print both medians and the ratio per network and in total."""
    torch.set_num_threads(1)
    print(f"{machine()}, one thread, {REPEATS} repeats, the order of the two turned each time")
    print(f"{'network':24}{'cold ms':>9}{'traced ms':>11}{'measured ms':>13}{'ratio':>8}  picture measured")
    totals = [0.0, 0.0]
    for name, size in SIZES.items():
        cold, traced, measured, pictures = _one(name, size)
        totals = [totals[0] + traced, totals[1] + measured]
        print(f"{name:24}{cold:9.1f}{traced:11.1f}{measured:13.1f}{measured / traced:8.1f}  {pictures}")
    print(f"{'all ten':24}{'':9}{totals[0]:11.1f}{totals[1]:13.1f}{totals[1] / totals[0]:8.1f}")


def _one(name: str, size: int) -> tuple[float, float, float, str]:
    """Cold and median milliseconds of tracing, median of measuring, and the pictures measured on."""
    side = (size // 32 + 4) * 32
    pictures = [(side, STRIP), (STRIP, side)] if size > STRIP_FROM else [(side, side)]
    start = time.process_time()
    field = _traced(name, (side, side))
    cold = (time.process_time() - start) * 1000
    network = _ready(name)
    found = _measured(network, pictures)
    if not field.size_hw == (size, size) == found:
        raise RuntimeError(f"{name} has a field of {size}: traced {field.size_hw}, measured {found}.")
    traced, measured = _alternating(lambda: _traced(name, (side, side)), lambda: _measured(network, pictures))
    return cold, traced, measured, " and ".join(f"{height} x {width}" for height, width in pictures)


def _alternating(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[float, float]:
    times: dict[Callable[[], Any], list[float]] = {first: [], second: []}
    for repeat in range(REPEATS):
        for work in (first, second) if repeat % 2 == 0 else (second, first):
            start = time.process_time()
            work()
            times[work].append((time.process_time() - start) * 1000)
    return statistics.median(times[first]), statistics.median(times[second])


def _traced(name: str, hw: tuple[int, int]) -> LayerField:
    return fields_of(record_network(name, hw).steps)[-1]


def _measured(network: nn.Module, pictures: list[tuple[int, int]]) -> tuple[int, int]:
    """Height and width of what the middle unit of the last map depends on; the largest of all pictures."""
    extents = [_extent(network, hw) for hw in pictures]
    return max(height for height, _ in extents), max(width for _, width in extents)


def _extent(network: nn.Module, hw: tuple[int, int]) -> tuple[int, int]:
    dtype = next(network.parameters()).dtype
    image = torch.ones(1, 3, *hw, dtype=dtype, requires_grad=True)
    maps = network(image)
    unit = maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2].sum()
    (gradient,) = torch.autograd.grad(unit, image)
    rows, columns = gradient[0].abs().amax(dim=0).nonzero(as_tuple=True)
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


def _ready(name: str) -> nn.Module:
    """The network up to its last map, every path open."""
    if name.startswith("tf_"):
        import timm

        network = timm.create_model(name, pretrained=False)
    elif name in ("googlenet", "inception_v3"):
        network = get_model(name, weights=None, aux_logits=False, init_weights=False)
    else:
        network = get_model(name, weights=None)
    for module in network.modules():
        _open(module)
    network = network.double() if name in DOUBLE else network
    return _Until(network.eval(), LAST[name])


def _open(module: nn.Module) -> None:
    """Let every path through: positive weights; averages for maxima; no ceiling on ReLU6."""
    if isinstance(module, nn.Conv2d):
        nn.init.constant_(module.weight, 1.5 / module.weight[0].numel())
    for key, child in list(module.named_children()):
        if isinstance(child, nn.MaxPool2d):
            average = nn.AvgPool2d(child.kernel_size, child.stride, child.padding, child.ceil_mode)
            setattr(module, key, average)
        elif isinstance(child, nn.ReLU6):
            setattr(module, key, nn.ReLU())


class _Reached(Exception):
    """Carries the map out of the network once it is there."""


class _Until(nn.Module):
    """A network of this script's own that stops after one of its modules."""

    def __init__(self, network: nn.Module, last: str) -> None:
        super().__init__()
        self.network = network
        network.get_submodule(last).register_forward_hook(self._stop)

    @staticmethod
    def _stop(module: nn.Module, inputs: Any, output: torch.Tensor) -> None:
        raise _Reached(output)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        try:
            self.network(x)
        except _Reached as reached:
            return reached.args[0]
        raise RuntimeError("The network ended before its last map.")


if __name__ == "__main__":
    main()
