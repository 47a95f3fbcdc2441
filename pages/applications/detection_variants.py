"""Which variant?: every way to suppress on the same candidates, scored against the truth drawn on the photo."""

import math

import streamlit as st

from core.detection.detector import Candidates, Seen
from core.detection.truth import truths_of
from core.detection.variants import Variant, best, f1_formula, variants
from core.figures.detection_precision import scored_picture
from core.photo import Photo
from pages.applications.detection_source import METHODS, How
from pages.applications.detection_truth import TRUTH, say_classes, truth_field, truth_starts
from pages.shared import controls
from pages.shared.formula_view import show_formula
from pages.shared.marks_pen import marks_pen

HITS = tuple(i / 100 for i in range(50, 100, 5))


def variants_view(photo: Photo, seen: Seen, found: Candidates, limits: tuple[float, float], how: How) -> None:
    """The truth and the boxes of the chosen method at the left, the table of all methods at the right.

    Args:
        found: candidates over the score threshold. limits: of the score and of suppression's IoU.
    """
    above, foot = st.container(), st.container()
    with foot:
        marks = truth_field(photo, seen)
    hw = photo.pixels.shape[:2]
    truths = truths_of(marks, hw, found)
    with above:
        left, right = st.columns([7, 6], gap="medium")
        with right:
            match_iou = controls.choices_slider("A hit from IoU", "det_ap_iou", 0.5, HITS, width=220)
            made = variants(
                found,
                truths,
                score_threshold=limits[0],
                iou_threshold=limits[1],
                match_iou=match_iou,
                per_class=how.per_class,
            )
            chosen = next(each for each in made if each.method == how.method)
            _table(made, best(made))
            show_formula(f1_formula(chosen.counts, METHODS[how.method]))
        with left:
            shown = scored_picture(photo.pixels, chosen.left.boxes, chosen.hits)
            marks_pen(shown, marks, TRUTH, "The photo with its objects and what the method left")
            st.caption(
                f"{METHODS[how.method]}: green boxes are hits, orange ones false alarms. Yellow: the truth; draw what "
                "is there."
            )
            truth_starts(photo, seen)
            say_classes(marks, hw, found)


def _table(made: tuple[Variant, ...], best_ones: tuple[str, ...]) -> None:
    """A line for each method."""
    st.dataframe(
        [
            {
                "method": METHODS[each.method],
                "TP": each.counts.hits,
                "FP": each.counts.alarms,
                "FN": each.counts.missed,
                "precision": _rounded(each.counts.precision),
                "recall": _rounded(each.counts.recall),
                "F1": _rounded(each.counts.f1),
            }
            for each in made
        ],
        hide_index=True,
    )
    if not best_ones:
        st.info("Neither an object nor a box: there is nothing to score.", icon=":material/search_off:")
        return
    named = ", ".join(METHODS[each] for each in best_ones)
    st.caption(
        f"Highest F1: {named}. TP: hits, FP: false alarms, FN: missed. What a soft method lowers to the score "
        "threshold or below is gone. On one photo this says little; other thresholds may turn the order round."
    )


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)
