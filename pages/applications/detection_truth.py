"""The truth that a visitor draws on the photo, shared by the views that score a detector against it."""

import streamlit as st

from core.augmentation.marks import Marks, marks_to_text
from core.detection.detector import Candidates, Seen
from core.detection.truth import SURE, UNKNOWN, Start, found_marks, labels_of, start
from core.photo import Photo
from pages.shared import edits, session
from pages.shared.marks_pen import boxes_field, pen_key
from pages.shared.plain_text import plain

TRUTH = "det_truth"


def truth_field(photo: Photo, seen: Seen) -> Marks:
    """Draw the field that holds the truth for the link, and return the boxes.

    Untouched, it is what a person drew on a bundled photo, or what the detector is sure of on another.
    """
    return boxes_field(TRUTH, marks_to_text(start(photo.name, seen).marks))


def truth_starts(photo: Photo, seen: Seen) -> None:
    """The ways to begin, under the pen; and where an untouched truth comes from."""
    touched = bool(session.held(TRUTH))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Take what the detector finds over {SURE:g}",
            icon=":material/smart_toy:",
            key="det_truth_found",
            on_click=_assign,
            args=(marks_to_text(found_marks(seen).marks),),
        )
        if touched:
            st.button(
                "As at first",
                icon=":material/restart_alt:",
                key="det_truth_first",
                on_click=_assign,
                args=("",),
            )
    if not touched:
        st.caption(_about(start(photo.name, seen)))


def _about(begun: Start) -> str:
    if begun.by_hand:
        return "Truth so far: what a person drew on this photo. Move it, rename it, or draw your own."
    left_out = (
        f" {begun.left_out} more are left out: {len(begun.marks.boxes)} can be edited."
        if begun.left_out
        else ""
    )
    return (
        f"Truth so far: what the detector itself finds with a score over {SURE:g}, so it is right by construction. "
        f"Correct it: draw what it missed, remove what is wrong.{left_out}"
    )


def _assign(text: str) -> None:
    session.assign({TRUTH: text})
    edits.skip(pen_key(TRUTH))


def say_classes(marks: Marks, hw: tuple[int, int], found: Candidates) -> None:
    """Say which class a box has whose name is none, and which boxes are left out."""
    from core.detection.detector import class_names

    names = class_names()
    labels = labels_of(marks.names, marks.targets(hw).boxes, found).tolist()
    taken = [
        f"“{plain(name)}” counts as {names[label]}"
        for name, label in zip(marks.names, labels, strict=True)
        if label != UNKNOWN and names[label] != name.strip().lower()
    ]
    if taken:
        st.caption(
            f"{'; '.join(taken)}: the class of the detection over it. Write another class of COCO as its name."
        )
    lost = [
        plain(name) or "a box" for name, label in zip(marks.names, labels, strict=True) if label == UNKNOWN
    ]
    if lost:
        st.warning(
            f"Left out, because the name is no class of COCO and no detection lies there: {', '.join(lost)}. Write "
            'a class such as "person" as its name.',
            icon=":material/label_off:",
        )
