"""Does the label survive: what a network says of one photo over the whole strength of one transform."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from core.augmentation.applying import apply, strengths
from core.augmentation.catalogue import transform
from core.augmentation.chain import Options
from core.augmentation.drawing import fixed
from core.photo import Photo

POINTS_MOST = 101


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the most probable category changes: between two neighbouring strengths, from one category to another."""

    below: float
    above: float
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """P(label) over the strength of one transform.

    Args:
        transform: its name.
        strengths: ascending; the identity strength is among them where there is one.
        label: the most probable category of the untouched photo, or the one that was asked for.
        probabilities: of the label, and of what counts as the label too, at each strength, 0 to 1.
        top: the most probable category and its probability at each strength.
        baseline: probability of the label for the untouched photo.
        safe: the strengths around the identity (or from the weakest one) without a gap at which the label is the most
            probable category, as (lowest, highest); None where it is not even there.
        turns: where the most probable category changes, in ascending order.
    """

    transform: str
    strengths: tuple[float, ...]
    label: str
    probabilities: tuple[float, ...]
    top: tuple[tuple[str, float], ...]
    baseline: float
    safe: tuple[float, float] | None
    turns: tuple[Turn, ...]


def survival_curve(
    photo: Photo,
    name: str,
    count: int = 25,
    *,
    network: str = "tf_efficientnet_lite0",
    options: Options | dict = (),
    seed: int = 0,
    second: Photo | None = None,
    border: str = "constant",
    also: Sequence[str] = (),
) -> SurvivalCurve:
    """What a network says of a photo at `count` strengths of a transform, in one batch.

    Args:
        photo: its untouched answer is the label.
        name: of the transform; what it draws besides the strength comes from `seed` and is the same at every strength
            where it can be.
        count: strengths from the weakest to the strongest, 2 to 101.
        network: one of `core.networks.NAMES` with a classifier.
        options: of the transform.
        seed: 0 or more.
        second: the other photo of MixUp and CutMix.
        border: as `Chain` has it.
        also: categories that count as the label too: the other breeds of the same animal.

    Raises: ValueError for another count or a network without classifier; what `core.networks.load` raises.
    """
    from core import networks

    record = networks.record(network)
    if record.trunk:
        raise ValueError(f"A network that classifies has a classifier, got {record.title}, which has none.")
    values = curve_strengths(name, count)
    other = None if second is None else second.pixels
    hw = photo.pixels.shape[:2]
    shown = [
        apply(fixed(name, value, hw, options, seed=seed, border=border), photo.pixels, other)
        for value in values
    ]
    module = networks.load(network)
    probabilities = _answers([photo.pixels, *shown], record, module)
    kin = [record.categories.index(each) for each in also]
    return curve(name, values, probabilities[1:], record.categories, untouched=probabilities[0], also=kin)


def curve_strengths(name: str, count: int) -> tuple[float, ...]:
    """`count` strengths in ascending order, and the identity strength among them."""
    if not 2 <= count <= POINTS_MOST:
        raise ValueError(f"A curve has 2 to {POINTS_MOST} strengths, got {count}.")
    identity = transform(name).identity
    values = set(strengths(name, count))
    return tuple(sorted(values if identity is None else values | {identity}))


def curve(
    name: str,
    values: Sequence[float],
    probabilities: Float[np.ndarray, "strengths categories"],
    categories: Sequence[str],
    *,
    untouched: Float[np.ndarray, " categories"],
    label: int | None = None,
    also: Sequence[int] = (),
) -> SurvivalCurve:
    """The curve of a table of probabilities; `label` is a category's number, or None for the untouched photo's best."""
    chosen = int(untouched.argmax()) if label is None else label
    right = sorted({chosen, *also})
    best = probabilities.argmax(axis=1)
    top = tuple((categories[i], float(row[i])) for i, row in zip(best, probabilities, strict=True))
    turns = tuple(
        Turn(float(values[i]), float(values[i + 1]), categories[best[i]], categories[best[i + 1]])
        for i in range(len(values) - 1)
        if best[i] != best[i + 1]
    )
    return SurvivalCurve(
        name,
        tuple(float(v) for v in values),
        categories[chosen],
        tuple(float(p) for p in probabilities[:, right].sum(axis=1)),
        top,
        float(untouched[right].sum()),
        _safe(name, values, np.isin(best, right)),
        turns,
    )


def _safe(name: str, values: Sequence[float], right: np.ndarray) -> tuple[float, float] | None:
    kind = transform(name)
    start = kind.weakest if kind.identity is None else kind.identity
    first = last = int(np.abs(np.asarray(values) - start).argmin())
    if not right[first]:
        return None
    while first > 0 and right[first - 1]:
        first -= 1
    while last < len(values) - 1 and right[last + 1]:
        last += 1
    return float(values[first]), float(values[last])


def _answers(
    pictures: list[np.ndarray], record: Any, module: Callable
) -> Float[np.ndarray, "pictures categories"]:
    import torch

    from core import networks

    batch = torch.cat([networks.prepare(record, Photo.of(each)).tensor for each in pictures])
    with torch.inference_mode():
        return module(batch).softmax(1).double().numpy()
