"""Bring photos into a set: many at once into a class, from the camera, or a zip with one folder per class."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.transfer.archive import ArchiveError, read_archive
from core.transfer.intake import Gathering, class_name
from pages.networks import transfer_set as sets
from pages.shared import allowance, session
from pages.shared.heavy import heavy

_TURN, _ERROR = "tl_upload_turn", "tl_error"
_PICTURES = "image/*"  # for the browser's file list; a list of extensions would be enforced with an exception


def add_panel() -> None:
    """The button and the three ways behind it."""
    allowance.expect_photos()
    empty = sets.chosen() == sets.OWN and not sets.own_set().samples
    with st.popover(
        "Add your own photos", icon=":material/add_photo_alternate:", type="primary" if empty else "secondary"
    ):
        turn = session.held(_TURN, 0)  # a new key empties the widgets once their files have been taken in
        _class_form(turn)
        st.markdown("**Or all classes at once**")
        archive = st.file_uploader(
            "A zip with one folder per class",
            key=f"tl_zip_{turn}",
            max_upload_size=allowance.ARCHIVE_MIB,
            help="Up to 2,000 photos and 500 MB unpacked. It is read in memory: nothing is written to disk.",
        )
        st.caption("Your photos stay in the memory of this session and are gone when you close the page.")
    if archive is not None:
        _take_archive(archive)


def _class_form(turn: int) -> None:
    st.markdown("**One class**")
    named = st.text_input(
        "Name of the class",
        key="tl_new_class",
        max_chars=60,
        placeholder="cat",
        persist_state="session",
        help="A name that is there already: the photos join that class.",
    )
    files = st.file_uploader(
        "Its photos: many at once",
        type=_PICTURES,
        accept_multiple_files=True,
        max_upload_size=allowance.PICTURE_MIB,
        key=f"tl_photos_{turn}",
        disabled=not named.strip(),
    )
    shot = None
    if st.toggle("Use the camera", key="tl_camera_on", disabled=not named.strip()):
        shot = st.camera_input("Take a picture for this class", key=f"tl_camera_{turn}")
    brought = [*(files or ()), *([shot] if shot else ())]
    if brought and named.strip():
        _take_photos(class_name(named), brought)


def _take_photos(label: str, files: Sequence[UploadedFile]) -> None:
    """Each file joins the class or the list of what was skipped."""
    gathering = Gathering(sets.own_set())
    with heavy():
        shown = st.progress(0.0, "Reading your photos …")
        for done, file in enumerate(files):
            gathering.take(label, file.name, file.getvalue)
            session.release_upload(file)
            shown.progress((done + 1) / len(files), f"Reading your photos: {done + 1} of {len(files)}")
    session.assign({_ERROR: "" if gathering.photos.samples else gathering.skipped[0].reason})
    sets.put(gathering.photos, gathering.skipped, gathering.notes)
    _next_turn()


def _take_archive(file: UploadedFile) -> None:
    """The archive's classes join the visitor's set, or one sentence why not."""
    try:
        with heavy():
            shown = st.progress(0.0, "Reading your archive …")
            found = read_archive(
                file.getvalue(),
                file.name,
                joining=sets.own_set(),
                told=lambda done, count: shown.progress(done / count, f"Photo {done + 1} of {count}"),
            )
    except ArchiveError as error:
        session.assign({_ERROR: str(error)})
    else:
        session.assign({_ERROR: "" if found.photos.samples else "No picture of the archive could be read."})
        sets.put(found.photos, found.skipped, found.notes)
    session.release_upload(file)
    _next_turn()


def _next_turn() -> None:
    session.assign({_TURN: session.held(_TURN, 0) + 1})
    st.rerun()
