"""The view Who is responsible?: draw objects, and read which cell is taught what, in the units of five recipes."""

import math

import streamlit as st

from core.augmentation.marks import Marks
from core.detection.by_hand import Lesson, lesson, uses_anchors
from core.detection.encoding_steps import steps
from core.detection.grid import Grid
from core.detection.recipes import RECIPES
from core.figures import augmentation_targets as marked
from core.figures import detection_recipe as figures
from core.photo import Photo
from pages.shared import controls
from pages.shared.formula_view import plain_number, show_formula
from pages.shared.marks_pen import boxes_field, marks_pen, objects_of
from pages.shared.plain_text import plain

MARKS = "det_marks"
ABOUT = ("The target", "Anchors", "The loss", "SimOTA")
TITLES = {key: recipe.title for key, recipe in RECIPES.items()}


def recipe_view(photo: Photo) -> None:
    """The target of drawn objects, anchors for them, the loss of a cell, or the network's own choice of cells."""
    what = controls.choice("What", "det_about", ABOUT[0], ABOUT, label_visibility="collapsed", wrap=True)
    if what == ABOUT[1]:
        from pages.applications.detection_anchors import anchors_view

        anchors_view(photo)
        return
    above, foot = st.container(), st.container()
    with foot:
        marks = boxes_field(MARKS, marked.example(photo.name))
    with above:
        if what == ABOUT[2]:
            from pages.applications.detection_loss import loss_view

            loss_view(photo, marks, MARKS)
        elif what == ABOUT[3]:
            from pages.applications.detection_simota import simota_view

            simota_view(photo, marks, MARKS)
        else:
            _target_view(photo, marks)


def _target_view(photo: Photo, marks: Marks) -> None:
    """The pen on the grid at the left, the target of one object at the right, all objects below."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        recipe = controls.select(
            "Recipe", "det_recipe", "course", tuple(TITLES), width=190, format_func=TITLES.__getitem__
        )
        side = controls.slider("Grid, S × S", "det_grid", 7, 1, 19, width=220)
        anchors = 3
        if uses_anchors(recipe):
            anchors = controls.slider("Anchors, by k-means of the boxes", "det_anchors", 3, 1, 9, width=240)
    found, names = _lesson(photo, marks, recipe, side, anchors)
    left, right = st.columns([7, 6], gap="medium")
    with left:
        _pen(photo, marks, found)
    with right:
        if found is None:
            st.info("Draw a box around each object with the tool **Box**.", icon=":material/crop_free:")
        else:
            _target(found, names)
    if found is not None:
        _all(found, names)


def _lesson(
    photo: Photo, marks: Marks, recipe: str, side: int, anchors: int
) -> tuple[Lesson | None, tuple[str, ...]]:
    """What is taught about the boxes, and their classes' names; None without boxes."""
    hw = photo.pixels.shape[:2]
    boxes, names = objects_of(marks, hw)
    if not boxes:
        return None, ()
    classes = tuple(dict.fromkeys(names))
    labels = [classes.index(name) for name in names]
    return lesson(recipe, boxes, labels, Grid(side, side, hw), anchors), tuple(names)


def _pen(photo: Photo, marks: Marks, found: Lesson | None) -> None:
    pixels = photo.pixels if found is None else figures.grid_picture(photo.pixels, found)
    marks_pen(pixels, marks, MARKS, "The photo under its grid, to draw boxes on")
    st.caption(
        "Blue: a cell that is responsible for an object. Orange: two objects want it, and one is lost."
    )


def _target(found: Lesson, names: tuple[str, ...]) -> None:
    """One object: its cell, the vector, and the way to its numbers."""
    index = 0
    if len(found.targets) > 1:
        index = controls.number("Object", "det_object", 1, 1, len(found.targets), width=120) - 1
    target, recipe = found.targets[index], RECIPES[found.recipe]
    if target is None:
        st.warning(
            f"No anchor is within 4 times the sides of object {index + 1}: nobody is taught to find it. Take more "
            "anchors.",
            icon=":material/visibility_off:",
        )
        return
    row, column = target.cell
    anchor = target.anchor_hw
    what = f", with the anchor of {anchor[1]:.0f} × {anchor[0]:.0f} px" if anchor else ""
    st.markdown(
        f"**{plain(names[index])}**: the cell in row **{row}**, column **{column}** is responsible{what}."
    )
    symbols, values = zip(*target.entries, strict=True)
    listed = r" \\ ".join(rf"{symbol} = {_tex(value)}" for symbol, value in zip(symbols, values, strict=True))
    st.latex(rf"y = \begin{{bmatrix}} {listed} \end{{bmatrix}}")
    error = found.error(index)
    st.caption(
        f"{recipe.title}: sizes in parts of the {recipe.reference}. The number beside the box is {recipe.objectness}. "
        f"Decoded again, the box is off by {error:.1g} px at most."
        + (
            " YOLOX itself lets its predictions choose among several cells."
            if found.recipe == "yolox"
            else ""
        )
    )
    with st.expander("The arithmetic, line by line", icon=":material/calculate:"):
        for formula in steps(target):
            if math.isfinite(formula.value):
                show_formula(formula)
            else:
                st.caption(f"{formula.name}: {plain_number(formula.value)}. {formula.note}")


def _tex(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else r"-\infty"


def _all(found: Lesson, names: tuple[str, ...]) -> None:
    """Every object with its slots, and who is lost."""
    lost, unreached = set(found.assignment.lost), set(found.assignment.unreached)
    rows = []
    for index, name in enumerate(names[: len(found.targets)]):
        slots = [claim.slot for claim in found.assignment.claims if claim.object == index]
        cells = sorted({(slot.row, slot.column) for slot in slots})
        rows.append(
            {
                "object": index + 1,
                "class": name,
                "cells (row, column)": ", ".join(f"({row}, {column})" for row, column in cells) or "none",
                **({"anchors": len({slot.anchor for slot in slots})} if found.anchors else {}),
                "taught": "lost: another object has its place"
                if index in lost
                else "not reached by any anchor"
                if index in unreached
                else "yes",
            }
        )
    st.dataframe(rows, hide_index=True)
    taught, total = found.assignment.responsible, found.grid.rows * found.grid.columns
    places = total * max(1, len(found.anchors))
    st.caption(
        f"{len({claim.slot for claim in taught})} of {places:,} places are taught an object, the others that there is "
        "none: nearly all of the training is about nothing, which is why losses weigh it less."
    )
    if lost:
        st.warning(
            f"{len(lost)} of {len(found.targets)} objects are lost: two middles in one place. A finer grid or more "
            "anchors may part them.",
            icon=":material/call_merge:",
        )
