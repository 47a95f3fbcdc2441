"""Which style pictures are used: up to three, made by code, or from the visitor's own and the bundled photos."""

from operator import attrgetter

import streamlit as st

from core import bundled
from core.figures import style as figures
from core.photo import Photo
from core.style.fast import Painted, paint
from core.style.pictures import STYLES, style_picture
from pages.shared import controls, session
from pages.shared.heavy import kept
from pages.shared.tiles import tiles

KEY, _TILES = "style_pictures", "style_tiles"
_KEYS = {Photo: attrgetter("digest")}


def choose_styles(most: int = 3) -> tuple[Photo, ...]:
    """The list of styles, and the made ones to click; at least one."""
    own = tuple(session.album().photos)
    names = (*STYLES, *bundled.NAMES, *own)
    chosen = controls.several(
        "Styles, up to three: made ones, photos, or your own", KEY, ("brush",), names, most, width=520
    )
    with st.expander("The made styles: click one", icon=":material/palette:"):
        tiles(
            figures.style_tiles(chosen),
            key=_TILES,
            alt="Ten style pictures made by code",
            columns=10,
            least_px=84,
            on_pick=_pick,
        )
    return tuple(_photo(name) for name in chosen) or (_photo("brush"),)


def _pick() -> None:
    """A click makes this style the only one."""
    number = (session.held(_TILES) or {}).get("picked")
    names = tuple(STYLES)
    if isinstance(number, int) and 0 <= number < len(names):
        session.assign({KEY: [names[number]]})


def _photo(name: str) -> Photo:
    own = session.album().photos.get(name)
    if own is not None:
        return own
    return bundled.bundled(name) if name in bundled.NAMES else _made(name)


@st.cache_resource(max_entries=12, show_spinner=False)
def _made(name: str) -> Photo:
    return Photo.of(style_picture(name))


@kept(st.cache_resource, 8, _KEYS)
def painted(photo: Photo, styles: tuple[Photo, ...], shares: tuple[float, ...], strength: float) -> Painted:
    """The photo at once."""
    return paint(
        photo.pixels, [(style.pixels, share) for style, share in zip(styles, shares, strict=True)], strength
    )
