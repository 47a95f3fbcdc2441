"""Style pictures and their numbers as pictures."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from core.figures.encoding import encode
from core.figures.palette import BLUE, ORANGE
from core.figures.tiles import Tile
from core.figures.transfer import laid
from core.style.pictures import STYLES, style_picture

_THUMB = 150


def style_tiles(chosen: Sequence[str], seed: int = 0) -> tuple[Tile, ...]:
    """Every style picture with its name; the chosen ones are marked."""
    return tuple(
        Tile(
            encode(style_picture(name, _THUMB, seed)),
            f"{style.title}: {style.about}",
            style.title,
            state="picked" if name in chosen else "",
        )
        for name, style in STYLES.items()
    )


def vector_chart(vector: Float[np.ndarray, " numbers"]) -> go.Figure:
    """The numbers of a style, side by side: orange above 0, blue below."""
    colours = [ORANGE if value >= 0 else BLUE for value in vector]
    figure = go.Figure(
        go.Bar(y=vector, marker_color=colours, hovertemplate="number %{x}: %{y:.3f}<extra></extra>")
    )
    laid(figure, 150)
    figure.update_layout(margin={"t": 4, "b": 4}, bargap=0.1)
    figure.update_xaxes(visible=False)
    return figure


def distance_chart(
    names: Sequence[str], layers: Sequence[str], distances: Float[np.ndarray, "styles layers"]
) -> go.Figure:
    """How far each style is from the photo in each layer; the nearest above."""
    order = np.argsort(distances.mean(axis=1), kind="stable")
    figure = go.Figure(
        go.Heatmap(
            z=np.log10(np.maximum(distances[order], 1e-3)),
            x=list(layers),
            y=[names[i] for i in order],
            text=[[f"{value:.2f}" for value in row] for row in distances[order]],
            texttemplate="%{text}",
            colorscale="Cividis",
            showscale=False,
            hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
        )
    )
    laid(figure, 60 + 30 * len(names))
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure
