"""Choices before a training as pictures: how many photos, which rate, what the advisor says, what drifts."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.palette import BLUE, GREY, OLIVE, ORANGE, TEAL, VIOLET, clear
from core.figures.transfer import above, laid
from core.transfer.advice import TEXTBOOK

QUADRANTS = {
    (not few, similar): (f"{'few' if few else 'many'} photos, {'similar' if similar else 'unlike'}", approach)
    for (few, similar), (approach, _) in TEXTBOOK.items()
}
"""(many photos, similar to ImageNet): name, and what is advised."""
_COLOURS = {(False, True): TEAL, (True, True): BLUE, (False, False): OLIVE, (True, False): VIOLET}


def curve_figure(
    points: Sequence[tuple[int, float, float, float]], *, chance: float | None = None
) -> go.Figure:
    """Accuracy over photos per class, the number doubling from tick to tick.

    Args:
        points: photos per class, mean accuracy, that of the lowest and of the highest repeat.
        chance: accuracy of guessing.
    """
    counts = [count for count, *_ in points]
    figure = go.Figure()
    figure.add_scatter(
        x=[*counts, *counts[::-1]],
        y=[*(high for *_, high in points), *(low for *_, low, _ in points[::-1])],
        mode="none",
        fill="toself",
        fillcolor=clear(BLUE, 0.17),
        name="lowest to highest repeat",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=counts,
        y=[mean for _, mean, _, _ in points],
        mode="lines+markers",
        line={"color": BLUE, "width": 3},
        marker={"size": 9},
        customdata=[(low, high) for *_, low, high in points],
        hovertemplate="%{x} photos per class: %{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})<extra></extra>",
        name="accuracy",
    )
    if chance is not None:
        _line(figure, "chance", y=chance)
    laid(figure, 300)
    ends = [math.log10(min(counts, default=1)) - 0.08, math.log10(max(counts, default=2)) + 0.08]
    figure.update_xaxes(type="log", range=ends, tickvals=counts, ticktext=counts, title="photos per class")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title="accuracy")
    return figure


def _line(figure: go.Figure, text: str, **where: float) -> None:
    """A dotted line across with a word at its end; `where` is x or y."""
    upright = "x" in where
    value = where["x"] if upright else where["y"]
    line = {"color": GREY, "dash": "dot", "width": 2}
    if upright:
        figure.add_vline(x=value, line=line)
        log = figure.layout.xaxis.type == "log"
        figure.add_annotation(
            x=math.log10(value) if log else value,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=text,
            showarrow=False,
        )
    else:
        figure.add_hline(y=value, line=line)
        figure.add_annotation(
            x=1, xref="paper", xanchor="right", y=value, yanchor="bottom", text=text, showarrow=False
        )


def curve_alt(points: Sequence[tuple[int, float, float, float]]) -> str:
    """The curve in words."""
    return "Accuracy over photos per class: " + "; ".join(
        f"{count} photos {mean:.1%} ({low:.1%} to {high:.1%})" for count, mean, low, high in points
    )


def rate_figure(rates: Sequence[float], losses: Sequence[float], suggested: float | None) -> go.Figure:
    """The loss while the learning rate grows from update to update, and the rate that is suggested.

    The axis ends at three times the first loss: beyond it training has come apart. Source: Smith 2017, "Cyclical
    learning rates for training neural networks", arXiv 1506.01186.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=list(rates),
        y=list(losses),
        mode="lines",
        line={"color": BLUE, "width": 3},
        hovertemplate="rate %{x:.2g}: loss %{y:.3f}<extra></extra>",
        showlegend=False,
    )
    laid(figure, 300)
    finite = [loss for loss in losses if math.isfinite(loss)]
    top = above(min(max(finite), 3 * finite[0])) if finite else 1.0
    powers = [10.0**power for power in range(-8, 3)]
    words = [f"{power:g}".replace("e-0", "e-") for power in powers]
    ends = (
        [math.log10(rates[0]) - 0.1, max(math.log10(rates[-1]), 0.0) + 0.1] if rates else [-6, 0]
    )  # from the start
    figure.update_xaxes(type="log", title="learning rate", tickvals=powers, ticktext=words, range=ends)
    figure.update_yaxes(range=[0, top], title="loss")
    if suggested is not None:
        _line(figure, f"suggested {suggested:.2g}", x=suggested)
    return figure


def rate_alt(rates: Sequence[float], losses: Sequence[float], suggested: float | None) -> str:
    """The curve in words."""
    pairs = [pair for pair in zip(rates, losses, strict=True) if math.isfinite(pair[1])]
    if not pairs:
        return "The loss over the learning rate, without a finite loss."
    rate, lowest = min(pairs, key=lambda pair: pair[1])
    advice = "no rate is suggested" if suggested is None else f"suggested is {suggested:.2g}"
    return (
        f"The loss over learning rates from {rates[0]:.2g} to {rates[-1]:.2g}: it begins at {losses[0]:.3f}, "
        f"is lowest with {lowest:.3f} at {rate:.2g}; {advice}."
    )


