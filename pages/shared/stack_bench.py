"""The stack editor with the cone beside it: one component, because every map stands beside its layer's settings."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.shared.assets import component_file

_HTML = """
<section class="bench">
  <div class="sides">
    <div><div class="rows"></div><p class="status" role="alert" hidden></p><div class="actions"></div></div>
    <div><div class="drawing"></div><output class="told"></output></div>
  </div>
</section>
"""
_component = st.components.v2.component(
    "stack_bench",
    html=_HTML,
    css=component_file("stack_bench.css"),
    js=component_file("stack_cone.js") + component_file("stack_bench.js"),
)


def stack_bench(drawing: Mapping[str, Any], *, key: str, on_edit: Callable[[], None]) -> Any:
    """Show the stack; an edit calls `on_edit`, which finds it in the state under `key` as `.edit`.

    Args:
        drawing: `core.figures.receptive_field.bench_data(...)`.
        key: the component's key.
        on_edit: takes the edit over into the stack's text, or refuses it with a sentence.
    """
    return _component(key=key, data=dict(drawing), on_edit_change=on_edit)
