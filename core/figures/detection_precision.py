"""Average precision as pictures: one ranked detection on the photo, and the curve with the points that are read."""

import cv2
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, UInt8

from core.detection.evaluation import Curve, Matching
from core.detection.exam import Scenes
from core.detection.precision import Counts, at_rank, read_points
from core.figures.palette import BLUE, GREY, ORANGE, TEAL, VIOLET, clear
from core.figures.transfer import laid

Pixels = UInt8[np.ndarray, "height width 3"]
Edges = tuple[float, float, float, float]
HIT, ALARM, _RIM, _TAKEN = (126, 231, 135), (255, 157, 108), (20, 24, 30), (255, 255, 255)
_GAP = 6


def rank_picture(photo: Pixels, box: Edges | None, taken: Edges | None) -> Pixels:
    """The photo with one detection: green with the object it took, which is shaded, or orange without one."""
    shown = photo.copy()
    if taken is not None:
        left, top, right, bottom = (round(edge) for edge in taken)
        part = shown[top:bottom, left:right]
        if part.size:
            part[:] = cv2.addWeighted(part, 0.72, np.full_like(part, _TAKEN), 0.28, 0)
    if box is not None:
        _frame(shown, box, HIT if taken is not None else ALARM)
    return shown


def scored_picture(photo: Pixels, boxes: Float[np.ndarray, "n 4"], hits: Bool[np.ndarray, " n"]) -> Pixels:
    """The photo with all boxes: hits green, false alarms orange, hits on top."""
    shown = photo.copy()
    for index in np.argsort(hits, kind="stable"):
        _frame(shown, boxes[index], HIT if hits[index] else ALARM)
    return shown


def _frame(shown: Pixels, box: Edges | np.ndarray, ink: tuple[int, int, int]) -> None:
    thick = max(2, round(max(shown.shape[:2]) / 220))
    corners = [round(float(edge)) for edge in box]
    for colour, width in ((_RIM, 2 * thick), (ink, thick)):
        cv2.rectangle(shown, corners[:2], corners[2:], colour, width)


def montage(scenes: Scenes) -> tuple[Pixels, tuple[tuple[int, int], ...]]:
    """All pictures in rows of two, and where each one's left top corner lies: x, y."""
    height, width = scenes.pictures[0].shape[:2]
    rows = -(-len(scenes.pictures) // 2)
    canvas = np.full((rows * (height + _GAP) - _GAP, 2 * width + _GAP, 3), 255, np.uint8)
    places = []
    for number, each in enumerate(scenes.pictures):
        x, y = (number % 2) * (width + _GAP), (number // 2) * (height + _GAP)
        canvas[y : y + height, x : x + width] = each
        places.append((x, y))
    return canvas, tuple(places)


def curve_figure(
    matching: Matching, found: Curve, interpolation: str, rank: int, threshold: float, now: Counts
) -> go.Figure:
    """Precision over recall: the ranks, the envelope, the points read, the chosen rank and the score threshold.

    Args:
        rank: from 1; 0 for none. threshold: of the score. now: what stands at that threshold.
    """
    figure = go.Figure()
    recall, height = [0.0, *found.recall.tolist()], found.envelope.tolist()
    figure.add_scatter(
        x=[*recall, recall[-1]],
        y=[*height[:1], *height, 0.0],
        mode="lines",
        line={"shape": "vh", "color": BLUE, "width": 2},
        fill="tozeroy",
        fillcolor=clear(BLUE, 0.14),
        name="envelope",
        hoverinfo="skip",
    )
    words = [
        f"rank {place + 1}: {'hit' if hit else 'false alarm'}, score {score:.3f}"
        for place, (hit, score) in enumerate(zip(matching.hits, matching.scores, strict=True))
    ]
    figure.add_scatter(
        x=found.recall,
        y=found.precision,
        mode="lines+markers",
        line={"color": GREY, "width": 1.5},
        marker={
            "size": 9,
            "color": [TEAL if hit else ORANGE for hit in matching.hits],
            "symbol": ["circle" if hit else "x" for hit in matching.hits],
        },
        name="ranks (● hit, ✕ false alarm)",
        text=words,
        hovertemplate="%{text}<br>recall %{x:.3f}, precision %{y:.3f}<extra></extra>",
    )
    points = read_points(found, interpolation)
    figure.add_scatter(
        x=points[0],
        y=points[1],
        mode="markers",
        marker={"size": 4 if interpolation == "coco" else 7, "color": VIOLET, "symbol": "diamond"},
        name=f"read by {interpolation}",
        hovertemplate="read at recall %{x:.2f}: %{y:.3f}<extra></extra>",
    )
    if now.hits + now.alarms:
        figure.add_scatter(
            x=[now.recall],
            y=[now.precision],
            mode="markers",
            marker={"size": 17, "color": ORANGE, "symbol": "star", "line": {"color": "white", "width": 1}},
            name=f"score over {threshold:g}",
            hovertemplate="recall %{x:.3f}, precision %{y:.3f}<extra></extra>",
        )
    if rank:
        here = at_rank(matching, rank)
        figure.add_scatter(
            x=[here.recall],
            y=[here.precision],
            mode="markers",
            marker={"size": 19, "color": BLUE, "symbol": "circle-open", "line": {"width": 3}},
            name=f"rank {rank}",
            hoverinfo="skip",
        )
    laid(figure, 400)
    figure.update_xaxes(range=[-0.03, 1.05], title="recall")
    figure.update_yaxes(range=[-0.03, 1.08], title="precision")
    return figure


def curve_alt(matching: Matching, found: Curve) -> str:
    """The curve in words."""
    if not len(matching.hits):
        return "No detection of the class: no curve."
    return (
        f"Precision over recall of {len(matching.hits)} ranked detections, {int(matching.hits.sum())} of them hits; "
        f"recall reaches {found.recall[-1]:.2f}, precision ends at {found.precision[-1]:.2f}."
    )
