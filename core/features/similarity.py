r"""Where do two pictures part? How alike a layer finds them, layer by layer.

Three questions: do the maps agree place by place (cosine of all values), do the same channels answer, wherever
(cosine of the channels' means), and do the places relate to one another in the same way (linear centred kernel
alignment over places; Kornblith et al. 2019, arXiv 1905.00414, equation 3).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from core.formula import Formula


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two maps of one shape are.

    Args:
        in_place: cosine of all values, place by place.
        anywhere: cosine of the channels' means.
        cka: linear centred kernel alignment, the places being the examples; 0 to 1.
    """

    in_place: float
    anywhere: float
    cka: float


def likeness(
    first: Float[np.ndarray, "channels height width"], second: Float[np.ndarray, "channels height width"]
) -> Likeness:
    """Compare two maps.

    Raises: ValueError if their shapes differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"The maps have one shape, got {first.shape} and {second.shape}.")
    means = [each.mean(axis=(1, 2), dtype=np.float64) for each in (first, second)]
    places = [each.reshape(len(each), -1).T for each in (first, second)]
    return Likeness(cosine(first.ravel(), second.ravel()), cosine(*means), linear_cka(*places))


def cosine(first: Float[np.ndarray, " n"], second: Float[np.ndarray, " n"]) -> float:
    """u . v / (|u| |v|); 0 if one of them is 0."""
    scale = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / scale if scale else 0.0


def linear_cka(first: Float[np.ndarray, "n p"], second: Float[np.ndarray, "n q"]) -> float:
    r"""|Y^T X|^2 / (|X^T X| |Y^T Y|) in Frobenius norms, columns centred; 0 if one of them is constant.

    With fewer examples than features the same number comes from the Gram matrices of the examples.
    """
    x, y = (each - each.mean(axis=0) for each in (first, second))
    if len(x) < max(x.shape[1], y.shape[1]):
        gram_x, gram_y = x @ x.T, y @ y.T
        cross = float((gram_x * gram_y).sum())
    else:
        gram_x, gram_y = x.T @ x, y.T @ y
        cross = float(np.square(y.T @ x).sum())
    scale = float(np.linalg.norm(gram_x) * np.linalg.norm(gram_y))
    return cross / scale if scale else 0.0


def likeness_formulas(
    first: Float[np.ndarray, "channels height width"], second: Float[np.ndarray, "channels height width"]
) -> tuple[Formula, Formula]:
    """The cosine in place with its numbers, and CKA."""
    found = likeness(first, second)
    u, v = first.ravel().astype(np.float64), second.ravel().astype(np.float64)
    return (
        Formula(
            "Cosine, place by place",
            r"\frac{u \cdot v}{\lVert u \rVert\, \lVert v \rVert}",
            rf"\frac{{{_tex(u @ v)}}}{{{_tex(np.linalg.norm(u))} \cdot {_tex(np.linalg.norm(v))}}}",
            round(found.in_place, 4),
        ),
        Formula(
            "Linear CKA over places",
            r"\frac{\lVert Y^{\top} X \rVert_F^2}{\lVert X^{\top} X \rVert_F\, \lVert Y^{\top} Y \rVert_F}",
            rf"{found.cka:.4f}",
            round(found.cka, 4),
            "X and Y hold one row per place and one centred column per channel.",
        ),
    )


def _tex(value: float) -> str:
    """A number with four digits in LaTeX."""
    digits, _, power = f"{value:.4g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits
