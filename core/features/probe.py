"""Trying an explanation by hand: cover a place, take away a share of the pixels, and look at what is left."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from core.features.explanations import Explanation, Subject
from core.features.explanations.faithfulness import Mode, pictures
from core.features.explanations.subject import outputs
from core.formula import Formula
from core.networks import Preprocessing

QUARTERS = ("top left", "top right", "bottom left", "bottom right")


@dataclass(frozen=True, slots=True)
class Covered:
    """What covering a square does to a category.

    Args:
        window: top, left, bottom, right in pixels of the crop, half-open.
        outputs: before the softmax, without and with the cover.
        shares: after it, 0 to 1.
    """

    window: tuple[int, int, int, int]
    outputs: tuple[float, float]
    shares: tuple[float, float]


def window_at(hw: tuple[int, int], pixel: tuple[int, int], side: int) -> tuple[int, int, int, int]:
    """The square around a pixel (row, column), moved inside the picture where it would reach out."""
    top, left = (min(max(0, at - side // 2), max(0, size - side)) for at, size in zip(pixel, hw, strict=True))
    return top, left, min(hw[0], top + side), min(hw[1], left + side)


def covered(subject: Subject, pixel: tuple[int, int], side: int) -> Covered:
    """Make a square grey (0 after the preprocessing) and ask the network again."""
    import torch

    window = window_at(subject.hw, pixel, side)
    top, left, bottom, right = window
    both = subject.tensor.repeat(2, 1, 1, 1)
    both[1, :, top:bottom, left:right] = 0
    with torch.no_grad():
        found = outputs(subject.circuit, both)
    before, after = found[:, subject.category].tolist()
    return Covered(window, (before, after), tuple(found.softmax(1)[:, subject.category].tolist()))


def covered_formula(found: Covered) -> Formula:
    """How far the output falls."""
    before, after = found.outputs
    top, left, bottom, right = found.window
    return Formula(
        "Fall of the output (below 0: it rises)",
        r"z_c(x) - z_c(x \text{ with the square grey})",
        f"{before:.3f} - {f'({after:.3f})' if after < 0 else f'{after:.3f}'}",
        float(f"{before - after:.4g}"),
        f"Rows {top} to {bottom - 1}, columns {left} to {right - 1}; the probability goes from"
        f" {found.shares[0]:.1%} to {found.shares[1]:.1%}.",
    )


def seen_again(tensor: "object", how: Preprocessing) -> UInt8[np.ndarray, "height width 3"]:
    """A normalised picture [1, 3, height, width] as pixels again, red first: x std + mean."""
    values = tensor[0].permute(1, 2, 0).numpy() * np.array(how.std, np.float32)  # type: ignore[index]
    pixels = np.clip(np.rint(values + np.array(how.mean, np.float32)), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(pixels[..., ::-1]) if how.bgr else pixels


def partly(
    subject: Subject, how: Preprocessing, order: np.ndarray, mode: Mode, share: float
) -> UInt8[np.ndarray, "height width 3"]:
    """What the network sees when this share of the pixels is taken away or brought back."""
    return seen_again(pictures(subject, order, mode, [round(share * len(order))]), how)


def quarter_shares(heat: Float[np.ndarray, "height width"]) -> tuple[float, float, float, float]:
    """How much of a map lies in each quarter of the crop, as `QUARTERS` names them; 0 everywhere if it is empty."""
    height, width = heat.shape
    parts = [
        heat[rows, columns].sum()
        for rows in (slice(0, height // 2), slice(height // 2, height))
        for columns in (slice(0, width // 2), slice(width // 2, width))
    ]
    total = float(sum(parts)) or 1.0
    return tuple(float(part) / total for part in parts)  # type: ignore[return-value]


def half_lies_on(found: Explanation, hw: tuple[int, int]) -> float:
    """The smallest share of the crop that carries half of what speaks for the category; 1 for an empty map."""
    strong = np.sort(np.maximum(found.over(hw), 0).ravel())[::-1].astype(np.float64)
    total = strong.cumsum()
    if total[-1] == 0:
        return 1.0
    return (int(np.searchsorted(total, total[-1] / 2)) + 1) / len(strong)
