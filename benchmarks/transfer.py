"""Training against the plain PyTorch loop of torchvision's references, on the same photos, network and batch.

Run with `python -m benchmarks.transfer`. Photos are bundled patches and patterns; speed asks nothing of them.

- head: photos a second of a new head on cached features, against recomputing the frozen trunk in every epoch;
- full: photos a second of a full fine-tune at 160 px, against a loop with a `DataLoader` and PyTorch's defaults;
- beside: a slider of another visitor while a full fine-tune runs;
- wall: a feature extractor on 3 classes of 30 photos at 224 px, from the order to the trained network;
- with the environment variable ANTS_BEES, the folder hymenoptera_data of PyTorch's transfer-learning tutorial: accuracy
  and time of a new head on it.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from benchmarks.server import serve
from benchmarks.timing import machine
from benchmarks.visitor import Visitor, attend, visit
from core import networks
from core.jobs import Engine, Order
from core.networks.building import classifier_name, filled, shapes_of, skeleton, untrained_tensor
from core.photo import Photo
from core.transfer.intake import intake
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet, Sample
from core.transfer.split import Split
from core.transfer.steps import Trained
from core.transfer.training import fine_tune

BATCH = 16
FOLDER = "ANTS_BEES"
ROUNDS = 3


def photos_of(each: int, classes: int = 3, side: int = 256) -> PhotoSet:
    """Photos of noise with a square of a colour for each class."""
    dice = np.random.default_rng(0)
    samples = []
    for i in range(each * classes):
        pixels = dice.integers(0, 110, (side, side + 40, 3)).astype(np.uint8)
        pixels[side // 4 : -side // 4, side // 4 : -side // 4, i % classes] = 230
        samples.append(Sample(Photo.of(pixels), i % classes))
    return PhotoSet(tuple("abc"[:classes]), tuple(samples))


class Plain(Dataset):
    """The photos as torchvision's references load them."""

    def __init__(self, photos: PhotoSet, numbers: tuple[int, ...], side: int) -> None:
        self._samples = [photos.samples[number] for number in numbers]
        self._change = v2.Compose(
            [
                v2.ToImage(),
                v2.Resize(round(side * 256 / 224), antialias=True),
                v2.CenterCrop(side),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize((0.5,) * 3, (0.5,) * 3),
            ]
        )

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        return self._change(self._samples[i].photo.pixels.copy()), self._samples[i].label


def network_of(name: str, classes: int) -> nn.Module:
    """The network of the plain loop: contiguous in memory, everything trains."""
    network = skeleton(name, classes=classes)
    known = networks.load(name).state_dict() if name == "tf_efficientnet_lite0" else {}
    head = classifier_name(name)
    tensors = {
        key: known[key].clone()
        if key in known and not key.startswith(head)
        else untrained_tensor(key, shape, 0)
        for key, shape in shapes_of(network.state_dict()).items()
    }
    return filled(network, tensors).to(memory_format=torch.contiguous_format).requires_grad_(True)


def plain_loop(network: nn.Module, loader: DataLoader, epochs: int, *, frozen: bool, head: str) -> float:
    """Seconds of training as the tutorials write it."""
    if frozen:
        network.requires_grad_(False).eval()
        network.get_submodule(head).requires_grad_(True)
    else:
        network.train()
    optimiser = torch.optim.AdamW([each for each in network.parameters() if each.requires_grad], lr=1e-3)
    since = time.perf_counter()
    for _ in range(epochs):
        for inputs, targets in loader:
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(inputs), targets).backward()
            optimiser.step()
    return time.perf_counter() - since


def ours(photos: PhotoSet, split: Split, recipe: Recipe) -> Trained:
    """The app's own training."""
    return next(step for step in fine_tune(photos, split, recipe) if isinstance(step, Trained))


