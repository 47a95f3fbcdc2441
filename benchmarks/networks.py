"""All activations of a set of layers against the bare forward of the same network: no hooks, nothing shared is touched.

The reference is the module itself, called under `torch.inference_mode` on the same picture in the same process; ours
keeps the results of every stage, and of every layer. The bare forward overwrites a few megabytes again and again, which
stay near the processor; every layer's results are up to 200 MB of memory. So a second reference does that, too: a copy
of the module whose parts do not work in place and whose hooks keep every output. One thread; medians of processor
time, so that other work on the machine does not count; the order turned each time; the C library is told to keep what
is freed as in the server.

Run by hand: python -m benchmarks.networks
"""

import statistics
import time
from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from typing import Any

import torch

from benchmarks.timing import machine
from core.freed_memory import keep_little
from core.networks import activations, layer_names, load, record

STAGES = {
    "tf_efficientnet_lite0": ("conv_stem", *(f"blocks.{i}" for i in range(7)), "conv_head"),
    "resnet18": ("conv1", "layer1", "layer2", "layer3", "layer4"),
    "vgg16": ("features.3", "features.8", "features.15", "features.22", "features.29"),
    "mobilenet_v2": ("features.0", "features.3", "features.6", "features.13", "features.18"),
    "densenet121": ("features.conv0", "features.denseblock1", "features.denseblock2", "features.denseblock4"),
    "googlenet": ("conv1", "inception3b", "inception4e", "inception5b"),
}
REPEATS = 16


def main() -> None:
    """Print the medians and the ratios."""
    keep_little()
    torch.set_num_threads(1)
    print(f"{machine()}, one thread, processor time, {REPEATS} pairs, the order turned each time")
    for name, stages in STAGES.items():
        network = load(name, "untrained")
        side = record(name).input_px
        picture = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
        picture = picture.to(memory_format=torch.channels_last)
        names = layer_names(network)
        for kind, layers in (("stages", (*stages, names[-1])), ("every layer", names)):
            with torch.inference_mode():
                ours, bare, keeping = _alternating(network, picture, layers)
            print(
                f"{name:24}{kind:12}{len(layers):5} layers {ours:8.1f} ms, bare {bare:8.1f} ms: ratio {ours / bare:.2f}"
                + (
                    f"; hooks that keep all {keeping:8.1f} ms: ratio {ours / keeping:.2f}"
                    if layers is names
                    else ""
                )
            )


class Keeping:
    """A forward that keeps the output of every innermost module, each in memory of its own."""

    def __init__(self, network: Any) -> None:
        self.network, self.kept = deepcopy(network), []
        for module in self.network.modules():
            if hasattr(module, "inplace"):
                module.inplace = False
            if not list(module.children()):
                module.register_forward_hook(lambda _module, _inputs, output: self.kept.append(output))

    def __call__(self, picture: torch.Tensor) -> list[torch.Tensor]:
        self.network(picture)
        kept, self.kept = self.kept, []
        return kept


def _alternating(network: Any, picture: torch.Tensor, layers: Sequence[str]) -> tuple[float, float, float]:
    """Median milliseconds of ours, of the bare forward, and of one that keeps everything."""
    ours, bare = partial(activations, network, picture, layers), partial(network, picture)
    keeping = partial(Keeping(network), picture)
    order = (ours, bare, keeping)
    times: dict[Any, list[float]] = {work: [] for work in order}
    for repeat in range(-2, REPEATS):
        for work in order if repeat % 2 == 0 else order[::-1]:
            start = time.process_time()
            work()
            if repeat >= 0:
                times[work].append((time.process_time() - start) * 1000)
    return tuple(statistics.median(times[work]) for work in order)  # type: ignore[return-value]


if __name__ == "__main__":
    main()
