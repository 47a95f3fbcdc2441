"""All methods side by side on the same crop; they appear as they are finished."""

import streamlit as st

from core.features.explanations import METHODS
from core.features.probe import half_lies_on
from pages.networks import features_why_source as source
from pages.networks.features_why_source import Asked, Wish
from pages.networks.features_why_waiting import AGAIN, Work, follow
from pages.shared import session
from pages.shared.map_wall import Tile, map_wall


def gallery_section(asked: Asked, wish: Wish, veiled: frozenset[str]) -> None:
    """The wall of methods."""
    if "where" in veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    methods = tuple(name for name in source.wanted(asked, wish) if name != wish.method)
    follow(Work("gallery", "map", asked, methods), lambda: _wall(asked, wish))


def _wall(asked: Asked, wish: Wish) -> None:
    tiles = [_tile(asked, wish, name) for name in source.fitting(asked)]
    there = sum(tile.picture is not None for tile in tiles)
    map_wall(
        tiles,
        key="feat_why_wall",
        alt=f"{there} of {len(tiles)} explanations of the same decision",
        on_pick=lambda name: session.assign({"feat_why_method": name, AGAIN: True}),
    )


def _tile(asked: Asked, wish: Wish, name: str) -> Tile:
    method = METHODS[name]
    chosen = name == wish.method
    found = source.explanation(asked, name) if chosen else source.result("map", asked, name)
    if found is None:
        job = source.peek("map", asked, name)
        going = job is not None and job.active
        word = "working" if going else "click to ask"
        return Tile(
            name,
            method.title,
            "slow" if method.slow else "",
            None,
            word,
            job.share if going else None,
            chosen,
        )
    share = half_lies_on(found, source.subject(asked).hw)
    note = "0 everywhere" if found.empty else f"half of it on {share:.0%}"
    return Tile(name, method.title, note, source.drawn(asked, name, wish.style, found), marked=chosen)
