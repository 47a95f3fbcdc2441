"""The view Average precision: rank the detections, see which are hits, follow the curve, and fill in the formula."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.detection.detector import candidates, class_names
from core.detection.evaluation import (
    INTERPOLATIONS,
    Curve,
    Detections,
    Matching,
    Truths,
    curve,
    evaluate,
    match,
)
from core.detection.exam import NAMES, Scenes, scenes
from core.detection.precision import at_score, one_class
from core.detection.truth import as_found, detections_of, truths_of
from core.figures import detection_precision as figures
from core.photo import Photo
from core.snippets import detection_precision as snippets
from pages.applications import detection_source as source
from pages.applications.detection_lesson import HIDDEN
from pages.applications.detection_precision_lesson import questions
from pages.applications.detection_precision_numbers import (
    areas,
    rank_formulas,
    rank_verdict,
    ranks,
    table_of_classes,
)
from pages.applications.detection_truth import TRUTH, say_classes, truth_field, truth_starts
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.lesson import ask
from pages.shared.marks_pen import marks_pen
from pages.shared.picture import Box, picture

SHARES = tuple(i / 100 for i in range(50, 100, 5))
FLOOR = 0.01
ON = ("This photo", "Four drawn scenes")
Show = Callable[[figures.Edges | None, figures.Edges | None, int], None]
"""Draws the picture with a ranked box, the object it took, and the number of the picture it lies in."""


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What is asked: the class (or all as one), the IoU of a hit, the interpolation, the score threshold."""

    label: int
    together: bool
    iou: float
    interpolation: str
    score: float


def precision_view(photo: Photo) -> None:
    """Controls, then the photo or the scenes."""
    if controls.choice("Scored on", "det_ap_on", ON[0], ON, label_visibility="collapsed") == ON[0]:
        _photo_view(photo)
    else:
        _scenes_view()


def _photo_view(photo: Photo) -> None:
    above, foot = st.container(), st.container()
    with above, st.container(horizontal=True, vertical_alignment="bottom"):
        detector = source.choose_detector()
        overlap = controls.choices_slider("Suppression IoU", "det_iou", 0.5, source.SHARES, width=190)
        how = source.choose_method()
        doubles = controls.toggle(
            "Leave the doubles in", "det_ap_doubles", False, help="No suppression: see what it is good for."
        )
    seen = source.seen_or_said(photo, detector)
    if seen is None:
        return
    with foot:
        marks = truth_field(photo, seen)
    found = candidates(seen, FLOOR)
    detections = as_found(found) if doubles else detections_of(source.suppressed(found, overlap, how), found)
    hw = photo.pixels.shape[:2]
    truths = truths_of(marks, hw, found)
    names = class_names()
    with above:
        asked = _settings(detections, truths, names)
        if asked is None:
            marks_pen(photo.pixels, marks, TRUTH, "The photo, to draw its objects on")
            truth_starts(photo, seen)
            say_classes(marks, hw, found)
            st.info(
                "Neither an object nor a detection: draw a box around each object with the tool **Box**.",
                icon=":material/crop_free:",
            )
            return

        def show(box: figures.Edges | None, taken: figures.Edges | None, _: int) -> None:
            marks_pen(
                figures.rank_picture(photo.pixels, box, taken),
                marks,
                TRUTH,
                "The photo with its objects and one rank",
            )
            truth_starts(photo, seen)
            say_classes(marks, hw, found)

        _board(detections, truths, names, asked, show)


def _scenes_view() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        skill = controls.slider(
            "How good the made-up detector is, %", "det_ap_skill", 70, 0, 100, 10, width=260
        )
        seed = controls.number("Seed", "seed", 0, 0, 9999, width=120)
    made = _made(seed, skill)
    asked = _settings(made.detections, made.truths, NAMES)
    if asked is None:
        return
    detections, truths = made.detections, made.truths
    canvas, places = figures.montage(made)

    def show(box: figures.Edges | None, taken: figures.Edges | None, where: int) -> None:
        _scenes_picture(truths, None if asked.together else asked.label, canvas, places, (box, taken, where))

    _board(detections, truths, NAMES, asked, show)


@st.cache_resource(max_entries=8, show_spinner=False)
def _made(seed: int, skill: int) -> Scenes:
    return scenes(seed, skill / 100)


