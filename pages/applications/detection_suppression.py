"""The Suppression view: step through every decision, of the detector's boxes or of own ones, and compare variants."""

import streamlit as st

from core.detection.boxes import iou, overlap
from core.detection.detector import Candidates, Seen, candidates, class_names
from core.detection.formulas import iou_formula
from core.detection.suppression import Suppression
from core.photo import Photo
from core.snippets import detection as snippets
from pages.applications import detection_source as source
from pages.applications.detection_source import How
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.suppression_scrubber import Candidate, Decision, suppression_scrubber

MOST = 300
WHAT = ("The detector's boxes", "Your own boxes", "Order matters", "Which variant?")


def suppression_view(photo: Photo, seen: Seen, threshold: float, limit: float, how: How) -> None:
    """The scrubber with the detector's boxes or own ones, the example of the order, or the variants compared."""
    what = controls.choice("What", "det_nms", WHAT[0], WHAT, label_visibility="collapsed", wrap=True)
    if what == WHAT[1]:
        from pages.applications.detection_own import own_view

        own_view(photo, threshold, limit, how)
        return
    if what == WHAT[2]:
        from pages.applications.detection_order import order_view

        order_view(photo, limit)
        return
    found = candidates(seen, threshold)
    if what == WHAT[3]:
        from pages.applications.detection_variants import variants_view

        variants_view(photo, seen, found, (threshold, limit), how)
        return
    scrubber(photo, found, class_names(), limit, how)


def scrubber(photo: Photo, found: Candidates, names: tuple[str, ...], limit: float, how: How) -> None:
    """Every decision on the candidates; below it the closest calls."""
    if len(found.scores) > MOST:
        st.warning(f"{len(found.scores)} candidates: raise the score threshold to {MOST} or fewer.")
        return
    left = source.suppressed(found, limit, how)
    listed = [
        Candidate(tuple(box), float(score), names[label])
        for box, score, label in zip(found.boxes.tolist(), found.scores, found.labels, strict=True)
    ]
    decisions = [
        Decision(step.kept, tuple(zip(step.removed.tolist(), step.overlaps.tolist(), strict=True)))
        for step in left.steps
    ]
    suppression_scrubber(
        source.travelling(photo),
        (photo.pixels.shape[1], photo.pixels.shape[0]),
        listed,
        decisions,
        threshold=limit,
        measure="DIoU" if how.method == "diou" else "IoU",
        key="det_scrubber",
        alt=f"Suppression: {len(listed)} candidates, {len(decisions)} kept",
    )
    if how.method.startswith("soft"):
        st.caption(
            "Soft suppression lowers scores and seldom removes: a box goes only once its score falls below 0.001."
        )
    _closest(found, left, limit, how)
    code_panel(snippets.suppression(limit))


def _closest(found: Candidates, left: Suppression, limit: float, how: How) -> None:
    """The removed box that was nearest to staying, and the two kept ones that were nearest to being one."""
    if how.method not in ("greedy", "merge"):
        return
    near = [(kill.overlap, kill.who, kill.by, "Removed by the smallest margin") for kill in left.killed]
    cards = [min(near)] if near else []
    pairs = [
        (
            float(iou(found.boxes[[a]], found.boxes[[b]])[0, 0]),
            int(a),
            int(b),
            "Both kept, by the smallest margin",
        )
        for place, a in enumerate(left.kept)
        for b in left.kept[:place]
        if not how.per_class or found.labels[a] == found.labels[b]
    ]
    cards += [max(pairs)] if pairs else []
    if not cards:
        return
    for column, (_, who, by, title) in zip(st.columns(2, gap="medium"), cards, strict=False):
        with column:
            show_formula(
                iou_formula(
                    overlap(found.boxes[who], found.boxes[by]), limit, f"{title}: {who + 1} and {by + 1}"
                )
            )
