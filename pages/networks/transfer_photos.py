"""The Photos view: which photos the network learns from, in which classes, and how they are split."""

import streamlit as st

from core.figures import transfer_photos as figures
from core.figures.encoding import Encoded
from core.transfer.bundled_sets import SETS
from core.transfer.samples import PhotoSet
from pages.networks import transfer_set as sets
from pages.networks.transfer_photos_add import add_panel
from pages.networks.transfer_photos_edit import classes_panel, picked_row
from pages.shared import controls, session
from pages.shared.contact_sheet import contact_sheet
from pages.shared.plain_text import plain

ERROR = "tl_error"
_MOST_SEED = 9999


def photos_view() -> None:
    """The set as contact sheets, with the ways to change it above and what is remarkable below."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        sets.choose_set()
        controls.number(
            "Seed of the split",
            sets.SEED,
            0,
            0,
            _MOST_SEED,
            width=140,
            help="Which photos are trained on, and which are kept to check what was learnt.",
        )
        add_panel()
        classes_panel(sets.current_set())
    error = session.held(ERROR)
    if error:
        st.error(plain(error), icon=":material/error:")
    photos = sets.current_set()
    if photos.samples:
        _sheets(photos)
    elif sets.chosen() == sets.OWN:
        st.info(
            "Nothing here yet. Press **Add your own photos**: name a class and drop its photos, take some with the "
            "camera, or bring a zip with one folder per class.",
            icon=":material/add_photo_alternate:",
        )
    _remarks(photos)


def _summary(photos: PhotoSet) -> str:
    classes = f"{len(photos.classes)} classes" if len(photos.classes) != 1 else "1 class"
    return f"**{classes}, {len(photos.samples):,} photos** of {figures.size_words(photos)}"


def _sheets(photos: PhotoSet) -> None:
    above = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    picture = _sheet(photos)
    picked = contact_sheet(
        figures.class_sheets(photos, sets.current_split(), sets.duplicates()),
        picture,
        figures.sheet_columns(len(photos.samples)),
        version=photos.digest,
        key="tl_sheet",
        alt=figures.sheet_alt(photos),
    )
    with above:
        st.markdown(_summary(photos), width="content")
        picked_row(photos, picked)


@st.cache_data(scope="session", max_entries=2, show_spinner=False, hash_funcs={PhotoSet: sets.pixels_of})
def _sheet(photos: PhotoSet) -> Encoded:
    return figures.sheet([sample.photo for sample in photos.samples])


def _remarks(photos: PhotoSet) -> None:
    """Near-duplicates, the split's notes, the intake's notes and what it skipped, and where a set comes from."""
    groups = sets.duplicates()
    said = list(sets.current_split().notes) if photos.classes else []
    if groups:
        count = sum(map(len, groups))
        said.insert(
            0,
            f"{count} photos are near-duplicates of each other (≈ with the number of their group): a group stays in "
            "one part, or the validation would ask about what was learnt by heart.",
        )
    if len(photos.classes) == 1:
        said.append("One class is not enough: a network learns to tell two or more apart.")
    own = sets.chosen() == sets.OWN
    for note in (*said, *(sets.notes() if own else ())):
        st.caption(f":material/info: {plain(note)}")
    if own and sets.skipped():
        _skipped_list()
    if not own:
        known = SETS[sets.chosen()]
        st.caption(f"**{known.title}.** {known.said} Source: {known.source}.")


def _skipped_list() -> None:
    files = sets.skipped()
    with st.expander(f"{len(files)} files were skipped" if len(files) > 1 else "1 file was skipped"):
        for each in files[:100]:
            st.markdown(f"- **{plain(each.name)}**: {plain(each.reason)}")
        if len(files) > 100:
            st.markdown(f"- and {len(files) - 100} more")
