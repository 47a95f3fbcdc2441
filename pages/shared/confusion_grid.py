"""A confusion matrix whose cells can be picked."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.shared.assets import component_file

_component = st.components.v2.component(
    "confusion_grid",
    html='<div class="confusion"></div>',
    css=component_file("confusion_grid.css"),
    js=component_file("confusion_grid.js"),
)


def confusion_grid(
    counts: Sequence[Sequence[int]],
    classes: Sequence[str],
    *,
    picked: tuple[int, int] | None,
    key: str,
    alt: str,
    on_pick: Callable[[], None],
) -> None:
    """Show the matrix; up to 50 classes are legible, more than a dozen scroll inside it.

    Args:
        counts: photos [true class][class that was said].
        classes: their names.
        picked: the cell that is marked.
        key: the component's key.
        alt: what the matrix shows, in words.
        on_pick: called before the rerun that a pick starts; finds `[true, said]` in the state under `key` as
            `.picked`. Only cells with photos are picked.
    """
    data = {
        "counts": [[int(count) for count in row] for row in counts],
        "classes": list(classes),
        "picked": list(picked) if picked else None,
        "alt": alt,
    }
    _component(key=key, data=data, on_picked_change=on_pick)