def advisor_figure(
    size: float,
    size_edge: float,
    similarity: float,
    low: float,
    high: float,
    similarity_edge: float,
    chance: float,
) -> go.Figure:
    """The two-by-two of how many photos there are and how well ImageNet's features already separate the classes.

    Args:
        size: photos per class, above 0. size_edge: from so many on there are many.
        similarity, low, high: nearest-class-mean accuracy on ImageNet features and its interval, 0 to 1.
        similarity_edge: from it on the set is similar. chance: accuracy of guessing.
    """
    reach = max(32.0, 2 * size / size_edge, 2 * size_edge / size)
    left, right = math.log10(size_edge / reach), math.log10(size_edge * reach)
    bottom, top = min(chance, low) - 0.24, 1.03
    figure = go.Figure()
    edge = math.log10(size_edge)
    here = (size >= size_edge, similarity >= similarity_edge)
    for quadrant, (name, advice) in QUADRANTS.items():
        many, similar = quadrant
        x = (edge, right) if many else (left, edge)
        y = (similarity_edge, top) if similar else (bottom, similarity_edge)
        figure.add_shape(
            type="rect",
            x0=10 ** x[0],
            x1=10 ** x[1],
            y0=y[0],
            y1=y[1],
            fillcolor=_COLOURS[quadrant],
            opacity=0.3 if quadrant == here else 0.1,
            line={"width": 0},
            layer="below",
        )
        figure.add_annotation(
            x=sum(x) / 2,
            y=1 if similar else 0.01,
            yref="paper",
            yanchor="bottom",
            text=f"<b>{name}</b><br>" + "<br>".join(_halves(advice)),
            font={"size": 13},
            showarrow=False,
        )
    _line(figure, "chance", y=chance)
    figure.add_scatter(
        x=[size],
        y=[similarity],
        mode="markers",
        marker={"size": 16, "color": ORANGE, "line": {"width": 2, "color": "white"}},
        error_y={
            "array": [high - similarity],
            "arrayminus": [similarity - low],
            "color": ORANGE,
            "thickness": 3,
            "width": 7,
        },
        hovertemplate=(
            f"%{{x:.3~g}} photos per class, %{{y:.1%}} ({low:.1%} to {high:.1%}) separated<extra></extra>"
        ),
        name="your set",
        showlegend=False,
    )
    laid(figure, 440)
    ticks = [10**power for power in range(math.ceil(left), math.floor(right) + 1)]
    figure.update_xaxes(
        type="log", range=[left, right], tickvals=ticks, title="photos per class", showgrid=False
    )
    figure.update_layout(margin={"t": 70})  # the words on the upper quadrants stand above them
    shares = [tick / 5 for tick in range(6) if tick / 5 > bottom + 0.2]
    figure.update_yaxes(
        range=[bottom, top],
        tickformat=".0%",
        tickvals=shares,
        title="separated by ImageNet features",
        showgrid=False,
    )
    return figure


def _halves(text: str) -> list[str]:
    """A text in two lines, broken where it is nearest to the middle."""
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    middle = min(spaces, key=lambda place: abs(place - len(text) / 2))
    return [text[:middle], text[middle + 1 :]]


def advisor_alt(
    size: float,
    size_edge: float,
    similarity: float,
    low: float,
    high: float,
    similarity_edge: float,
    chance: float,
) -> str:
    """The two-by-two in words."""
    name, advice = QUADRANTS[(size >= size_edge, similarity >= similarity_edge)]
    return (
        f"{size:.3g} photos per class (many from {size_edge:.3g}), ImageNet features separate {similarity:.1%} "
        f"({low:.1%} to {high:.1%}; similar from {similarity_edge:.1%}, chance {chance:.1%}): {name}, {advice}."
    )


def drift_figure(steps: Sequence[int], statistics: Sequence[float], outputs: Sequence[float]) -> go.Figure:
    """How far batch normalisation's statistics, and with them the outputs, drift while batches pass.

    Args:
        steps: batches so far. statistics, outputs: relative change against before the first one.
    """
    figure = go.Figure()
    for name, values, colour, dash, symbol in (
        ("running mean and variance", statistics, ORANGE, "solid", "diamond"),
        ("output of the network", outputs, BLUE, "dash", "circle"),
    ):
        figure.add_scatter(
            x=list(steps),
            y=list(values),
            mode="lines+markers",
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 7, "symbol": symbol},
            name=name,
            hovertemplate=f"%{{x}} batches: {name} %{{y:.1%}}<extra></extra>",
        )
    laid(figure, 300)
    last = max([1, *steps])
    figure.update_xaxes(range=[-0.03 * last, 1.03 * last], title="batches")
    figure.update_yaxes(
        range=[0, above(max([1e-6, *statistics, *outputs]))], tickformat=".3~%", title="relative change"
    )
    return figure


def drift_alt(steps: Sequence[int], statistics: Sequence[float], outputs: Sequence[float]) -> str:
    """The lines in words."""
    if not steps:
        return "Drift of the statistics: no batch yet."
    return (
        f"After {steps[-1]} batches the running mean and variance have changed by {statistics[-1]:.1%} and the output "
        f"of the network by {outputs[-1]:.1%}."
    )
