"""Filters, dreams and top nines as pictures: tiles on one board, slices in signed colours, the score by step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont

from core.features.dream import Frame
from core.features.filters import Bank, norms, spectrum
from core.features.top_nine import MOST, Patch
from core.figures.encoding import Encoded, encode
from core.figures.palette import PAIR, magnitude_rgb, signed_limit, signed_rgb
from core.figures.scale import Scale, colour_map, signed_scale

NOWHERE = (10**6, 10**6)
"""A marker outside every picture: a board marks the chosen tile with a box instead."""
_BOARD, _INK = (27, 30, 38), (226, 230, 238)
_FAINT = 0.05  # of the layer's largest weight: a filter fainter than this is not stretched to full colour
_GAP = 6
_PATCH_PX, _LABEL_PX = 150, 26
_STRIP = 8


@dataclass(frozen=True, slots=True)
class Tiles:
    """Pictures of one size on one board.

    Args:
        picture: the board.
        count: how many there are, in reading order.
        columns: in a row.
        pitch: (down, across) from one to the next, in pixels.
        tile: (height, width) of one.
        scale: the legend, where all share one range.
    """

    picture: Encoded
    count: int
    columns: int
    pitch: tuple[int, int]
    tile: tuple[int, int]
    scale: Scale | None = None

    def at(self, pixel: tuple[int, int]) -> int | None:
        """The number of the tile at a pixel (row, column)."""
        row, column = (max(0, at - _GAP // 2) // pitch for at, pitch in zip(pixel, self.pitch, strict=True))
        place = row * self.columns + min(column, self.columns - 1)
        return place if place < self.count else None

    def box(self, place: int) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of a tile with its frame."""
        row, column = divmod(place, self.columns)
        top, left = (_GAP + i * pitch for i, pitch in zip((row, column), self.pitch, strict=True))
        return left - 2, top - 2, left + self.tile[1] + 2, top + self.tile[0] + 2


