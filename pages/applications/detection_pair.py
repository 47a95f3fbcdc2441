"""The view Two boxes: drag a prediction and its target; five measures, and where five losses pull."""

import streamlit as st

from core.detection.box_losses import BOX_LOSSES, box_loss
from core.detection.boxes import overlap
from core.detection.pair_formulas import pair_formulas
from core.figures import detection_pair as figures
from core.photo import Photo
from core.snippets import detection as snippets
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.marks_pen import boxes_field, marks_pen

EXAMPLE = "b150,150,550,700 prediction; b330,260,780,860 target"
TITLES = {"smooth_l1": "Smooth L1", "iou": "IoU", "giou": "GIoU", "diou": "DIoU", "ciou": "CIoU"}


def pair_view(photo: Photo) -> None:
    """The boxes at the left, the numbers at the right."""
    above, foot = st.container(), st.container()
    with foot:
        marks = boxes_field("det_pair", EXAMPLE)
    with above:
        name = controls.choice(
            "The arrows show where this loss pulls the first box",
            "det_loss",
            "giou",
            tuple(BOX_LOSSES),
            format_func=TITLES.__getitem__,
        )
        image, numbers = st.columns([6, 7], gap="medium")
        boxes = marks.targets(photo.pixels.shape[:2]).boxes
        if len(boxes) < 2:
            with image:
                marks_pen(photo.pixels, marks, "det_pair", "The photo, to draw two boxes on")
            numbers.info("Draw two boxes: the first is the prediction.", icon=":material/crop_free:")
            return
        pair, loss = overlap(boxes[0], boxes[1]), box_loss(name, boxes[0], boxes[1])
        with image:
            shown = figures.pair_picture(photo.pixels, pair, loss)
            marks_pen(shown, marks, "det_pair", "The photo with two boxes")
            st.caption(
                "Yellow: what both share. Blue: the smallest box around both. Green: the pull on each edge."
            )
        with numbers:
            pulls = ", ".join(f"{each:+.3g}" for each in loss.pull)
            st.markdown(
                f"**{TITLES[name]} loss: {loss.value:.4g}**. Pull on left, top, right, bottom: {pulls} per pixel."
            )
            if not any(loss.pull):
                st.warning(
                    "No pull at all: the boxes share nothing, and this loss does not say which way to go."
                    if pair.shared is None
                    else "No pull: the prediction is right.",
                    icon=":material/do_not_disturb_on:",
                )
            columns = st.columns(2, gap="small")
            for place, formula in enumerate(pair_formulas(pair)):
                with columns[place % 2]:
                    show_formula(formula)
    code_panel(snippets.pair(boxes[0], boxes[1]))
