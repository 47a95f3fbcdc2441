"""What a training left behind, as pictures: what moved, how honest the confidences are, how apart the classes lie."""

import html
import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Num

from core.figures.palette import BLUE, GREY, ORANGE, PINK, clear
from core.figures.transfer import LANES, above, interval, laid
from core.transfer.steps import Moved

Bin = tuple[float, float, int]
"""Mean confidence, accuracy, photos."""
_NAMED_FROM = 0.05  # of the tensors
_KINDS = (
    ("weight", "weights", BLUE, "circle"),
    ("statistics", "batch-norm statistics", ORANGE, "diamond"),
)
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "star", "pentagon", "hexagon")


def moved_figure(moved: Sequence[Moved], stages: Sequence[str], trained: int) -> go.Figure:
    """How far each tensor moved, in the order of the network, on a logarithmic axis with a row for 0.

    Args:
        moved: tensors whose relative change is NaN (all 0 before) are left out.
        stages: names in order, without the head, which is the stage behind them.
        trained: stages that trained, from the end.
    """
    shown = sorted((each for each in moved if not math.isnan(each.relative)), key=lambda each: each.stage)
    logs = [math.log10(each.relative) for each in shown if each.relative > 0]
    low, high = math.floor(min(logs, default=-4)), max(math.ceil(max(logs, default=0)), 0)
    zero = low - 1
    figure = go.Figure()
    frozen = len(stages) - trained
    _stage_bands(figure, [each.stage for each in shown], [*stages, "head"], frozen)
    for kind, name, colour, symbol in _KINDS:
        mine = [(place, each) for place, each in enumerate(shown) if each.kind == kind]
        figure.add_scatter(
            x=[place for place, _ in mine],
            y=[math.log10(each.relative) if each.relative > 0 else zero for _, each in mine],
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 8, "line": {"width": 0}},
            name=name,
            customdata=[(each.name, each.relative, each.numbers) for _, each in mine],
            hovertemplate="%{customdata[0]}: %{customdata[1]:.3~g}<br>%{customdata[2]:,} numbers<extra></extra>",
            showlegend=bool(mine),
        )
    figure.add_hline(y=zero + 0.5, line={"color": GREY, "width": 1, "dash": "dot"})
    laid(figure, 400, 1.07)
    figure.update_xaxes(range=[-0.8, max(len(shown), 1) - 0.2], showgrid=False)
    figure.update_yaxes(
        tickvals=list(range(zero, high + 1)),
        ticktext=["0", *(f"{10.0**power:g}" for power in range(low, high + 1))],
        range=[zero - 0.45, high + 0.25],
        title="|after − before| ÷ |before|",
    )
    return figure


def _stage_bands(figure: go.Figure, owners: Sequence[int], names: Sequence[str], frozen: int) -> None:
    """Every second stage shaded, the frozen ones in a colour of their own, with names below."""
    middles, texts = [], []
    for stage in sorted(set(owners)):
        first = owners.index(stage) - 0.5
        last = first + owners.count(stage)
        middles.append((first + last) / 2)
        wide = owners.count(stage) >= _NAMED_FROM * len(
            owners
        )  # names of narrower ones would lie on each other
        texts.append(html.escape(names[stage], quote=False) if wide else "")
        figure.add_vrect(
            x0=first,
            x1=last,
            fillcolor=GREY if stage < frozen else BLUE,
            opacity=(0.14 if stage < frozen else 0.05) + 0.07 * (stage % 2),
            line_width=0,
            layer="below",
        )
    edge = sum(stage < frozen for stage in owners)
    for text, start, end in (("❄ frozen", 0, edge), ("training", edge, len(owners))):
        if end > start:
            figure.add_annotation(
                x=start - 0.5
                if start == 0
                else end - 0.5,  # at its own edge, towards the middle: never cut off
                xanchor="left" if start == 0 else "right",
                y=1,
                yref="paper",
                yanchor="bottom",
                text=f"<b>{text}</b>",
                font={"color": GREY if text.startswith("❄") else BLUE},
                showarrow=False,
            )
    figure.update_xaxes(tickvals=middles, ticktext=texts)


def moved_alt(moved: Sequence[Moved], stages: Sequence[str], trained: int) -> str:
    """The chart in words: the largest change of each stage."""
    names = [*stages, "head"]
    words = []
    for stage, name in enumerate(names):
        for kind, title, *_ in _KINDS:
            found = [
                each.relative
                for each in moved
                if each.stage == stage and each.kind == kind and not math.isnan(each.relative)
            ]
            if found:
                words.append(f"{name} {title} at most {max(found):.3g}")
    frozen = max(0, len(stages) - trained)
    return (
        f"Relative change of the tensors, {frozen} of {len(stages)} stages frozen: " + "; ".join(words) + "."
    )


