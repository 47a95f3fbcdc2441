"""The course of the learning rate as a picture."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.palette import ORANGE, VIOLET
from core.figures.transfer import laid
from core.transfer.steps import Epoch


def rate_course_figure(epochs: Sequence[Epoch]) -> go.Figure:
    """The learning rate at the last update of each epoch, of the head and of the trunk.

    Args:
        epochs: so far, of one training; those before the first update are left out.
    """
    figure = go.Figure()
    updated = [each for each in epochs if each.updates]
    for name, key, colour, dash in (
        ("head", "rate", ORANGE, "solid"),
        ("trunk", "trunk_rate", VIOLET, "dash"),
    ):
        shown = [each for each in updated if key == "rate" or each.trunk_rate]
        figure.add_scatter(
            x=[each.number for each in shown],
            y=[getattr(each, key) for each in shown],
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 5},
            name=name,
            showlegend=bool(shown),
            hovertemplate=f"epoch %{{x}}: {name} %{{y:.3g}}<extra></extra>",
        )
    laid(figure, 150)
    figure.update_xaxes(title="epoch", rangemode="tozero")
    most = max((each.rate for each in updated), default=1.0)
    figure.update_yaxes(range=[-0.05 * most, 1.1 * most], title="rate", nticks=4, tickformat=".2~g")
    return figure


def rate_course_alt(epochs: Sequence[Epoch]) -> str:
    """The course of the rate in words."""
    updated = [each for each in epochs if each.updates]
    if not updated:
        return "Learning rate: no update yet."
    trunk = (
        f", trunk {updated[0].trunk_rate:.3g} to {updated[-1].trunk_rate:.3g}"
        if updated[0].trunk_rate
        else ""
    )
    return f"Learning rate by epoch: {updated[0].rate:.3g} to {updated[-1].rate:.3g}{trunk}."
