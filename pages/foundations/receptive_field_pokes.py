"""The poke test: single pixels are changed, and a unit moves or does not. The list of pokes lives in the link."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.receptive_field import LayerField, Poke, Row, unit_box
from pages.shared import controls, session
from pages.shared.picture import Box

MOST = 12
_KEY = "rf_pokes"
Place = tuple[int, int]


def linked(side: int) -> tuple[Place, ...]:
    """The pokes that the link carries, oldest first; what is no pixel of the picture is left out."""
    text = controls.text("Poked pixels", _KEY, "", help="row.column row.column ..., at most 12", most=200)
    return _parsed(text, side)


def _parsed(text: str, side: int) -> tuple[Place, ...]:
    pairs = [(int(row), int(column)) for row, column in re.findall(r"\b(\d{1,4})\.(\d{1,4})\b", text or "")]
    inside = [pair for pair in pairs if max(pair) < side]
    return tuple(dict.fromkeys(inside))[-MOST:]


def add(pixels: Sequence[Place], side: int) -> None:
    """Put pixels at the end of the list, for callbacks."""
    kept = [place for place in _parsed(session.held(_KEY, ""), side) if place not in pixels]
    session.assign({_KEY: " ".join(f"{row}.{column}" for row, column in [*kept, *pixels][-MOST:])})


def marks(results: Mapping[Place, Poke]) -> list[Box]:
    """A dot per poke: blue where the unit moved, white where it did not."""
    boxes = []
    for (row, column), poke in results.items():
        role = "second" if poke.difference else "muted"
        boxes.append(Box(column, row, column + 1, row + 1, role=role))
    return boxes


def panel(row: Row | LayerField, unit: Place, side: int, results: Mapping[Place, Poke]) -> None:
    """The last poke in large numbers, the list below."""
    box = unit_box(row, unit)
    with st.container(horizontal=True):
        st.button(
            "Poke both sides of the edge",
            key="poke_edge",
            icon=":material/ads_click:",
            on_click=add,
            args=(edge_pixels(box, side), side),
            disabled=not edge_pixels(box, side),
            help="One pixel just outside the box and one just inside",
        )
        st.button(
            "Clear", key="poke_clear", on_click=session.assign, args=({_KEY: ""},), disabled=not results
        )
    if not results:
        st.markdown(
            "Click a pixel of the photo. Its colour jumps to the far end, and the unit is computed again."
        )
        return
    place, last = list(results.items())[-1]
    _last(place, last)
    _list(results)


def _last(place: Place, poke: Poke) -> None:
    with st.container(horizontal=True):
        st.metric("Unit before", f"{poke.before:.6g}", border=True)
        st.metric("Unit after", f"{poke.after:.6g}", border=True)
        st.metric("Difference", _signed(poke.difference), border=True)
    st.markdown(f"Pixel **{place}** lies **{_side_of(poke)}** the field. {_verdict(poke)}")


def _side_of(poke: Poke) -> str:
    return "inside" if poke.inside else "outside"


def _verdict(poke: Poke) -> str:
    if not poke.inside:
        return "The difference is **exactly 0**: no path leads from there to the unit."
    if poke.difference:
        return "The unit moves."
    return "The unit does not move: a ReLU or a max pool blocks every path, or the pixel lies in a hole."


def _signed(value: float) -> str:
    return f"{value:+.4g}" if value else "0"


def _list(results: Mapping[Place, Poke]) -> None:
    lines = [
        {
            "Row": str(place[0]),
            "Column": str(place[1]),
            "Field": _side_of(poke),
            "Before": f"{poke.before:.6g}",
            "After": f"{poke.after:.6g}",
            "Difference": _signed(poke.difference),
        }
        for place, poke in reversed(list(results.items()))
    ]
    st.table(pd.DataFrame(lines), border="horizontal", hide_index=True, alt="All pokes, the last one first")


def edge_pixels(box: tuple[float, float, float, float], side: int) -> list[Place]:
    """A pixel just outside the box and one just inside, in the row of the box's centre."""
    x1, y1, x2, y2 = (round(edge) for edge in box)
    row = min(max((y1 + y2) // 2, 0), side - 1)
    for outside, inside in ((x1 - 1, x1), (x2, x2 - 1)):
        if 0 <= outside < side and 0 <= inside < side:
            return [(row, outside), (row, inside)]
    return []


def outside_pixel(box: tuple[float, float, float, float], side: int) -> Place | None:
    """A pixel of the picture next to the box, if the box leaves any on that row."""
    found = edge_pixels(box, side)
    return found[0] if found else None
