"""Two stages, and what came before: where could an object be, and then: what is it?"""

import streamlit as st

from core.photo import Photo
from pages.shared import controls
from pages.shared.heavy import pytorch_loads
from pages.shared.picture_bar import current_photo
from pages.shared.turns import fragment

VIEWS = ("Sliding window", "Selective search", "R-CNN and Fast R-CNN", "Faster R-CNN", "One or two stages?")


@fragment
def explorer(photo: Photo) -> None:
    """The chosen view, in the order in which the methods were published."""
    waiting = st.empty()
    pytorch_loads(waiting)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = controls.choice("View", "ts_view", VIEWS[0], VIEWS, label_visibility="collapsed", wrap=True)
    waiting.empty()
    if view == VIEWS[0]:
        from pages.applications.two_stage_sliding import sliding_view

        sliding_view(photo)
    elif view == VIEWS[1]:
        from pages.applications.two_stage_search import search_view

        search_view(photo)
    elif view == VIEWS[2]:
        from pages.applications.two_stage_rcnn import rcnn_view

        rcnn_view(photo)
    elif view == VIEWS[3]:
        from pages.applications.two_stage_faster import faster_view

        faster_view(photo)
    else:
        from pages.applications.two_stage_compare import compare_view

        compare_view(photo)


explorer(current_photo())
