"""Faster R-CNN, Anchors: every place of every level with its boxes; click one."""

from typing import Literal

import numpy as np
import streamlit as st

from core.figures import two_stage_faster as figures
from core.photo import Photo
from core.snippets import two_stage_faster as snippets
from core.two_stage import faster_formulas as formulas
from core.two_stage.faster_anchors import RATIOS, Design, Level, levels, padded_hw, shown_hw
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.picture import Box, picture

Role = Literal["primary", "second", "third"]
ROLES: tuple[Role, ...] = ("second", "primary", "third")
WORDS = ("wide", "square", "tall")


def anchors_part(photo: Photo, design: Design) -> None:
    """The places of one level on the photo, the anchors of the clicked one, and how many there are."""
    hw = photo.pixels.shape[:2]
    of = levels(design, hw)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = tuple(f"{each.name} · {each.stride} px" for each in of)
        level = of[
            names.index(
                controls.choice("Level · pixels between places", "ts_level", names[-2], names, wrap=True)
            )
        ]
        veiled = bool(ask(_questions(of), "ts"))
    key = f"ts_anchor_{photo.digest[:12]}"
    image, numbers = st.columns([8, 5], gap="medium")
    with image:
        _picture(photo, level, key)
    with numbers:
        shown = shown_hw(hw)
        padded = padded_hw(shown)
        st.caption(
            f"The photo of {hw[1]} × {hw[0]} is scaled to {shown[1]} × {shown[0]} and padded to {padded[1]} × "
            f"{padded[0]}, whole multiples of 32."
        )
        if not veiled:
            show_formula(formulas.count_formula(of))
        sizes = design.sizes[of.index(level)]
        size = controls.choice("Size s", "ts_size", sizes[0], sizes)
        ratio = controls.choice("Ratio r = h / w", "ts_ratio", RATIOS[0], RATIOS)
        show_formula(formulas.shape_formula(size, ratio))
        _table(level, sizes)
    code_panel(snippets.anchors(design, hw))


def _picture(photo: Photo, level: Level, key: str) -> None:
    """The photo with its places; boxes in pixels of what is shown."""
    shown = shown_hw(photo.pixels.shape[:2])
    pixels, every = figures.places_picture(photo.pixels, level, shown)
    down, across = pixels.shape[0] / shown[0], pixels.shape[1] / shown[1]
    picked = (session.held(key) or {}).get("pixel") or (pixels.shape[0] // 2, pixels.shape[1] // 2)
    row, column = level.nearest(picked[0] / down, picked[1] / across)
    found = level.at(row, column) * np.array([across, down, across, down], np.float32)
    kinds = len(found) // len(RATIOS)
    picture(
        pixels,
        key=key,
        alt=f"The photo with the places of a level; the {len(found)} anchors in row {row}, column {column}",
        boxes=[Box(*box.tolist(), role=ROLES[i // kinds]) for i, box in enumerate(found)],
        height=560,
        of=photo.pixels.shape[:2],
        on_pick=_nothing,
    )
    dots = "Every dot is a place" if every == 1 else f"Every dot is each {every}th place, across and down"
    st.caption(
        f"{dots} of {level.rows} × {level.columns}. Row {row}, column {column}: {len(found)} anchors; blue wide, "
        "yellow square, orange tall. Click anywhere. They need no weights and do not know what is on the photo."
    )


def _table(level: Level, sizes: tuple[int, ...]) -> None:
    sides = level.base[:, 2:] - level.base[:, :2]
    st.dataframe(
        [
            {"shape": WORDS[i // len(sizes)], "r": RATIOS[i // len(sizes)], "s": sizes[i % len(sizes)],
             "width × height": f"{width:.0f} × {height:.0f}"}
            for i, (width, height) in enumerate(sides)
        ],
        hide_index=True,
        height=160 if len(sides) > 4 else "content",
    )  # fmt: skip


def _questions(of: tuple[Level, ...]) -> tuple[Question, ...]:
    total = formulas.count_formula(of)
    grids = ", ".join(f"{each.rows} × {each.columns}" for each in of)
    return (
        Question(
            "ts_anchors",
            f"Maps of {grids} places with {len(of[0].base)} anchors each: how many anchors are there?",
            total.value,
            total,
        ),
        Question(
            "ts_anchors_photo",
            "Another photo of the same size: are its anchors other ones?",
            "no",
            "Anchors are fixed by the size of the photo alone. What the network learns is which of them to believe, "
            "and how to move them.",
            ("yes", "no"),
        ),
    )


def _nothing() -> None:
    """A pick reruns the view, which reads it."""
