"""Many small pictures in a grid, each with a few lines under it; a click names one of them."""

import json
import struct
import zlib
from collections.abc import Callable, Sequence

import streamlit as st

from core.figures.encoding import Encoded
from core.figures.tiles import Tile
from pages.shared.assets import component_file

_component = st.components.v2.component(
    "explorer_tiles",
    html='<div class="tiles" role="group"></div>',
    css=component_file("tiles.css"),
    js=component_file("tiles.js"),
)


def tiles(
    shown: Sequence[Tile],
    *,
    key: str,
    alt: str,
    columns: int,
    least_px: int = 130,
    scrolls: bool = False,
    on_pick: Callable[[], None] | None = None,
) -> None:
    """Show tiles in rows; on a narrow screen fewer stand in a row.

    Args:
        shown: at least one.
        key: the widget's key.
        alt: what the grid shows, in words.
        columns: tiles in a row, where there is room.
        least_px: a tile is at least so many CSS pixels wide.
        scrolls: on a narrow screen all columns stay, and the grid is moved sideways.
        on_pick: makes the tiles buttons; called before the rerun that a click starts, and finds the tile's number in
            the state under `key` as `.picked`.
    """
    files: list[Encoded] = []
    listed = [_told(tile, files) for tile in shown]
    header = {
        "name": key,
        "alt": alt,
        "columns": columns,
        "least": least_px,
        "scrolls": scrolls,
        "ratio": _ratio(shown),
        "pickable": on_pick is not None,
        "tiles": listed,
        "pictures": [
            {
                "type": f"image/{one.kind}",
                "length": len(one.data),
                "checksum": zlib.crc32(one.data),
                "width": one.width,
                "height": one.height,
            }
            for one in files
        ],
    }
    text = json.dumps(header).encode()
    message = b"".join([struct.pack("<I", len(text)), text, *(one.data for one in files)])
    _component(key=key, data=message, on_picked_change=on_pick or _nothing)


def _told(tile: Tile, files: list[Encoded]) -> dict:
    """A tile as the browser takes it; its pictures join the files."""
    files.append(tile.picture)
    place = len(files) - 1
    if tile.mask is not None:
        files.append(tile.mask)
    return {
        "picture": place,
        "mask": None if tile.mask is None else place + 1,
        "alt": tile.alt,
        "title": tile.title,
        "lines": [{"text": line.text, "role": line.role} for line in tile.lines],
        "state": tile.state,
        "shares": tile.shares,
        "size": tile.size or (tile.picture.width, tile.picture.height),
        "marks": [
            {
                "outline": mark.outline or None,
                "point": mark.point,
                "label": mark.label,
                "role": mark.role,
                "dashed": mark.dashed,
            }
            for mark in tile.marks
        ],
    }


def _ratio(shown: Sequence[Tile]) -> float:
    """Width over height of the frames: the middle one of the pictures' own, and no strip."""
    own = sorted(tile.picture.width / tile.picture.height for tile in shown)
    return min(max(own[len(own) // 2], 0.6), 2.4)


def _nothing() -> None:
    """A trigger needs a callback, even an empty one."""