def _scenes_picture(
    truths: Truths,
    label: int | None,
    canvas: np.ndarray,
    places: tuple[tuple[int, int], ...],
    rank: tuple[figures.Edges | None, figures.Edges | None, int],
) -> None:
    """All scenes with the objects of the class, and the ranked box on its own."""
    box, taken, where = rank
    moved = [
        None if each is None else tuple(np.asarray(each) + np.tile(places[where], 2)) for each in (box, taken)
    ]
    own = np.full(len(truths.labels), True) if label is None else truths.labels == label
    frames = [
        Box(*(edges + np.tile(places[of], 2)).tolist(), role="second")
        for edges, of in zip(truths.boxes[own], truths.pictures[own], strict=True)
    ]
    picture(
        figures.rank_picture(canvas, *moved),
        key="det_ap_scenes",
        alt=f"Four drawn scenes with {len(frames)} objects of the class",
        boxes=frames,
        height=520,
    )
    st.caption(
        "Drawn scenes and a made-up detector, for a curve with many steps. Blue: the objects of the class."
    )


def _settings(detections: Detections, truths: Truths, names: tuple[str, ...]) -> Settings | None:
    """The second row of controls; None where there is nothing to ask about."""
    there = np.bincount(truths.labels, minlength=len(names))
    seen = np.bincount(detections.labels, minlength=len(names))
    order = [int(each) for each in np.lexsort((-seen, -there)) if there[each] or seen[each]]
    offered = [names[each] for each in order if there[each]] or [names[each] for each in order]
    if not offered:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        together = controls.toggle("All classes as one", "det_ap_one", False)
        name = offered[0]
        if not together:
            name = controls.select("Class", "det_ap_class", offered[0], tuple(offered), width=150)
        overlap = controls.choices_slider("A hit from IoU", "det_ap_iou", 0.5, SHARES, width=190)
        read = controls.choice("Interpolation", "det_ap_read", "coco", INTERPOLATIONS)
        score = controls.choices_slider("Score threshold ★", "det_score", 0.3, source.SHARES, width=190)
    return Settings(0 if together else names.index(name), together, overlap, read, score)


def _board(
    detections: Detections, truths: Truths, names: tuple[str, ...], asked: Settings, show: Show
) -> None:
    """The picture at the left, the curve at the right, the ranks and the areas below."""
    if asked.together:
        detections, truths = one_class(detections), one_class(truths)
    matching = match(detections, truths, asked.label, asked.iou)
    found = curve(matching)
    if ask(questions(matching, found, asked.interpolation), "det"):
        st.info(HIDDEN, icon=":material/visibility_off:")
        return
    image, chart = st.columns([7, 6], gap="medium")
    with chart:
        rank = ranks(matching, found)
        if rank:
            rank_verdict(matching, rank)
        _chart(matching, found, asked, rank)
    with image:
        row = int(matching.detections[rank - 1]) if rank else None
        taken = int(matching.truths[rank - 1]) if rank else -1
        show(
            None if row is None else tuple(detections.boxes[row].tolist()),
            tuple(truths.boxes[taken].tolist()) if taken >= 0 else None,
            0 if row is None else int(detections.pictures[row]),
        )
        if rank:
            rank_formulas(matching, rank)
    evaluation = evaluate(detections, truths, interpolation=asked.interpolation)
    areas(evaluation, matching, found, asked.interpolation)
    table_of_classes(evaluation, detections, truths, ("all",) if asked.together else names)
    if len(matching.hits) and matching.objects:
        code_panel(snippets.precision(asked.iou, asked.interpolation))


def _chart(matching: Matching, found: Curve, asked: Settings, rank: int) -> None:
    if not matching.objects:
        st.info(
            "No object of this class in the truth: nothing to recall, and no curve.",
            icon=":material/search_off:",
        )
        return
    now = at_score(matching, asked.score)
    st.plotly_chart(
        figures.curve_figure(matching, found, asked.interpolation, rank, asked.score, now),
        key="det_ap_curve",
        alt=figures.curve_alt(matching, found),
        config={"displayModeBar": False},
    )
    st.caption(
        f"★ taking every score over {asked.score:g}: hits {now.hits}, false alarms {now.alarms}, missed {now.missed}; "
        f"precision **{now.precision:.3f}**, recall **{now.recall:.3f}**, F1 **{now.f1:.3f}**. The curve is all "
        "thresholds at once."
    )
