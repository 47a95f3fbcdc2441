"""The odds of a chain as pictures: the probability tree by area, counted against exact, and what order changes."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from core.augmentation.applying import apply
from core.augmentation.odds import Branch, Odds, OddsCheck
from core.augmentation.order import Ordered, seen_outline
from core.figures.encoding import Encoded, encode
from core.figures.palette import BLUE, BRIGHT, GREEN, GREY, OLIVE, ORANGE, PALE, PINK, RIM, TEAL, VIOLET

LEAVES_MOST = 48
_LEFT_OUT = PALE
_HUES = (BLUE, ORANGE, VIOLET, PINK, OLIVE, GREEN)
_READABLE = 0.045  # of the tree's height: smaller fields have no room for words
_WIDE_PX = 480


def drawn_levels(odds: Odds) -> int:
    """How many steps of the chain are drawn, so that the tree has at most 48 leaves."""
    leaves = 1
    for count, level in enumerate(odds.levels):
        leaves *= len(level)
        if leaves > LEAVES_MOST:
            return count
    return len(odds.levels)


def tree_figure(odds: Odds, upright: bool = False) -> go.Figure:
    """The tree from left to right (or downwards): as high as it is probable; the untouched way stands out."""
    ids, parents, labels, values = ["photo"], [""], ["every photo"], [1.0]
    colours, texts, hovers = [GREY], ["every photo"], [""]
    ways: list[tuple[str, float, bool]] = [("photo", 1.0, True)]
    for number, level in enumerate(odds.levels[: drawn_levels(odds)]):
        longer = []
        for parent, chance, untouched in ways:
            for branch in level:
                name = f"{parent}/{number}.{branch.choice}"
                still = untouched and branch.choice < 0
                ids.append(name)
                parents.append(parent)
                labels.append(branch.title)
                values.append(chance * branch.probability)
                colours.append(_colour(branch, number, still))
                hovers.append(f"{branch.probability:.3g} here")
                fits = chance * branch.probability >= _READABLE
                words = f"{branch.title}{'<br>' if chance * branch.probability > 0.08 else '  '}"
                texts.append(f"{words}{100 * chance * branch.probability:.3g} %" if fits else "")
                longer.append((name, values[-1], still))
        ways = longer
    figure = go.Figure(
        go.Icicle(
            ids=ids,
            parents=parents,
            labels=labels,
            values=values,
            branchvalues="total",
            sort=False,
            tiling={"orientation": "v" if upright else "h", "pad": 2},
            marker={"colors": colours},
            customdata=hovers,
            text=texts,
            texttemplate="%{text}",
            hovertemplate="%{label}: %{customdata}, %{percentRoot:.3~p} of all photos<extra></extra>",
            pathbar={"visible": False},
            leaf={"opacity": 1},
        )
    )
    figure.update_layout(height=480, margin={"l": 0, "r": 0, "t": 4, "b": 4})
    return figure


def tree_alt(odds: Odds) -> str:
    """The tree in words."""
    steps = "; ".join(
        ", ".join(f"{branch.title} {branch.probability:.3g}" for branch in level) for level in odds.levels
    )
    return f"Probability tree. Steps: {steps or 'none'}. Untouched: {odds.untouched:.4g}."


def counts_figure(odds: Odds, check: OddsCheck) -> go.Figure:
    """How many transforms a picture gets: exact beside counted."""
    names = [str(i) for i in range(len(odds.counts))]
    figure = go.Figure()
    for values, name, colour in (
        (odds.counts, "exact", BLUE),
        (check.counts, f"{check.draws:,} draws", ORANGE),
    ):
        figure.add_bar(
            x=names,
            y=values,
            name=name,
            marker_color=colour,
            text=[f"{value:.1%}" for value in values] if len(names) < 8 else None,
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{x}} transforms, {name}: %{{y:.3%}}<extra></extra>",
        )
    top = max(*odds.counts, *check.counts)
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.14, "x": 1, "xanchor": "right"},
        bargap=0.25,
    )
    figure.update_xaxes(title="transforms that a picture gets", type="category")
    figure.update_yaxes(tickformat=".0%", range=[0, 1.18 * top])
    return figure


def counts_alt(odds: Odds, check: OddsCheck) -> str:
    """The bars in words."""
    pairs = zip(odds.counts, check.counts, strict=True)
    return "Exact and counted shares: " + "; ".join(
        f"{i} transforms {exact:.3f} and {counted:.3f}" for i, (exact, counted) in enumerate(pairs)
    )


def seen_picture(pixels: UInt8[np.ndarray, "height width 3"], orders: Sequence[Ordered]) -> Encoded:
    """The photo with the part that every order's result shows: the first in a full line, the second dashed."""
    height, width = pixels.shape[:2]
    scale = _WIDE_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for order, colour, thick in zip(orders, (BRIGHT[4], BRIGHT[2]), (7, 3), strict=False):
        outline = [(float(x) * scale, float(y) * scale) for x, y in seen_outline(order.draw)]
        if len(outline) > 2:
            draw.line([*outline, outline[0], outline[1]], fill=RIM, width=thick + 4, joint="curve")
            draw.line([*outline, outline[0], outline[1]], fill=colour, width=thick, joint="curve")
    return encode(np.asarray(image), lossless=False)


def result_picture(order: Ordered, pixels: UInt8[np.ndarray, "height width 3"]) -> Encoded:
    """What an order makes of the photo, every pixel as it is; small results are enlarged in whole squares."""
    shown = apply(order.draw, pixels)
    times = max(1, _WIDE_PX // max(shown.shape[:2]))
    return encode(shown.repeat(times, axis=0).repeat(times, axis=1), lossless=max(order.hw) < 128)


def _colour(branch: Branch, number: int, untouched: bool) -> str:
    if untouched:
        return TEAL
    return _LEFT_OUT if branch.choice < 0 else _HUES[number % len(_HUES)]
