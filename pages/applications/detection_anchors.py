"""Anchors from own boxes, within Who is responsible?: k-means by 1 - IoU against Euclid's distance."""

import numpy as np
import streamlit as st

from core.augmentation.marks import Marks
from core.detection.anchor_formulas import best_anchor, mean_best_formula, shape_formula, worst_fit
from core.detection.anchors import AnchorFit, anchor_curve
from core.detection.grid import THINNEST
from core.figures import detection_anchors as figures
from core.photo import Photo
from core.snippets import detection_anchors as snippets
from pages.applications.detection_lesson import HIDDEN
from pages.applications.detection_responsible_lesson import anchor_questions
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import ask
from pages.shared.marks_pen import boxes_field, marks_pen

SHAPES = "det_shapes"
EXAMPLE = (
    "b40,80,70,190 person; b90,100,125,215 person; b150,70,178,170 person; b205,95,243,210 person; "
    "b40,260,150,305 car; b180,270,300,312 car; b60,340,165,390 car; b330,60,470,420 door; b330,500,480,900 door; "
    "b520,80,960,470 bus; b520,520,980,940 bus; b40,520,300,960 tree"
)
Curve = tuple[tuple[AnchorFit, AnchorFit], ...]


def anchors_view(photo: Photo) -> None:
    """The boxes at the left, the chart at the right, the anchors of both distances below."""
    above, foot = st.container(), st.container()
    with foot:
        marks = boxes_field(SHAPES, EXAMPLE)
    with above:
        sizes = _sizes(marks, photo)
        left, right = st.columns([6, 7], gap="medium")
        with left:
            marks_pen(photo.pixels, marks, SHAPES, "The photo, to draw boxes of all sizes on")
        if not sizes:
            right.info("Draw boxes of several sizes with the tool **Box**.", icon=":material/crop_free:")
            return
        curve = _curve(sizes)
        with right:
            k = controls.slider("Anchors, k", "det_anchor_k", 3, 1, len(curve), width=260)
            if ask(anchor_questions(np.array(sizes), curve[k - 1]), "det"):
                st.info(HIDDEN, icon=":material/visibility_off:")
                return
            st.plotly_chart(
                figures.fits_figure(curve, k),
                key="det_anchor_chart",
                alt=figures.fits_alt(curve),
                config={"displayModeBar": False},
            )
            st.caption(
                "1 − IoU measures in proportion, Euclid's distance in pixels: it spends its anchors on the large "
                "boxes, where a few pixels more cost most, and fits the small ones badly."
            )
        _compare(photo, np.array(sizes), curve[k - 1])


def _sizes(marks: Marks, photo: Photo) -> tuple[tuple[float, float], ...]:
    """Height and width of every box in pixels; those too thin for a shape are left out."""
    return tuple(
        (bottom - top, right - left)
        for left, top, right, bottom in marks.targets(photo.pixels.shape[:2]).boxes
        if min(right - left, bottom - top) > THINNEST
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _curve(sizes: tuple[tuple[float, float], ...]) -> Curve:
    return anchor_curve(sizes)


def _compare(photo: Photo, sizes: np.ndarray, fits: tuple[AnchorFit, AnchorFit]) -> None:
    for column, fit in zip(st.columns(2, gap="medium"), fits, strict=True):
        title = figures.TITLES[fit.distance]
        with column:
            listed = ", ".join(f"{width:.0f} × {height:.0f}" for height, width in fit.anchors)
            st.markdown(f"**By {title}**: {listed} px (width × height)")
            st.image(
                figures.anchors_picture(photo.pixels, sizes, fit),
                width="stretch",
                alt=f"{len(fit.anchors)} anchors by {title} over all {len(sizes)} drawn shapes, on one centre",
            )
            show_formula(mean_best_formula(sizes, fit, f"mean best IoU, by {title}"))
    worst = worst_fit(sizes, fits[1])
    for column, fit in zip(st.columns(2, gap="medium"), fits, strict=True):
        with column:
            show_formula(
                shape_formula(
                    sizes[worst],
                    best_anchor(sizes[worst], fit),
                    f"box {worst + 1}, which Euclid's anchors fit worst, and its best anchor",
                )
            )
    code_panel(snippets.anchors("iou"))
