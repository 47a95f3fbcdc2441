"""Maps as pictures: all channels of a layer on one board, one of them over the photo, and charts of the layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from core.features.maps import Layer
from core.features.similarity import Likeness
from core.features.statistics import LayerStatistics
from core.figures.encoding import MAP_QUALITY, Encoded, encode
from core.figures.palette import MAGNITUDE_LUT, PAIR, SIGNED_LUT, THIRD
from core.figures.scale import Scale, colour_map

BOARD_PX = 1200  # width of a board; on screen it is about as wide
_GAP = 4
_LABEL = 18  # height of the line under a map
_LABELLED = 44  # maps at least so wide carry their number and largest value
_EMPTY, _QUIET, _INK = 246, 247, 248  # numbers of the board's own colours, after those of the palette
_BOARD, _LETTERS = np.array((27, 30, 38)), np.array((226, 230, 238))
_SHAPE = 1.35  # width of a board over its height
NOWHERE = (10**6, 10**6)
"""A marker outside every picture: a board marks the chosen channel with a box instead."""
_ONE, _OTHER = PAIR


@dataclass(frozen=True, slots=True)
class Board:
    """All channels of a page in one picture, and where each of them lies.

    Args:
        picture: the board.
        channels: their numbers in reading order.
        columns: maps in a row.
        pitch: (down, across) from one map to the next, in pixels.
        tile: side of the (longer side of a) map in pixels.
        scale: the legend where all maps share one range, else None.
        smallest, largest: the range of all values on the page.
    """

    picture: Encoded
    channels: tuple[int, ...]
    columns: int
    pitch: tuple[int, int]
    tile: int
    scale: Scale | None
    smallest: float
    largest: float

    def channel_at(self, pixel: tuple[int, int]) -> int | None:
        """The channel whose map (or label) holds a pixel (row, column) of the board."""
        row, column = (max(0, at - _GAP // 2) // pitch for at, pitch in zip(pixel, self.pitch, strict=True))
        place = row * self.columns + min(column, self.columns - 1)
        return self.channels[place] if place < len(self.channels) else None

    def box(self, channel: int) -> tuple[float, float, float, float] | None:
        """Left, top, right, bottom of a channel's map on the board."""
        if channel not in self.channels:
            return None
        row, column = divmod(self.channels.index(channel), self.columns)
        top, left = row * self.pitch[0] + _GAP, column * self.pitch[1] + _GAP
        return left - 2, top - 2, left + self.tile + 2, top + self.pitch[0] - _GAP + 1


