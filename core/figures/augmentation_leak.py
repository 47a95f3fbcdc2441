"""The leak simulator as pictures: who is in which set, and what is reported against what is real."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import plotly.graph_objects as go

from core.augmentation.applying import apply
from core.augmentation.chain import Chain
from core.augmentation.digits import digit_pixels, digits
from core.augmentation.drawing import draw
from core.augmentation.leak import GENTLE, WAYS, LeakRun, LeakSummary, Way
from core.figures.encoding import encode
from core.figures.palette import BLUE, GREY, OLIVE, ORANGE, PINK, TEAL, VIOLET

TITLES: dict[Way, str] = {
    "split": "Split first, augment the training half",
    "leak": "Augment first, split afterwards",
    "augmented validation": "Split first, augment both halves",
}
_SHOWN, _COPIES = 6, 3
_FRAMES = (BLUE, ORANGE, TEAL, OLIVE, VIOLET, PINK)
_CELL, _GAP, _HEAD = 46, 6, 30
_COLUMNS = 4


def sets_svg(way: Way) -> str:
    """Training and validation set of one way: each digit has a frame of its own, its copies have the same."""
    train, check = _example(way)
    left, width = _box(train, 0, "training")
    right, more = _box(check, width + 22, "validation")
    rows = max(-(-len(train) // _COLUMNS), -(-len(check) // _COLUMNS))
    total, height = width + 22 + more, _HEAD + rows * (_CELL + _GAP) + 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" '
        f'font-family="sans-serif">{left}{right}</svg>'
    )


def sets_alt(way: Way) -> str:
    """The same in words."""
    train, check = _example(way)
    both = len({digit for digit, _ in train} & {digit for digit, _ in check})
    return f"{TITLES[way]}: {len(train)} pictures to train on, {len(check)} to validate on, {both} digits in both."


Cell = tuple[int, int]  # number of the digit, number of the copy (0: itself)


def _example(way: Way) -> tuple[list[Cell], list[Cell]]:
    """Six digits with three copies each, put into sets as the simulator does."""
    cells = [(digit, copy) for digit in range(_SHOWN) for copy in range(_COPIES + 1)]
    if way == "leak":
        order = np.random.default_rng(2).permutation(len(cells))
        half = len(cells) // 2
        return sorted(cells[i] for i in order[:half]), sorted(cells[i] for i in order[half:])
    train, check = [c for c in cells if c[0] < _SHOWN // 2], [c for c in cells if c[0] >= _SHOWN // 2]
    return train, check if way == "augmented validation" else [c for c in check if c[1] == 0]


def _box(cells: Sequence[Cell], x: int, title: str) -> tuple[str, int]:
    width = _COLUMNS * (_CELL + _GAP) + _GAP
    rows = -(-len(cells) // _COLUMNS)
    parts = [
        f'<text x="{x + 2}" y="20" font-size="17" font-weight="600" fill="{GREY}">{title}</text>',
        f'<rect x="{x + 1}" y="{_HEAD}" width="{width - 2}" height="{rows * (_CELL + _GAP) + _GAP}" rx="6" '
        f'fill="{GREY}" fill-opacity="0.16"/>',
    ]
    for place, (digit, copy) in enumerate(cells):
        row, column = divmod(place, _COLUMNS)
        left, top = x + _GAP + column * (_CELL + _GAP), _HEAD + _GAP + row * (_CELL + _GAP)
        parts.append(
            f'<g><image x="{left}" y="{top}" width="{_CELL}" height="{_CELL}" href="{_thumbnail(digit, copy)}"/>'
            f'<rect x="{left}" y="{top}" width="{_CELL}" height="{_CELL}" fill="none" stroke="{_FRAMES[digit]}" '
            f'stroke-width="5"/></g>'
        )
    return "".join(parts), width


@cache
def _thumbnail(digit: int, copy: int) -> str:
    """A digit, or one of its copies, as an address."""
    index = int(np.flatnonzero(digits()[1] == (2, 3, 4, 5, 6, 8)[digit])[1])
    dice = np.random.default_rng([digit, copy])
    return encode(apply(draw(GENTLE if copy else Chain(), (32, 32), dice), digit_pixels(index))).uri


def leak_figure(runs: Sequence[LeakRun], summaries: Sequence[LeakSummary]) -> go.Figure:
    """Reported and real accuracy of every seed side by side, joined, with the means; one group for each way."""
    figure = go.Figure()
    for place, way in enumerate(WAYS):
        mine = [run for run in runs if run.way == way]
        for number, run in enumerate(mine):
            offset = 0.0 if len(mine) < 2 else 0.1 * (number / (len(mine) - 1) - 0.5)
            figure.add_scatter(
                x=[place - 0.2 + offset, place + 0.2 + offset],
                y=[run.reported, run.real],
                mode="lines+markers",
                line={"color": GREY, "width": 1},
                marker={"color": [ORANGE, BLUE], "size": 8, "opacity": 0.7},
                hovertemplate=f"seed {run.seed}: %{{y:.1%}}<extra>{way}</extra>",
                showlegend=False,
            )
    for summary in summaries:
        place = WAYS.index(summary.way)
        for side, value, colour in ((-0.2, summary.reported, ORANGE), (0.2, summary.real, BLUE)):
            figure.add_shape(
                type="line",
                x0=place + side - 0.13,
                x1=place + side + 0.13,
                y0=value,
                y1=value,
                line={"color": colour, "width": 5},
            )
            figure.add_annotation(
                x=place + side + (-0.15 if side < 0 else 0.15),
                y=value,
                text=f"<b>{value:.1%}</b>",
                showarrow=False,
                xanchor="right" if side < 0 else "left",
                font={"color": colour, "size": 15},
            )
    for name, colour in (
        ("reported on its validation set", ORANGE),
        ("real: fresh digits, made alike", BLUE),
    ):
        figure.add_scatter(
            x=[None], y=[None], mode="markers", marker={"color": colour, "size": 11}, name=name
        )
    values = [value for run in runs for value in (run.reported, run.real)] or [0.6, 1.0]
    figure.update_xaxes(
        tickvals=list(range(len(WAYS))),
        ticktext=["<br>".join(TITLES[way].split(", ")) for way in WAYS],
        range=[-0.6, len(WAYS) - 0.4],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(
        tickformat=".0%",
        range=[min(values) - 0.04, min(1.0, max(values) + 0.04)],
        title="accuracy",
        fixedrange=True,
    )
    figure.update_layout(
        height=400,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.1, "x": 0},
    )
    return figure


def leak_alt(summaries: Sequence[LeakSummary]) -> str:
    """The chart in words."""
    return "Reported and real accuracy: " + "; ".join(
        f"{each.way} {each.reported:.3f} and {each.real:.3f}" for each in summaries
    )
