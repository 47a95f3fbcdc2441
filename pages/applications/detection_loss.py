"""The loss, within Who is responsible?: what YOLOv1 is punished for, part by part and cell by cell."""

import streamlit as st

from core.augmentation.marks import Marks
from core.detection.grid import Box, Grid
from core.detection.loss_parts import LossParts, PredictedGrid, TargetGrid, target_grid, yolo_v1_loss
from core.detection.loss_steps import Guess, box_in_pixels, cell_formulas, predicted, total_formula
from core.figures import detection_loss as figures
from core.photo import Photo
from core.snippets import detection_loss as snippets
from pages.applications.detection_lesson import HIDDEN
from pages.applications.detection_responsible_lesson import loss_questions
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import ask
from pages.shared.marks_pen import marks_pen, objects_of

TENTHS = tuple(i / 10 for i in range(11))
SHIFTS = tuple(i / 20 for i in range(-20, 21))
FACTORS = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 1.75, 2.0, 3.0, 4.0)


def loss_view(photo: Photo, marks: Marks, key: str) -> None:
    """The map of the loss at the left, its parts at the right, the chosen cell's numbers below."""
    hw = photo.pixels.shape[:2]
    boxes, names = objects_of(marks, hw)
    side = controls.slider("Grid, S × S", "det_grid", 7, 1, 19, width=220)
    if not boxes:
        marks_pen(photo.pixels, marks, key, "The photo, to draw objects on")
        st.info("Draw a box around each object with the tool **Box**.", icon=":material/crop_free:")
        return
    classes = tuple(dict.fromkeys(names))
    target = target_grid(
        boxes, [classes.index(name) for name in names], max(2, len(classes)), Grid(side, side, hw)
    )
    left, right = st.columns([7, 6], gap="medium")
    with right:
        said = predicted(target, _guess())
        parts = yolo_v1_loss(target, said)
        hidden = bool(ask(loss_questions(parts), "det"))
        if hidden:
            st.info(HIDDEN, icon=":material/visibility_off:")
    if hidden:
        with left:
            marks_pen(photo.pixels, marks, key, "The photo with its objects")
        return
    with right:
        _parts(parts)
    with left:
        cell = _cell(target, side)
        shown = figures.loss_picture(photo.pixels, parts, cell, _said_box(said, parts, cell, hw))
        marks_pen(shown, marks, key, "The photo under its loss")
        st.caption(
            f"Bright: a large loss, up to {parts.cells.max():.3f} in one cell; dark: 0. Yellow square: the cell below. "
            "Orange: what its responsible box says."
        )
    if len(classes) == 1:
        st.caption("One class is drawn: a second, which is never there, stands for the others.")
    _numbers(target, said, parts, cell)
    code_panel(snippets.loss())


def _parts(parts: LossParts) -> None:
    """The five parts of the whole photo, and their sum."""
    st.plotly_chart(
        figures.parts_figure(parts),
        key="det_loss_parts",
        alt=figures.parts_alt(parts),
        config={"displayModeBar": False},
    )
    show_formula(total_formula(parts))


def _said_box(
    said: PredictedGrid, parts: LossParts, cell: tuple[int, int], hw: tuple[int, int]
) -> Box | None:
    """What the responsible box of a cell says, in pixels; None where there is none."""
    mine = int(parts.responsible[cell])
    if mine < 0:
        return None
    rows, columns = parts.cells.shape
    return box_in_pixels(said.boxes[cell][mine], cell, (rows, columns), hw)


def _guess() -> Guess:
    """How wrong the predictions are, by the visitor's sliders."""
    st.caption("What the network says, equally wrong for every object:")
    one, two = st.columns(2)
    with one:
        across = controls.choices_slider("x off by, cells", "det_off_x", 0.15, SHIFTS)
        wider = controls.choices_slider("Width times", "det_off_w", 1.3, FACTORS)
        confidence = controls.choices_slider("Confidence", "det_conf", 0.6, TENTHS)
        other = controls.choices_slider("Confidence, second box", "det_conf_other", 0.1, TENTHS)
    with two:
        down = controls.choices_slider("y off by, cells", "det_off_y", -0.1, SHIFTS)
        higher = controls.choices_slider("Height times", "det_off_h", 0.8, FACTORS)
        share = controls.choices_slider("Share of the right class", "det_share", 0.7, TENTHS)
        empty = controls.choices_slider("Confidence, empty cells", "det_conf_empty", 0.1, TENTHS)
    return Guess(across, down, wider, higher, confidence, other, empty, share)


def _cell(target: TargetGrid, side: int) -> tuple[int, int]:
    """The cell whose numbers are shown: at first that of the first object."""
    rows, columns = target.has_object.nonzero()
    with st.container(horizontal=True):
        row = controls.number("Row", "det_loss_row", int(rows[0]), 0, side - 1, width=110)
        column = controls.number("Column", "det_loss_column", int(columns[0]), 0, side - 1, width=110)
    return row, column


def _numbers(target: TargetGrid, said: PredictedGrid, parts: LossParts, cell: tuple[int, int]) -> None:
    """The parts of one cell, two a row."""
    row, column = cell
    what = "with an object" if target.has_object[cell] else "without an object"
    st.markdown(f"Cell in row **{row}**, column **{column}**, {what}: loss **{parts.cells[cell]:.4f}**.")
    formulas = cell_formulas(target, said, parts, cell)
    for at in range(0, len(formulas), 3):
        for box, formula in zip(st.columns(3, gap="small"), formulas[at : at + 3], strict=False):
            with box:
                show_formula(formula)