def board(
    maps: Float[np.ndarray, "channels height width"],
    channels: Sequence[int],
    *,
    shared: bool,
    rectified: bool,
) -> Board:
    """Draw some channels side by side.

    Args:
        maps: all channels of the layer.
        channels: numbers of those to draw, in order.
        shared: one range of colours for all; otherwise each map has its own, from 0 to its largest magnitude.
        rectified: no value can be below 0.
    """
    chosen = maps[list(channels)]
    columns = _columns(len(chosen))
    tile = max(8, (BOARD_PX - _GAP) // columns - _GAP)
    label = _LABEL if tile >= _LABELLED else 0
    pitch = (tile + label + _GAP, tile + _GAP)
    rows = -(-len(chosen) // columns)
    canvas = np.full((rows * pitch[0] + _GAP, columns * pitch[1] + _GAP), _EMPTY, np.uint8)
    limits, scale = _limits(chosen, shared, rectified)
    tiles = _painted(chosen, limits, tile, rectified)
    largest = chosen.reshape(len(chosen), -1).max(axis=1)
    silent = largest == chosen.reshape(len(chosen), -1).min(axis=1)
    for place, (channel, picture) in enumerate(zip(channels, tiles, strict=True)):
        top, left = (i * p + _GAP for i, p in zip(divmod(place, columns), pitch, strict=True))
        canvas[top : top + tile, left : left + tile] = _hatch(tile) if silent[place] else picture
        if label:
            text = "silent" if silent[place] else _short(float(largest[place]))
            canvas[top + tile : top + tile + label, left : left + tile] = _label(f"{channel}", text, tile)
    return Board(
        encode(_coloured(canvas, rectified), lossless=False, quality=MAP_QUALITY),
        tuple(int(channel) for channel in channels),
        columns,
        pitch,
        tile,
        scale,
        float(chosen.min()),
        float(chosen.max()),
    )


def _columns(count: int) -> int:
    return max(4, int(np.ceil(np.sqrt(count * _SHAPE))))


def _limits(maps: np.ndarray, shared: bool, rectified: bool) -> tuple[np.ndarray, Scale | None]:
    """Per map the value at the end of the colours, and the legend of a shared range."""
    if shared:
        scale = colour_map(maps.reshape(len(maps), -1), signed=not rectified, rectified=rectified).scale
        return np.full(len(maps), scale.high, np.float32), scale
    largest = np.abs(maps.reshape(len(maps), -1)).max(axis=1)
    return np.where(largest > 0, largest, 1).astype(np.float32), None


def _painted(
    maps: np.ndarray, limits: np.ndarray, tile: int, rectified: bool
) -> UInt8[np.ndarray, "channels tile tile"]:
    """Every map in numbers of colours, as a square of `tile` pixels: enlarged pixel by pixel, or reduced by picking."""
    height, width = maps.shape[1:]
    places = (np.arange(tile) + 0.5) / tile
    rows, columns = ((places * size).astype(int) for size in (height, width))
    if tile < height:
        maps, rows = maps[:, rows], np.arange(tile)
    if tile < width:
        maps, columns = maps[:, :, columns], np.arange(tile)
    gain = (_EMPTY - 1) / limits if rectified else (_EMPTY - 1) / (2 * limits)
    index = maps * gain[:, None, None] + (0.5 if rectified else _EMPTY / 2)
    small = np.clip(index, 0, _EMPTY - 1, out=index).astype(np.uint8)
    return small.repeat(np.bincount(rows), axis=1).repeat(np.bincount(columns), axis=2)


def _coloured(
    canvas: UInt8[np.ndarray, "height width"], rectified: bool
) -> UInt8[np.ndarray, "height width 3"]:
    """Numbers of colours to RGB: the palette's colours, then the board's own."""
    lut = MAGNITUDE_LUT if rectified else SIGNED_LUT
    table = np.empty((256, 3), np.uint8)
    table[:_EMPTY] = lut[np.linspace(0, 255, _EMPTY).round().astype(int)]
    table[_QUIET] = (74, 79, 90)
    ramp = np.linspace(0, 1, 256 - _INK)[:, None]
    table[_INK:] = np.rint((1 - ramp) * _BOARD + ramp * _LETTERS)
    table[_EMPTY] = _BOARD
    image = Image.fromarray(canvas)
    image.putpalette(table.tobytes())
    return np.asarray(image.convert("RGB"))


@lru_cache(maxsize=64)
def _hatch(tile: int) -> UInt8[np.ndarray, "tile tile"]:
    """Stripes that no map can look like: this channel says nothing about the picture."""
    rows, columns = np.indices((tile, tile))
    stripes = (rows + columns) // max(2, tile // 12) % 2
    return np.where(stripes == 0, _QUIET, _EMPTY).astype(np.uint8)


def _label(left: str, right: str, width: int) -> UInt8[np.ndarray, "label width"]:
    """The channel's number and, where there is room, its largest value."""
    line = np.full((_LABEL, width), _EMPTY, np.uint8)
    number, value = _written(left), _written(right)
    number = number[:, : width - 2]
    line[:, 2 : 2 + number.shape[1]] = number
    if number.shape[1] + value.shape[1] + 10 <= width:
        line[:, width - value.shape[1] - 2 : width - 2] = value
    return line


def _written(text: str) -> UInt8[np.ndarray, "label wide"]:
    return np.concatenate([_letter(each) for each in text], axis=1)


@lru_cache(maxsize=64)
def _letter(letter: str) -> UInt8[np.ndarray, "label wide"]:
    """One letter as numbers of colours."""
    font = ImageFont.load_default(13)
    image = Image.new("L", (max(1, round(font.getlength(letter))), _LABEL))
    ImageDraw.Draw(image).text((0, 2), letter, 255, font)
    return (_INK + np.asarray(image).astype(int) * (255 - _INK) // 255).astype(np.uint8)


def _short(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.2g}"
    return text.replace("-", "−")


def map_rgba(plane: Float[np.ndarray, "height width"], *, rectified: bool) -> UInt8[np.ndarray, "h w 4"]:
    """One map to lay over the photo: clear where it is 0, its colours where it is strong."""
    limit = float(np.abs(plane).max()) or 1.0
    index = plane * (255 / limit) if rectified else (plane / limit + 1) * 127.5
    rgba = np.empty((*plane.shape, 4), np.uint8)
    lut = MAGNITUDE_LUT if rectified else SIGNED_LUT
    rgba[:, :, :3] = lut[np.clip(np.rint(index), 0, 255).astype(np.uint8)]
    rgba[:, :, 3] = np.rint(255 * np.clip(np.abs(plane) / limit, 0, 1) ** 0.6).astype(np.uint8)
    return rgba


def map_scale(plane: Float[np.ndarray, "height width"], *, rectified: bool) -> Scale:
    """The legend of one map in its own range."""
    limit = float(np.abs(plane).max()) or 1.0
    return colour_map(plane, signed=not rectified, rectified=rectified, limit=limit).scale


def histogram(found: LayerStatistics) -> go.Figure:
    """How the values of a layer spread; the scale of counts is logarithmic, or the zeros would hide the rest."""
    middles = (found.edges[:-1] + found.edges[1:]) / 2
    figure = go.Figure(
        go.Bar(
            x=middles,
            y=found.counts,
            width=np.diff(found.edges),
            marker_color=_ONE,
            hovertemplate="around %{x:.3g}: %{y} values<extra></extra>",
        )
    )
    return _plain(figure, "value", "how many (log)", log=True)


def energy_chart(found: LayerStatistics, channel: int) -> go.Figure:
    """Each channel's share of the layer's energy, strongest first; the chosen one stands out."""
    order = np.argsort(-found.energy, kind="stable")
    figure = go.Figure(
        go.Bar(
            x=np.arange(len(order)),
            y=found.energy[order],
            marker_color=[_OTHER if each == channel else _ONE for each in order],
            customdata=order,
            hovertemplate="channel %{customdata}: %{y:.2%}<extra></extra>",
        )
    )
    figure.update_yaxes(tickformat=".0%")
    return _plain(figure, "channels, strongest first", "share of the energy")


MEASURES = {
    "in_place": "cosine, place by place",
    "anywhere": "cosine of the channels' means",
    "cka": "linear CKA over places",
}


def likeness_chart(rows: Sequence[tuple[Layer, Likeness]], chosen: str) -> go.Figure:
    """How alike two photos are from the first layer to the last, by three measures."""
    names = [layer.name for layer, _ in rows]
    figure = go.Figure()
    for (key, label), colour in zip(MEASURES.items(), (_ONE, _OTHER, THIRD), strict=True):
        figure.add_scatter(
            x=list(range(len(rows))),
            y=[getattr(found, key) for _, found in rows],
            name=label,
            mode="lines+markers",
            marker_size=5,
            line_color=colour,
            customdata=names,
            hovertemplate="%{customdata}: %{y:.3f}<extra>" + label + "</extra>",
        )
    if chosen in names:
        figure.add_vline(names.index(chosen), line_dash="dot", line_color="#888")
    figure.update_layout(legend={"orientation": "h", "y": 1.12})
    figure.update_yaxes(range=[min(0, *(getattr(f, k) for _, f in rows for k in MEASURES)) - 0.02, 1.03])
    return _plain(figure, "layers, first to last", "likeness")


def likeness_alt(rows: Sequence[tuple[Layer, Likeness]]) -> str:
    """The chart in words."""
    first, last = rows[0][1], rows[-1][1]
    return (
        f"Likeness of two photos over {len(rows)} layers: the cosine of the channels' means goes from"
        f" {first.anywhere:.2f} to {last.anywhere:.2f},"
        f" place by place from {first.in_place:.2f} to {last.in_place:.2f}."
    )


def _plain(figure: go.Figure, x: str, y: str, *, log: bool = False) -> go.Figure:
    figure.update_layout(height=320, margin={"l": 10, "r": 10, "t": 24, "b": 10}, bargap=0)
    figure.update_xaxes(title=x)
    figure.update_yaxes(title=y, type="log" if log else None)
    return figure
