"""Two pictures in one place with a line between them that is dragged: before and after."""

import json
import struct
import zlib

import streamlit as st

from core.figures.encoding import Encoded
from pages.shared.assets import component_file

_HTML = """
<figure class="split">
  <div class="stage" tabindex="0" role="slider" aria-valuemin="0" aria-valuemax="100">
    <img class="first" alt=""><img class="second" alt="">
    <span class="line"><span class="knob" aria-hidden="true">◀▶</span></span>
    <span class="tag left"></span><span class="tag right"></span>
  </div>
  <figcaption class="says"></figcaption>
</figure>
"""
_component = st.components.v2.component(
    "explorer_split_view",
    html=_HTML,
    css=component_file("split_view.css"),
    js=component_file("split_view.js"),
)


def split_view(
    first: Encoded,
    second: Encoded,
    *,
    key: str,
    alt: str,
    titles: tuple[str, str] = ("Before", "After"),
    alts: tuple[str, str] = ("", ""),
    tallest: int = 620,
) -> None:
    """Show both, as wide as their place allows; the second gives the shape.

    Args:
        first, second: what is left and right of the line.
        key: the component's key. alt: what can be compared, in words.
        titles: of the two, in a word. alts: what each of them shows.
        tallest: at most so many CSS pixels.
    """
    header = {
        "name": key,
        "alt": alt,
        "width": second.width,
        "height": second.height,
        "tallest": tallest,
        "pictures": [
            {
                "type": f"image/{one.kind}",
                "length": len(one.data),
                "checksum": zlib.crc32(one.data),
                "title": title,
                "alt": says or title,
            }
            for one, title, says in zip((first, second), titles, alts, strict=True)
        ],
    }
    text = json.dumps(header).encode()
    _component(key=key, data=b"".join([struct.pack("<I", len(text)), text, first.data, second.data]))
