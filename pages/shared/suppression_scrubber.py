"""Suppression one decision at a time: the photo with its candidates, a slider, the list of who removed whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.figures.encoding import Encoded
from pages.shared.assets import component_file

_HTML = """
<section class="scrubber" role="group">
  <p class="says" aria-live="polite"></p>
  <div class="bar">
    <button class="back" aria-label="One step back">|◀</button>
    <button class="play" aria-label="Play">▶</button>
    <button class="on" aria-label="One step on">▶|</button>
    <input type="range" min="0" value="0" aria-label="Step">
  </div>
  <svg role="img" aria-hidden="true"></svg>
  <div class="list"></div>
</section>
"""
_component = st.components.v2.component(
    "suppression_scrubber",
    html=_HTML,
    css=component_file("suppression_scrubber.css"),
    js=component_file("suppression_scrubber.js"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A box in pixels of the photo (left, top, right, bottom), its score, and its class in words."""

    box: tuple[float, float, float, float]
    score: float
    name: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A candidate that is kept, and those it removes, each with the overlap (numbers of candidates, from 0)."""

    kept: int
    removed: tuple[tuple[int, float], ...]


def suppression_scrubber(
    photo: Encoded,
    size: tuple[int, int],
    candidates: Sequence[Candidate],
    decisions: Sequence[Decision],
    *,
    threshold: float,
    measure: str = "IoU",
    key: str,
    alt: str,
) -> None:
    """Show the scrubber.

    Args:
        photo: as it travels, of any size. size: width and height that the boxes are given in.
        candidates: the best first. decisions: in the order in which they are taken.
        threshold: over which a candidate is removed. measure: of the overlap, in a word.
        key: the component's key. alt: what it shows, in words.
    """
    data = {
        "image": photo.uri,
        "width": size[0],
        "height": size[1],
        "boxes": [
            {"box": [round(float(edge), 2) for edge in each.box], "score": each.score, "name": each.name}
            for each in candidates
        ],
        "steps": [
            {"kept": each.kept, "removed": [list(pair) for pair in each.removed]} for each in decisions
        ],
        "threshold": threshold,
        "measure": measure,
        "alt": alt,
    }
    _component(key=key, data=data)
