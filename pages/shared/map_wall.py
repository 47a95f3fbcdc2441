"""Pictures side by side with names in real letters: a wall that flows with the width, or a table that scrolls."""

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.figures.encoding import Encoded
from pages.shared import session
from pages.shared.assets import component_file

_LONGEST_NAME = 60
_component = st.components.v2.component(
    "explorer_map_wall",
    html='<div class="wall" role="group"></div>',
    css=component_file("map_wall.css"),
    js=component_file("map_wall.js"),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of the wall.

    Args:
        name: what a click on it answers with; "" if it cannot be clicked.
        title: the line under it, in bold.
        note: a second line.
        picture: None shows stripes with the word `blank` in them.
        blank: why there is no picture.
        done: the share of the work that is done, for a bar under the word; None for no bar.
        marked: it is the chosen one.
        alt: what it shows, where there is no title.
    """

    name: str
    title: str = ""
    note: str = ""
    picture: Encoded | None = None
    blank: str = ""
    done: float | None = None
    marked: bool = False
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a row or a column of a table."""

    title: str
    note: str = ""
    marked: bool = False


def map_wall(
    tiles: Sequence[Tile],
    *,
    key: str,
    alt: str,
    rows: Sequence[Heading] = (),
    columns: Sequence[Heading] = (),
    on_pick: Callable[[str], None] | None = None,
) -> None:
    """Draw the wall.

    Args:
        tiles: in reading order; for a table row by row.
        key: the widget's key.
        alt: what is shown, in words.
        rows, columns: names of a table's rows and columns; none for a wall.
        on_pick: called with a tile's name before the rerun that a click starts.
    """

    def receive() -> None:
        name = (session.held(key) or {}).get("tile")
        if on_pick and isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME:
            on_pick(name)

    header = {
        "name": key,
        "alt": alt,
        "rows": [_heading(row) for row in rows],
        "columns": [_heading(column) for column in columns],
        "tiles": [_tile(tile) for tile in tiles],
    }
    text = json.dumps(header).encode()
    files = [tile.picture.data for tile in tiles if tile.picture]
    _component(key=key, data=b"".join([struct.pack("<I", len(text)), text, *files]), on_tile_change=receive)


def _heading(each: Heading) -> dict[str, object]:
    return {"title": each.title, "note": each.note, "marked": each.marked}


def _tile(tile: Tile) -> dict[str, object]:
    shown = tile.picture
    return {
        "name": tile.name,
        "title": tile.title,
        "note": tile.note,
        "blank": tile.blank,
        "done": tile.done,
        "marked": tile.marked,
        "alt": tile.alt,
        "length": len(shown.data) if shown else 0,
        "checksum": zlib.crc32(shown.data) if shown else 0,
        "type": f"image/{shown.kind}" if shown else "",
    }
