"""Faster R-CNN as pictures: places of anchors, anchors that are taught, the level of a proposal, boxes in numbers."""

from collections.abc import Sequence

import cv2
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8

from core.figures.palette import GREY, MAGNITUDE_LUT, ORANGE
from core.figures.transfer import laid
from core.two_stage.faster_anchors import Level
from core.two_stage.faster_funnel import First

Pixels = UInt8[np.ndarray, "height width 3"]
_RIM, _YELLOW, _WHITE = (20, 24, 30), (255, 217, 47), (255, 255, 255)
BLUE_INK = (77, 208, 255)
LEVEL_INK = ((126, 231, 135), (77, 208, 255), (255, 217, 47), (255, 157, 108), (255, 255, 255))
LEVEL_WORDS = ("green", "blue", "yellow", "orange", "white")
_NEAR = 9  # pixels between dots; nearer ones would hide the photo
_PICTURE = 900  # pixels of the longer side at least, so that lines stay fine


def enlarged(photo: Pixels) -> tuple[Pixels, float]:
    """A copy to draw on, small photos enlarged; and its pixels for one of the photo."""
    times = max(1.0, _PICTURE / max(photo.shape[:2]))
    if times == 1:
        return photo.copy(), 1.0
    size = max(1, round(photo.shape[1] * times)), max(1, round(photo.shape[0] * times))
    return cv2.resize(photo, size, interpolation=cv2.INTER_LINEAR), times


def places_picture(photo: Pixels, level: Level, shown_hw: tuple[int, int]) -> tuple[Pixels, int]:
    """A dot at every place of a level, or at every second, fourth, ... where they lie close; and which."""
    out, _ = enlarged(photo)
    down, across = (big / small for big, small in zip(out.shape[:2], shown_hw, strict=True))
    every = 1
    while min(level.step[0] * down, level.step[1] * across) * every < _NEAR:
        every *= 2
    for row in range(0, level.rows, every):
        for column in range(0, level.columns, every):
            at = round(column * level.step[1] * across), round(row * level.step[0] * down)
            cv2.circle(out, at, 2, _RIM, cv2.FILLED, cv2.LINE_AA)
            cv2.circle(out, at, 1, _WHITE, cv2.FILLED, cv2.LINE_AA)
    return out, every


def boxes_picture(
    photo: Pixels,
    boxes: Float[np.ndarray, "n 4"],
    inks: Sequence[tuple[int, int, int]] | None = None,
    most: int = 400,
) -> Pixels:
    """Many boxes painted on the photo, the first on top; at most `most`.

    Args:
        boxes: in pixels of the photo. inks: a colour for each; yellow for all by default.
    """
    out, times = enlarged(photo)
    thick = max(2, round(max(out.shape[:2]) / 500))
    limit = 4.0 * max(out.shape[:2])
    for number in reversed(range(min(most, len(boxes)))):
        left, top, right, bottom = (
            round(float(each)) for each in np.clip(boxes[number] * times, -limit, limit)
        )
        ink = _YELLOW if inks is None else inks[number]
        cv2.rectangle(out, (left, top), (right, bottom), _RIM, thick + 1)
        cv2.rectangle(out, (left, top), (right, bottom), ink, thick)
    return out


def level_inks(numbers: np.ndarray, least: int) -> list[tuple[int, int, int]]:
    """The colour of each level, the finest first."""
    return [LEVEL_INK[min(int(each) - least, len(LEVEL_INK) - 1)] for each in numbers]


def objectness_map(first: First, level: Level) -> UInt8[np.ndarray, "height width 4"]:
    """The best objectness of the anchors at each place of a level, over the whole photo; the padding is cut off."""
    part = first.objectness[level.first : level.first + level.count]
    best = part.reshape(level.rows, level.columns, -1).max(axis=2)
    index = (best * 255).round().astype(np.uint8)
    coloured = np.dstack([MAGNITUDE_LUT[index], np.full(best.shape, 255, np.uint8)])
    times = max(1, 512 // max(best.shape))
    big = coloured.repeat(times, axis=0).repeat(times, axis=1)
    rows, columns = (
        max(1, round(side / step * times)) for side, step in zip(first.shown_hw, level.step, strict=True)
    )
    return np.ascontiguousarray(big[:rows, :columns])


def level_figure(sides: Sequence[float], levels: Sequence[int], least: int, most: int) -> go.Figure:
    """The staircase from a proposal's size to its level, with the proposals on it.

    Args:
        sides: sqrt(w h) of each, in pixels of the scaled photo. levels: theirs.
    """
    x = np.geomspace(8, 1400, 600)
    stair = np.clip(np.floor(4 + np.log2(x / 224)), least, most)
    figure = go.Figure()
    figure.add_scatter(
        x=x, y=stair, mode="lines", line={"color": GREY, "width": 3, "shape": "hv"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=list(sides),
        y=list(levels),
        mode="markers+text",
        text=[str(i + 1) for i in range(len(sides))],
        textposition="top center",
        marker={"color": ORANGE, "size": 12},
        hovertemplate="√(wh) = %{x:.0f} px: level %{y}<extra></extra>",
    )
    laid(figure, 300)
    figure.update_xaxes(
        type="log", title="√(w h), pixels of the scaled photo", tickvals=[14, 28, 56, 112, 224, 448, 896]
    )
    figure.update_yaxes(title="level k", dtick=1, range=[least - 0.6, max(most, least + 1) + 0.8])
    figure.update_layout(showlegend=False, margin={"t": 8})
    return figure
