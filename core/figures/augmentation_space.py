"""Feature space as pictures: how far transforms move a photo in each layer, and a map of its variants."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from core.augmentation.applying import apply, describe, reduced
from core.augmentation.catalogue import CATALOGUE
from core.augmentation.embedding import EmbeddingMap
from core.figures.encoding import encode
from core.figures.palette import MAGNITUDE_LUT, ORANGE, as_hex, magnitude_rgb

_THUMB_PX, _RIM = 88, 4
_SHARE = 0.12  # of the map's height: the side of a thumbnail
Pixels = UInt8[np.ndarray, "height width 3"]


def shift_figure(
    rows: Mapping[str, Sequence[float]], layers: Sequence[str], sizes: Sequence[int], waiting: int = 0
) -> go.Figure:
    """Distances as a table of colours: the farthest transform first, one column for each layer.

    Args:
        rows: of each transform that was measured, its distance in each layer.
        layers: their names.
        sizes: sides of their maps.
        waiting: transforms still to come, for which room is kept.
    """
    names = sorted(rows, key=lambda name: rows[name][-1])
    figure = go.Figure(
        go.Heatmap(
            z=np.array([rows[name] for name in names], np.float32),
            x=[f"{size}²" for size in sizes],
            y=[CATALOGUE[name].title for name in names],
            customdata=[list(layers)] * len(names),
            colorscale=_scale(),
            zmin=0,
            texttemplate="%{z:.3f}",
            textfont={"size": 14},
            xgap=2,
            ygap=2,
            showscale=False,  # the numbers stand in the fields
            hovertemplate="%{y}, %{customdata}: %{z:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(
        title="size of the maps, from the picture to the end",
        side="top",
        type="category",
        fixedrange=True,
    )
    figure.update_yaxes(type="category", fixedrange=True, ticksuffix=" ")
    figure.update_layout(height=100 + 34 * (len(names) + waiting), margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def shift_alt(rows: Mapping[str, Sequence[float]]) -> str:
    """The table in words."""
    return "Relative distance in the first and the last layer: " + "; ".join(
        f"{CATALOGUE[name].title} {values[0]:.3f} and {values[-1]:.3f}" for name, values in rows.items()
    )


def map_figure(found: EmbeddingMap, pixels: Pixels, second: Pixels | None = None) -> go.Figure:
    """Every variant as a thumbnail at its place, framed in the colour of its distance; the photo framed in orange."""
    points = np.concatenate([np.array([found.origin]), found.points])
    low, high = points.min(axis=0), points.max(axis=0)
    half = (high - low) / 2
    middle, reach = (low + high) / 2, 1.16 * float(max(half[0] / 1.4, half[1], 1e-6))
    figure = go.Figure()
    small = reduced(pixels, 2 * _THUMB_PX)
    colours = magnitude_rgb(found.distances[:, None], 0.0)[:, 0]
    order = np.argsort(-found.distances)
    shown = [(found.points[i], _framed(apply(found.draws[i], small, second), colours[i]), 1.0) for i in order]
    orange = np.array([int(ORANGE[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    shown.append((np.array(found.origin), _framed(small, orange), 1.35))
    for (x, y), picture, times in shown:
        figure.add_layout_image(
            source=encode(picture, lossless=False).uri,
            x=float(x),
            y=float(y),
            xref="x",
            yref="y",
            xanchor="center",
            yanchor="middle",
            sizex=2 * reach * _SHARE * times,
            sizey=2 * reach * _SHARE * times,
            sizing="contain",
            layer="above",
        )
    figure.add_scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        marker={"size": 34, "symbol": "square", "opacity": 0},
        text=["the photo itself", *map(_words, found.draws, found.distances)],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    axis = {"showgrid": True, "zeroline": False, "showticklabels": False, "fixedrange": True}
    figure.update_xaxes(
        **axis,
        title=f"direction of greatest spread, {found.explained[0]:.0%} of it",
        range=[middle[0] - 1.5 * reach, middle[0] + 1.5 * reach],
    )
    figure.update_yaxes(
        **axis,
        title=f"the next one, {found.explained[1]:.0%}",
        range=[middle[1] - reach, middle[1] + reach],
        scaleanchor="x",
    )
    figure.update_layout(height=560, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def map_alt(found: EmbeddingMap) -> str:
    """The map in words."""
    near, far = float(found.distances.min()), float(found.distances.max())
    return (
        f"Map of {len(found.draws)} variants in {found.layer}; relative distances from {near:.3f} to {far:.3f}; "
        f"the map shows {sum(found.explained):.0%} of the spread."
    )


def _words(draw, distance: float) -> str:
    steps = "<br>".join(describe(each).partition(", box")[0] for each in draw.applied) or "untouched"
    return f"variant {draw.number}, distance {distance:.3f}<br>{steps}"


def _framed(pixels: Pixels, colour: UInt8[np.ndarray, "3"]) -> Pixels:
    small = reduced(pixels, _THUMB_PX)
    framed = np.empty((small.shape[0] + 2 * _RIM, small.shape[1] + 2 * _RIM, 3), np.uint8)
    framed[:] = colour
    framed[_RIM:-_RIM, _RIM:-_RIM] = small
    return framed


def _scale() -> list[tuple[float, str]]:
    stops = np.linspace(0, 255, 9).astype(int)
    return list(zip((stops / 255).tolist(), as_hex(MAGNITUDE_LUT[stops]), strict=True))
