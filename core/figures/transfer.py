"""Training as pictures: how it goes, how several recipes compare, shares with their intervals."""

import html
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.palette import BLUE, GREEN, GREY, OLIVE, ORANGE, PINK, TEAL, VIOLET, clear
from core.transfer.significance import wilson
from core.transfer.steps import Epoch

LANES = (BLUE, ORANGE, TEAL, VIOLET, PINK, OLIVE, GREEN)
"""One colour for each recipe of a race, in order."""
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "star", "triangle-down")
_LEFT, _RIGHT = (0.0, 0.46), (0.56, 1.0)


def laid(figure: go.Figure, height: int, legend: float = 1.0) -> go.Figure:
    """Give a chart the margins, the legend above it and the constancy that all charts of a training have.

    Args:
        height: CSS pixels. legend: where its lower edge is, 1 being the upper edge of the plot.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        legend={"orientation": "h", "x": 0, "y": legend, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        uirevision="constant",
        hoverlabel={"align": "left"},
    )
    figure.update_xaxes(fixedrange=True, zeroline=False)
    figure.update_yaxes(fixedrange=True, zeroline=False)
    return figure


def interval(accuracy: float, photos: int) -> tuple[float, float]:
    """Wilson's 95 % interval of an accuracy measured on so many photos."""
    return wilson(round(accuracy * photos), photos)


