"""The picture bar: the same on every page, one choice of photo for all of them.

Bundled photos are named in the link. Own pictures (upload, paste, camera) stay in this session's memory: they are
neither written to disk nor part of a link.
"""

from operator import attrgetter

import numpy as np
import streamlit as st
from PIL import Image

from core import bundled
from core.photo import WORKING_PX, Photo, PhotoError, open_photo
from pages.shared import allowance, controls, session
from pages.shared.plain_text import plain

_PICTURES = "image/*"  # for the browser's file list; a list of extensions would be enforced with an exception


def current_photo() -> Photo:
    """The picture that the visitor chose, at working size."""
    name = session.held("photo", bundled.DEFAULT)
    own = session.album().photos.get(name)
    return own or bundled.bundled(name if name in bundled.NAMES else bundled.DEFAULT)


def picture_bar() -> None:
    """Draw the bar: the present picture, the list of pictures, and the ways to bring an own one."""
    names = (*bundled.NAMES, *session.album().photos)
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        thumbnail = st.container(width="content")  # filled below: the list decides which picture it is
        controls.select("Picture", "photo", bundled.DEFAULT, names, width=180)
        with st.popover("Use your own", icon=":material/add_photo_alternate:"):
            _own_pictures()
    photo = current_photo()
    small = _thumbnail(photo)
    width = max(24, min(96, round(68 * small.shape[1] / small.shape[0])))
    thumbnail.image(small, width=width, alt=bundled.ALT_TEXT.get(photo.name, "Your own picture"))


def picture_notes() -> None:
    """Say what was done to the picture on its way in, and why the last one was refused."""
    for note in current_photo().notes:
        st.caption(f":material/info: {plain(note)}")
    error = session.held("photo_error")
    if error:
        st.error(plain(error), icon=":material/broken_image:")


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs={Photo: attrgetter("digest")})
def _thumbnail(photo: Photo) -> np.ndarray:
    """The picture at twice the size it is shown in, made once: every run of every page draws it.

    Of a strip, the beginning: as a whole it would have no height or no end.
    """
    height, width = photo.pixels.shape[:2]
    small = Image.fromarray(photo.pixels[: 4 * width, : 4 * height])
    small.thumbnail((192, 136), Image.Resampling.BOX)
    return np.asarray(small)  # [height, width, 3]


def _own_pictures() -> None:
    turn = session.held("upload_turn", 0)  # a new key empties the widget once its file has been taken in
    st.file_uploader(
        "Upload, drop or paste pictures",
        type=_PICTURES,
        accept_multiple_files=True,
        max_upload_size=allowance.PICTURE_MIB,
        key=f"upload_{turn}",
        on_change=_receive,
        args=(f"upload_{turn}",),
        help="They stay in the memory of this session and are gone when you close the page.",
    )
    if st.toggle("Use the camera", key="camera_on"):
        st.camera_input("Take a picture", key=f"camera_{turn}", on_change=_receive, args=(f"camera_{turn}",))


def _receive(key: str) -> None:
    """Take in what was uploaded, pasted or photographed: into the album, or one sentence why not."""
    received = session.held(key)
    files = received if isinstance(received, list) else [received] if received else []
    sentences = []
    for file in files:
        try:
            photo = open_photo(file.getvalue(), file.name, longest_px=WORKING_PX)
        except PhotoError as error:
            sentences.append(str(error))
        else:
            session.assign({"photo": session.album().add(photo, bundled.NAMES)})
        session.release_upload(file)
    session.assign({"photo_error": " ".join(sentences), "upload_turn": session.held("upload_turn", 0) + 1})
