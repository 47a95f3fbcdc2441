"""Does a network look at the thing or at what is behind it? Backgrounds are swapped, and it is asked again.

The thing is cut out by GrabCut (Rother, Kolmogorov and Blake 2004, ACM TOG 23), begun from a rectangle in the middle
of the photo; where that finds next to nothing or next to everything, an ellipse is cut instead. Cutting leaves marks of
its own: the swap with another photo of the same class shows what these cost. Sources: Geirhos et al. 2020, "Shortcut
learning in deep neural networks", arXiv 2004.07780; Xiao et al. 2020, "Noise or signal", arXiv 2006.09994.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, UInt8

from core.jobs import Tick, work
from core.transfer.samples import PhotoSet
from core.transfer.significance import mcnemar

if TYPE_CHECKING:
    from core.networks.record import Preprocessing

Square = UInt8[np.ndarray, "side side 3"]
Predict = Callable[[Square], int]
CONDITIONS = (
    "untouched",
    "background of the same class",
    "background of another class",
    "background alone",
    "thing alone",
)
_GREY = 128
_MARGIN = 0.15
_LEAST = 6  # photos that differ: with five, all in one direction, p is 2 / 2^5 = 0.06
_SHARES = (0.05, 0.9)  # of the square, that a thing may take


@dataclass(frozen=True, slots=True, eq=False)
class ShortcutResult:
    """Of all photos together.

    Args:
        conditions: (name, right, of) for each of `CONDITIONS`; a photo without a partner is left out of a swap.
        examples: (name, picture) of one photo in every condition.
        sentence: what it means.
    """

    conditions: tuple[tuple[str, int, int], ...]
    examples: tuple[tuple[str, Square], ...]
    sentence: str


def thing(pixels: Square) -> Bool[np.ndarray, "side side"]:
    """Where the thing is, as far as GrabCut can tell."""
    import cv2

    side = pixels.shape[0]
    edge = round(_MARGIN * side)
    mask = np.zeros((side, side), np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    if pixels.std() > 0:  # it looks for two colours
        rectangle = (edge, edge, side - 2 * edge, side - 2 * edge)
        cv2.setRNGSeed(0)
        cv2.grabCut(
            np.ascontiguousarray(pixels[..., ::-1]), mask, rectangle, *models, 3, cv2.GC_INIT_WITH_RECT
        )
    found = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    return found if _SHARES[0] <= found.mean() <= _SHARES[1] else _ellipse(side)


def _ellipse(side: int) -> Bool[np.ndarray, "side side"]:
    y, x = (np.indices((side, side)) + 0.5) / side - 0.5
    return (x**2 + y**2) <= 0.35**2


def filled(pixels: Square, hole: Bool[np.ndarray, "side side"]) -> Square:
    """The picture with the thing painted over from its surroundings (Telea 2004, as OpenCV has it)."""
    import cv2

    grown = cv2.dilate(hole.astype(np.uint8), np.ones((5, 5), np.uint8))
    small = cv2.resize(np.ascontiguousarray(pixels), (80, 80), interpolation=cv2.INTER_AREA)
    hole_small = cv2.resize(grown, (80, 80), interpolation=cv2.INTER_NEAREST)
    painted = cv2.resize(cv2.inpaint(small, hole_small, 3, cv2.INPAINT_TELEA), pixels.shape[1::-1])
    return np.where(grown[..., None] > 0, painted, pixels)


def versions(pixels: Square, own: Square | None, other: Square | None) -> dict[str, Square]:
    """A photo in every condition.

    Args:
        own, other: another photo of the same class, and one of another class; None where there is none.
    """
    mask = thing(pixels)[..., None]
    found = {CONDITIONS[0]: pixels}
    for name, partner in zip(CONDITIONS[1:3], (own, other), strict=True):
        if partner is not None:
            found[name] = np.where(mask, pixels, filled(partner, thing(partner)))
    found[CONDITIONS[3]] = filled(pixels, mask[..., 0])
    found[CONDITIONS[4]] = np.where(mask, pixels, np.uint8(_GREY))
    return found


def asked_again(
    squares: Sequence[Square], labels: Sequence[int], predict: Predict, seed: int
) -> Generator[Any, bool | None, None]:
    """Every photo in every condition; one `ShortcutResult`, and ticks on the way.

    Args:
        squares: the photos. predict: the class that the network says.
    """
    dice = np.random.default_rng(seed)
    right: dict[str, list[tuple[int, bool]]] = {name: [] for name in CONDITIONS}
    examples: tuple[tuple[str, Square], ...] = ()
    for i, (pixels, label) in enumerate(zip(squares, labels, strict=True)):
        same = [j for j, each in enumerate(labels) if each == label and j != i]
        others = [j for j, each in enumerate(labels) if each != label]
        partners = [squares[dice.choice(each)] if each else None for each in (same, others)]
        made = versions(pixels, *partners)
        for name, picture in made.items():
            right[name].append((i, predict(picture) == label))
        if len(made) > len(examples):
            examples = tuple(made.items())
        if (yield Tick(i + 1, len(squares), f"photo {i + 1}", photos=(i + 1) * len(CONDITIONS))):
            break
    counts = tuple((name, sum(hit for _, hit in right[name]), len(right[name])) for name in CONDITIONS)
    yield ShortcutResult(counts, examples, verdict(right))


def verdict(right: dict[str, list[tuple[int, bool]]]) -> str:
    """What the swap of backgrounds says, against the swap within the class, on the photos that had both."""
    own, other = (dict(right[name]) for name in CONDITIONS[1:3])
    both = sorted(own.keys() & other.keys())
    if not both:
        return "There was no photo of the same and of another class to swap backgrounds with."
    fell, rose = sum(own[i] and not other[i] for i in both), sum(other[i] and not own[i] for i in both)
    p = mcnemar(fell, rose)
    kept, lost = sum(own[i] for i in both), sum(other[i] for i in both)
    numbers = (
        f"{kept} of {len(both)} before a background of their own class, {lost} before another's (p = {p:.2g})"
    )
    if p < 0.05 and lost < kept:
        return f"It looks at backgrounds, too: {numbers}."
    if fell > rose and fell + rose < _LEAST:
        return f"Too few photos to tell: {numbers}; below {_LEAST} that differ nothing is significant."
    return f"No sign of a shortcut through the background: {numbers}."


@work
def shortcut_test(
    photos: PhotoSet, numbers: Sequence[int], weights: bytes, *, size_px: int, seed: int = 0
) -> Generator[Any, bool | None, None]:
    """`asked_again` for photos of a set and a trained network.

    Args:
        numbers: of the photos. weights: the network, a `.safetensors` file that says what it is.

    Raises: ValueError without photos, or for a file without its label.
    """
    from core import networks
    from core.networks.file_label import label_of, shown_at
    from core.transfer.squares import squares

    label = label_of(weights)
    if not numbers or label is None:
        raise ValueError(f"The test needs photos and a file that says what it is, got {len(numbers)} photos.")
    chosen = [photos.samples[number] for number in numbers]
    how = shown_at(networks.record(label.architecture).preprocessing, size_px)
    seen = squares(
        [each.photo for each in chosen], how
    )  # cut as the network sees them: untouched is untouched
    predict = _predictor(weights, label.architecture, len(label.classes), how)
    yield from asked_again(list(seen), [each.label for each in chosen], predict, seed)


def _predictor(weights: bytes, architecture: str, classes: int, how: "Preprocessing") -> Predict:
    import torch

    from core.networks.building import filled as network_of
    from core.networks.building import skeleton
    from core.networks.checkpoint import read_checkpoint
    from core.transfer.squares import as_tensor

    network = network_of(skeleton(architecture, classes=classes), read_checkpoint(weights).tensors)

    def predict(pixels: Square) -> int:
        with torch.inference_mode():
            return int(network(as_tensor(pixels[None], how)).argmax())

    return predict
