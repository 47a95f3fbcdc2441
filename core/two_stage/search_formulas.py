"""The arithmetic of a merge, with the numbers filled in."""

from core.formula import Formula
from core.two_stage.selective_search import Search

_ABOUT = {
    "colour": (r"\sum_b \min(c_i^b, c_j^b)", "What both histograms of hue, saturation and value share."),
    "texture": (r"\sum_b \min(t_i^b, t_j^b)", "What both histograms of slopes in 8 directions share."),
}


def merge_formulas(found: Search, number: int) -> tuple[Formula, ...]:
    """The four similarities of a merge (its number from 0), and the sum of those that are used.

    Raises: IndexError where there is no such merge.
    """
    merge = found.merges[number]
    made = found.regions[merge.made]
    area = found.labels.size
    left, top, right, bottom = made.box
    around = (right - left) * (bottom - top)
    formulas = [
        Formula(name, symbols, f"{getattr(merge.alike, name):.4f}", getattr(merge.alike, name), note)
        for name, (symbols, note) in _ABOUT.items()
    ]
    formulas += [
        Formula(
            "size",
            r"1 - \frac{n_i + n_j}{n}",
            rf"1 - \frac{{{made.size}}}{{{area}}} = {merge.alike.size:.4f}",
            merge.alike.size,
            "Small regions first, so that no large one eats all others.",
        ),
        Formula(
            "fill",
            r"1 - \frac{BB_{ij} - n_i - n_j}{n}",
            rf"1 - \frac{{{around - made.size}}}{{{area}}} = {merge.alike.fill:.4f}",
            merge.alike.fill,
            f"BB: the {around} pixels of the box around both.",
        ),
    ]
    total = merge.alike.total(found.use)
    summed = " + ".join(f"{getattr(merge.alike, name):.3f}" for name in found.use)
    symbols = " + ".join(rf"s_{{\text{{{name}}}}}" for name in found.use)
    whole = Formula("similarity", symbols, f"{summed} = {total:.4f}", total, "The largest of all neighbours.")
    return (whole, *formulas)
