"""Look inside: what a trained network gets wrong, how sure it is, what moved, and how to take it home."""

from importlib import import_module

import streamlit as st

from pages.networks.transfer_runs import trainings
from pages.shared import controls
from pages.shared.heavy import pytorch_loads

_HOME = "pages.networks.transfer_inside_"
SECTIONS = {  # its name: its module, its function and what it asks
    "Mistakes": (
        "mistakes",
        "mistakes_section",
        "Which classes are mixed up? Click a cell and see the photos.",
    ),
    "Confidence": ("confidence", "confidence_section", "Is it right as often as it says it is?"),
    "Try it": ("try", "try_section", "What does it say of the picture above, and which places speak for it?"),
    "What moved": (
        "moved",
        "moved_section",
        "How far did training move each tensor, and did the frozen part hold still?",
    ),
    "Map": (
        "map",
        "map_section",
        "Are the classes further apart for the network after training than before?",
    ),
    "How many photos?": (
        "photos",
        "photos_section",
        "How good would it be with fewer photos, and would more help?",
    ),
    "Shortcut?": ("shortcut", "shortcut_section", "Does it look at the thing, or at what is behind it?"),
    "Take home": (
        "home",
        "home_section",
        "The network as a file, as ONNX, and as a script that sorts a folder.",
    ),
}


def inside_view() -> None:
    """Choose a trained network and a question."""
    waiting = st.empty()
    pytorch_loads(waiting)
    known = trainings()
    waiting.empty()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if known:
            title = st.selectbox("Network", tuple(known), key="tl_inside_network", width=280)
        section = controls.choice("Question", "tl_section", "Mistakes", tuple(SECTIONS), wrap=True)
    module, function, asks = SECTIONS[section]
    st.caption(asks)
    if not known and section != "Take home":
        st.info(
            "No network was trained yet: press **Train** in the view of that name, or run a **Race**.",
            icon=":material/model_training:",
        )
        return
    found = known.get(title) if known else None
    getattr(import_module(_HOME + module), function)(found)
