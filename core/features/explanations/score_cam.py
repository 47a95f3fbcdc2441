"""Score-CAM: no gradients; each channel shows the network the part of the picture where it is active.

Wang et al. 2020, arXiv 1910.01279: H_k = the channel's map, enlarged and stretched to 0..1; weight_k = softmax over the
channels of z(picture x H_k). One forward pass per channel, so only the strongest channels
are asked here, and the explanation says how many; flat channels, which make no mask, are left out.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from core.features.circuit import PICTURE, evaluate
from core.features.explanations.explanation import Explanation
from core.features.explanations.subject import Subject, in_batches, layer_index, outputs
from core.features.maps import as_maps

BATCH = 8
_TINY = 1e-8  # keeps a mask that is flat but for rounding from being divided by zero


def strongest_channels(maps: Float[np.ndarray, "channels height width"], most: int) -> tuple[int, ...]:
    """The channels with the largest values, strongest first; channels that are flat everywhere are left out."""
    peaks = maps.max(axis=(1, 2))
    lively = np.flatnonzero(np.ptp(maps, axis=(1, 2)) > 0)
    return tuple(int(i) for i in lively[np.argsort(-peaks[lively], kind="stable")][:most])


def masked_outputs(
    subject: Subject, maps: Float[np.ndarray, "channels height width"]
) -> Float[np.ndarray, " channels"]:
    """z of the picture seen through the mask that each of the maps makes; none of them may be flat."""
    import torch

    with torch.no_grad():
        small = torch.from_numpy(maps)[:, None]
        masks = torch.nn.functional.interpolate(small, subject.hw, mode="bilinear", align_corners=False)
        low, high = masks.amin(dim=(2, 3), keepdim=True), masks.amax(dim=(2, 3), keepdim=True)
        shown = subject.tensor * ((masks - low) / (high - low).clamp(min=_TINY))
        return outputs(subject.circuit, shown)[:, subject.category].numpy()


def score_cam_steps(subject: Subject, most: int = 64) -> Iterator[tuple[float, Explanation | None]]:
    """Ask channel after channel: the share that is done, and at the end the explanation."""
    maps = _maps(subject)
    channels = strongest_channels(maps, most)
    scores: list[float] = []
    for batch in in_batches(channels, BATCH):
        scores += masked_outputs(subject, maps[list(batch)]).tolist()
        yield len(scores) / len(channels), None
    yield 1.0, _score_cam_of(maps, channels, np.array(scores))


def score_cam(subject: Subject, most: int = 64) -> Explanation:
    """Score-CAM of a subject over its `most` strongest channels: sum_k softmax(scores)_k A_k."""
    *_, (_, found) = score_cam_steps(subject, most)
    if found is None:
        raise RuntimeError("The last step of Score-CAM carries its map.")
    return found


def _score_cam_of(
    maps: Float[np.ndarray, "channels height width"],
    channels: tuple[int, ...],
    scores: Float[np.ndarray, " asked"],
) -> Explanation:
    powers = np.exp(scores - scores.max(initial=-np.inf))
    weights = powers / (powers.sum() or 1.0)
    values = np.einsum("k,kyx->yx", weights.astype(np.float32), maps[list(channels)])
    details = {"channels": channels, "scores": scores, "weights": weights, "of": len(maps)}
    return Explanation("score_cam", values, details=details)


def _maps(subject: Subject) -> Float[np.ndarray, "channels height width"]:
    import torch

    index = layer_index(subject)
    with torch.no_grad():
        return as_maps(evaluate(subject.circuit, {PICTURE: subject.tensor}, (index,))[index])
