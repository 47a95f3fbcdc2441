"""The view R-CNN and Fast R-CNN: the same proposals both ways, timed; and how a region is read from the map."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter

import numpy as np
import streamlit as st

from core import networks
from core.figures import two_stage_rcnn as figures
from core.formula import Formula
from core.jobs import Job
from core.photo import Photo
from core.snippets import two_stage_rcnn as snippets
from core.two_stage import rcnn
from core.two_stage.rcnn import NETWORK, STRIDE, Scored, both_order, box_shown, fast_input
from core.two_stage.roi import rounded
from core.two_stage.roi_formulas import roi_formulas
from core.two_stage.similarity import MEASURES
from pages.applications.detection_source import travelling
from pages.applications.two_stage_search import searched
from pages.shared import controls, jobs, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import kept
from pages.shared.lesson import Question, ask
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain
from pages.shared.tiles import tiles
from pages.shared.turns import fragment

NAME = "two_stage"
CUTS = {"align": "RoIAlign", "pool": "RoIPool"}
_TILES, _CROPS = "ts_crop_tiles", 36  # crops that are shown
COUNTS = (25, 50, 100, 200, 300)
SHARES = tuple(i / 20 for i in range(1, 20))
_TITLES = {"rcnn": "R-CNN", "fast": "Fast R-CNN"}
_KEYS = {Photo: attrgetter("digest")}
_NO_BACKGROUND = (
    "Both run on the embedded ImageNet network, which knows 1,000 classes, none of them “background”, and corrects no "
    "boxes: it names something in every region. A part of the whole photo's map has seen its surroundings and is no "
    "crop warped to a square: the two ways need not agree."
)


def rcnn_view(photo: Photo) -> None:
    """The race above, the region below."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = controls.choices_slider("Proposals", "ts_count", 100, COUNTS, width=180)
        cut = controls.choice("Regions by", "ts_cut", "align", tuple(CUTS), format_func=CUTS.__getitem__)
        threshold = controls.choices_slider("Probability over", "ts_over", 0.5, SHARES, width=180)
        boxes = searched(photo, 100, MEASURES, 0).boxes[:count]
        order = both_order(photo.pixels, boxes, cut)
        st.button(
            "Run both",
            type="primary",
            icon=":material/play_arrow:",
            key="ts_go",
            on_click=jobs.start,
            args=(NAME, order),
        )
        lesson = st.container(width="content")
    with lesson:
        ask(_questions(len(boxes)), "ts")
    job = jobs.mine(NAME)
    fragment(_race, run_every=jobs.EVERY_S if job and job.active else None)(photo, boxes, threshold, cut)
    if (
        job is not None
        and not job.active
        and job.order.arguments["photo"] is photo.pixels
        and "rcnn" in _said(job)
    ):
        _crops(photo, _said(job)["rcnn"])
    st.caption(_NO_BACKGROUND)
    _region(photo, boxes, cut)


def _race(photo: Photo, boxes: np.ndarray, threshold: float, cut: str) -> None:
    """Both ways side by side as far as they are; before that, what R-CNN will look at."""
    job = jobs.mine(NAME)
    if job is not None and job.order.arguments["photo"] is not photo.pixels:
        job = None  # of another photo
    jobs.follow(job, key="ts", what="Both ways")
    said = _said(job)
    if not said:
        st.markdown(f"**{len(boxes)} proposals** of selective search; R-CNN warps each to one size:")
        shown = boxes[:18]
        picture(
            figures.crops_picture(photo.pixels, shown),
            key="ts_crops",
            alt=f"The first {len(shown)} proposals, cut out with context and warped to squares",
            height=440,
        )
        return
    for column, way in zip(st.columns(2, gap="medium"), ("rcnn", "fast"), strict=True):
        with column:
            if way in said:
                _way(photo, said[way], threshold)
    if job is not None and (
        job.order.arguments["cut"] != cut or len(job.order.arguments["boxes"]) != len(boxes)
    ):
        st.caption(":material/info: Run with other settings than those above.")
    if len(said) == 2 and said["rcnn"].seconds and said["fast"].seconds:
        _verdict(said["rcnn"], said["fast"])


def _crops(photo: Photo, scored: Scored) -> None:
    """What went through the network one by one, and what it said; a click shows the region on the map."""
    names = networks.record(NETWORK).categories
    answers = [
        (names[label], float(score)) for label, score in zip(scored.labels, scored.scores, strict=True)
    ]
    if not answers:
        return
    order = np.argsort(-scored.scores, kind="stable")[:_CROPS].tolist()
    with st.expander("What R-CNN's network was shown, and what it said", icon=":material/photo_library:"):
        tiles(
            figures.crop_tiles(photo.pixels, scored.boxes, answers, order),
            key=_TILES,
            alt="Crops of proposals, the surest answer first",
            columns=9,
            least_px=88,
            on_pick=partial(_pick, order),
        )
        st.caption(
            "Each proposal with 16 pixels of context, warped to a square: that is all the network sees of it. Click "
            "one to find its region below."
        )


def _pick(order: Sequence[int]) -> None:
    """A click on a crop chooses its proposal."""
    number = (session.held(_TILES) or {}).get("picked")
    if isinstance(number, int) and 0 <= number < len(order):
        session.assign({"ts_proposal": order[number] + 1})


