"""Change a set: move or delete the picked photos, rename or delete a class. A bundled set becomes the visitor's own.

Widgets carry names and the digest of the set that they were drawn for, never the set: Streamlit keeps their callbacks
and arguments long after a visitor has left.
"""

from collections.abc import Sequence

import streamlit as st

from core.transfer.intake import class_name
from core.transfer.samples import CLASSES_MOST, PhotoSet
from pages.networks import transfer_set as sets
from pages.shared import session

_TARGET, _CLASS, _NAME, _ERROR = "tl_move_to", "tl_edit_class", "tl_edit_name", "tl_error"


def picked_row(photos: PhotoSet, picked: Sequence[int]) -> None:
    """What can be done with the picked photos."""
    if not picked:
        st.caption(
            "Click photos to pick them (Shift: all in between), then move or delete them.", width="content"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{len(picked)} picked**", width="content")
        here = {photos.classes[photos.samples[number].label] for number in picked}
        others = [name for name in photos.classes if {name} != here]
        target = st.selectbox(
            "Move to the class",
            others,
            None,
            key=f"{_TARGET}_{photos.digest}",  # other classes: another list
            placeholder="Move to … (or a new name)",
            accept_new_options=True,
            label_visibility="collapsed",
            width=250,
        )
        st.button(
            "Move",
            icon=":material/drive_file_move:",
            key="tl_move",
            on_click=_move,
            args=(photos.digest, tuple(picked), target or ""),
            disabled=not (target or "").strip(),
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="tl_delete",
            on_click=_delete,
            args=(photos.digest, tuple(picked)),
        )


def _drawn(digest: str) -> PhotoSet | None:
    """The set that a button was drawn for; None if it has changed since."""
    photos = sets.current_set()
    return photos if photos.digest == digest else None


def _move(digest: str, picked: tuple[int, ...], text: str) -> None:
    photos = _drawn(digest)
    if photos is None:
        return
    name = text if text in photos.classes else class_name(text)
    if name not in photos.classes and len(photos.classes) >= CLASSES_MOST:
        session.assign({_ERROR: f"The set has {CLASSES_MOST} classes, which is the most."})
        return
    photos = photos.with_class(name)
    _put(photos.relabelled(picked, photos.classes.index(name)))


def _delete(digest: str, picked: tuple[int, ...]) -> None:
    photos = _drawn(digest)
    if photos is not None:
        _put(photos.without(picked))


def classes_panel(photos: PhotoSet) -> None:
    """Rename or delete a class, or start again."""
    if not photos.classes:
        return
    with st.popover("Classes", icon=":material/edit:"):
        label = st.selectbox(
            "Class", range(len(photos.classes)), key=_CLASS, format_func=photos.classes.__getitem__
        )
        name = st.text_input("New name", key=_NAME, max_chars=60, placeholder=photos.classes[label])
        with st.container(horizontal=True):
            st.button(
                "Rename",
                icon=":material/edit:",
                key="tl_rename",
                on_click=_rename,
                args=(photos.digest, label, name),
                disabled=not name.strip(),
            )
            st.button(
                "Delete the class",
                icon=":material/delete:",
                key="tl_delete_class",
                on_click=_delete_class,
                args=(photos.digest, label),
            )
            if sets.chosen() == sets.OWN:
                st.button(
                    "Delete all",
                    icon=":material/delete_sweep:",
                    key="tl_clear",
                    on_click=_put,
                    args=(PhotoSet(),),
                )
        if sets.chosen() != sets.OWN:
            replaced = len(sets.own_set().samples)
            st.caption(
                "The bundled set stays: a change makes it your own"
                + (f", in the place of the {replaced} photos that you brought." if replaced else ".")
            )


def _rename(digest: str, label: int, text: str) -> None:
    photos = _drawn(digest)
    if photos is None:
        return
    name = class_name(text)
    if name in photos.classes and photos.classes[label] != name:
        session.assign({_ERROR: f"There is a class “{name}” already: move the photos there instead."})
        return
    _put(photos.renamed(label, name))
    session.assign({_NAME: ""})


def _delete_class(digest: str, label: int) -> None:
    photos = _drawn(digest)
    if photos is not None:
        _put(photos.without_class(label))
    session.drop(_CLASS)


def _put(photos: PhotoSet) -> None:
    own = sets.chosen() == sets.OWN
    session.assign({_ERROR: ""})
    sets.put(photos, sets.skipped() if own else (), sets.notes() if own else ())
