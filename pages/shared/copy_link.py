"""The button that copies a link to exactly this state of the page."""

from collections.abc import Mapping

import streamlit as st

from pages.shared import session
from pages.shared.assets import component_file

_component = st.components.v2.component(
    "copy_link",
    html="<div><button type='button'></button><output aria-live='polite'></output></div>",
    css=component_file("copy_link.css"),
    js=component_file("copy_link.js"),
)


def copy_link(key: str, *, label: str = "Copy link", params: Mapping[str, str] | None = None) -> None:
    """A button that copies the address of the page; params are added to it."""
    count = f"{key}_press"
    _component(
        key=key,
        data={
            "label": label,
            "done": "Copied",
            "help": "A link that opens the page exactly as it stands; pictures of your own are not in it",
            "params": dict(params or {}),
            "press": session.held(count, 0),
        },
        on_press_change=lambda: session.assign({count: session.held(key)["press"]}),
    )
