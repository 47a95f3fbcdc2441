"""Faster R-CNN, Funnel: from all anchors to the last boxes on the photo, every stage to be looked at."""

import numpy as np
import streamlit as st

from core.figures import detection as bars
from core.figures import two_stage_faster as figures
from core.jobs import Job
from core.networks import DETECTORS, is_here
from core.photo import Photo
from core.snippets import two_stage_faster as snippets
from core.two_stage import faster_funnel as funnels
from core.two_stage.faster import class_names
from core.two_stage.faster_anchors import Design
from core.two_stage.faster_funnel import Funnel, Last
from core.two_stage.faster_run import found, funnel_order
from pages.shared import controls, jobs
from pages.shared.code_panel import code_panel
from pages.shared.fetch_weights import offer
from pages.shared.picture import Box, picture
from pages.shared.turns import fragment

NAME = "faster"
SHARES = tuple(i / 100 for i in (1, 2, *range(5, 100, 5)))
STAGES = ("Objectness", "Best of each level", "Proposals", "Over the score", "Last boxes")


def funnel_part(photo: Photo, design: Design) -> None:
    """The button, or what is missing; then the stages."""
    if not is_here(design.name):
        offer(
            DETECTORS[design.name],
            "ts_faster_fetch",
            "Without them both stages would say nothing. Anchors, targets, numbers and levels need no weights: they "
            "are shown beside.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        nms = controls.choices_slider("IoU threshold of the proposals", "ts_rpn_iou", 0.7, SHARES, width=220)
        st.button(
            "Run both stages",
            type="primary",
            icon=":material/play_arrow:",
            key="ts_faster_go",
            on_click=jobs.start,
            args=(NAME, funnel_order(design.name, photo.pixels, nms)),
        )
        score = controls.choices_slider("Score threshold", "ts_faster_score", 0.05, SHARES, width=200)
        overlap = controls.choices_slider(
            "IoU threshold of the last NMS", "ts_faster_iou", 0.5, SHARES, width=220
        )
    stage = controls.choice("Stage", "ts_stage", STAGES[-1], STAGES, wrap=True)
    job = jobs.mine(NAME)
    fragment(_stage, run_every=jobs.EVERY_S if job and job.active else None)(
        photo, design, stage, score, overlap
    )
    code_panel(snippets.funnel(design.name, score, overlap))


def _asked_for(job: Job, photo: Photo, design: Design) -> bool:
    given = job.order.arguments
    return given["name"] == design.name and np.array_equal(given["photo"], photo.pixels)


def _stage(photo: Photo, design: Design, stage: str, score: float, overlap: float) -> None:
    """Where the run stands, and the chosen stage of its funnel."""
    job = jobs.mine(NAME)
    if job is not None and not job.active and not _asked_for(job, photo, design):
        job = None
    jobs.follow(job, key="ts_faster", what="Faster R-CNN")
    if job is None:
        st.info("Press the button: the photo goes through both stages.", icon=":material/play_circle:")
        return
    funnel = found(job) if _asked_for(job, photo, design) else None
    if funnel is None:
        return
    last = funnels.last_boxes(funnel.first, funnel.second, score, overlap)
    image, numbers = st.columns([8, 5], gap="medium")
    with image:
        _picture(photo, funnel, last, stage)
    with numbers:
        counts = funnels.stages(funnel, last)
        st.plotly_chart(bars.funnel_figure(counts), key="ts_faster_funnel", alt=bars.funnel_alt(counts),
                        config={"displayModeBar": False})  # fmt: skip
        steps = " · ".join(
            f"{name} {each:.2f} s" for name, each in zip(funnels.STEPS, funnel.seconds, strict=True)
        )
        st.caption(steps)
    if stage in STAGES[2:]:
        from pages.applications.two_stage_faster_proposal import proposal_part

        proposal_part(photo, funnel, last)


def _picture(photo: Photo, funnel: Funnel, last: Last, stage: str) -> None:
    """The boxes of one stage on the photo."""
    first = funnel.first
    if stage == STAGES[0]:
        of = first.levels
        names = tuple(f"{each.name} · {each.stride} px" for each in of)
        level = of[names.index(controls.choice("Level", "ts_objectness", names[-2], names, wrap=True))]
        picture(photo.pixels, key="ts_faster_objectness", alt=f"Objectness of level {level.name} over the photo",
                overlay=figures.objectness_map(first, level), opacity=0.6, height=560)  # fmt: skip
        st.caption(
            "The best objectness of the anchors at each place, dark 0 to light 1: is anything here, of any class?"
        )
        return
    if stage == STAGES[4]:
        _last(photo, last)
        return
    boxes, inks, says = _painted(funnel, last, stage)
    alt = f"{min(len(boxes), 400)} of {len(boxes)} boxes on the photo: {stage.lower()}"
    picture(figures.boxes_picture(photo.pixels, boxes, inks), key="ts_faster_stage", alt=alt, height=560,
            of=photo.pixels.shape[:2])  # fmt: skip
    st.caption(f"{says} {min(len(boxes), 400):,} of {len(boxes):,} are painted, the best on top.")


def _painted(funnel: Funnel, last: Last, stage: str) -> tuple[np.ndarray, list | None, str]:
    """Boxes on the photo, the best first, their colours, and what they are."""
    first = funnel.first
    if stage == STAGES[1]:
        order = np.argsort(-first.objectness[first.top], kind="stable")
        return (
            first.on_photo(first.decoded[order]),
            None,
            "Anchors as the first stage moves them, before suppression.",
        )
    if stage == STAGES[2]:
        numbers = first.level_numbers()
        least = int(numbers.min()) if len(numbers) else 0
        words = ", ".join(f"{figures.LEVEL_WORDS[k - least]} {k}" for k in sorted(set(numbers.tolist())))
        return (
            first.on_photo(first.boxes),
            figures.level_inks(numbers, least),
            f"Level that each is read from: {words}.",
        )
    order = np.argsort(-last.scores, kind="stable")
    return last.boxes[order], None, "Each proposal may be a box of several classes."


def _last(photo: Photo, last: Last) -> None:
    names = class_names()
    shown = [
        Box(*box.tolist(), label=f"{names[label]} {score:.2f}")
        for box, label, score in zip(
            last.boxes[last.kept], last.labels[last.kept], last.scores[last.kept], strict=True
        )
    ]
    words = ", ".join(box.label for box in shown) or "no boxes"
    picture(photo.pixels, key="ts_faster_last", alt=f"The photo with {words}", boxes=shown, height=560)
