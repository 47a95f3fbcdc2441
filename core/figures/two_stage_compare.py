"""Routes side by side: how long each takes, and what share of the objects of each kind it finds."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.palette import BLUE, GREY, ORANGE
from core.figures.transfer import LANES, laid

_STAGES = {0: GREY, 1: BLUE, 2: ORANGE}
TRUTHS = {
    "Cat": "b90,20,810,960 cat",
    "Coffee": "b285,40,680,760 cup; b130,165,800,970 saucer; b535,165,710,820 spoon",
    "Astronaut": "b50,10,730,990 person; b690,0,890,560 rocket; b545,665,1000,1000 helmet",
}
"""Objects drawn by hand on some of the bundled photos, in thousandths of their sides."""
_WORDS = {0: "every window", 1: "one stage", 2: "two stages"}


def seconds_figure(titles: Sequence[str], stages: Sequence[int], seconds: Sequence[float]) -> go.Figure:
    """Time of each route on a common axis; blue has one stage, orange two, grey none."""
    figure = go.Figure()
    for kind, colour in _STAGES.items():
        rows = [i for i, each in enumerate(stages) if each == kind]
        if rows:
            figure.add_bar(
                x=[seconds[i] for i in rows],
                y=[titles[i] for i in rows],
                orientation="h",
                name=_WORDS[kind],
                marker={"color": colour},
                text=[f"<b>{seconds[i] * 1000:,.0f} ms</b>" for i in rows],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{y}: %{x:.3f} s<extra></extra>",
            )
    laid(figure, 90 + 40 * len(titles))
    figure.update_layout(barmode="overlay", showlegend=True)
    figure.update_xaxes(range=[0, max(*seconds, 1e-9) * 1.3], visible=False)
    figure.update_yaxes(
        autorange="reversed", automargin=True, categoryorder="array", categoryarray=list(titles)
    )
    return figure


def kinds_figure(kinds: Sequence[str], routes: Sequence[tuple[str, Sequence[tuple[int, int]]]]) -> go.Figure:
    """For each kind of object, and each route, how many of them it finds: found / there.

    Args:
        kinds: in words. routes: title, and (found, there) for each kind; kinds that nothing is of have no bars.
    """
    figure = go.Figure()
    for number, (title, pairs) in enumerate(routes):
        figure.add_bar(
            x=list(kinds),
            y=[found / there if there else None for found, there in pairs],
            name=title,
            marker={
                "color": LANES[number % len(LANES)],
                "pattern": {"shape": "" if number < len(LANES) else "/"},
            },
            text=[f"{found}/{there}" if there else "" for found, there in pairs],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x}: %{text}<extra>" + title + "</extra>",
        )
    laid(figure, 260)
    figure.update_yaxes(range=[0, 1.15], tickformat=".0%", tickvals=[0, 0.5, 1])
    figure.update_layout(barmode="group")
    return figure
