"""Gram matrices and their differences as pictures, and how far apart they are as charts."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image

from core.figures.encoding import encode
from core.figures.palette import BLUE, MAGNITUDE_LUT, ORANGE, magnitude_rgb, signed_rgb
from core.figures.scale import Coloured, legend, signed_scale
from core.figures.tiles import Line, Tile
from core.figures.transfer import laid
from core.style.package import reduced

Matrix = Float[np.ndarray, "channels channels"]
Rgb = UInt8[np.ndarray, "height width 3"]
_LOOKED = 384  # longer edge of the pictures that are compared, in pixels
_NEAREST = 1e-3  # distances below are coloured alike


def limit_of(matrices: Sequence[Matrix]) -> float:
    """The amount below which 199 of 200 entries of some matrices lie: a few huge ones would leave all others dark."""
    amounts = np.abs(np.stack(matrices))
    return float(np.percentile(amounts, 99.5)) or float(amounts.max()) or 1.0


def gram_picture(matrix: Matrix, most: float) -> Coloured:
    """A Gram matrix: the root of each entry from 0 (dark) to `most` (light); diverging where entries are negative, as
    before a ReLU. The legend names the entries, not their roots.
    """
    if matrix.min() < 0:
        return difference_picture(matrix, most)
    scale = legend(MAGNITUDE_LUT, 0.0, most, float(matrix.min()), float(matrix.max()))
    return Coloured(magnitude_rgb(np.sqrt(matrix), 0.0, most**0.5), scale)


def difference_picture(difference: Matrix, most: float) -> Coloured:
    """Target minus what is there, the signed root of each entry: blue for too much, orange for what is missing."""
    rooted = np.sign(difference) * np.sqrt(np.abs(difference))
    return Coloured(signed_rgb(rooted, most**0.5), signed_scale(difference, most))


def layers_chart(rows: Mapping[str, Mapping[str, float]]) -> go.Figure:
    """How far each picture is from the style, layer by layer: 0 is the style itself."""
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
    figure.update_yaxes(title="|A − G| / |A|", rangemode="tozero")
    return figure


def layers_alt(rows: Mapping[str, Mapping[str, float]]) -> str:
    """The chart in words."""
    return "Distance to the style: " + "; ".join(
        f"{name} " + ", ".join(f"{layer} {value:.2f}" for layer, value in gaps.items())
        for name, gaps in rows.items()
    )


def looked_at(
    shown: Sequence[tuple[str, Rgb, Mapping[str, float] | None]],
) -> tuple[Tile, ...]:
    """The pictures that are compared, each with its mean distance over the layers; None for the target itself."""
    return tuple(
        Tile(
            encode(reduced(pixels, _LOOKED)),
            name,
            name,
            (Line("what is wanted" if gaps is None else f"{np.mean(list(gaps.values())):.2f} away, mean"),),
        )
        for name, pixels, gaps in shown
    )


def patch_tiles(
    pixels: Rgb, boxes: Sequence[tuple[float, float, float, float]], who: str, side: int = 128
) -> tuple[Tile, ...]:
    """What the boxes show, each enlarged or reduced to a square of so many pixels, by number."""
    return tuple(
        Tile(encode(_cut(pixels, box, side)), f"Place {number} of the {who}, enlarged", str(number))
        for number, box in enumerate(boxes, start=1)
    )


def _cut(pixels: Rgb, box: tuple[float, float, float, float], side: int) -> Rgb:
    left, top, right, bottom = box
    x0, y0 = int(left), int(top)
    cut = pixels[y0 : max(round(bottom), y0 + 1), x0 : max(round(right), x0 + 1)]
    image = Image.fromarray(np.ascontiguousarray(cut))
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))


def span_of(tables: Sequence[Float[np.ndarray, "styles layers"]]) -> tuple[float, float]:
    """The smallest and the largest finite distance of some tables, for one scale of colours."""
    every = np.concatenate([each.ravel() for each in tables])
    every = every[np.isfinite(every)]
    return (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)


def ranking_chart(
    names: Sequence[str],
    layers: Sequence[str],
    distances: Float[np.ndarray, "styles layers"],
    order: Sequence[int],
    span: tuple[float, float],
) -> go.Figure:
    """How far each style is from the photo in each layer, rows in a given order; dark text on pale cells.

    Args:
        span: the distances that are palest and strongest; their logarithms are coloured.
    """
    shown = distances[list(order)]
    low, high = (math.log10(max(each, _NEAREST)) for each in span)
    figure = go.Figure(
        go.Heatmap(
            z=np.log10(np.maximum(shown, _NEAREST)),
            zmin=low,
            zmax=max(high, low + 1e-6),
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
    laid(figure, 40 + 28 * len(names))
    figure.update_layout(margin={"t": 4, "b": 4})
    figure.update_xaxes(side="top", showgrid=False, ticks="", tickfont={"size": 13})
    figure.update_yaxes(
        autorange="reversed", automargin=True, showgrid=False, ticks="", tickfont={"size": 13}
    )
    return figure
