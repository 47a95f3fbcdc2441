"""The Numbers component: input, kernel and output side by side, answering each other under the mouse."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import streamlit as st

from pages.shared import session
from pages.shared.assets import component_file, serve_component

_NAME = "numbers_grid"
_LARGEST = 9999  # the component takes no larger number, so neither does the page
_LONGEST_NAME = 20


@cache
def _component() -> Callable[..., Any]:
    """The component; its script is fetched once from the server and not sent again with every rerun."""
    return st.components.v2.component(
        serve_component(_NAME),
        html=component_file("numbers_grid.html"),
        css=component_file("numbers_grid.css"),
        js="numbers_grid.js",
    )


@dataclass(frozen=True, slots=True)
class Edit:
    """A number that was changed in the component.

    Args:
        panel: "input" or "kernel".
        place: flat index into that grid, row by row.
        value: the new number.
    """

    panel: Literal["input", "kernel"]
    place: int
    value: float


def numbers_grid(
    data: dict[str, Any], *, key: str, on_edit: Callable[[Edit], None], on_pin: Callable[[str], None]
) -> None:
    """Draw the component.

    Args:
        data: `core.figures.convolution.component_data`.
        key: the widget's key.
        on_edit: called with the change before the rerun that it starts.
        on_pin: called with the name of the cell that was pinned, "output.1.5"; empty when it was let go.
    """

    def receive_edit() -> None:
        edit = read_edit((session.held(key) or {}).get("edit"))
        if edit is not None:
            on_edit(edit)

    def receive_pin() -> None:
        name = (session.held(key) or {}).get("pin")
        if isinstance(name, str) and len(name) <= _LONGEST_NAME:
            on_pin(name)

    serve_component(_NAME)
    _component()(key=key, data=data, on_edit_change=receive_edit, on_pin_change=receive_pin)


def read_edit(answer: object) -> Edit | None:
    """The browser's answer, if it is an edit at all."""
    match answer:
        case {
            "panel": ("input" | "kernel") as panel,
            "place": int(place),
            "value": int(value) | float(value),
        } if place >= 0 and abs(value) <= _LARGEST:
            return Edit(panel, place, float(value))
        case _:
            return None