def above(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 4, 5, 6, 8 x 10^n that is not under a value: an axis that ends there seldom changes."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9))


def learning_figure(
    epochs: Sequence[Epoch], validation_photos: int, best: int | None, *, total: int = 0
) -> go.Figure:
    """Loss and accuracy over the epochs, side by side: training thin and dashed, validation strong.

    Args:
        epochs: so far, of one training; number 0 is the network before any update.
        validation_photos: of which the band around the validation accuracy is Wilson's 95 % interval.
        best: number of the best epoch so far, which is marked.
        total: epochs that are planned: so long is the axis from the start.
    """
    figure = go.Figure()
    checked = [each for each in epochs if not math.isnan(each.validation_accuracy)]
    _band(figure, checked, validation_photos)
    for part, colour, line, shown in (
        ("training", GREY, {"width": 1.5, "dash": "dash"}, epochs),
        ("validation", BLUE, {"width": 3}, checked),
    ):
        for measure, axis, form in (("loss", "", ".3f"), ("accuracy", "2", ".1%")):
            figure.add_scatter(
                x=[each.number for each in shown],
                y=[getattr(each, f"{part}_{measure}") for each in shown],
                xaxis=f"x{axis}",
                yaxis=f"y{axis}",
                mode="lines+markers",
                line={"color": colour, **line},
                marker={"size": 4 if part == "training" else 6},
                name=part,
                legendgroup=part,
                showlegend=measure == "loss" and bool(shown),
                hovertemplate=f"epoch %{{x}}: {part} {measure} %{{y:{form}}}<extra></extra>",
            )
    _mark_best(figure, checked, best)
    both = (loss for each in epochs for loss in (each.training_loss, each.validation_loss))
    losses = [loss for loss in both if math.isfinite(loss)]
    last = max([total, 1, *(each.number for each in epochs)])
    across = {"range": [-0.03 * last, 1.03 * last], "title": "epoch"}
    across |= {"dtick": 1 if last <= 6 else 2} if last <= 10 else {}
    figure.update_layout(
        xaxis={**across, "domain": _LEFT},
        xaxis2={**across, "domain": _RIGHT, "anchor": "y2"},
        yaxis={"range": [0, 1.02 * above(max(losses, default=1.0))], "title": "loss"},
        yaxis2={"range": [0, 1.02], "title": "accuracy", "tickformat": ".0%", "anchor": "x2"},
    )
    return laid(figure, 300)


def _band(figure: go.Figure, checked: Sequence[Epoch], photos: int) -> None:
    """Wilson's interval around the validation accuracy; nothing for no photos."""
    if photos <= 0:
        return
    ends = [interval(each.validation_accuracy, photos) for each in checked]
    numbers = [each.number for each in checked]
    figure.add_scatter(
        x=[*numbers, *numbers[::-1]],
        y=[*(high for _, high in ends), *(low for low, _ in ends[::-1])],
        xaxis="x2",
        yaxis="y2",
        mode="none",
        fill="toself",
        fillcolor=clear(BLUE, 0.17),
        hoverinfo="skip",
        name="95 % interval",
        showlegend=bool(checked),
    )


def _mark_best(figure: go.Figure, checked: Sequence[Epoch], best: int | None) -> None:
    found = [each for each in checked if each.number == best]
    for axis, measure in (("", "loss"), ("2", "accuracy")):
        figure.add_scatter(
            x=[each.number for each in found],
            y=[getattr(each, f"validation_{measure}") for each in found],
            xaxis=f"x{axis}",
            yaxis=f"y{axis}",
            mode="markers",
            cliponaxis=False,
            marker={"symbol": "circle-open", "size": 15, "color": ORANGE, "line": {"width": 3}},
            name="best epoch",
            legendgroup="best",
            showlegend=not axis and bool(found),
            hoverinfo="skip",
        )


def learning_alt(epochs: Sequence[Epoch], best: int | None) -> str:
    """The curves in words."""
    if not epochs:
        return "Loss and accuracy of a training that has not begun."
    first, last = epochs[0], epochs[-1]
    words = [
        f"Epochs {first.number} to {last.number}: training loss {first.training_loss:.3f} to {last.training_loss:.3f}, "
        f"training accuracy {first.training_accuracy:.1%} to {last.training_accuracy:.1%}"
    ]
    checked = [each for each in epochs if not math.isnan(each.validation_accuracy)]
    if checked:
        first, last = checked[0], checked[-1]
        words.append(
            f"validation loss {first.validation_loss:.3f} to {last.validation_loss:.3f}, "
            f"validation accuracy {first.validation_accuracy:.1%} to {last.validation_accuracy:.1%}"
        )
    chosen = [each for each in checked if each.number == best]
    words += [f"best is epoch {best} with {each.validation_accuracy:.1%}" for each in chosen]
    return "; ".join(words) + "."


def race_figure(lanes: Sequence[tuple[str, Sequence[Epoch]]], photos: int) -> go.Figure:
    """Validation accuracy of several recipes over updates, and over seconds of training.

    Args:
        lanes: name and epochs of each.
        photos: in the validation part: the whisker at the last point is Wilson's 95 % interval.
    """
    figure = go.Figure()
    for place, (name, epochs) in enumerate(lanes):
        checked = [each for each in epochs if not math.isnan(each.validation_accuracy)]
        for axis, measure, unit in (("", "updates", "updates"), ("2", "seconds", "s")):
            _lane(figure, place, name, checked, measure, unit, axis, photos)
    most = {
        measure: max([1.0, *(float(getattr(each, measure)) for _, lane in lanes for each in lane)])
        for measure in ("updates", "seconds")
    }
    across = {measure: [-0.03 * above(top), 1.03 * above(top)] for measure, top in most.items()}
    accuracy = {"range": [0, 1.02], "tickformat": ".0%"}
    figure.update_layout(
        xaxis={"range": across["updates"], "title": "updates", "domain": _LEFT},
        xaxis2={"range": across["seconds"], "title": "seconds", "domain": _RIGHT, "anchor": "y2"},
        yaxis={**accuracy, "title": "validation accuracy"},
        yaxis2={**accuracy, "anchor": "x2"},
    )
    return laid(figure, 340)


def _lane(
    figure: go.Figure,
    place: int,
    name: str,
    checked: Sequence[Epoch],
    measure: str,
    unit: str,
    axis: str,
    photos: int,
) -> None:
    """One recipe in one of the two panels."""
    colour, which = LANES[place % len(LANES)], place % len(LANES)
    values = [each.validation_accuracy for each in checked]
    ends = [interval(value, photos) for value in values] if photos > 0 else []
    up, down = [0.0] * len(values), [0.0] * len(values)
    if ends:
        up[-1], down[-1] = ends[-1][1] - values[-1], values[-1] - ends[-1][0]
    figure.add_scatter(
        x=[getattr(each, measure) for each in checked],
        y=values,
        xaxis=f"x{axis}",
        yaxis=f"y{axis}",
        mode="lines+markers",
        line={"color": colour, "width": 2.5, "dash": _DASHES[which]},
        marker={"size": 7, "symbol": _SYMBOLS[which]},
        error_y={"array": up, "arrayminus": down, "thickness": 1.5, "width": 5, "color": colour},
        name=html.escape(name, quote=False),
        legendgroup=str(place),
        showlegend=not axis,
        hovertemplate=f"%{{x:,.3~g}} {unit}: %{{y:.1%}}<extra>%{{fullData.name}}</extra>",
    )


def race_alt(lanes: Sequence[tuple[str, Sequence[Epoch]]]) -> str:
    """The race in words: where each recipe stands."""
    words = []
    for name, epochs in lanes:
        checked = [each for each in epochs if not math.isnan(each.validation_accuracy)]
        if checked:
            last = checked[-1]
            words.append(
                f"{name} {last.validation_accuracy:.1%} after {last.updates:,} updates and {last.seconds:.1f} s"
            )
        else:
            words.append(f"{name} not yet")
    return "Validation accuracy: " + "; ".join(words) + "."


def whisker_figure(
    rows: Sequence[tuple[str, float, float, float]], title: str, *, reference: tuple[str, float] | None = None
) -> go.Figure:
    """Shares with their intervals, one under the other.

    Args:
        rows: name, value, low and high end, 0 to 1; NaN for what has no photos.
        title: of the axis.
        reference: name and value of a line to compare with, such as chance.
    """
    places = list(range(len(rows)))
    figure = go.Figure(
        go.Scatter(
            x=[value for _, value, _, _ in rows],
            y=places,
            mode="markers",
            marker={"size": 12, "color": BLUE},
            error_x={
                "array": [high - value for _, value, _, high in rows],
                "arrayminus": [value - low for _, value, low, _ in rows],
                "color": BLUE,
                "thickness": 2.5,
                "width": 6,
            },
            customdata=[(html.escape(name, quote=False), low, high) for name, _, low, high in rows],
            hovertemplate="%{customdata[0]}: %{x:.1%} (%{customdata[1]:.1%} to %{customdata[2]:.1%})<extra></extra>",
            showlegend=False,
        )
    )
    for place, (_, value, low, high) in zip(places, rows, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            y=place,
            text=_share(value, low, high),
            showarrow=False,
            xanchor="left",
            xshift=6,
        )
    if reference:
        figure.add_vline(x=reference[1], line={"color": GREY, "dash": "dot", "width": 2})
        figure.add_annotation(
            x=reference[1], y=1, yref="paper", text=reference[0], showarrow=False, yanchor="bottom"
        )
    laid(figure, 90 + 30 * max(1, len(rows)))
    figure.update_layout(margin={"r": 104, "t": 22 if reference else 8})
    figure.update_xaxes(range=[-0.01, 1.01], tickformat=".0%", title=title)
    figure.update_yaxes(
        tickvals=places,
        ticktext=[html.escape(name, quote=False) for name, *_ in rows],
        range=[len(rows) - 0.4, -0.6],
        showgrid=False,
        automargin=True,
    )
    return figure


def _share(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "no photos"
    return f"<b>{value:.0%}</b> {low * 100:.0f}–{high:.0%}"


def whisker_alt(rows: Sequence[tuple[str, float, float, float]], title: str) -> str:
    """The rows in words; those without a value are left out."""
    told = [row for row in rows if not math.isnan(row[1])]
    return f"{title}: " + "; ".join(
        f"{name} {value:.1%} ({low:.1%} to {high:.1%})" for name, value, low, high in told
    )
