"""Own boxes under suppression: drawn by the visitor, each with a class and a score in its name."""

import streamlit as st

from core.detection.own_boxes import EXAMPLE, own_candidates
from core.photo import Photo
from pages.applications.detection_source import How
from pages.applications.detection_suppression import scrubber
from pages.shared.marks_pen import boxes_field, marks_pen

OWN = "det_own"


def own_view(photo: Photo, threshold: float, limit: float, how: How) -> None:
    """The pen at the left, the scrubber with what was drawn at the right."""
    above, foot = st.container(), st.container()
    with foot:
        marks = boxes_field(OWN, EXAMPLE)
    found, names = own_candidates(marks, photo.pixels.shape[:2], threshold)
    with above:
        left, right = st.columns([6, 7], gap="medium")
        with left:
            marks_pen(photo.pixels, marks, OWN, "The photo, to draw candidates on")
            st.caption(
                'A name is a class and a score, such as "cat 0.8"; without a score, boxes are taken in the order '
                "they were drawn."
            )
            under = len(marks.boxes) - len(found.scores)
            if under:
                st.caption(f":material/filter_alt: {under} with a score not over {threshold:g} take no part.")
        with right:
            scrubber(photo, found, names, limit, how)
