"""A training that is watched: scenes with what is found on them, curves, and the cells that compete for an object."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from core.detection.assignment import Assignment
from core.detection.competing import Verdicts
from core.detection.grid import Grid
from core.detection.live_training import LiveEpoch
from core.detection.scenes import SIDE, Scene
from core.detection.small_yolo import Said
from core.figures.detection import cell_map
from core.figures.encoding import Encoded, encode
from core.figures.palette import BLUE, MAGNITUDE_LUT, MASK_ALPHA, MASK_RGB, ORANGE, TEAL, VIOLET
from core.figures.scale import Scale, legend
from core.figures.tiles import Line, Mark, Point, Role, Tile
from core.figures.transfer import laid

TIMES = 6
"""So many times as large as it is, a scene is shown alone."""
_TIMES = 3  # in a grid of scenes
PARTS = (("box", "box", BLUE), ("objectness", "objectness", ORANGE), ("classes", "class", TEAL))
_GRID_LINE = (255, 255, 255, 90)


def enlarged(
    pixels: UInt8[np.ndarray, "rows columns channels"], times: int = TIMES
) -> UInt8[np.ndarray, "height width channels"]:
    """Every pixel as a square of pixels."""
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def travelling(shown: Scene) -> Encoded:
    """A scene as the browser takes it into a grid of scenes."""
    return encode(enlarged(shown.pixels, _TIMES))


def sample_tile(
    shown: Scene, picture: Encoded, names: tuple[str, ...], title: str, taught: Assignment | None, grid: Grid
) -> Tile:
    """A scene, as `travelling` gives it, with its true boxes, and over it the cells that learn an object.

    Args:
        taught: who learns what; None if that is not known before the network predicts something.
    """
    marks = tuple(
        Mark(_outline(box), label=names[label], role="primary")
        for box, label in zip(shown.boxes.tolist(), shown.labels.tolist(), strict=True)
    )
    found = _counted(len(marks), "object")
    lines = [Line(found if taught is None else f"{found}, {_counted(len(taught.responsible), 'cell')}")]
    if taught is not None and taught.lost:
        lines.append(Line(f"{_counted(len(taught.lost), 'object')} without a cell", "strong"))
    if shown.left_out:
        lines.append(Line(f"{shown.left_out} more found no place", "muted"))
    return Tile(
        picture,
        f"{title}: " + (", ".join(names[label] for label in shown.labels) or "no objects"),
        title,
        tuple(lines),
        marks=marks,
        size=(SIDE, SIDE),
        mask=None if taught is None else _cells(taught, grid),
    )


def _cells(taught: Assignment, grid: Grid) -> Encoded:
    """The cells that learn an object, half see-through."""
    cells = np.zeros((grid.rows, grid.columns, 4), np.uint8)
    for claim in taught.responsible:
        cells[claim.slot.row, claim.slot.column] = (*MASK_RGB, MASK_ALPHA)
    return encode(enlarged(cells, _TIMES * SIDE // grid.rows))


def found_tile(shown: Scene, picture: Encoded, told: Verdicts, names: tuple[str, ...], title: str) -> Tile:
    """The same with what the network finds: hits in blue, false alarms in orange, missed objects broken in white."""
    marks = [Mark(_outline(shown.boxes[index]), role="muted", dashed=True) for index in told.missed]
    found = told.found
    for box, label, score, hit in zip(found.boxes, found.labels, found.scores, told.hits, strict=True):
        role: Role = "second" if hit else "third"
        marks.append(Mark(_outline(box), label=f"{names[label]} {score:.2f}", role=role))
    hits, objects = sum(told.hits), len(shown.boxes)
    line = f"{hits} of {objects} found" if objects else "no objects"
    alarms = len(told.hits) - hits
    return Tile(
        picture,
        f"{title}: {line}, {_counted(alarms, 'false alarm')}",
        title,
        (Line(line), *((Line(_counted(alarms, "false alarm"), "strong"),) if alarms else ())),
        marks=tuple(marks),
        size=(SIDE, SIDE),
    )


def _outline(box: Sequence[float]) -> tuple[Point, ...]:
    """The corners, cut to the scene: nothing is drawn into the neighbours."""
    left, top, right, bottom = (min(max(float(edge), 0.0), float(SIDE)) for edge in box)
    return (left, top), (right, top), (right, bottom), (left, bottom)


def precision_figure(epochs: Sequence[LiveEpoch], total: int, shown: int | None = None) -> go.Figure:
    """AP50 and AP on the held-out scenes by epoch.

    Args:
        total: epochs that are planned. shown: the number of the epoch that is looked at.
    """
    figure = go.Figure()
    numbers = [each.number for each in epochs]
    for name, values, colour, width in (
        ("AP50", [each.ap50 for each in epochs], BLUE, 3),
        ("AP, IoU 0.5 to 0.95", [each.ap for each in epochs], VIOLET, 2),
    ):
        figure.add_scatter(
            x=numbers,
            y=values,
            mode="lines+markers",
            line={"color": colour, "width": width},
            name=name,
            hovertemplate="epoch %{x}: %{y:.3f}<extra></extra>",
        )
    _axes(figure, total, shown)
    figure.update_yaxes(range=[0, 1.03], title="average precision")
    return figure


def parts_figure(epochs: Sequence[LiveEpoch], total: int, shown: int | None = None) -> go.Figure:
    """The parts of the loss, one on top of the other, by epoch."""
    trained = [each for each in epochs if each.number]
    figure = go.Figure()
    for key, name, colour in PARTS:
        figure.add_bar(
            x=[each.number for each in trained],
            y=[getattr(each.parts, key) for each in trained],
            name=name,
            marker={"color": colour},
            hovertemplate=f"epoch %{{x}}, {name}: %{{y:.3f}}<extra></extra>",
        )
    _axes(figure, total, shown)
    figure.update_layout(barmode="stack", bargap=0.15)
    figure.update_yaxes(title="loss", rangemode="tozero")
    return figure


def _axes(figure: go.Figure, total: int, shown: int | None) -> None:
    laid(figure, 250)
    figure.update_xaxes(range=[-0.6, total + 0.6], title="epoch")
    if shown is not None:
        figure.add_vline(x=shown, line={"color": ORANGE, "dash": "dot", "width": 1.5})


def precision_alt(epochs: Sequence[LiveEpoch]) -> str:
    """The curve in words."""
    return "AP50 by epoch: " + ", ".join(f"{each.number}: {each.ap50:.2f}" for each in epochs)


def parts_alt(epochs: Sequence[LiveEpoch]) -> str:
    """The bars in words."""
    return "Loss by epoch, box, objectness and class: " + "; ".join(
        f"{each.number}: {each.parts.box:.2f}, {each.parts.objectness:.2f}, {each.parts.classes:.2f}"
        for each in epochs
        if each.number
    )


def objectness_map(one: Said) -> UInt8[np.ndarray, "height width 4"]:
    """The objectness of every cell as a map that is laid over the enlarged scene, with lines between the cells."""
    side = math.isqrt(len(one.objectness))
    pixels = SIDE * TIMES
    shown = cell_map(one.objectness.reshape(side, side), (pixels, pixels), pixels)
    shown[:: pixels // side] = shown[:, :: pixels // side] = _GRID_LINE
    return shown


def objectness_scale(one: Said) -> Scale:
    """Its legend."""
    return legend(MAGNITUDE_LUT, 0.0, 1.0, float(one.objectness.min()), float(one.objectness.max()))


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
