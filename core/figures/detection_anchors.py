"""Anchors as pictures: laid over all drawn shapes on one centre, and how well so many of them fit."""

from collections.abc import Sequence

import cv2
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8

from core.detection.anchors import AnchorFit
from core.figures.palette import BLUE, ORANGE
from core.figures.transfer import laid

TITLES = {"iou": "1 − IoU", "euclidean": "Euclidean"}
_INKS = {"iou": (77, 208, 255), "euclidean": (255, 157, 108)}
_SHAPE, _RIM = (255, 255, 255), (20, 24, 30)


def anchors_picture(
    photo: UInt8[np.ndarray, "height width 3"], sizes: Float[np.ndarray, "n 2"], fit: AnchorFit
) -> UInt8[np.ndarray, "height width 3"]:
    """The photo, darkened, with every drawn shape in thin white and every anchor in colour, all on its centre."""
    shown = (photo * 0.35).astype(np.uint8)
    thick = max(1, round(max(shown.shape[:2]) / 260))
    for height, width in sizes:
        _centred(shown, height, width, _SHAPE, thick)
    for height, width in fit.anchors[::-1]:  # the small ones on top
        _centred(shown, height, width, _RIM, 5 * thick)
        _centred(shown, height, width, _INKS[fit.distance], 3 * thick)
    return shown


def _centred(shown: np.ndarray, height: float, width: float, ink: tuple[int, int, int], thick: int) -> None:
    middle_y, middle_x = shown.shape[0] / 2, shown.shape[1] / 2
    corners = (
        (round(middle_x - width / 2), round(middle_y - height / 2)),
        (round(middle_x + width / 2), round(middle_y + height / 2)),
    )
    cv2.rectangle(shown, *corners, ink, thick)


def fits_figure(curve: Sequence[tuple[AnchorFit, AnchorFit]], k: int) -> go.Figure:
    """Mean best IoU over the number of anchors, by both distances; the chosen number is marked."""
    figure = go.Figure()
    counts = list(range(1, len(curve) + 1))
    for place, (colour, dash) in enumerate(((BLUE, "solid"), (ORANGE, "dash"))):
        fits = [pair[place] for pair in curve]
        figure.add_scatter(
            x=counts,
            y=[fit.mean_best_iou for fit in fits],
            mode="lines+markers",
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 8},
            name=f"k-means by {TITLES[fits[0].distance]}",
            hovertemplate="%{x} anchors: %{y:.4f}<extra></extra>",
        )
    figure.add_vline(x=k, line={"width": 1, "dash": "dot", "color": BLUE})
    laid(figure, 340)
    figure.update_xaxes(title="anchors, k", dtick=1)
    figure.update_yaxes(title="mean best IoU", range=[0, 1.03])
    return figure


def fits_alt(curve: Sequence[tuple[AnchorFit, AnchorFit]]) -> str:
    """The two curves in words."""
    said = "; ".join(
        f"{TITLES[curve[0][place].distance]} "
        + ", ".join(f"{pair[place].mean_best_iou:.2f}" for pair in curve)
        for place in (0, 1)
    )
    return f"Mean best IoU for 1 to {len(curve)} anchors: {said}."
