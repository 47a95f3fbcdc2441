"""Detection: from the raw grid of numbers to the last box, one decision at a time."""

import streamlit as st

from core.photo import Photo
from pages.applications import detection_source as source
from pages.shared import controls
from pages.shared.heavy import pytorch_loads
from pages.shared.picture_bar import current_photo
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

SHARES = tuple(i / 100 for i in (1, 2, *range(5, 100, 5)))
VIEWS = ("Boxes", "Suppression", "From the tensor", "Who is responsible?", "Two boxes", "Train one")


@fragment
def explorer(photo: Photo) -> None:
    """The chosen view, under the detector and the threshold that all of them share."""
    waiting = st.empty()
    pytorch_loads(waiting, "detection_seen")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = controls.choice("View", "det_view", VIEWS[0], VIEWS, label_visibility="collapsed", wrap=True)
    if view == VIEWS[3]:
        from pages.applications.detection_recipe import recipe_view

        waiting.empty()
        recipe_view(photo)
        return
    if view == VIEWS[4]:
        from pages.applications.detection_pair import pair_view

        waiting.empty()
        pair_view(photo)
        return
    if view == "Train one":
        from pages.applications.detection_training import training_view

        waiting.empty()
        training_view(photo)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        detector = source.choose_detector()
        threshold = controls.choices_slider("Score threshold", "det_score", 0.3, SHARES, width=220)
        overlap = controls.choices_slider("IoU threshold", "det_iou", 0.5, SHARES, width=220)
        how = source.choose_method()
        lesson = st.container(width="content")
    waiting.empty()
    try:
        seen = source.seen(photo, detector)
    except (LookupError, ValueError) as error:
        st.error(plain(str(error)), icon=":material/error:")
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