def _said(job: Job | None) -> dict[str, Scored]:
    """What each way has said so far."""
    if job is None:
        return {}
    found = {each.way: each for each in job.results if each is not None}
    if "rcnn" not in found and job.tick is not None and job.tick.seen is not None:
        found["rcnn"] = job.tick.seen
    return found


def _way(photo: Photo, scored: Scored, threshold: float) -> None:
    rows = scored.kept(threshold)
    names = networks.record(NETWORK).categories
    st.markdown(
        f"**{_TITLES[scored.way]}**: {len(scored.boxes)} proposals in **{scored.seconds:.2f} s**, {scored.passes} "
        f"pass{'es' if scored.passes != 1 else ''} through the trunk"
    )
    boxes = [
        Box(*scored.boxes[row].tolist(), label=f"{names[scored.labels[row]]} {scored.scores[row]:.2f}")
        for row in rows[:12]
    ]
    words = ", ".join(box.label for box in boxes) or "nothing"
    picture(
        travelling(photo),
        key=f"ts_{scored.way}",
        alt=f"{_TITLES[scored.way]}: {words}",
        boxes=boxes,
        height=420,
    )
    over = int((scored.scores > threshold).sum())
    st.caption(f"{over} over {threshold:g}, {len(rows)} after suppression in each class at 0.3.")


def _verdict(slow: Scored, quick: Scored) -> None:
    """How many times faster, for as many proposals."""
    share = len(slow.boxes) / len(quick.boxes)
    ratio = slow.seconds / share / quick.seconds
    agree = float((slow.labels == quick.labels[: len(slow.labels)]).mean())
    one, other = st.columns(2, gap="medium")
    with one:
        show_formula(
            Formula(
                "times faster, for the same proposals",
                r"t_{\text{R-CNN}} / t_{\text{Fast R-CNN}}",
                rf"{slow.seconds / share:.2f} / {quick.seconds:.3f} = {ratio:.1f}",
                ratio,
                "Measured in the worker, one after the other.",
            )
        )
    with other:
        show_formula(
            Formula(
                "proposals with the same best class",
                r"\text{alike} / \text{proposals}",
                rf"{agree * len(slow.labels):.0f} / {len(slow.labels)} = {agree:.2f}",
                agree,
            )
        )


@kept(st.cache_resource, 8, _KEYS)
def _map(photo: Photo) -> np.ndarray:
    return rcnn.last_map(photo.pixels)


def _region(photo: Photo, boxes: np.ndarray, cut: str) -> None:
    """One proposal on the photo, and how it is read from the map."""
    st.markdown("**One region, read from the map**")
    number = controls.slider("Proposal", "ts_proposal", min(5, len(boxes)), 1, len(boxes), width=320) - 1
    box = tuple(boxes[number].tolist())
    _, scales = fast_input(photo.pixels)
    shown = box_shown(box, scales)
    maps = _map(photo)
    laid = rounded(shown, 1 / STRIDE, maps.shape[1:], rcnn.BINS)
    left, right = st.columns(2, gap="medium")
    with left:
        picture(
            travelling(photo),
            key="ts_region",
            alt=f"Proposal {number + 1} on the photo",
            boxes=[Box(*box), *_read(laid, scales, cut)],
            height=420,
        )
        st.caption(
            "Yellow: the proposal. Orange: what RoIPool reads instead."
            if cut == "pool"
            else "Yellow: the proposal."
        )
    with right:
        picture(
            figures.region_picture(maps, shown, cut),
            key="ts_map_region",
            alt=f"The map of {maps.shape[1]} x {maps.shape[2]} cells with the region",
            height=420,
            of=maps.shape[1:],
        )
        st.caption(
            f"The mean of {maps.shape[0]} channels, {maps.shape[1]} × {maps.shape[2]} cells. "
            + (
                "Orange: RoIPool's cells and bins."
                if cut == "pool"
                else "White: RoIAlign's points, 2 × 2 in each bin."
            )
        )
    for column, formula in zip(
        st.columns(3, gap="small"), roi_formulas(laid, shown[0], STRIDE, STRIDE / scales[0]), strict=True
    ):
        with column:
            show_formula(formula)
    code_panel(snippets.region(shown, cut))
    st.caption(plain("Girshick et al. 2014; Girshick 2015; He et al. 2017 (RoIAlign)"))


def _read(laid, scales: tuple[float, float], cut: str) -> list[Box]:
    """The cells that RoIPool reads, as a box on the photo."""
    if cut != "pool":
        return []
    left, top, right, bottom = laid.edges
    across, down = STRIDE / scales[0], STRIDE / scales[1]
    return [
        Box(left * across, top * down, (right + 1) * across, (bottom + 1) * down, role="third", dashed=True)
    ]


def _questions(proposals: int) -> tuple[Question, ...]:
    fewer, same, more = "a tenth or less", "about as long", "longer"
    return (
        Question(
            "ts_passes",
            f"R-CNN classifies {proposals} proposals. How many pictures go through the network?",
            proposals,
            f"One crop for each proposal: {proposals}. Fast R-CNN sends one, the photo.",
        ),
        Question(
            "ts_time",
            "Fast R-CNN does the same proposals. How long does it take?",
            fewer,
            "The trunk is most of the work and runs once; press Run both and read the ratio.",
            (fewer, same, more),
        ),
    )
