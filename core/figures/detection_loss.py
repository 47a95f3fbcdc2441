"""YOLOv1's loss: cell by cell over the photo, and part by part as bars."""

import cv2
import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from core.detection.loss_parts import LossParts
from core.detection.loss_steps import TITLES
from core.figures.palette import BLUE, magnitude_rgb
from core.figures.transfer import laid

_STRENGTH = 0.6
_LINE, _CHOSEN, _SAID = (255, 255, 255), (255, 217, 47), (255, 157, 108)


def loss_picture(
    photo: UInt8[np.ndarray, "height width 3"],
    parts: LossParts,
    cell: tuple[int, int],
    said: tuple[float, float, float, float] | None,
) -> UInt8[np.ndarray, "height width 3"]:
    """The loss of every cell over the photo, the brighter the larger; the chosen cell in yellow, its box in orange.

    The colours run with the root of the loss, so that the many small ones show, too.
    """
    height, width = photo.shape[:2]
    rows, columns = parts.cells.shape
    coloured = magnitude_rgb(np.sqrt(parts.cells))
    map_ = cv2.resize(coloured, (width, height), interpolation=cv2.INTER_NEAREST)
    shown = cv2.addWeighted(photo, 1 - _STRENGTH, map_, _STRENGTH, 0)
    for row in range(1, rows):
        cv2.line(shown, (0, round(row * height / rows)), (width, round(row * height / rows)), _LINE, 1)
    for column in range(1, columns):
        x = round(column * width / columns)
        cv2.line(shown, (x, 0), (x, height), _LINE, 1)
    thick = max(2, round(max(height, width) / 240))
    row, column = cell
    corners = (
        (round(column * width / columns), round(row * height / rows)),
        (round((column + 1) * width / columns), round((row + 1) * height / rows)),
    )
    cv2.rectangle(shown, *corners, _CHOSEN, thick)
    if said is not None:
        edges = np.clip(said, -(10**6), 10**6)
        left, top, right, bottom = (round(float(edge)) for edge in edges)
        cv2.rectangle(shown, (left, top), (right, bottom), (20, 24, 30), 2 * thick)
        cv2.rectangle(shown, (left, top), (right, bottom), _SAID, thick)
    return shown


def parts_figure(parts: LossParts) -> go.Figure:
    """The five parts summed over the grid, as bars."""
    names, values = [TITLES[part] for part in parts.sums], list(parts.sums.values())
    figure = go.Figure(
        go.Bar(
            x=values,
            y=names,
            orientation="h",
            marker={"color": BLUE},
            text=[f"{value:.3f}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
        )
    )
    laid(figure, 240)
    figure.update_xaxes(range=[0, 1.25 * max(*values, 1e-6)], visible=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_layout(margin={"t": 6})
    return figure


def parts_alt(parts: LossParts) -> str:
    """The parts in words."""
    said = ", ".join(f"{TITLES[part]} {value:.3f}" for part, value in parts.sums.items())
    return f"Parts of the loss: {said}; together {parts.total:.3f}."
