"""The frozen backbone that moves: all parameters frozen, and yet batches in training mode change what it says.

`requires_grad=False` says nothing to batch normalisation: in training mode every batch pulls its running mean and
variance, r <- (1 - m) r + m b. PyTorch's own transfer-learning tutorial freezes parameters and then calls
`model.train()` in each epoch. In evaluation mode nothing moves.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.jobs import Tick, work
from core.transfer.samples import PhotoSet

BATCH, PROBE = 16, 8


@dataclass(frozen=True, slots=True)
class DriftStep:
    """After some batches.

    Args:
        batch: how many went through; 0 for the start.
        statistics: |now - start| / |start| of all running means and variances together.
        outputs: the same of the outputs, in evaluation mode, for the same eight photos.
    """

    batch: int
    statistics: float
    outputs: float


@work
def batch_norm_drift(
    photos: PhotoSet,
    network: str,
    *,
    size_px: int,
    batches: int = 10,
    seed: int = 0,
    mode: Literal["train", "eval"] = "train",
) -> Generator[Any, bool | None, None]:
    """Send batches through a private copy whose parameters are all frozen; a `DriftStep` before and after each.

    Raises: ValueError without photos, for another mode, or a network without batch normalisation; WeightsMissing.
    """
    if not photos.samples or mode not in ("train", "eval"):
        raise ValueError(
            f"Drift needs photos and a mode train or eval, got {len(photos.samples)} and {mode!r}."
        )
    import torch

    from core import networks
    from core.networks.file_label import shown_at
    from core.transfer.recipe import Recipe
    from core.transfer.squares import as_tensor, squares
    from core.transfer.student import student

    trunk = student(Recipe(network=network, size_px=size_px), 2).trunk.requires_grad_(False)
    norms = [each for each in trunk.modules() if isinstance(each, torch.nn.modules.batchnorm._BatchNorm)]
    if not norms:
        raise ValueError(f"Only batch normalisation moves, and {network} has none.")
    how = shown_at(networks.record(network).preprocessing, size_px)
    pixels = squares([sample.photo for sample in photos.samples], how)
    order = np.random.default_rng(seed).permutation(len(pixels))
    probe = as_tensor(pixels[order[:PROBE]], how)

    def now() -> tuple[torch.Tensor, torch.Tensor]:
        values = [
            value for each in norms for value in (each.running_mean, each.running_var) if value is not None
        ]
        with torch.inference_mode():
            return torch.cat([each.flatten() for each in values]).clone(), trunk.eval()(probe).clone()

    start = now()
    for batch in range(batches + 1):
        if batch:
            chosen = np.take(order, range(BATCH * batch, BATCH * (batch + 1)), mode="wrap")
            with torch.inference_mode():
                _in_mode(trunk, norms, mode)(as_tensor(pixels[chosen], how))
        moved = [_relative(a, b) for a, b in zip(start, now(), strict=True)]
        if (yield DriftStep(batch, *moved)) or (
            yield Tick(batch, batches, f"batch {batch}", photos=BATCH * batch)
        ):
            return


def _relative(before: Any, after: Any) -> float:
    """|after - before| / |before|; what was all 0 and still is has not moved."""
    change = float((after.double() - before.double()).norm())
    return change / float(before.double().norm()) if change else 0.0


def _in_mode(trunk: Any, norms: list[Any], mode: str) -> Any:
    """Only batch normalisation is put in training mode: dropout would hide what it does."""
    trunk.eval()
    if mode == "train":
        for each in norms:
            each.train()
    return trunk
