"""Does the label survive, as pictures: P(label) over a transform's strength, with the pictures along the axis."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from core.augmentation.applying import apply, reduced
from core.augmentation.catalogue import transform
from core.augmentation.digit_story import DigitStory, digit_picture
from core.augmentation.drawing import fixed
from core.augmentation.survival import SurvivalCurve
from core.figures.encoding import encode
from core.figures.palette import BLUE, BRIGHT, GREY, ORANGE, TEAL, clear

THUMBNAILS = 7
_THUMB_PX = 120
_PLOT, _STRIP = (0.27, 0.87), (0.0, 0.15)
_WORDS_FROM = 0.09  # of the axis: narrower runs are named only when pointed at
Pixels = UInt8[np.ndarray, "height width 3"]


def thumbnails(
    pixels: Pixels, curve: SurvivalCurve, seed: int, second: Pixels | None = None, border: str = "constant"
) -> list[tuple[float, str]]:
    """Small pictures at strengths spread evenly over the curve: (strength, address)."""
    hw, small = pixels.shape[:2], reduced(pixels, 2 * _THUMB_PX)
    found = []
    for value in _spread(curve.strengths):
        shown = apply(fixed(curve.transform, value, hw, seed=seed, border=border), small, second)
        found.append((value, encode(reduced(shown, _THUMB_PX), lossless=False).uri))
    return found


def digit_thumbnails(story: DigitStory, index: int, seed: int = 0) -> list[tuple[float, str]]:
    """The same for a digit."""
    name = story.curve.transform
    return [
        (v, encode(digit_picture(name, index, v, seed).repeat(2, 0).repeat(2, 1)).uri)
        for v in _spread(story.curve.strengths)
    ]


def survival_figure(
    curve: SurvivalCurve, thumbs: Sequence[tuple[float, str]], at: float, label: str
) -> go.Figure:
    """The curve of P(label), the safe range shaded, the answers above, the pictures below, one strength marked."""
    figure = _frame(curve, thumbs, label)
    if curve.safe is not None and len(curve.strengths) > 2:
        low, high = curve.safe
        if low == high:
            low, high = _around(curve.strengths, low)
        figure.add_shape(
            type="rect", x0=low, x1=high, y0=0, y1=1, fillcolor=clear(TEAL, 0.22), line_width=0, layer="below"
        )
        figure.add_annotation(
            x=(low + high) / 2,
            y=0.04,
            yref="y",
            text="<b>safe</b>",
            showarrow=False,
            font={"size": 15, "color": TEAL},
        )
    _answers(figure, curve, curve.label)
    _line(figure, curve.strengths, curve.probabilities, BLUE, f"P({label})", curve.top)
    _mark(figure, curve, at, curve.probabilities)
    return figure


def digit_figure(story: DigitStory, thumbs: Sequence[tuple[float, str]], at: float) -> go.Figure:
    """P(the digit written), and P(the digit that a reader sees at the far end); zones say what a reader sees."""
    curve, written = story.curve, int(story.curve.label)
    figure = _frame(curve, thumbs, "each digit")
    others = {meaning for _, _, meaning in story.zones()} - {None, written}
    for low, high, meaning in story.zones():
        colour = TEAL if meaning == written else GREY if meaning is None else ORANGE
        figure.add_shape(
            type="rect",
            x0=low,
            x1=high,
            y0=0,
            y1=1,
            fillcolor=clear(colour, 0.2),
            line_width=0,
            layer="below",
        )
        words = "no digit" if meaning is None else f"reads as <b>{meaning}</b>"
        if high - low >= 0.15 * (curve.strengths[-1] - curve.strengths[0]):
            figure.add_annotation(
                x=(low + high) / 2,
                y=_PLOT[1] + 0.01,
                yref="paper",
                yanchor="bottom",
                text=words,
                showarrow=False,
                font={"size": 15, "color": colour},
            )
    for digit, colour in ((written, BLUE), *((each, ORANGE) for each in sorted(others))):
        _line(figure, curve.strengths, story.table[:, digit].tolist(), colour, f"P({digit})", curve.top)
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "top"}
    )
    _mark(figure, curve, at, curve.probabilities)
    return figure


def strength_words(name: str) -> str:
    """What the strength of a transform is, with its unit: "share of the area", "strength in °", "strength"."""
    unit = transform(name).unit
    if unit.startswith("of "):
        return unit if unit[3:].isdigit() else f"share {unit}"
    return f"strength in {unit}" if unit and unit != "×" else "strength"


def survival_alt(curve: SurvivalCurve, label: str) -> str:
    """The curve in words."""
    safe = "nowhere" if curve.safe is None else f"from {curve.safe[0]:g} to {curve.safe[1]:g}"
    return (
        f"P({label}) over the strength of {transform(curve.transform).title}, from {curve.probabilities[0]:.2f} at "
        f"{curve.strengths[0]:g} to {curve.probabilities[-1]:.2f} at {curve.strengths[-1]:g}; safe {safe}."
    )


def _frame(curve: SurvivalCurve, thumbs: Sequence[tuple[float, str]], label: str) -> go.Figure:
    kind = transform(curve.transform)
    figure = go.Figure()
    low, high = curve.strengths[0], curve.strengths[-1]
    pad = (high - low) / (2 * THUMBNAILS - 2 if len(thumbs) > 2 else 2)
    span = (high - low + 2 * pad) / (THUMBNAILS + 0.3)
    for value, address in thumbs:
        figure.add_layout_image(
            source=address,
            x=value,
            y=0.5,
            xref="x",
            yref="y2",
            xanchor="center",
            yanchor="middle",
            sizex=0.94 * span,
            sizey=1,
            sizing="contain",
            layer="above",
        )
    title = f"{kind.title}: {strength_words(curve.transform)}"
    if kind.switch:
        figure.update_xaxes(tickvals=[0, 1], ticktext=["untouched", kind.title.lower()])
        title = ""
    figure.update_xaxes(
        range=[low - pad, high + pad],
        title={"text": title, "standoff": 2},
        anchor="y",
        zeroline=False,
        showgrid=False,
        fixedrange=True,
    )
    figure.update_layout(
        yaxis={
            "domain": _PLOT,
            "range": [0, 1],
            "title": f"P({label})" if len(label) < 24 else "P(label)",
            "tickformat": ".0%",
            "fixedrange": True,
        },
        yaxis2={"domain": _STRIP, "range": [0, 1], "visible": False, "fixedrange": True},
        height=470,
        margin={"l": 8, "r": 8, "t": 8, "b": 4},
        showlegend=False,
        hovermode="x",
    )
    figure.add_scatter(
        x=[low], y=[0.5], yaxis="y2", mode="markers", opacity=0, hoverinfo="skip", showlegend=False
    )
    return figure


def _line(
    figure: go.Figure,
    x: Sequence[float],
    y: Sequence[float],
    colour: str,
    name: str,
    top: Sequence[tuple[str, float]],
) -> None:
    texts = [f"says {category} ({p:.0%})" for category, p in top]
    if len(x) == 2:
        figure.add_bar(
            x=x,
            y=y,
            width=0.4,
            marker_color=colour,
            name=name,
            text=[f"{p:.1%}" for p in y],
            customdata=texts,
        )
    else:
        dots = {"size": 7}
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers",
            line={"color": colour, "width": 3},
            marker=dots,
            name=name,
            customdata=texts,
        )
    if len(x) == 2:
        figure.update_traces(selector={"type": "bar"}, textfont={"size": 22}, insidetextanchor="middle")
    figure.data[-1].hovertemplate = f"{name} %{{y:.1%}}<br>network %{{customdata}}<extra></extra>"


def _mark(figure: go.Figure, curve: SurvivalCurve, at: float, values: Sequence[float]) -> None:
    """The strength that is shown large."""
    if len(curve.strengths) == 2:
        return  # two bars need no mark
    place = curve.strengths.index(at)
    figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, line={"color": ORANGE, "width": 2, "dash": "dot"})
    figure.add_scatter(
        x=[at],
        y=[values[place]],
        mode="markers",
        marker={"size": 15, "color": ORANGE, "line": {"width": 2, "color": BRIGHT[0]}},
        hoverinfo="skip",
        showlegend=False,
    )


def _answers(figure: go.Figure, curve: SurvivalCurve, label: str) -> None:
    """What the network answers, as a band above the curve: one run of strengths after the other."""
    low, high = curve.strengths[0], curve.strengths[-1]
    for start, stop, name in runs(curve):
        colour = TEAL if _is_safe(curve, start, stop) else GREY
        band: dict[str, Any] = {"type": "rect", "yref": "paper", "y0": 0.895, "y1": 0.985}
        figure.add_shape(
            **band, x0=start, x1=stop, fillcolor=clear(colour, 0.3), line={"color": colour, "width": 1}
        )
        if stop - start >= _WORDS_FROM * (high - low):
            figure.add_annotation(
                x=(start + stop) / 2,
                y=0.94,
                yref="paper",
                yanchor="middle",
                text=_short(name, (stop - start) / (high - low)),
                hovertext=f"The network says {name}",
                showarrow=False,
                font={"size": 13},
            )


def runs(curve: SurvivalCurve) -> list[tuple[float, float, str]]:
    """Runs of strengths with one answer, meeting half-way: (from, to, answer)."""
    edges = [(turn.below + turn.above) / 2 for turn in curve.turns]
    names = [curve.top[0][0], *(turn.after for turn in curve.turns)]
    low, high = curve.strengths[0], curve.strengths[-1]
    if len(curve.strengths) == 2:
        low, high = low - 0.25, high + 0.25
    return list(zip([low, *edges], [*edges, high], names, strict=True))


def _is_safe(curve: SurvivalCurve, start: float, stop: float) -> bool:
    middle = (start + stop) / 2
    if curve.safe is None:
        return False
    low, high = _around(curve.strengths, *curve.safe)
    return low <= middle <= high


def _around(strengths: Sequence[float], low: float, high: float | None = None) -> tuple[float, float]:
    """From half-way below the one to half-way above the other."""
    high = low if high is None else high
    first, last = strengths.index(low), strengths.index(high)
    before, after = strengths[max(0, first - 1)], strengths[min(len(strengths) - 1, last + 1)]
    return (low + before) / 2, (high + after) / 2


def _short(name: str, share: float) -> str:
    most = max(3, round(share * 95))
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _spread(strengths: Sequence[float]) -> list[float]:
    """A few of the strengths, as evenly as they come, the ends among them."""
    wanted = np.linspace(strengths[0], strengths[-1], min(THUMBNAILS, len(strengths)))
    return list(dict.fromkeys(min(strengths, key=lambda s, w=w: abs(s - w)) for w in wanted))
