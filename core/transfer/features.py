"""The features of a frozen trunk: what the last layer reads, once for each photo.

One worker is asked about the same photos again and again (advisor, learning curve, map): the last few answers are kept.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32

from core import networks
from core.jobs.device import best_device
from core.networks.building import classifier_name
from core.networks.file_label import shown_at
from core.photo import Photo
from core.transfer.meter import Meter
from core.transfer.recipe import Recipe
from core.transfer.squares import as_tensor, squares
from core.transfer.student import student

CHUNK = 16
_KEPT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Of photos in order.

    Args:
        values: what the last layer reads. logits: what the network's own last layer says.
    """

    values: Float32[np.ndarray, "photos channels"]
    logits: Float32[np.ndarray, "photos outputs"]


_kept: OrderedDict[str, Features] = OrderedDict()


def trunk_features(
    photos: Sequence[Photo], network: str, size_px: int, *, weights: bytes = b""
) -> Generator[Any, bool | None, Features | None]:
    """Features of photos, with ticks on the way; None if it was told to stop.

    Args:
        network: a name for `core.networks.load`.
        size_px: side of the squares that it is shown.
        weights: a `.safetensors` file of the same architecture, to be used instead of the published weights.

    Raises: WeightsMissing; ValueError without photos, or for a file of another architecture.
    """
    if not photos:
        raise ValueError("Features are those of at least one photo, got none.")
    known = networks.record(network)
    key = _key(photos, network, size_px, weights)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    run = _network(network, known.architecture, weights, size_px)
    how = shown_at(known.preprocessing, size_px)
    meter, made = Meter(len(photos)), []
    for first in range(0, len(photos), CHUNK):
        chunk = photos[first : first + CHUNK]
        with torch.inference_mode():
            values = run.trunk(as_tensor(squares(chunk, how), how).to(best_device()))
            made.append((values.cpu().numpy(), run.logits(values, dropping=False).cpu().numpy()))
        meter.saw(len(chunk))
        if meter.due and (yield meter.tick("the network sees every photo once")):
            return None
    _kept[key] = Features(
        np.concatenate([each for each, _ in made]), np.concatenate([each for _, each in made])
    )
    while len(_kept) > _KEPT:
        _kept.popitem(last=False)
    return _kept[key]


def _network(network: str, architecture: str, weights: bytes, size_px: int) -> Any:
    """A trunk of this process's own, with the last layer that belongs to it."""
    from core.networks.checkpoint import read_checkpoint

    tensors = read_checkpoint(weights).tensors if weights else networks.load(network).state_dict()
    recipe = Recipe(network=network, size_px=size_px, dropout=0.0)
    head = classifier_name(architecture)
    made = student(recipe, tensors[f"{head}.weight"].shape[0], (architecture, weights) if weights else None)
    with torch.no_grad():
        for name, value in made.head.named_parameters():
            value.copy_(tensors[f"{head}.{name}"])
    made.trunk.eval().to(best_device())
    made.head.to(best_device())
    return made


def _key(photos: Sequence[Photo], network: str, size_px: int, weights: bytes) -> str:
    found = hashlib.blake2b(f"{network} {size_px} ".encode(), digest_size=16)
    found.update(hashlib.blake2b(weights).digest())
    for photo in photos:
        found.update(photo.digest.encode())
    return found.hexdigest()
