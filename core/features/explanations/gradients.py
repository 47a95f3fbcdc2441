r"""Explanations at the pixels: how the output changes when a pixel changes a little.

Saliency (Simonyan et al. 2014, arXiv 1312.6034): max over colours of |dz/dx|.
Guided backpropagation (Springenberg et al. 2015, arXiv 1412.6806): the same with every ReLU blocking negative slopes.
It fails the sanity check (Adebayo et al. 2018, arXiv 1810.03292): it shows edges of the picture, not reasons.
Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365, eq. 1): (x - x') times the mean slope on the way from
a grey picture x' to the picture x. They add up to z(x) - z(x').
"""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from core.features.deconvnet import relu_rule
from core.features.explanations.explanation import Explanation
from core.features.explanations.subject import Subject, in_batches, outputs

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 4
RECTIFIERS = ("relu", "relu_", "relu6", "hardtanh", "hardtanh_")


def saliency(subject: Subject) -> Explanation:
    """max over colours of |dz/dx|, per pixel."""
    slope = _slope(subject, subject.tensor)[0]
    return Explanation("saliency", np.abs(slope).max(axis=0), details={"slope": slope})


def guided_backprop(subject: Subject) -> Explanation:
    """As saliency, with ReLUs that let only positive slopes back.

    Raises: ValueError for a network without a ReLU, for which the rule means nothing.
    """
    if not has_relu(subject):
        raise ValueError("Guided backpropagation changes the rule of ReLUs, and this network has none.")
    slope = _slope(subject, subject.tensor, guided=True)[0]
    return Explanation("guided_backprop", np.abs(slope).max(axis=0), details={"slope": slope})


def has_relu(subject: Subject) -> bool:
    """Whether the network has a ReLU or a ReLU6."""
    return any(getattr(step.function, "__name__", "") in RECTIFIERS for step in subject.circuit.steps)


def integrated_gradients_steps(
    subject: Subject, steps: int = 24
) -> Iterator[tuple[float, Explanation | None]]:
    """Walk from grey to the picture in `steps` strides (midpoints): the share that is done, at the end the map."""
    import torch

    baseline = torch.zeros_like(subject.tensor)  # the mean of the training pictures: grey
    way = subject.tensor - baseline
    places = [(i + 0.5) / steps for i in range(steps)]
    total, done = np.zeros(subject.tensor.shape[1:], np.float64), 0
    for batch in in_batches(places, BATCH):
        share = torch.tensor(batch, dtype=torch.float32)[:, None, None, None]
        total += _slope(subject, baseline + share * way).sum(axis=0)
        done += len(batch)
        yield done / (steps + 1), None
    parts = (way[0].numpy() * total / steps).astype(np.float32)
    with torch.no_grad():
        ends = outputs(subject.circuit, torch.cat([subject.tensor, baseline]))[:, subject.category].tolist()
    details = {"steps": steps, "sum": float(parts.sum(dtype=np.float64)), "output": ends[0], "grey": ends[1]}
    yield 1.0, Explanation("integrated_gradients", parts.sum(axis=0), signed=True, details=details)


def integrated_gradients(subject: Subject, steps: int = 24) -> Explanation:
    """Integrated gradients, added over the colours; below zero: speaks against the category."""
    *_, (_, found) = integrated_gradients_steps(subject, steps)
    if found is None:
        raise RuntimeError("The last step of integrated gradients carries its map.")
    return found


def _slope(
    subject: Subject, pictures: "Tensor", *, guided: bool = False
) -> Float[np.ndarray, "pictures channels height width"]:
    """dz/dx for each picture; the network is not touched."""
    import torch

    asked = pictures.detach().clone().requires_grad_()
    with torch.enable_grad(), relu_rule("guided") if guided else nullcontext():
        found = outputs(subject.circuit, asked)[:, subject.category].sum()
        (slope,) = torch.autograd.grad(found, asked)
    return slope.numpy()