def reliability_figure(bins: Sequence[Bin]) -> go.Figure:
    """Accuracy over confidence, each bin with Wilson's 95 % interval; on the diagonal confidences are honest.

    Source: Guo et al. 2017, "On calibration of modern neural networks", arXiv 1706.04599.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": GREY, "dash": "dash", "width": 2},
        name="as sure as right",
        hoverinfo="skip",
    )
    filled = [each for each in bins if each[2] > 0]
    most = max((count for *_, count in filled), default=1)
    ends = [interval(accuracy, count) for _, accuracy, count in filled]
    figure.add_scatter(
        x=[confidence for confidence, _, _ in filled],
        y=[accuracy for _, accuracy, _ in filled],
        mode="markers",
        marker={"color": BLUE, "size": [8 + 16 * math.sqrt(count / most) for *_, count in filled]},
        error_y={
            "array": [high - each[1] for each, (_, high) in zip(filled, ends, strict=True)],
            "arrayminus": [each[1] - low for each, (low, _) in zip(filled, ends, strict=True)],
            "color": BLUE,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[count for *_, count in filled],
        hovertemplate="%{customdata} photos: %{x:.1%} sure, %{y:.1%} right<extra></extra>",
        name="photos of about this confidence",
    )
    laid(figure, 340)
    figure.update_xaxes(range=[-0.03, 1.09], tickformat=".0%", title="confidence")
    figure.update_yaxes(range=[-0.03, 1.09], tickformat=".0%", title="accuracy")
    return figure


def reliability_alt(bins: Sequence[Bin]) -> str:
    """The bins in words."""
    return "Confidence and accuracy: " + "; ".join(
        f"{count} photos {confidence:.1%} sure and {accuracy:.1%} right"
        for confidence, accuracy, count in bins
        if count > 0
    )


def embedding_figure(
    maps: Sequence[tuple[str, Num[np.ndarray, "photos 2"]]],
    labels: Sequence[int],
    classes: Sequence[str],
    names: Sequence[str],
    wrong: set[int],
) -> go.Figure:
    """The photos as points, in maps side by side; a colour and a symbol for each class.

    Args:
        maps: title and points of each; every map has axes of its own without a scale.
        labels: class of each photo. names: of the photos.
        wrong: places of the photos that the network takes for another class: they are ringed.
    """
    figure = go.Figure()
    for panel, (title, points) in enumerate(maps):
        axis = str(panel + 1) if panel else ""
        domain = [panel / len(maps) + 0.01, (panel + 1) / len(maps) - 0.01]
        hidden = {
            "showgrid": False,
            "showticklabels": False,
            "mirror": True,
            "showline": True,
            "linecolor": GREY,
        }
        figure.update_layout(
            {
                f"xaxis{axis}": {
                    **hidden,
                    "domain": domain,
                    "anchor": f"y{axis}",
                    "title": title,
                    "range": _room(points[:, 0]),
                },
                f"yaxis{axis}": {**hidden, "anchor": f"x{axis}", "range": _room(points[:, 1])},
            }
        )
        for label, name in enumerate(classes):
            mine = [place for place, own in enumerate(labels) if own == label]
            _cloud(figure, points, mine, axis, label, name, names)
        ringed = sorted(wrong)
        figure.add_scatter(
            x=points[ringed, 0],
            y=points[ringed, 1],
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            mode="markers",
            marker={"symbol": "circle-open", "size": 15, "color": PINK, "line": {"width": 2}},
            name="wrong",
            legendgroup="wrong",
            hoverinfo="skip",
            showlegend=panel == 0 and bool(ringed),
        )
    return laid(figure, 400, 1.02)


def _cloud(
    figure: go.Figure,
    points: Num[np.ndarray, "photos 2"],
    mine: list[int],
    axis: str,
    label: int,
    name: str,
    names: Sequence[str],
) -> None:
    """The photos of one class in one map."""
    figure.add_scatter(
        x=points[mine, 0],
        y=points[mine, 1],
        xaxis=f"x{axis}",
        yaxis=f"y{axis}",
        mode="markers",
        marker={
            "color": clear(LANES[label % len(LANES)], 0.85),
            "symbol": _SYMBOLS[label % len(_SYMBOLS)],
            "size": 8,
        },
        name=html.escape(name, quote=False),
        legendgroup=str(label),
        text=[html.escape(names[place], quote=False) for place in mine],
        hovertemplate="%{text}<extra>%{fullData.name}</extra>",
        showlegend=not axis and bool(mine),
    )


def _room(values: Num[np.ndarray, " photos"]) -> list[float]:
    """All values with a rim."""
    if not len(values):
        return [-1.0, 1.0]
    low, high = float(values.min()), float(values.max())
    rim = 0.08 * (high - low) or above(abs(high) or 1.0)
    return [low - rim, high + rim]


def embedding_alt(
    maps: Sequence[tuple[str, Num[np.ndarray, "photos 2"]]],
    labels: Sequence[int],
    classes: Sequence[str],
    wrong: set[int],
) -> str:
    """The maps in words."""
    counts = ", ".join(f"{name} {list(labels).count(label)}" for label, name in enumerate(classes))
    titles = " and ".join(title for title, _ in maps)
    return f"Maps of {len(labels)} photos ({titles}): {counts}; {len(wrong)} taken for another class."
