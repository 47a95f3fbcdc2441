r"""Class activation maps: the maps of a late layer, weighted by what they do for a category and added up.

With A_k the maps and g_k = dz/dA_k:
Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391, eq. 1 and 2): sum_k mean(g_k) A_k.
Grad-CAM++ (Chattopadhyay et al. 2018, arXiv 1710.11063, eq. 10 and 19): weights sum(a_k max(g_k, 0)) with
a_k = g_k^2 / (2 g_k^2 + sum(A_k) g_k^3).
Layer-CAM (Jiang et al. 2021, IEEE TIP 30): sum_k max(g_k, 0) A_k, place by place.
Eigen-CAM (Muhammad and Yeasin 2020, arXiv 2008.00299): the maps' first principal component; it asks for no category.
All of them are shown after a ReLU.
"""

import numpy as np
from jaxtyping import Float

from core.features.explanations.explanation import Explanation
from core.features.explanations.subject import Captured, Subject, capture

_TINY = 1e-6  # keeps Grad-CAM++ from dividing by zero


def grad_cam(subject: Subject) -> Explanation:
    """Grad-CAM of a subject."""
    return grad_cam_of(capture(subject))


def grad_cam_of(seen: Captured) -> Explanation:
    """sum_k alpha_k A_k with alpha_k = mean(g_k)."""
    weights = seen.slopes.mean(axis=(1, 2))
    return _weighted("grad_cam", weights, seen)


def grad_cam_plus_plus(subject: Subject) -> Explanation:
    """Grad-CAM++ of a subject."""
    return grad_cam_plus_plus_of(capture(subject))


def grad_cam_plus_plus_of(seen: Captured) -> Explanation:
    """Grad-CAM with places weighted by how steep they are."""
    slopes = seen.slopes
    total = seen.maps.sum(axis=(1, 2), keepdims=True)
    below = 2 * slopes**2 + total * slopes**3 + _TINY
    shares = np.divide(slopes**2, below, out=np.zeros_like(slopes), where=(slopes > 0) & (below != 0))
    return _weighted("grad_cam_pp", (shares * np.maximum(slopes, 0)).sum(axis=(1, 2)), seen)


def layer_cam(subject: Subject) -> Explanation:
    """Layer-CAM of a subject."""
    return layer_cam_of(capture(subject))


def layer_cam_of(seen: Captured) -> Explanation:
    """sum_k max(g_k, 0) A_k: every place has its own weight."""
    terms = np.maximum(seen.slopes, 0) * seen.maps  # [channels, h, w]
    values = terms.sum(axis=0)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    details = {"place": (int(row), int(column)), "terms": terms[:, row, column], "output": seen.output}
    return Explanation("layer_cam", values, details=details)


def eigen_cam(subject: Subject) -> Explanation:
    """Eigen-CAM of a subject; its category makes no difference."""
    return eigen_cam_of(capture(subject))


def eigen_cam_of(seen: Captured) -> Explanation:
    """The places' coordinate along the direction in which the channels vary most.

    Each channel's mean is taken off first, as pytorch-grad-cam does; of the two directions the one that grows with
    the activations.
    """
    channels, height, width = seen.maps.shape
    places = seen.maps.reshape(channels, -1).T.astype(np.float64)  # [places, channels]
    centred = places - places.mean(axis=0)
    small = centred @ centred.T if len(centred) <= channels else centred.T @ centred
    powers, vectors = np.linalg.eigh(small)
    first = vectors[:, -1]
    along = first * np.sqrt(max(powers[-1], 0)) if len(centred) <= channels else centred @ first
    if along @ places.mean(axis=1) < 0:
        along = -along
    total = float(powers.clip(min=0).sum())
    details = {"share": float(powers[-1]) / total if total else 0.0, "output": seen.output}
    return Explanation("eigen_cam", along.reshape(height, width).astype(np.float32), details=details)


def _weighted(method: str, weights: Float[np.ndarray, " channels"], seen: Captured) -> Explanation:
    channels, height, width = seen.maps.shape
    values = (weights @ seen.maps.reshape(channels, -1)).reshape(height, width)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    details = {
        "weights": weights,
        "place": (int(row), int(column)),
        "terms": weights * seen.maps[:, row, column],
        "maps_there": seen.maps[:, row, column],
        "output": seen.output,
    }
    return Explanation(method, values, details=details)
