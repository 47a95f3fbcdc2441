"""Style pictures and their numbers as pictures."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image

from core.figures.encoding import Encoded, encode
from core.figures.palette import SIGNED_LUT, as_hex, signed_limit
from core.figures.tiles import Line, Tile
from core.figures.transfer import laid
from core.style.pictures import STYLES, style_picture

_THUMB = 150


def style_tiles(chosen: Sequence[str]) -> tuple[Tile, ...]:
    """Every style picture with its name; the chosen ones are marked."""
    return tuple(
        Tile(
            _thumbnail(name),
            f"{style.title}: {style.about}",
            style.title,
            state="picked" if name in chosen else "",
        )
        for name, style in STYLES.items()
    )


@lru_cache(maxsize=len(STYLES))
def _thumbnail(name: str) -> Encoded:
    return encode(style_picture(name, _THUMB))


def learned_tiles(
    sheet: Sequence[UInt8[np.ndarray, "height width 3"]], chosen: Sequence[int]
) -> tuple[Tile, ...]:
    """The photo in each learned style with its number; the chosen ones are marked."""
    return tuple(
        Tile(
            encode(picture, lossless=False),
            f"The photo in style {number}",
            str(number),
            state="picked" if number in chosen else "",
        )
        for number, picture in enumerate(sheet)
    )


def ranked_tiles(
    ranked: Sequence[tuple[str, UInt8[np.ndarray, "height width 3"], float]],
) -> tuple[Tile, ...]:
    """Pictures in their order, each with its rank, name and distance."""
    return tuple(
        Tile(
            encode(_square(pixels)),
            f"{name}, distance {distance:.2f}",
            f"{rank}. {name}",
            (Line(f"{distance:.2f}"),),
        )
        for rank, (name, pixels, distance) in enumerate(ranked, start=1)
    )


def _square(pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "side side 3"]:
    """The square in the middle, small."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    cut = Image.fromarray(np.ascontiguousarray(pixels[top : top + side, left : left + side]))
    return np.asarray(cut.resize((_THUMB, _THUMB), Image.Resampling.BILINEAR))


def vectors_chart(rows: Mapping[str, Float[np.ndarray, " numbers"]]) -> go.Figure:
    """The numbers of some pictures, one row each under one scale: blue below 0, orange above."""
    limit = signed_limit(np.stack(list(rows.values())))
    colours = as_hex(SIGNED_LUT[::15])
    figure = go.Figure(
        go.Heatmap(
            z=list(rows.values()),
            y=list(rows),
            colorscale=[[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)],
            zmin=-limit,
            zmax=limit,
            ygap=5,
            hovertemplate="%{y}, number %{x}: %{z:.3f}<extra></extra>",
            colorbar={
                "thickness": 10,
                "tickvals": [-limit, 0, limit],
                "tickformat": ".2f",
                "outlinewidth": 0,
            },
        )
    )
    laid(figure, 74 + 38 * len(rows))
    figure.update_layout(margin={"t": 4, "b": 4})
    figure.update_xaxes(title="number 0 to 99", showticklabels=False, showgrid=False)
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False)
    return figure
