"""A set of photos as contact sheets, one per class: a click picks a photo, a long class opens to its full length."""

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from core.figures.encoding import Encoded
from core.figures.transfer_photos import PARTS, ClassSheet
from pages.shared.assets import component_file

_component = st.components.v2.component(
    "explorer_contact_sheet",
    html='<div class="sheets"></div>',
    css=component_file("contact_sheet.css"),
    js=component_file("contact_sheet.js"),
)


def contact_sheet(
    classes: Sequence[ClassSheet],
    picture: Encoded,
    columns: int,
    *,
    version: str,
    key: str,
    alt: str,
    least: int = 30,
) -> tuple[int, ...]:
    """Show the classes; returns the numbers of the picked photos.

    Args:
        classes: what is shown.
        picture: all photos by their numbers, in rows of `columns` squares.
        version: identifies the set: what was picked in another one is forgotten.
        key: the widget's key.
        alt: what the sheets show, in words.
        least: photos of a class that are shown before it is opened.
    """
    header = {
        "name": key,
        "alt": alt,
        "version": version,
        "columns": columns,
        "rows": round(columns * picture.height / picture.width),
        "type": f"image/{picture.kind}",
        "checksum": zlib.crc32(picture.data),
        "least": least,
        "parts": [{"name": name, "colour": colour} for name, colour in PARTS],
        "classes": [asdict(each) for each in classes],
    }
    text = json.dumps(header).encode()
    message = b"".join([struct.pack("<I", len(text)), text, picture.data])
    found = _component(key=key, data=message, on_picked_change=_nothing)
    picked = found.get("picked") or {}
    if picked.get("version") != version:
        return ()
    known = {cell.number for each in classes for cell in each.cells}
    return tuple(sorted(known & set(picked.get("numbers", ()))))


def _nothing() -> None:
    """The state needs a callback, even an empty one."""
