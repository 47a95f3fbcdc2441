"""Style transfer: at once by a trained network, and step by step by making one loss small."""

import streamlit as st

from core.photo import Photo
from pages.applications.style_source import choose_styles
from pages.shared import controls
from pages.shared.heavy import pytorch_loads
from pages.shared.picture_bar import current_photo
from pages.shared.turns import fragment

VIEWS = ("At once", "Step by step", "Three codes", "Why it works")


@fragment
def explorer(photo: Photo) -> None:
    """The chosen view. All but the first need PyTorch, and share one list of styles."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = controls.choice("View", "style_view", VIEWS[0], VIEWS, label_visibility="collapsed", wrap=True)
    if view == VIEWS[0]:
        from pages.applications.style_once import once_view

        once_view(photo)
        return
    styles = choose_styles()
    waiting = st.empty()
    pytorch_loads(waiting)
    if view == VIEWS[1]:
        from pages.applications.style_steps import steps_view as chosen_view
    elif view == VIEWS[2]:
        from pages.applications.style_side_by_side import codes_view as chosen_view
    else:
        from pages.applications.style_why import why_view as chosen_view
    waiting.empty()
    chosen_view(photo, styles)


explorer(current_photo())
