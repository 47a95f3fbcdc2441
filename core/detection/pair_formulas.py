"""Five measures of two boxes as formulas, with the numbers filled in. Sources: see `core.detection.boxes`."""

from core.detection.boxes import Overlap
from core.formula import Formula


def pair_formulas(pair: Overlap) -> tuple[Formula, ...]:
    """IoU, GIoU, DIoU, CIoU and IoS of a pair; areas in square pixels, lengths in pixels."""
    shared, union, around = pair.intersection_area, pair.union_area, pair.enclosing_area
    smaller = min(_area(pair.first), _area(pair.second))
    note = "They share no area." if pair.shared is None else ""
    return (
        Formula(
            "IoU", r"\frac{I}{U}", rf"\frac{{{_n(shared)}}}{{{_n(union)}}} = {pair.iou:.4f}", pair.iou, note
        ),
        Formula(
            "GIoU",
            r"\text{IoU} - \frac{C - U}{C}",
            rf"{pair.iou:.4f} - \frac{{{_n(around - union)}}}{{{_n(around)}}} = {pair.giou:.4f}",
            pair.giou,
            "C is the smallest box around both: apart, it still says how far.",
        ),
        Formula(
            "DIoU",
            r"\text{IoU} - \frac{d^2}{c^2}",
            rf"{pair.iou:.4f} - \frac{{{pair.centre_distance:.1f}^2}}{{{pair.diagonal:.1f}^2}} = {pair.diou:.4f}",
            pair.diou,
            "d: between the centres; c: the diagonal of the box around both.",
        ),
        Formula(
            "CIoU",
            r"\text{DIoU} - \alpha v",
            rf"{pair.diou:.4f} - {pair.trade_off * pair.aspect:.4f} = {pair.ciou:.4f}",
            pair.ciou,
            f"v = {pair.aspect:.3g} compares the shapes; α = {pair.trade_off:.3g} weighs it the more the better the "
            "boxes overlap.",
        ),
        Formula(
            "IoS",
            r"\frac{I}{\min(A, B)}",
            rf"\frac{{{_n(shared)}}}{{{_n(smaller)}}} = {pair.ios:.4f}",
            pair.ios,
            "1 when one box lies inside the other.",
        ),
    )


def _area(box: tuple[float, ...]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _n(value: float) -> str:
    return f"{value:,.0f}".replace(",", r"{,}")
