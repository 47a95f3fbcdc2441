"""Detection: from the raw grid of numbers to the last box, one decision at a time."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.photo import Photo
from pages.applications import detection_source as source
from pages.shared import controls
from pages.shared.heavy import pytorch_loads
from pages.shared.picture_bar import current_photo
from pages.shared.turns import fragment

SHARES = source.SHARES
VIEWS = (
    "Boxes",
    "Suppression",
    "From the tensor",
    "Who is responsible?",
    "Two boxes",
    "Average precision",
    "Train one",
)


@fragment
def explorer(photo: Photo) -> None:
    """The chosen view; those that begin with a detector share its controls."""
    waiting = st.empty()
    pytorch_loads(waiting)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = controls.choice("View", "det_view", VIEWS[0], VIEWS, label_visibility="collapsed", wrap=True)
    if view in VIEWS[:3]:
        _with_detector(photo, view, waiting)
        return
    waiting.empty()
    if view == VIEWS[3]:
        from pages.applications.detection_recipe import recipe_view

        recipe_view(photo)
    elif view == VIEWS[4]:
        from pages.applications.detection_pair import pair_view

        pair_view(photo)
    elif view == VIEWS[5]:
        from pages.applications.detection_precision import precision_view

        precision_view(photo)
    else:
        from pages.applications.detection_training import training_view

        training_view(photo)


def _with_detector(photo: Photo, view: str, waiting: DeltaGenerator) -> None:
    """The detector, the thresholds that three views share, and the view."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        detector = source.choose_detector()
        threshold = controls.choices_slider("Score threshold", "det_score", 0.3, SHARES, width=220)
        overlap = controls.choices_slider("IoU threshold", "det_iou", 0.5, SHARES, width=220)
        how = source.choose_method()
        lesson = st.container(width="content")
    waiting.empty()
    seen = source.seen_or_said(photo, detector)
    if seen is None:
        return
    with lesson:
        veiled = source.asked(seen, threshold, overlap, how)
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
    elif view == VIEWS[0]:
        from pages.applications.detection_boxes import boxes_view

        boxes_view(photo, seen, threshold, overlap, how)
    elif view == VIEWS[1]:
        from pages.applications.detection_suppression import suppression_view

        suppression_view(photo, seen, threshold, overlap, how)
    else:
        from pages.applications.detection_tensor import tensor_view

        tensor_view(photo, seen, threshold)


explorer(current_photo())
