"""The picture of a layer's wiring: which input channel feeds which filter, answering under the mouse."""

from typing import Any

import streamlit as st

from pages.shared.assets import component_file

_component = st.components.v2.component(
    "explorer_channel_wires",
    html=component_file("channel_wires.html"),
    css=component_file("channel_wires.css"),
    js=component_file("channel_wires.js"),
)


def channel_wires(data: dict[str, Any], *, key: str) -> None:
    """Draw the wiring.

    Args:
        data: `core.figures.convolution_cost.wiring_data`.
        key: the widget's key.
    """
    _component(key=key, data=data)
