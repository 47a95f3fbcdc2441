"""Faster R-CNN on boxes that the visitor draws: which anchors are taught, the four numbers, the level that is read."""

import numpy as np
import streamlit as st

from core.augmentation.marks import Marks
from core.detection.boxes import iou
from core.figures import augmentation_targets as marked
from core.figures import two_stage_faster as figures
from core.photo import Photo
from core.snippets import two_stage_faster as snippets
from core.two_stage import faster_coding as coding
from core.two_stage import faster_formulas as formulas
from core.two_stage.faster_anchors import Design, all_anchors, levels, shown_hw
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.marks_pen import boxes_field, marks_pen
from pages.shared.plain_text import plain

MARKS = "ts_marks"
STAGES = {"First stage: weights 1": coding.FIRST, "Second stage: weights 10, 10, 5, 5": coding.SECOND}
Four = tuple[float, float, float, float]


def targets_part(photo: Photo, design: Design) -> None:
    """Which anchors are taught an object, which background, and which nothing."""
    above, foot = st.container(), st.container()
    with foot:
        marks = boxes_field(MARKS, marked.example(photo.name))
    of = levels(design, photo.pixels.shape[:2])
    objects = _scaled(photo, marks)
    found = coding.taught(all_anchors(of), objects.reshape(-1, 4))
    chosen = np.flatnonzero(found >= 0)
    with above:
        image, numbers = st.columns([7, 6], gap="medium")
        with image:
            _pen(
                photo, marks, all_anchors(of)[chosen], "The photo with the anchors that are taught an object"
            )
            st.caption(
                f"Blue: the {len(chosen):,} anchors that are taught an object. Draw, move or size the boxes."
            )
        with numbers:
            if not len(objects):
                st.info("Draw a box around each object with the tool **Box**.", icon=":material/crop_free:")
                return
            st.markdown(
                f"An anchor is taught an object from **IoU {coding.POSITIVE}** on, background below "
                f"**{coding.NEGATIVE}**, in between nothing. The best anchor of each object counts in any case."
            )
            st.dataframe(_by_level(of, found), hide_index=True)
            st.dataframe(_by_object(all_anchors(of), objects, found, marks), hide_index=True)
            share = np.mean(found == coding.NOTHING)
            st.caption(
                f"{share:.1%} of the anchors are background: for training, 256 are drawn for each photo, at most half "
                "of them objects."
            )
    code_panel(snippets.taught(tuple(map(tuple, objects.tolist())), design, photo.pixels.shape[:2]))


def numbers_part(photo: Photo, design: Design) -> None:
    """The first drawn box, the anchor that fits it best, and the four numbers between them."""
    above, foot = st.container(), st.container()
    with foot:
        marks = boxes_field(MARKS, marked.example(photo.name))
    objects = _scaled(photo, marks)
    anchors = all_anchors(levels(design, photo.pixels.shape[:2]))
    with above:
        weights = STAGES[
            controls.choice("Weights", "ts_weights", next(iter(STAGES)), tuple(STAGES), wrap=True)
        ]
        image, numbers = st.columns([7, 6], gap="medium")
        if not len(objects):
            with image:
                _pen(photo, marks, np.zeros((0, 4)), "The photo, to draw a box on")
            numbers.info("Draw a box: the first one is the object.", icon=":material/crop_free:")
            return
        overlaps = iou(objects[:1], anchors)[0]
        best = int(overlaps.argmax())
        with image:
            _pen(photo, marks, anchors[[best]], "The photo with an object and the anchor that fits it best")
            st.caption(f"Blue: the anchor that fits the first box best, IoU {overlaps[best]:.3f}.")
        anchor = tuple(anchors[best].astype(float).tolist())
        box = tuple(objects[0].tolist())
        found = coding.encode(objects[:1], anchors[[best]].astype(np.float64), weights)[0]
        with numbers:
            t_x, t_y, t_w, t_h = found.tolist()
            st.latex(rf"\small t = ({t_x:.3f},\ {t_y:.3f},\ {t_w:.3f},\ {t_h:.3f})")
            for formula in formulas.coding_formulas(tuple(found.tolist()), anchor, weights):
                show_formula(formula)
            st.caption(
                "The network never says pixels: it says how far to move the anchor in its own widths and heights, and "
                "the logarithm of how much to stretch it. The weights make the numbers of small corrections larger."
            )
    code_panel(snippets.numbers(box, anchor, weights))


def levels_part(photo: Photo, design: Design) -> None:
    """Each drawn box as a proposal: which map of the pyramid it is read from."""
    above, foot = st.container(), st.container()
    with foot:
        marks = boxes_field(MARKS, marked.example(photo.name))
    objects = _scaled(photo, marks)
    least, most = design.roi_levels
    with above:
        image, numbers = st.columns([7, 6], gap="medium")
        with image:
            _pen(photo, marks, np.zeros((0, 4)), "The photo with boxes as proposals")
            st.caption(
                "Small proposals are read from a fine map, large ones from a coarse map. Size a box and see."
            )
        with numbers:
            if not len(objects):
                st.info("Draw a box: it is taken as a proposal.", icon=":material/crop_free:")
                return
            sides = np.sqrt((objects[:, 2:] - objects[:, :2]).prod(axis=1))
            found = coding.level_of(objects, least, most).tolist()
            words = ", ".join(f"box {i + 1}: level {k}" for i, k in enumerate(found))
            st.plotly_chart(
                figures.level_figure(sides.tolist(), found, least, most),
                key="ts_levels",
                alt=f"The level by the size of a proposal; {words}",
                config={"displayModeBar": False},
            )
            show_formula(formulas.level_formula(tuple(objects[0].tolist()), least, most))
            if least == most:
                st.info(
                    "Both maps of this network have 32 pixels between cells: every proposal is read from one of them. "
                    "ResNet-50 has four.",
                    icon=":material/layers:",
                )
    code_panel(snippets.levels(tuple(map(tuple, objects.tolist())), least, most))


def _scaled(photo: Photo, marks: Marks) -> np.ndarray:
    """The drawn boxes in pixels of the photo as the network sees it, [n, 4]."""
    shown = shown_hw(photo.pixels.shape[:2])
    return np.array(marks.targets(shown).boxes, np.float64).reshape(-1, 4)


def _pen(photo: Photo, marks: Marks, anchors: np.ndarray, alt: str) -> None:
    """The pen on the photo with anchors painted on it, given in pixels of the scaled photo."""
    hw, shown = photo.pixels.shape[:2], shown_hw(photo.pixels.shape[:2])
    down, across = hw[0] / shown[0], hw[1] / shown[1]
    marks_pen(
        figures.boxes_picture(
            photo.pixels, anchors * [across, down, across, down], [figures.BLUE_INK] * len(anchors), 60
        ),
        marks,
        MARKS,
        alt,
    )


def _by_level(of: tuple, found: np.ndarray) -> list[dict]:
    return [
        {
            "level": f"{each.name} · {each.stride} px",
            "anchors": each.count,
            "taught an object": int((part >= 0).sum()),
            "neither": int((part == coding.IGNORED).sum()),
            "background": int((part == coding.NOTHING).sum()),
        }
        for each in of
        for part in [found[each.first : each.first + each.count]]
    ]


def _by_object(anchors: np.ndarray, objects: np.ndarray, found: np.ndarray, marks: Marks) -> list[dict]:
    overlaps = iou(objects, anchors)
    return [
        {
            "object": plain(name) or f"box {index + 1}",
            "best IoU": round(float(overlaps[index].max()), 3),
            "anchors that are taught it": int((found == index).sum()),
        }
        for index, name in enumerate(marks.names)
    ]
