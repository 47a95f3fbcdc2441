"""The trials of explanations as charts: one line per method, and only the lines that matter in strong colours."""

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.features.explanations import CHANCE, METHODS, Faithfulness, Trial
from core.features.explanations.faithfulness import Mode
from core.figures.palette import GREY, ORANGE, TEAL, clear

Measure = str
MEASURES = {"ranks": "rank correlation", "picture": "SSIM"}


def title_of(method: str) -> str:
    """A method's name, chance among them."""
    return "Squares in random order" if method == CHANCE else METHODS[method].title


def curve_chart(found: Mapping[str, Faithfulness], mode: Mode, chosen: str, share: float) -> go.Figure:
    """The probability by share of the pixels; the chosen method is filled down to the axis: that is its area."""
    figure = go.Figure()
    names = [name for name in found if name not in (chosen, CHANCE)]
    names += [name for name in (CHANCE, chosen) if name in found]  # the last one lies on top
    for name in names:
        curve = getattr(found[name], mode)
        main = name == chosen
        figure.add_scatter(
            x=list(curve.shares),
            y=list(curve.probabilities),
            name=title_of(name),
            mode="lines",
            line=_line(name, chosen),
            fill="tozeroy" if main else None,
            fillcolor=clear(ORANGE, 0.16),
            showlegend=name in (chosen, CHANCE),
            hovertemplate="%{x:.0%} of the pixels: %{y:.1%}<extra>" + title_of(name) + "</extra>",
        )
    figure.add_vline(share, line_dash="dot", line_color=TEAL, line_width=3)
    if mode == "deletion":
        words = "share of the pixels taken away, most important first"
    else:
        words = "share of the pixels brought back, most important first"
    figure.update_xaxes(title=words, tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title="probability", tickformat=".0%", rangemode="tozero")
    return _plain(figure)


def curve_alt(found: Mapping[str, Faithfulness], mode: Mode) -> str:
    """The chart in words."""
    areas = ", ".join(f"{title_of(name)} {getattr(each, mode).area:.3f}" for name, each in found.items())
    return f"{mode.capitalize()} curves. Areas under them: {areas}."


def sanity_chart(
    found: Mapping[str, Sequence[Trial]], measure: Measure, strong: str, chosen: str, depth: int
) -> go.Figure:
    """How alike each explanation stays while more and more parts are random; an empty map has no likeness left: 0."""
    figure = go.Figure()
    for name in sorted(found, key=lambda each: (each == strong, each == chosen)):
        trials = found[name]
        values = [getattr(trial.likeness, measure) for trial in trials]
        colour = ORANGE if name == strong else TEAL if name == chosen else GREY
        figure.add_scatter(
            x=[trial.depth for trial in trials],
            y=[0.0 if math.isnan(value) else value for value in values],
            name=title_of(name),
            mode="lines+markers",
            line={"color": colour, "width": 4 if colour != GREY else 2},
            marker={"size": 9 if colour != GREY else 5},
            showlegend=colour != GREY,
            customdata=["empty map" if math.isnan(value) else f"{value:.2f}" for value in values],
            hovertemplate="%{x} parts random: %{customdata}<extra>" + title_of(name) + "</extra>",
        )
    figure.add_vline(depth, line_dash="dot", line_color=TEAL, line_width=3)
    figure.update_xaxes(title="parts that are random, from the output down", dtick=1)
    figure.update_yaxes(title=f"likeness to the first map ({MEASURES[measure]})", range=[-0.5, 1.05])
    return _plain(figure).update_layout(height=520)


def sanity_alt(found: Mapping[str, Sequence[Trial]], measure: Measure) -> str:
    """The chart in words."""
    parts = []
    for name, trials in found.items():
        values = [getattr(trial.likeness, measure) for trial in trials]
        words = ", ".join("empty" if math.isnan(value) else f"{value:.2f}" for value in values)
        parts.append(f"{title_of(name)}: {words}")
    return f"{MEASURES[measure].capitalize()} with more and more parts random. {'. '.join(parts)}."


def _line(name: str, chosen: str) -> dict[str, object]:
    if name == chosen:
        return {"color": ORANGE, "width": 4}
    if name == CHANCE:
        return {"color": TEAL, "width": 3, "dash": "dash"}
    return {"color": GREY, "width": 2}


def _plain(figure: go.Figure) -> go.Figure:
    figure.update_layout(
        height=330,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        legend={"orientation": "h", "y": 1.14, "x": 0},
        font_size=15,
        hovermode="closest",
    )
    return figure
