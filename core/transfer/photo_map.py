"""Photos on a plane by what a trunk makes of them, before and after training.

t-SNE (van der Maaten and Hinton 2008, JMLR 9) as scikit-learn has it, started from the principal components, so that a
seed gives the same map. Distances on it are only roughly right: how far the classes are apart is measured on the
features.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from core.jobs import work
from core.transfer.advice import nearest_mean_hits
from core.transfer.duplicates import duplicate_groups
from core.transfer.features import trunk_features
from core.transfer.samples import PhotoSet

_TSNE_FROM = 8  # photos; fewer are laid out by their principal components alone


@dataclass(frozen=True, slots=True, eq=False)
class PhotoMap:
    """Two maps of the same photos.

    Args:
        before, after: places. separation_before, separation_after: share of the photos whose features lie nearest to
            the mean of their own class, each left out of it.
    """

    before: Float[np.ndarray, "photos 2"]
    after: Float[np.ndarray, "photos 2"]
    separation_before: float
    separation_after: float


def principal(features: Float[np.ndarray, "photos channels"]) -> Float[np.ndarray, "photos 2"]:
    """The first two principal components, 0 where there are fewer (Pearson 1901)."""
    centred = features.astype(np.float64) - features.mean(0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    found = np.zeros((len(features), 2))
    count = min(2, len(lengths))
    found[:, :count] = left[:, :count] * lengths[:count]
    return found


def laid_out(features: Float[np.ndarray, "photos channels"], seed: int) -> Float[np.ndarray, "photos 2"]:
    """The photos on a plane."""
    if len(features) < _TSNE_FROM or not np.ptp(features, axis=0).any():
        return principal(features)
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(features) - 1) / 3)
    return (
        TSNE(2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
        .fit_transform(features)
        .astype(float)
    )


@work
def map_photos(
    photos: PhotoSet, network: str, weights: bytes, *, size_px: int, seed: int = 0
) -> Generator[Any, bool | None, None]:
    """One `PhotoMap` of all photos, and ticks on the way.

    Args:
        network: the published one that training began with. weights: the trained one, a `.safetensors` file.

    Raises: ValueError without photos; WeightsMissing.
    """
    if not photos.samples:
        raise ValueError("A map has at least one photo, got none.")
    pictures = [sample.photo for sample in photos.samples]
    labels = np.array([sample.label for sample in photos.samples])
    before = yield from trunk_features(pictures, network, size_px)
    if before is None:
        return
    after = yield from trunk_features(pictures, network, size_px, weights=weights)
    if after is None:
        return
    groups = duplicate_groups(pictures)
    shares = [float(nearest_mean_hits(each.values, labels, groups).mean()) for each in (before, after)]
    yield PhotoMap(laid_out(before.values, seed), laid_out(after.values, seed), *shares)