def board(
    pictures: Sequence[UInt8[np.ndarray, "h w 3"]], columns: int, enlarged: int, scale: Scale | None = None
) -> Tiles:
    """Lay pictures of one size side by side, every pixel as a square of `enlarged` pixels."""
    big = [each.repeat(enlarged, axis=0).repeat(enlarged, axis=1) for each in pictures]
    height, width = big[0].shape[:2]
    rows = -(-len(big) // columns)
    pitch = (height + _GAP, width + _GAP)
    canvas = np.empty((rows * pitch[0] + _GAP, columns * pitch[1] + _GAP, 3), np.uint8)
    canvas[:] = _BOARD
    for place, picture in enumerate(big):
        top, left = (_GAP + i * p for i, p in zip(divmod(place, columns), pitch, strict=True))
        canvas[top : top + height, left : left + width] = picture
    return Tiles(encode(canvas, lossless=True), len(big), columns, pitch, (height, width), scale)


def filter_rgb(
    weights: Float[np.ndarray, "3 kh kw"], limit: float | None = None
) -> UInt8[np.ndarray, "kh kw 3"]:
    """A filter of the first layer as a picture: 0 is middle grey, +-limit the end of each colour."""
    limit = signed_limit(weights) if limit is None else limit
    return np.clip(127.5 + 127.5 * np.moveaxis(weights, 0, -1) / limit, 0, 255).round().astype(np.uint8)


def gallery(bank: Bank) -> Tiles:
    """All filters of a layer whose filters are small pictures: red, green and blue, or one channel each."""
    count, _, kh, kw = bank.weight.shape
    own = np.abs(bank.weight).reshape(count, -1).max(axis=1)
    limits = np.maximum(own, _FAINT * own.max()) + 1e-12
    if bank.colour:
        pictures = [filter_rgb(weights, limit) for weights, limit in zip(bank.weight, limits, strict=True)]
    else:
        pictures = list(signed_rgb(bank.weight[:, 0] / limits[:, None, None], 1.0))
    columns = int(np.ceil(np.sqrt(count * (1.35 if count <= 128 else 2))))
    return board(pictures, columns, max(2, min(110, 1000 // columns) // max(kh, kw)))


def matrix(bank: Bank) -> Tiles:
    """One row per filter, one column per channel it reads: the weight of a 1 x 1 filter, else the slice's norm."""
    _, _, kh, kw = bank.weight.shape
    if kh * kw == 1:
        values = bank.weight[:, :, 0, 0]
        coloured = colour_map(values, signed=True)
    else:
        values = np.linalg.norm(bank.weight.reshape(*bank.weight.shape[:2], -1), axis=2)
        coloured = colour_map(values, rectified=True)
    rgb = coloured.rgb
    across, down = max(1, 900 // rgb.shape[1]), max(1, 600 // rgb.shape[0])
    big = rgb.repeat(down, axis=0).repeat(across, axis=1)
    return Tiles(encode(big, lossless=True), len(rgb), 1, (down, 1), (down, big.shape[1]), coloured.scale)


def slices(bank: Bank, index: int) -> Tiles:
    """The slices of one filter, one per channel that it reads, in one range of signed colours."""
    own = bank.weight[index]
    limit = signed_limit(own)
    count = len(own)
    columns = count if count <= 4 else int(np.ceil(np.sqrt(count * 2)))
    pictures = list(signed_rgb(own, limit))
    return board(
        pictures, columns, max(2, min(240, 900 // columns) // max(own.shape[1:])), signed_scale(own, limit)
    )


def large_filter(weights: Float[np.ndarray, "3 kh kw"]) -> Encoded:
    """One filter of the first layer, large."""
    return _enlarged(filter_rgb(weights), 240)


def kernel_picture(kernel: Float[np.ndarray, "kh kw"]) -> Encoded:
    """One kernel in signed colours, large."""
    return _enlarged(signed_rgb(kernel), 240)


def spectrum_picture(kernel: Float[np.ndarray, "kh kw"]) -> Encoded:
    """The amplitude of every wave in a kernel; the mean is in the middle."""
    return _enlarged(magnitude_rgb(spectrum(kernel)), 240)


def norm_chart(bank: Bank, index: int) -> go.Figure:
    """The norms of all filters, largest first; the chosen one is marked."""
    values = norms(bank)
    order = np.argsort(-values)
    figure = go.Figure(
        go.Bar(
            x=np.arange(len(order)),
            y=values[order].astype(np.float32),
            customdata=order,
            marker_color=[PAIR[1] if i == index else PAIR[0] for i in order],
            marker_line_width=0,
            hovertemplate="filter %{customdata}: norm %{y:.3g}<extra></extra>",
        )
    )
    figure.update_layout(
        height=170,
        margin={"l": 10, "r": 10, "t": 8, "b": 10},
        bargap=0.1,
        showlegend=False,
        xaxis={"title": "filters, largest norm first", "showticklabels": False},
        yaxis={"title": "norm"},
    )
    return figure


def response_picture(values: Float[np.ndarray, "h w"]) -> tuple[Encoded, Scale]:
    """What a filter answers to the photo, in signed colours."""
    coloured = colour_map(values, signed=True)
    return encode(coloured.rgb), coloured.scale


def score_chart(scores: Sequence[Sequence[float]], names: Sequence[str], steps: int) -> go.Figure:
    """The score at every step of one or two dreams."""
    figure = go.Figure()
    for values, name, colour in zip(scores, names, PAIR, strict=False):
        figure.add_trace(
            go.Scatter(
                x=np.arange(len(values)),
                y=np.array(values, np.float32),
                name=name,
                line={"color": colour, "width": 3},
                hovertemplate="step %{x}: %{y:.3g}<extra></extra>",
            )
        )
    figure.update_layout(
        height=230,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={"title": "step", "range": [0, steps]},
        yaxis={"title": "score"},
        showlegend=len(scores) > 1,
        legend={"orientation": "h", "y": 1.15},
    )
    return figure


def dream_picture(frame: Frame, px: int = 480) -> Encoded:
    """A frame, enlarged softly: its pixels are not what is looked at."""
    return encode(np.asarray(Image.fromarray(frame.pixels).resize((px, px), Image.Resampling.BICUBIC)))


def film_strip(films: Sequence[Sequence[Frame]]) -> Encoded:
    """Frames from the start to the latest, left to right; one row per dream."""
    side, gap = 150, 4
    canvas = Image.new("RGB", (_STRIP * (side + gap) - gap, len(films) * (side + _LABEL_PX)), _BOARD)
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(15)
    for row, film in enumerate(films):
        chosen = np.unique(np.geomspace(1, len(film), min(_STRIP, len(film))).round().astype(int)) - 1
        for place, number in enumerate(chosen):
            left, top = place * (side + gap), row * (side + _LABEL_PX)
            canvas.paste(Image.fromarray(film[number].pixels).resize((side, side)), (left, top))
            draw.text((left + 4, top + side + 4), f"step {film[number].step}", _INK, font)
    return encode(np.asarray(canvas))


def slope_rgb(slope: Float[np.ndarray, "3 h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """A gradient as a picture: 0 is middle grey, the strongest values saturate."""
    found = np.abs(slope[slope != 0])
    limit = float(np.percentile(found, 97)) if found.size else 1.0
    return filter_rgb(slope, limit)


def nine(
    patches: Sequence[Patch], slopes: Sequence[UInt8[np.ndarray, "h w 3"]], labels: Sequence[str]
) -> Tiles:
    """Patches in order with their reconstructions beside them, three pairs in a row."""
    side, columns = _PATCH_PX, 3
    height, width = side + _LABEL_PX, 2 * side + 2
    pitch = (height + _GAP, width + _GAP)
    rows = -(-len(patches) // columns)
    canvas = Image.new("RGB", (columns * pitch[1] + _GAP, rows * pitch[0] + _GAP), _BOARD)
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(16)
    for place, (patch, slope, label) in enumerate(zip(patches[:MOST], slopes, labels, strict=True)):
        top, left = (_GAP + i * p for i, p in zip(divmod(place, columns), pitch, strict=True))
        canvas.paste(_fitted(patch.pixels, side), (left, top))
        canvas.paste(_fitted(slope, side), (left + side + 2, top))
        draw.text((left + 4, top + side + 4), label, _INK, font)
    return Tiles(encode(np.asarray(canvas)), len(patches), columns, pitch, (height, width))


def _fitted(pixels: UInt8[np.ndarray, "h w 3"], side: int) -> Image.Image:
    """As large as fits in a square, on grey: small patches keep their pixels, large ones are smoothed."""
    height, width = pixels.shape[:2]
    size = (
        max(1, round(side * width / max(height, width))),
        max(1, round(side * height / max(height, width))),
    )
    method = Image.Resampling.NEAREST if max(height, width) < side // 3 else Image.Resampling.BICUBIC
    square = Image.new("RGB", (side, side), (128, 128, 128))
    square.paste(
        Image.fromarray(np.ascontiguousarray(pixels)).resize(size, method),
        ((side - size[0]) // 2, (side - size[1]) // 2),
    )
    return square


def fitted(pixels: UInt8[np.ndarray, "h w 3"], side: int = 300) -> Encoded:
    """A patch alone, as large as fits in a square."""
    return encode(np.asarray(_fitted(pixels, side)))


def _enlarged(rgb: UInt8[np.ndarray, "h w 3"], px: int) -> Encoded:
    times = max(1, px // max(rgb.shape[:2]))
    return encode(rgb.repeat(times, axis=0).repeat(times, axis=1), lossless=True)
