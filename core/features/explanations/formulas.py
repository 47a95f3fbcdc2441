"""What a method computed, with its numbers filled in."""

import math
from collections.abc import Callable

import numpy as np

from core.features.explanations.explanation import Explanation
from core.formula import Formula

_SHOWN = 3  # terms that are written out


def formulas_of(found: Explanation) -> tuple[Formula, ...]:
    """The formulas of an explanation: first how the map is weighted, then its strongest place."""
    match found.method:
        case "grad_cam" | "grad_cam_pp":
            return _weight(found), _place(found)
        case "layer_cam":
            return (_layer_place(found),)
        case "eigen_cam":
            return (_eigen(found),)
        case "score_cam":
            return (_score(found),)
        case "occlusion":
            return (_occlusion(found),)
        case "integrated_gradients":
            return (_completeness(found),)
        case _:
            return (_steepest(found),)


def _weight(found: Explanation) -> Formula:
    weights, (height, width) = found.details["weights"], found.values.shape
    channel = int(weights.argmax())
    cells = height * width
    if found.method == "grad_cam":
        symbols = r"\alpha_k = \tfrac{1}{Z} \sum_{y,x} \tfrac{\partial z_c}{\partial A_{k,y,x}}"
        filled = rf"\tfrac{{1}}{{{cells}}} \cdot ({_n(float(weights[channel]) * cells)})"
        note = f"Z = {height} × {width} places. The three largest: {_leaders(weights)}."
    else:
        symbols = (
            r"w_k = \sum_{y,x} \tfrac{g^2}{2 g^2 + g^3 \sum A_k}\, \mathrm{ReLU}(g),\; "
            r"g = \tfrac{\partial z_c}{\partial A_{k,y,x}}"
        )
        filled = rf"{_n(float(weights[channel]))}\;\text{{over {cells} places}}"
        note = f"The three largest: {_leaders(weights)}."
    return Formula(f"Weight of channel {channel}, the largest", symbols, filled, _r(weights[channel]), note)


def _leaders(weights: np.ndarray) -> str:
    best = np.argsort(-weights, kind="stable")[:_SHOWN]
    return ", ".join(f"channel {k}: {weights[k]:.3g}" for k in best.tolist())


def _place(found: Explanation) -> Formula:
    weights, maps = found.details["weights"], found.details["maps_there"]
    letter = r"\alpha_k" if found.method == "grad_cam" else "w_k"
    return _sum_there(
        found,
        rf"L_{{y,x}} = \sum_k {letter}\, A_{{k,y,x}}",
        lambda k: rf"{_n(float(weights[k]))} \cdot {_n(float(maps[k]))}",
    )


def _layer_place(found: Explanation) -> Formula:
    terms = found.details["terms"]
    return _sum_there(
        found,
        r"L_{y,x} = \sum_k \mathrm{ReLU}\!\left(\tfrac{\partial z_c}{\partial A_{k,y,x}}\right) A_{k,y,x}",
        lambda k: _n(float(terms[k])),
    )


def _sum_there(found: Explanation, general: str, term: Callable[[int], str]) -> Formula:
    """The map at its strongest place, with its largest terms written out."""
    terms = found.details["terms"]
    best = np.argsort(-terms, kind="stable")[:_SHOWN].tolist()
    row, column = found.details["place"]
    return Formula(
        f"Map at row {row}, column {column}, its strongest place",
        general,
        rf"{' + '.join(map(term, best))} + {_signed(float(terms.sum() - terms[best].sum()))}",
        _r(terms.sum()),
        f"Channels {', '.join(map(str, best))} and the {len(terms) - len(best)} others together.",
    )


def _eigen(found: Explanation) -> Formula:
    return Formula(
        "Share of the maps' variation along this direction",
        r"\sigma_1^2 \,/\, \textstyle\sum_i \sigma_i^2",
        _n(found.details["share"]),
        _r(found.details["share"]),
        "The singular values of the maps, places × channels, each channel less its mean. No category is in it.",
    )


def _score(found: Explanation) -> Formula:
    details = found.details
    if not details["channels"]:
        return Formula(
            "Weight of the strongest channel", r"w_k", "0", 0, "Every map is flat on this picture."
        )
    best = int(np.argmax(details["weights"]))
    score, rest = float(details["scores"][best]), details["scores"] - details["scores"].max()
    total = float(np.exp(rest).sum())
    return Formula(
        f"Weight of channel {details['channels'][best]}, the largest",
        r"w_k = e^{z_c(x \circ H_k)} \,/\, \textstyle\sum_j e^{z_c(x \circ H_j)}",
        rf"e^{{{score:.3f}}} \,/\, ({total:.3f}\, e^{{{score:.3f}}})",
        _r(details["weights"][best]),
        f"The {len(details['channels'])} channels with the largest values of {details['of']} were asked.",
    )


def _occlusion(found: Explanation) -> Formula:
    details = found.details
    top, left, bottom, right = details["window"]
    fall = float(details["output"] - details["covered"])
    return Formula(
        "Largest fall of the output",
        r"z_c(x) - z_c(x \text{ with the window grey})",
        rf"{details['output']:.3f} - {_paren(float(details['covered']))}",
        _r(fall),
        f"Window of rows {top} to {bottom - 1}, columns {left} to {right - 1}; {details['count']} windows in all.",
    )


def _completeness(found: Explanation) -> Formula:
    details = found.details
    rise = details["output"] - details["grey"]
    return Formula(
        "Sum over all pixels",
        r"\sum_i (x_i - x'_i)\, \tfrac{1}{m} \sum_{j=1}^{m} \tfrac{\partial z_c}{\partial x_i}\Big|_j"
        r" \;\approx\; z_c(x) - z_c(x')",
        rf"{details['output']:.3f} - {_paren(details['grey'])} = {rise:.3f}",
        _r(details["sum"]),
        f"{details['steps']} steps from grey: off by {details['sum'] - rise:+.3f}. More steps bring it closer.",
    )


def _steepest(found: Explanation) -> Formula:
    slope = found.details["slope"]
    row, column = np.unravel_index(int(found.values.argmax()), found.values.shape)
    three = [float(value) for value in slope[:, row, column]]
    listed = ",\\, ".join(f"|{_n(value)}|" for value in three)
    guided = found.method == "guided_backprop"
    return Formula(
        f"Pixel at row {row}, column {column}, the strongest",
        (r"\max_{\text{colours}} |R|,\; R = \mathbb{1}[a > 0]\, \mathbb{1}[R > 0]\, R \text{ at each ReLU}")
        if guided
        else r"\max_{\text{colours}} \left| \tfrac{\partial z_c}{\partial x} \right|",
        rf"\max({listed})",
        _r(max(map(abs, three))),
    )


def _n(value: float) -> str:
    return f"{value:.3g}" if abs(value) >= 1e-3 or value == 0 else _power(value)


def _power(value: float) -> str:
    exponent = math.floor(math.log10(abs(value)))
    return rf"{value / 10**exponent:.2f} \cdot 10^{{{exponent}}}"


def _signed(value: float) -> str:
    return _paren(value) if value < 0 else _n(value)


def _paren(value: float) -> str:
    return f"({value:.3f})" if value < 0 else f"{value:.3f}"


def _r(value: float) -> float:
    return float(f"{float(value):.5g}")
