"""The numbers of the augmentation page beside their formulas."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from core.augmentation.chain import Chain
from core.augmentation.embedding import EmbeddingMap
from core.augmentation.leak import LeakSummary
from core.augmentation.odds import Odds, OddsCheck
from core.augmentation.order import Ordered
from core.augmentation.survival import SurvivalCurve
from core.formula import Formula


def change(curve: SurvivalCurve, place: int) -> Formula:
    """How much P(label) has changed at one of the curve's strengths."""
    now = curve.probabilities[place]
    return Formula(
        "change of P(label)",
        r"P(\text{label} \mid \text{changed}) - P(\text{label} \mid \text{untouched})",
        f"{now:.4f} - {curve.baseline:.4f}",
        now - curve.baseline,
    )


def safe_share(curve: SurvivalCurve) -> Formula:
    """How much of the whole range of strengths is safe."""
    low, high = min(curve.strengths), max(curve.strengths)
    safe = curve.safe or (low, low)
    width = (safe[1] - safe[0]) / (high - low)
    return Formula(
        "safe share of the range",
        r"\frac{s_\text{high} - s_\text{low}}{s_\text{max} - s_\text{min}}",
        rf"\frac{{{safe[1]:g} - {_bracketed(safe[0])}}}{{{high:g} - {_bracketed(low)}}}",
        width,
        "Around the strength that changes nothing, without a gap.",
    )


def digits_right(right: int, held_out: int) -> Formula:
    """Accuracy of the digit network on digits that it did not train on."""
    return Formula(
        "right on digits it never saw",
        r"\frac{\text{right answers}}{\text{digits}}",
        rf"\frac{{{right}}}{{{held_out}}}",
        right / held_out,
    )


def chain_formulas(found: Odds, chain: Chain) -> tuple[Formula, Formula]:
    """Untouched share and expected number; in a long chain equal probabilities are written once, in several lines."""
    if len(chain.steps) <= 3:
        return found.formulas
    often = Counter(each.probability for each in chain.steps).items()
    product = _lines([f"(1 - {p:g})" + (f"^{{{n}}}" if n > 1 else "") for p, n in often], r" \cdot ", 3)
    total = _lines([rf"{n} \cdot {p:g}" if n > 1 else f"{p:g}" for p, n in often], " + ", 4)
    untouched, expected = found.formulas
    return replace(untouched, filled=product), replace(expected, filled=total)


def _lines(parts: Sequence[str], sign: str, across: int) -> str:
    rows = [sign.join(parts[first : first + across]) for first in range(0, len(parts), across)]
    return rf" \\ {sign}".join(rows)


def standard_errors(odds: Odds, check: OddsCheck) -> tuple[Formula, Formula]:
    """How far the counted numbers are from the exact ones, in standard errors; 0 where nothing is left to chance."""
    found = []
    for name, exact, counted, error in (
        ("untouched share: off by", odds.untouched, check.untouched, check.untouched_error),
        ("transforms: off by", odds.expected, check.expected, check.expected_error),
    ):
        off = (counted - exact) / error if error else 0.0
        filled = rf"\frac{{{counted:.4g} - {exact:.4g}}}{{{error:.3g}}}" if error else "0"
        note = "standard errors; 19 of 20 checks stay within ±2" if error else "Nothing is left to chance."
        found.append(
            Formula(name, r"\frac{\text{counted} - \text{exact}}{\text{standard error}}", filled, off, note)
        )
    return found[0], found[1]


def order_scale(order: Ordered, name: str) -> Formula:
    """Pixels of the result for each pixel of the photo that it shows, along a side."""
    height, width = order.draw.input_hw
    h, w = order.hw
    return Formula(
        f"sharpness, {name}",
        r"\sqrt{\frac{\text{pixels of the result}}{\text{pixels of the photo that it shows}}}",
        rf"\sqrt{{\frac{{{h} \cdot {w}}}{{{order.seen:.4g} \cdot {height} \cdot {width}}}}}",
        (h * w / (order.seen * height * width)) ** 0.5 if order.seen else 0.0,
        "pixels per pixel of the photo, along a side",
    )


def unreal_gain(summary: LeakSummary) -> Formula:
    """What a way reports beyond what its networks can really do."""
    error = f" ± {summary.unreal_error:.3f}" if summary.runs > 1 else ""
    return Formula(
        f"gain that is not real, {summary.way}",
        r"\overline{\text{reported}} - \overline{\text{real}}",
        f"{summary.reported:.4f} - {summary.real:.4f}",
        summary.unreal,
        f"mean of {summary.runs} seeds{error}" if error else "one seed: no error bar",
    )


def mean_distance(found: EmbeddingMap) -> Formula:
    """Mean relative distance of the variants from the photo."""
    count = len(found.distances)
    first = " + ".join(f"{d:.3f}" for d in found.distances[:3])
    more = r" + \dots" if count > 3 else ""
    return Formula(
        "mean distance from the photo",
        r"\frac{1}{n} \sum_i \frac{\lVert v_i - p \rVert}{\lVert p \rVert}",
        rf"\frac{{{first}{more}}}{{{count}}}",
        float(found.distances.mean()),
        "p: channel means of the photo; v: of a variant; in the whole space, not in the plane of the map",
    )


def plane_share(found: EmbeddingMap) -> Formula:
    """How much of the spread the map shows."""
    a, b = found.explained
    return Formula(
        "share of the spread that the map shows",
        r"\frac{\sigma_1^2 + \sigma_2^2}{\sum_i \sigma_i^2}",
        f"{a:.4f} + {b:.4f}",
        a + b,
    )


def _bracketed(value: float) -> str:
    return f"({value:g})" if value < 0 else f"{value:g}"