def both_orders(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Medians of both rates, measured A B B A."""
    first, second = [], []
    for i in range(ROUNDS):
        for which in (0, 1) if i % 2 == 0 else (1, 0):
            (first, second)[which].append((one, other)[which]())
    return statistics.median(first), statistics.median(second)


def head() -> None:
    """A new head on cached features, 30 epochs."""
    photos, epochs, name = photos_of(20), 30, "tf_efficientnet_lite0"
    split = Split(tuple(range(60)), (), ())
    recipe = Recipe(network=name, epochs=epochs, batch=BATCH, size_px=224)
    loader = DataLoader(Plain(photos, split.training, 224), BATCH, shuffle=True)

    def cached() -> float:
        from core.jobs import Tick
        from core.transfer.steps import Epoch

        steps = [each for each in fine_tune(photos, split, recipe) if not isinstance(each, Tick)]
        first, last = steps[0], steps[-1]
        assert isinstance(first, Epoch)
        assert isinstance(last, Trained)
        caching.append(first.seconds)
        return 60 * epochs / (last.seconds - first.seconds)

    def recomputed() -> float:
        network = network_of(name, 3)
        return 60 / plain_loop(network, loader, 1, frozen=True, head=classifier_name(name))

    caching: list[float] = []
    mine, theirs = both_orders(cached, recomputed)
    whole = 60 * epochs / (60 * epochs / mine + statistics.median(caching))
    print(
        f"head on cached features: {mine:,.0f} photos/s, plain loop {theirs:.1f}: {mine / theirs:.0f} times"
    )
    print(
        f"  the caching itself counted in, over {epochs} epochs: {whole:,.0f} photos/s, {whole / theirs:.0f} times"
    )


def full(name: str) -> None:
    """A full fine-tune at 160 px."""
    photos = photos_of(16)
    split = Split(tuple(range(48)), (), ())
    approach = "tune" if name == "tf_efficientnet_lite0" else "scratch"
    recipe = Recipe(
        network=name,
        approach=approach,
        stages=99,
        epochs=2,
        batch=BATCH,
        size_px=160,
        batch_norm="batch",
        trunk_factor=1.0,
    )
    loader = DataLoader(Plain(photos, split.training, 160), BATCH, shuffle=True)
    mine, theirs = both_orders(
        lambda: 96 / ours(photos, split, recipe).seconds,
        lambda: 96 / plain_loop(network_of(name, 3), loader, 2, frozen=False, head=classifier_name(name)),
    )
    print(
        f"full fine-tune, {name}, 160 px: {mine:.1f} photos/s against {theirs:.1f}: {mine / theirs:.2f} times"
    )


def wall() -> None:
    """From the order to the trained network, on the app's own cluster."""
    photos = photos_of(30)
    numbers = tuple(range(90))
    split = Split(numbers[:54], numbers[54:72], numbers[72:])
    engine = Engine("")
    try:
        for kind in ("cold", "warm"):
            since = time.perf_counter()
            order = Order(
                "core.transfer.training:fine_tune",
                {"photos": photos, "split": split, "recipe": Recipe(epochs=30)},
            )
            job = engine.start("anna", "train", order)
            first = None
            while job.active:
                first = first or (job.results and time.perf_counter() - since)
                time.sleep(0.01)
            print(
                f"feature extractor, 3 x 30 photos, 224 px, {kind} workers: first curve after {first:.1f} s, "
                f"{job.state} after {time.perf_counter() - since:.1f} s ({job.device})"
            )
    finally:
        engine.close()


async def _moves(visitor: Visitor, count: int = 40) -> float:
    """Median wait for a slider of the convolution page, in milliseconds."""
    options = list(visitor.widget("conv_stride").element.slider.options)
    waits = []
    for i in range(count):
        waits.append(await visitor.choose("conv_stride", options[i % len(options)]))
        await asyncio.sleep(0.25)
    return statistics.median(waits)


async def _beside(port: int) -> tuple[float, float]:
    query = "tl_view=Train&tl_approach=Fine-tune&tl_stages=9&tl_epochs_tune=100"
    async with visit(port, "convolution") as mover, visit(port, "transfer", query) as trainer:
        await asyncio.sleep(30)  # server and worker load PyTorch
        await trainer.run()
        idle = await _moves(mover)
        await trainer.press("tl_go")
        await asyncio.sleep(5)
        return idle, await _moves(mover)


def beside() -> None:
    """Another visitor's slider while a full fine-tune runs, against the same slider before."""
    with serve() as server:
        idle, busy = attend(_beside(server.port))
    print(
        f"another visitor's slider: {busy:.0f} ms beside a fine-tune, {idle:.0f} ms before: {busy / idle:.2f} times"
    )


def tutorial(folder: Path) -> None:
    """The ants and bees of PyTorch's transfer-learning tutorial: folders train and val, in them one for each class."""
    samples, parts, classes = (
        [],
        {"train": [], "val": []},
        sorted(path.name for path in (folder / "train").iterdir()),
    )
    for part, numbers in parts.items():
        for label, name in enumerate(classes):
            for path in sorted((folder / part / name).iterdir()):
                numbers.append(len(samples))
                samples.append(Sample(intake(path.read_bytes(), path.name), label))
    photos = PhotoSet(tuple(classes), tuple(samples))
    since = time.perf_counter()
    trained = ours(photos, Split(tuple(parts["train"]), tuple(parts["val"]), ()), Recipe(epochs=30))
    labels = [samples[number].label for number in parts["val"]]
    right = int((trained.validation.argmax(1) == labels).sum())
    print(
        f"{' and '.join(classes)}: {right} of {len(labels)} right ({right / len(labels):.1%}) after "
        f"{time.perf_counter() - since:.1f} s, {len(parts['train'])} photos to train on"
    )


def main() -> None:
    print(machine(), f"{torch.get_num_threads()} torch threads")
    wanted = sys.argv[1:] or ["head", "full", "wall", "beside"]
    if "head" in wanted:
        head()
    if "full" in wanted:
        full("tf_efficientnet_lite0")
        full("mobilenet_v3_small")
    if "wall" in wanted:
        wall()
    if "beside" in wanted:
        beside()
    if FOLDER in os.environ:
        tutorial(Path(os.environ[FOLDER]))


if __name__ == "__main__":
    main()
