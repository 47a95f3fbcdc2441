"""Feature space: how far transforms move a photo, layer by layer, and a map of its variants.

A photo is a point: the mean of each channel of a layer. Distances are relative, |v - p| / |p|, so that layers compare.
The map is the plane of greatest spread of the points (principal components, by singular values; Pearson 1901).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from core.augmentation.applying import apply
from core.augmentation.catalogue import transform
from core.augmentation.chain import Chain, Draw, Step
from core.augmentation.drawing import draw_variant
from core.photo import Photo

EMBEDDED = "tf_efficientnet_lite0"
PICTURES_MOST = 200


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingShift:
    """How far each transform moves a photo.

    Args:
        transforms: their names.
        layers: one for each size of map, from the picture to the end.
        distances: [transforms, layers], mean of |v - p| / |p| over the variants.
    """

    transforms: tuple[str, ...]
    layers: tuple[str, ...]
    distances: Float[np.ndarray, "transforms layers"]


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingMap:
    """Variants of a photo as points of a plane.

    Args:
        layer: whose channel means are shown.
        draws: of the variants.
        points: [variants, 2]; the photo itself is at `origin`.
        origin: the photo's place.
        explained: share of the points' variance along each of the two axes, 0 to 1.
        distances: |v - p| / |p| of each variant in the whole space.
    """

    layer: str
    draws: tuple[Draw, ...]
    points: Float[np.ndarray, "variants 2"]
    origin: tuple[float, float]
    explained: tuple[float, float]
    distances: Float[np.ndarray, " variants"]


def stage_layers(network: str = EMBEDDED) -> tuple[str, ...]:
    """The last layer of each size of map, in order, for a picture of the network's own size."""
    from core import networks
    from core.receptive_field import network_fields

    record = networks.record(network)
    last = {
        field.output_hw: field.name
        for field in network_fields(record.architecture, record.preprocessing.crop_px)
    }
    return tuple(last.values())


def embedding_shift(
    photo: Photo, names: Sequence[str], count: int = 4, seed: int = 0, *, network: str = EMBEDDED
) -> EmbeddingShift:
    """How far transforms, drawn from their default ranges, move the embedding of a photo in each stage.

    Args:
        photo: the point that distances are measured from.
        names: transforms that need no second photo.
        count: variants of each; together at most 200 pictures.
        seed: 0 or more.
        network: one of `core.networks.NAMES`.

    Raises: ValueError for too many pictures or a transform that mixes; what `core.networks.load` raises.
    """
    mixing = [name for name in names if transform(name).kind == "mix"]
    if mixing:
        raise ValueError(f"A transform of one photo needs no second one, got {mixing[0]}.")
    hw, layers = photo.pixels.shape[:2], stage_layers(network)
    pictures = [photo.pixels]
    for name in names:
        chain = Chain((Step(name),))
        pictures += [apply(draw_variant(chain, hw, seed, i), photo.pixels) for i in range(count)]
    points = _embedded(pictures, layers, network)
    table = np.stack(
        [_distances(points[layer]).reshape(len(names), count).mean(axis=1) for layer in layers], axis=1
    )
    return EmbeddingShift(tuple(names), layers, table)


def embedding_map(
    photo: Photo,
    chain: Chain,
    count: int = 48,
    seed: int = 0,
    *,
    network: str = EMBEDDED,
    layer: str = "",
    second: Photo | None = None,
) -> EmbeddingMap:
    """Variants 0 to count - 1 of a chain as points of the plane in which they spread the most.

    Args:
        photo, chain, count, seed, second: as for `core.augmentation.variants`; at most 200 pictures.
        network: one of `core.networks.NAMES`.
        layer: one of `stage_layers`; "" for the last one.

    Raises: ValueError for fewer than 2 or too many variants; what `core.networks.load` raises.
    """
    if count < 2:
        raise ValueError(f"A map shows at least 2 variants, got {count}.")
    chosen = layer or stage_layers(network)[-1]
    hw, other = photo.pixels.shape[:2], None if second is None else second.pixels
    draws = tuple(draw_variant(chain, hw, seed, i) for i in range(count))
    pictures = [photo.pixels, *(apply(each, photo.pixels, other) for each in draws)]
    points = _embedded(pictures, (chosen,), network)[chosen]
    plane, explained = principal_plane(points)
    origin = float(plane[0, 0]), float(plane[0, 1])
    return EmbeddingMap(chosen, draws, plane[1:], origin, explained, _distances(points))


def principal_plane(
    points: Float[np.ndarray, "n dimensions"],
) -> tuple[Float[np.ndarray, "n 2"], tuple[float, float]]:
    """Coordinates along the two directions of greatest variance, and the share of the variance along each.

    The sign of a direction is chosen so that its largest weight is positive.
    """
    centred = points - points.mean(axis=0)
    left, values, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])
    both = np.zeros((len(points), 2))
    kept = min(2, len(values))
    both[:, :kept] = (left * values * np.where(signs == 0, 1, signs))[:, :kept]
    total = float(np.square(values).sum())
    shares = [float(v * v / total) if total > 0 else 0.0 for v in values[:2]] + [0.0, 0.0]
    return both, (shares[0], shares[1])


def _distances(points: Float[np.ndarray, "n dimensions"]) -> Float[np.ndarray, " n_less_one"]:
    length = float(np.linalg.norm(points[0])) or 1.0
    return np.linalg.norm(points[1:] - points[0], axis=1) / length


def _embedded(
    pictures: list[np.ndarray], layers: tuple[str, ...], network: str
) -> dict[str, Float[np.ndarray, "pictures channels"]]:
    import torch

    from core import networks

    if len(pictures) > PICTURES_MOST + 1:
        raise ValueError(f"At most {PICTURES_MOST} variants are embedded at once, got {len(pictures) - 1}.")
    record, module = networks.record(network), networks.load(network)
    found: dict[str, list[np.ndarray]] = {layer: [] for layer in layers}
    with torch.inference_mode():
        for start in range(0, len(pictures), 16):  # a few at a time: early maps are large
            batch = [networks.prepare(record, Photo.of(each)).tensor for each in pictures[start : start + 16]]
            results = networks.activations(module, torch.cat(batch), layers)
            for layer in layers:
                found[layer].append(results[layer].mean(dim=(2, 3)).double().numpy())
    return {layer: np.concatenate(parts) for layer, parts in found.items()}
