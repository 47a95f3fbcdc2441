"""The editor of a chain of transforms: a row of chips, and a panel for the chosen one."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.shared.assets import component_file

_HTML = """
<section class="chain" aria-label="The chain of transforms">
  <div class="row"></div><div class="panel" hidden></div><p class="status" role="alert" hidden></p>
</section>
"""
_component = st.components.v2.component(
    "chain_editor",
    html=_HTML,
    css=component_file("chain_editor.css"),
    js=component_file("chain_editor.js"),
)


def chain_editor(data: Mapping[str, Any], *, key: str, on_edit: Callable[[], None]) -> None:
    """Show the chain.

    Args:
        data: `core.figures.augmentation.editor_data(...)`.
        key: the component's key.
        on_edit: takes `.edit` of the state under `key` over: the whole chain, its `serial` for
            `pages.shared.edits`, and `shown`: None, or the transform whose chip was opened, or "none" for closed.
    """
    _component(key=key, data=dict(data), on_edit_change=on_edit)
