r"""Does the network itself agree? Take away what the explanation calls important, or bring it back, and watch.

Petsiuk, Das and Saenko 2018, "RISE" (arXiv 1806.07421): deletion makes the pixels grey in the order of the explanation,
a good one lets the probability fall soon (small area under the curve); insertion brings them back into a blurred
picture, a good one lets it rise soon (large area). Grey and blurred pictures are pictures that the network never saw,
so compare methods with each other and with squares in random order, not with an ideal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.features.explanations.explanation import Explanation
from core.features.explanations.subject import Subject, in_batches, outputs
from core.formula import Formula

if TYPE_CHECKING:
    from torch import Tensor

Mode = Literal["deletion", "insertion"]
STEPS = 14
BATCH = 5
CHANCE = "chance"
_BLUR = 0.06  # deviation of the blur as a share of the picture's side
_CELLS = 14  # squares per side of the random order


@dataclass(frozen=True, slots=True)
class Curve:
    """The category's probability while pixels are taken away or brought back.

    Args:
        mode: which of the two.
        shares: of the pixels, 0 to 1, evenly spaced.
        probabilities: of the category, after the softmax.
    """

    mode: Mode
    shares: tuple[float, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.shares) != len(self.probabilities) or len(self.shares) < 2:
            raise ValueError(
                f"A curve has 2 points or more, got {len(self.shares)} and {len(self.probabilities)}."
            )

    @property
    def area(self) -> float:
        """Under the curve, by trapezoids: 0 to 1."""
        return float(np.trapezoid(self.probabilities, self.shares))


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Both curves of one order of the pixels."""

    deletion: Curve
    insertion: Curve


def deletion_insertion(subject: Subject, order: np.ndarray, steps: int = STEPS) -> Faithfulness:
    """Both curves of one order of the pixels (`order_of` an explanation, or `chance_order`)."""
    *_, (_, found) = deletion_insertion_steps(subject, order, steps)
    if found is None:
        raise RuntimeError("The last step carries the curves.")
    return found


def deletion_insertion_steps(
    subject: Subject, order: np.ndarray, steps: int = STEPS
) -> Iterator[tuple[float, Faithfulness | None]]:
    """As `deletion_insertion`, step by step: the share that is done, and at the end both curves."""
    curves: list[Curve] = []
    for number, mode in enumerate(("deletion", "insertion")):
        for share, found in curve_steps(subject, order, mode, steps):
            if found is None:
                yield (number + share) / 2, None
            else:
                curves.append(found)
    yield 1.0, Faithfulness(*curves)


def order_of(explanation: Explanation, hw: tuple[int, int]) -> np.ndarray:
    """All pixels, the one that speaks most for the category first; those that speak against it last."""
    return np.argsort(-explanation.over(hw).ravel(), kind="stable")


def chance_order(hw: tuple[int, int], seed: int = 0) -> np.ndarray:
    """All pixels, square after square in random order: what a map that knows nothing would do."""
    draws = np.random.default_rng(seed).permutation(_CELLS**2).reshape(_CELLS, _CELLS)
    rows, columns = (np.arange(size) * _CELLS // size for size in hw)
    return np.argsort(draws[rows][:, columns].ravel(), kind="stable")


def curve(subject: Subject, order: np.ndarray, mode: Mode, steps: int = STEPS) -> Curve:
    """The curve of one order of the pixels."""
    *_, (_, found) = curve_steps(subject, order, mode, steps)
    if found is None:
        raise RuntimeError("The last step of a curve carries it.")
    return found


def curve_steps(
    subject: Subject, order: np.ndarray, mode: Mode, steps: int = STEPS
) -> Iterator[tuple[float, Curve | None]]:
    """As `curve`, step by step: the share that is done, and at the end the curve."""
    import torch

    counts = np.linspace(0, len(order), steps + 1).round().astype(int)
    found: list[float] = []
    for batch in in_batches(list(counts), BATCH):
        with torch.no_grad():
            shares = outputs(subject.circuit, pictures(subject, order, mode, batch)).softmax(1)
        found += shares[:, subject.category].tolist()
        yield len(found) / len(counts), None
    yield 1.0, Curve(mode, tuple((counts / len(order)).tolist()), tuple(found))


def pictures(subject: Subject, order: np.ndarray, mode: Mode, counts: Sequence[int]) -> "Tensor":
    """The picture with each of these numbers of pixels taken away (grey) or brought back (else blurred)."""
    import torch

    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    changed = torch.from_numpy(rank.reshape(1, 1, *subject.hw)) < torch.tensor(list(counts)).view(-1, 1, 1, 1)
    if mode == "deletion":
        return torch.where(changed, torch.zeros(()), subject.tensor)
    return torch.where(changed, subject.tensor, blurred(subject.tensor))


def blurred(tensor: "Tensor") -> "Tensor":
    """The picture out of focus, so that little of it can be recognised."""
    import cv2
    import torch

    planes = np.ascontiguousarray(tensor[0].permute(1, 2, 0).numpy())
    soft = cv2.GaussianBlur(planes, (0, 0), _BLUR * max(planes.shape[:2]))
    return torch.from_numpy(soft).permute(2, 0, 1)[None]


def area_formula(found: Curve) -> Formula:
    """The area under a curve with its first and last terms."""
    p, steps = found.probabilities, len(found.probabilities) - 1
    middle = sum(p[1:-1])
    return Formula(
        f"Area under the {found.mode} curve",
        r"\tfrac{1}{n} \left( \tfrac{p_0 + p_n}{2} + p_1 + \dots + p_{n-1} \right)",
        rf"\tfrac{{1}}{{{steps}}} \left( \tfrac{{{p[0]:.3f} + {p[-1]:.3f}}}{{2}} + {middle:.3f} \right)",
        round(found.area, 4),
        "Small is good: the probability falls at once."
        if found.mode == "deletion"
        else "Large is good: the probability is back at once.",
    )
