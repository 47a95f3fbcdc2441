"""Gram matrices and their differences as pictures, and how far apart they are as charts."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image

from core.figures.palette import BLUE, ORANGE, magnitude_rgb, signed_rgb
from core.figures.transfer import laid

Matrix = Float[np.ndarray, "channels channels"]
Rgb = UInt8[np.ndarray, "height width 3"]
_SHOWN = 512  # pixels of a matrix on the screen: whole squares for each entry


def limit_of(matrices: Sequence[Matrix]) -> float:
    """The amount below which 199 of 200 entries of some matrices lie: a few huge ones would leave all others dark."""
    return float(np.percentile(np.abs(np.stack(matrices)), 99.5)) or 1.0


def gram_rgb(matrix: Matrix, most: float) -> Rgb:
    """A Gram matrix: the root of each entry's amount, from 0 (dark) to the root of `most` (light)."""
    return _large(magnitude_rgb(np.sqrt(np.abs(matrix)), 0.0, most**0.5 or 1.0))


def difference_rgb(difference: Matrix, most: float) -> Rgb:
    """Target minus what is there, the signed root of each entry: blue for too much, orange for what is missing."""
    return _large(signed_rgb(np.sign(difference) * np.sqrt(np.abs(difference)), most**0.5 or 1.0))


def _large(pixels: Rgb) -> Rgb:
    times = max(1, _SHOWN // len(pixels))
    return pixels.repeat(times, 0).repeat(times, 1)


def layers_chart(rows: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """How far each picture is from the style, layer by layer."""
    figure = go.Figure()
    for (name, gaps), colour in zip(rows.items(), (BLUE, ORANGE), strict=True):
        figure.add_trace(
            go.Bar(
                x=list(gaps),
                y=list(gaps.values()),
                name=name,
                marker_color=colour,
                text=[f"{value:.2f}" for value in gaps.values()],
                textposition="outside",
                cliponaxis=False,
                hovertemplate=f"{name}, %{{x}}: %{{y:.3f}}<extra></extra>",
            )
        )
    laid(figure, 260)
    figure.update_layout(barmode="group", bargap=0.25)
    figure.update_yaxes(title="|G − A| / |A|", rangemode="tozero")
    return figure


def layers_alt(rows: Mapping[str, Mapping[str, float]]) -> str:
    """The chart in words."""
    return "Distance to the style: " + "; ".join(
        f"{name} " + ", ".join(f"{layer} {value:.2f}" for layer, value in gaps.items())
        for name, gaps in rows.items()
    )


def crops(
    pixels: Rgb, boxes: Sequence[tuple[float, float, float, float]], side: int = 128, between: int = 6
) -> Rgb:
    """What the boxes show, each as a square of so many pixels, in a row on white."""
    width = max(1, len(boxes)) * (side + between) - between
    out = np.full((side, width, 3), 255, np.uint8)
    for place, (left, top, right, bottom) in enumerate(boxes):
        x0, y0 = int(left), int(top)
        cut = pixels[y0 : max(round(bottom), y0 + 1), x0 : max(round(right), x0 + 1)]
        tile = Image.fromarray(np.ascontiguousarray(cut)).resize((side, side), Image.Resampling.BICUBIC)
        out[:, place * (side + between) :][:, :side] = np.asarray(tile)
    return out


def ranking_chart(
    names: Sequence[str],
    layers: Sequence[str],
    distances: Float[np.ndarray, "styles layers"],
    order: Sequence[int],
) -> go.Figure:
    """How far each style is from the photo in each layer, rows in a given order; dark text on pale cells."""
    shown = distances[list(order)]
    figure = go.Figure(
        go.Heatmap(
            z=np.log10(np.maximum(shown, 1e-3)),
            x=list(layers),
            y=[names[i] for i in order],
            text=[[f"{value:.2f}" for value in row] for row in shown],
            texttemplate="%{text}",
            textfont={"color": "#14181e", "size": 13},
            colorscale=[[0, "#f4efe6"], [1, "#e8a25a"]],
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
        )
    )
    laid(figure, 60 + 28 * len(names))
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure
