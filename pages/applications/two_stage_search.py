"""The view Selective search: step through every merge, see why these two, and which boxes come of it."""

from operator import attrgetter

import numpy as np
import streamlit as st

from core.detection.boxes import iou
from core.detection.detector import candidates, class_names
from core.detection.suppression import suppress
from core.figures import two_stage as figures
from core.formula import Formula
from core.photo import Photo
from core.snippets import two_stage as snippets
from core.two_stage.search_formulas import merge_formulas
from core.two_stage.selective_search import Search, search
from core.two_stage.similarity import MEASURES
from pages.applications import detection_source
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.picture import Box, picture

SCALES = (25, 50, 100, 200, 400, 800)
_MOST = 80  # boxes that are drawn
_LATE = 15  # merges before the end: regions large enough to be seen
_KEYS = {Photo: attrgetter("digest")}
_SOURCE = "Uijlings et al. 2013; the first regions: Felzenszwalb and Huttenlocher 2004"


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_KEYS)
def searched(photo: Photo, scale: int, use: tuple[str, ...], seed: int) -> Search:
    """The photo searched."""
    return search(photo.pixels, scale=scale, use=use, seed=seed)


def search_view(photo: Photo) -> None:
    """The merges at the left, the next one in numbers at the right."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        scale = controls.choices_slider("Scale of the first cut", "ts_scale", 100, SCALES, width=190)
        use = controls.several("Alike in", "ts_use", MEASURES, MEASURES, 4, width=330)
        seed = controls.number("Seed of the order", "seed", 0, 0, 9999, width=140)
        lesson = st.container(width="content")
    if not use:
        st.info("Choose at least one similarity.", icon=":material/join:")
        return
    found = searched(photo, scale, tuple(name for name in MEASURES if name in use), seed)
    last = len(found.merges)
    with lesson:
        veiled = bool(ask(_questions(found), "ts"))
    step = controls.slider("Merges done", "ts_merges", max(0, last - _LATE), 0, last) if last else 0
    image, numbers = st.columns([7, 6], gap="medium")
    with image:
        _regions(found, step)
    with numbers:
        _step(found, step, veiled)
    _proposals(photo, found)
    code_panel(snippets.search(scale, found.use))
    st.caption(_SOURCE)


def _regions(found: Search, step: int) -> None:
    shows = controls.toggle("Boxes so far", "ts_boxes", False)
    shown = figures.regions_picture(found, step)
    picture(
        shown,
        key="ts_regions",
        alt=f"The photo in {found.first - step} regions; the two that merge next are coloured",
        boxes=_boxes(found, step, shown.shape[1] / found.pixels.shape[1]) if shows else (),
        height=520,
        of=found.pixels.shape[:2],
    )
    st.caption(
        "Yellow and orange: the two that merge next."
        if step < len(found.merges)
        else "All regions are one: the search is over."
    )
    if shows:
        made = len(found.made_boxes(step))
        st.caption(
            f"White: the boxes of the regions that merges have made, **{made}** so far"
            + (f", the latest {_MOST} of them" if made > _MOST else "")
            + ". Blue, broken: what the next merge adds."
        )


def _boxes(found: Search, step: int, times: float) -> list[Box]:
    """The latest boxes, and the next one, on a picture so many times as large as the searched one."""
    boxes = [Box(*(times * edge for edge in box), role="muted") for box in found.made_boxes(step)[:_MOST]]
    if step < len(found.merges):
        coming = found.regions[found.first + step].box
        boxes.append(Box(*(times * edge for edge in coming), role="second", dashed=True))
    return boxes


def _step(found: Search, step: int, veiled: bool) -> None:
    regions = "?" if veiled else f"{found.first - step:,}"
    st.markdown(
        f"**{found.first:,}** regions at first, **{regions}** now. Boxes so far: **{found.boxes_after(step):,}** of "
        f"{len(found.boxes):,}."
    )
    if step == len(found.merges):
        return
    total, *parts = merge_formulas(found, step)
    st.plotly_chart(
        figures.similarity_chart(found, step),
        key="ts_alike",
        alt=figures.similarity_alt(found, step),
        config={"displayModeBar": False},
    )
    show_formula(total)
    columns = st.columns(2, gap="small")
    for place, formula in enumerate(parts):
        with columns[place % 2]:
            show_formula(formula)


def _proposals(photo: Photo, found: Search) -> None:
    """The boxes in their order, and how many of the objects that a detector finds they hit."""
    st.markdown("**The proposals**: the box around every region there ever was")
    count = controls.slider(
        "The first", "ts_shown", min(25, len(found.boxes)), 1, min(300, len(found.boxes)), width=320
    )
    image, numbers = st.columns([7, 6], gap="medium")
    shown = found.boxes[:count]
    seen = candidates(detection_source.seen(photo, "embedded"), 0.5)
    left = suppress(seen.boxes, seen.scores, labels=seen.labels)
    objects, labels = seen.boxes[left.kept], seen.labels[left.kept]
    best = iou(objects, shown) if len(objects) else np.zeros((0, count))
    with image:
        hits = {int(row.argmax()) for row in best if row.max() >= 0.5}
        boxes = [
            Box(*box, role="primary" if place in hits else "muted")
            for place, box in enumerate(shown.tolist())
        ]
        picture(
            detection_source.travelling(photo),
            key="ts_proposals",
            alt=f"The photo with the first {count} proposals",
            boxes=boxes,
            height=560,
        )
    with numbers:
        if not len(objects):
            st.caption("The detector finds no object here to measure the proposals by.")
            return
        hit = int((best.max(axis=1) >= 0.5).sum())
        show_formula(
            Formula(
                "recall at IoU 0.5",
                r"\text{objects hit} / \text{objects}",
                rf"{hit} / {len(objects)} = {hit / len(objects):.2f}",
                hit / len(objects),
                "Of the objects that the embedded detector finds with a score over 0.5.",
            )
        )
        st.dataframe(
            [
                {"object": class_names()[label], "best IoU": round(float(row.max()), 3)}
                for label, row in zip(labels, best, strict=True)
            ],
            hide_index=True,
        )
        st.caption("Yellow: the proposal that fits an object best, with an IoU of 0.5 or more.")


def _questions(found: Search) -> tuple[Question, ...]:
    merges = len(found.merges)
    return (
        Question(
            "ts_merge_count",
            f"The search begins with {found.first} regions and ends with one. How many merges is that?",
            merges,
            f"Each merge makes one of two: {found.first} - 1 = {merges}.",
        ),
        Question(
            "ts_box_count",
            "How many regions were there in all, from the first to the last?",
            len(found.regions),
            f"{found.first} at first and {merges} made: {len(found.regions)}. Some share a box; {len(found.boxes)} "
            "boxes differ.",
        ),
    )
