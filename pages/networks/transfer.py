"""Transfer learning: a network that was trained on ImageNet learns your own classes."""

from importlib import import_module

import streamlit as st

from pages.shared import controls, jobs
from pages.shared.turns import fragment

_HOME = "pages.networks.transfer_"
VIEWS = {  # the view's name: its module and its function
    "Photos": ("photos", "photos_view"),
    "Train": ("train", "train_view"),
    "Race": ("race", "race_view"),
    "Look inside": ("inside", "inside_view"),
}


@fragment
def explorer() -> None:
    """Draw the view that is chosen."""
    view = controls.choice("View", "tl_view", "Photos", tuple(VIEWS), label_visibility="collapsed", wrap=True)
    module, function = VIEWS[view]
    with st.container():
        getattr(import_module(_HOME + module), function)()


jobs.ENGINE.prepare()  # while the visitor looks at photos, workers start and load PyTorch
explorer()
