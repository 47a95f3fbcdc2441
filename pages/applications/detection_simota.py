"""SimOTA, within Who is responsible?: YOLOX's choice among cells, on the detector's own raw output."""

import numpy as np
import streamlit as st

from core.augmentation.marks import Marks
from core.detection.detector import candidates, input_side
from core.detection.layout import STRIDES
from core.detection.simota import ELSEWHERE
from core.detection.simota_photo import PhotoTrace, cost_formula, on_photo, worth_formula
from core.detection.truth import UNKNOWN, labels_of
from core.figures import detection_simota as figures
from core.photo import Photo
from core.snippets import detection_simota as snippets
from pages.applications import detection_source as source
from pages.applications.detection_lesson import HIDDEN
from pages.applications.detection_responsible_lesson import simota_questions
from pages.applications.detection_truth import say_classes
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import ask
from pages.shared.marks_pen import marks_pen, objects_of
from pages.shared.plain_text import plain

FLOOR = 0.01


def simota_view(photo: Photo, marks: Marks, key: str) -> None:
    """The cells on the photo at the left, one object's k and costs at the right, the matrix below."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        detector = source.choose_detector()
        stride = controls.choice(
            "Grid", "det_stride", 32, STRIDES, format_func=lambda each: _grid(each, input_side(detector))
        )
    seen = source.seen_or_said(photo, detector)
    if seen is None:
        return
    hw = photo.pixels.shape[:2]
    found = candidates(seen, FLOOR)
    boxes, names = objects_of(marks, hw)
    labels = labels_of(names, boxes, found)
    known = np.flatnonzero(labels != UNKNOWN).tolist()
    if not known:
        marks_pen(photo.pixels, marks, key, "The photo, to draw objects on")
        say_classes(marks, hw, found)
        st.info("Draw a box around an object with the tool **Box**.", icon=":material/crop_free:")
        return
    named = [names[index] for index in known]
    made = on_photo(seen, [boxes[index] for index in known], labels[known], stride)
    left, right = st.columns([7, 6], gap="medium")
    with right:
        index = 0
        if len(known) > 1:
            index = controls.number("Object", "det_object", 1, 1, len(known), width=120) - 1
        hidden = bool(ask(simota_questions(made, index), "det"))
        if hidden:
            st.info(HIDDEN, icon=":material/visibility_off:")
        else:
            _numbers(made, index, named[index])
    with left:
        shown = photo.pixels if hidden else figures.owners_picture(photo.pixels, made, index)
        marks_pen(shown, marks, key, "The photo with its objects and the cells that take part")
        if not hidden:
            st.caption(
                "Framed: cells whose middle is less than 1.5 cells from the centre of an object take part. Filled: "
                "they got an object, each object in its colour. Boxes: what the cells of the chosen object predict."
            )
        say_classes(marks, hw, found)
    if not hidden:
        _matrix(made, named)
        code_panel(snippets.simota())


def _grid(stride: int, side: int) -> str:
    return f"{side // stride} × {side // stride}"


def _numbers(made: PhotoTrace, index: int, name: str) -> None:
    """How many cells one object takes, and its cheapest cell."""
    trace = made.trace
    got = sorted((slot.row, slot.column) for slot in trace.assignment.of(index))
    cheapest = int(np.where(trace.candidates, trace.cost[index], np.inf).argmin())
    listed = ", ".join(f"({row}, {column})" for row, column in got) or "none"
    st.markdown(
        f"**{plain(name)}** asks for **{trace.worth[index]}** and gets **{len(got)}**: {listed} (row, column)."
    )
    show_formula(worth_formula(trace, index))
    row, column = divmod(cheapest, made.side)
    st.caption(f"Its cheapest cell is in row {row}, column {column}:")
    show_formula(cost_formula(trace, index, cheapest))
    if index in trace.assignment.lost:
        st.warning("Lost: other objects cost these cells less.", icon=":material/call_merge:")


def _matrix(made: PhotoTrace, names: list[str]) -> None:
    """The cost of every candidate cell to every object."""
    owners, trace = made.owner(), made.trace
    order = np.flatnonzero(trace.candidates)
    order = order[np.argsort(trace.cost[:, order].min(axis=0), kind="stable")]
    rows = []
    for cell in order.tolist():
        row, column = divmod(cell, made.side)
        line: dict[str, object] = {"row": row, "column": column}
        for index, name in enumerate(names):
            line[f"IoU {index + 1}"] = round(float(trace.overlaps[index, cell]), 3)
            far = "" if trace.near[index, cell] else " (far)"
            cost = trace.cost[index, cell] - (0.0 if trace.near[index, cell] else ELSEWHERE)
            line[f"cost to {index + 1} {name}"] = f"{cost:.2f}{far}"
        line["goes to"] = f"{owners[cell] + 1} {names[owners[cell]]}" if owners[cell] >= 0 else "nothing here"
        rows.append(line)
    st.markdown("**The cost matrix**, the cheapest cell first")
    st.dataframe(rows, hide_index=True)
    st.caption(
        "Far: its middle is not near the centre of this object, which costs a million more. YOLOX lets the cells of "
        "its three grids compete; here there is one."
    )
