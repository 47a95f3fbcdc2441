"""Augmentation: one photo, many plausible photos, what happens to boxes and labels, and when it helps."""

from importlib import import_module

import streamlit as st

from core.photo import Photo
from pages.foundations.augmentation_chain import chain_field, edit_chain, second_field, seed_field
from pages.shared import controls
from pages.shared.picture_bar import current_photo
from pages.shared.turns import fragment

_HOME = "pages.foundations.augmentation_"
VIEWS = {  # the view's name: its module and its function, called with photo, chain and seed
    "Draws": ("draws", "draws_view"),
    "Targets": ("targets", "targets_view"),
    "Label": ("label", "label_view"),
    "Odds": ("odds", "odds_view"),
    "Leak": ("leak", "leak_view"),
    "Feature space": ("space", "space_view"),
    "Take home": ("home", "home_view"),
}


@fragment
def explorer(photo: Photo) -> None:
    """Draw the view that is chosen, under the chain that all of them share."""
    head, editor, body, foot = st.container(), st.container(), st.container(), st.container()
    with foot:
        chain = chain_field()
    with head.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        view = controls.choice(
            "View", "aug_view", "Draws", tuple(VIEWS), label_visibility="collapsed", wrap=True
        )
        with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
            if chain.mixes:
                second_field(photo)
            seed = seed_field()
    with editor:
        edit_chain(chain)
    module, function = VIEWS[view]
    with body:
        getattr(import_module(_HOME + module), function)(photo, chain, seed)


explorer(current_photo())
