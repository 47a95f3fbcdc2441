"""Which style pictures are used: up to three, made by code, or from the visitor's own and the bundled photos."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import streamlit as st
from jaxtyping import Float32, UInt8

from core import bundled
from core.figures import style as figures
from core.photo import WORKING_PX, Photo, PhotoError, open_photo
from core.style.fast import SIDE, Painted, paint, style_vector
from core.style.learned import contact_sheet, paint_learned
from core.style.pictures import STYLES, style_picture
from pages.shared import allowance, controls, session
from pages.shared.heavy import kept
from pages.shared.plain_text import plain
from pages.shared.tiles import tiles

KEY, _TILES, _TURN, _ERROR = "style_pictures", "style_tiles", "style_upload_turn", "style_upload_error"
_PICTURES = "image/*"  # for the browser's file list
_KEYS = {Photo: attrgetter("digest")}


def choose_styles(most: int = 3, *, in_sight: bool = False) -> tuple[Photo, ...]:
    """The list of styles, an own one, and the made ones to click; at least one.

    Args:
        in_sight: the made styles lie open.
    """
    names = tuple(dict.fromkeys((*STYLES, *bundled.NAMES, *session.album().photos)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = "Styles, up to three: made ones, photos, or your own"
        chosen = controls.several(label, KEY, ("brush",), names, most, width=520)
        with st.popover("Your own style", icon=":material/add_photo_alternate:"):
            _own_style()
    if session.held(_ERROR):
        st.error(plain(session.held(_ERROR)), icon=":material/broken_image:")
    with st.expander("The made styles: click one", icon=":material/palette:", expanded=in_sight):
        tiles(
            figures.style_tiles(chosen),
            key=_TILES,
            alt=f"{len(STYLES)} style pictures made by code",
            columns=len(STYLES),
            least_px=72,
            scrolls=True,
            on_pick=_pick,
        )
    return tuple(photo_named(name) for name in chosen) or (photo_named("brush"),)


def _pick() -> None:
    """A click makes this style the only one."""
    number = (session.held(_TILES) or {}).get("picked")
    names = tuple(STYLES)
    if isinstance(number, int) and 0 <= number < len(names):
        session.assign({KEY: [names[number]]})


def _own_style() -> None:
    turn = session.held(_TURN, 0)  # a new key empties the widget once its file has been taken in
    st.file_uploader(
        "A picture whose style is taken",
        type=_PICTURES,
        max_upload_size=allowance.PICTURE_MIB,
        key=f"style_upload_{turn}",
        on_change=_receive,
        args=(f"style_upload_{turn}",),
        help="It stays in the memory of this session and is gone when you close the page.",
    )


def _receive(key: str) -> None:
    """Take in an own style and make it the only one, or keep one sentence why not."""
    file, error = session.held(key), ""
    if file is None:
        return
    try:
        photo = open_photo(file.getvalue(), file.name, longest_px=WORKING_PX)
    except PhotoError as refused:
        error = str(refused)
    else:
        session.assign({KEY: [session.album().add(photo, (*bundled.NAMES, *STYLES))]})
    session.release_upload(file)
    session.assign({_ERROR: error, _TURN: session.held(_TURN, 0) + 1})


def photo_named(name: str) -> Photo:
    """An own picture, a bundled photo, or a made style."""
    own = session.album().photos.get(name)
    if own is not None:
        return own
    return bundled.bundled(name) if name in bundled.NAMES else _made(name)


@st.cache_resource(max_entries=len(STYLES), show_spinner=False)
def _made(name: str) -> Photo:
    return Photo.of(style_picture(name))


@kept(st.cache_resource, 8, _KEYS)
def painted(
    photo: Photo, styles: tuple[Photo, ...], shares: tuple[float, ...], strength: float, side: int = SIDE
) -> Painted:
    """The photo at once."""
    pairs = [(style.pixels, share) for style, share in zip(styles, shares, strict=True)]
    return paint(photo.pixels, pairs, strength, side=side)


@kept(st.cache_resource, 32, _KEYS)
def numbers_of(picture: Photo) -> Float32[np.ndarray, " 100"]:
    """The style of a picture in 100 numbers."""
    return style_vector(picture.pixels)


@kept(st.cache_resource, 8, _KEYS)
def learned_sheet(photo: Photo) -> Sequence[UInt8[np.ndarray, "height width 3"]]:
    """The photo, small, in every learned style."""
    return contact_sheet(photo.pixels)


@kept(st.cache_resource, 8, _KEYS)
def painted_learned(
    photo: Photo, styles: tuple[tuple[int, float], ...], strength: float, side: int
) -> UInt8[np.ndarray, "height width 3"]:
    """The photo in learned styles: the number of each, and how much it counts."""
    return paint_learned(photo.pixels, dict(styles), strength, side=side)
