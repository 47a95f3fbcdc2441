"""The numbers of the view Average precision: the ranked list, one rank, the areas, all classes."""

import numpy as np
import streamlit as st

from core.detection.evaluation import (
    MOST_PER_PICTURE,
    Curve,
    Detections,
    Evaluation,
    Matching,
    Truths,
)
from core.detection.precision import area_formula, classes_formula, thresholds_formula
from core.detection.precision import rank_formulas as formulas_of
from pages.shared import controls, session
from pages.shared.formula_view import show_formula
from pages.shared.plain_text import plain

RANK, ROWS = "det_ap_rank", "det_ap_rows"


def ranks(matching: Matching, found: Curve) -> int:
    """The list of ranks; the one that was chosen, from 1, or 0 where there is none."""
    count = len(matching.hits)
    if not count:
        st.info(
            "No detection of this class over 0.01: every object is missed, AP is 0.",
            icon=":material/search_off:",
        )
        return 0
    if count == 1:
        st.caption(
            ":material/info: One detection is a short list. Leave the doubles in, take all classes as one, or look at "
            "the four drawn scenes."
        )
    rank = controls.slider("Rank, best score first", RANK, 1, 1, count)
    with st.expander("The ranks as a list", icon=":material/format_list_numbered:", expanded=False):
        rows = [
            {
                "rank": place + 1,
                "score": round(float(matching.scores[place]), 3),
                "": "hit" if matching.hits[place] else "false alarm",
                "IoU": round(float(matching.overlaps[place]), 3),
                "TP": int(matching.hits[: place + 1].sum()),
                "precision": round(float(found.precision[place]), 3),
                "recall": round(float(found.recall[place]), 3),
            }
            for place in range(count)
        ]
        st.dataframe(
            rows,
            hide_index=True,
            key=ROWS,
            on_select=_picked,
            selection_mode="single-row",
        )
        more = (
            " Of a photo, only the best 100 of a class count, as in COCO."
            if count >= MOST_PER_PICTURE
            else ""
        )
        st.caption(f"Click at the left of a row: its box is shown on the photo.{more}")
    return rank


def _picked() -> None:
    """A row of the list was chosen."""
    chosen = (session.held(ROWS) or {}).get("selection", {}).get("rows", [])
    if chosen:
        session.assign({RANK: int(chosen[0]) + 1})


def rank_verdict(matching: Matching, rank: int) -> None:
    """What became of one detection, and why."""
    hit, overlap = bool(matching.hits[rank - 1]), float(matching.overlaps[rank - 1])
    limit = matching.iou_threshold
    if hit:
        why = f"IoU {overlap:.3f} ≥ {limit:g} with an object that was free: **hit**. Nobody else gets it now."
    elif overlap >= limit:
        why = f"IoU {overlap:.3f} ≥ {limit:g}, but a better one has taken that object: a double, **false alarm**."
    else:
        why = f"IoU {overlap:.3f} < {limit:g} with the nearest object of the class: **false alarm**."
    st.markdown(f"Rank **{rank}**, score **{matching.scores[rank - 1]:.3f}**. {why}")


def rank_formulas(matching: Matching, rank: int) -> None:
    """Precision and recall after a detection."""
    if not matching.objects:
        return
    for column, formula in zip(st.columns(2), formulas_of(matching, rank), strict=True):
        with column:
            show_formula(formula)


def areas(evaluation: Evaluation, matching: Matching, found: Curve, interpolation: str) -> None:
    """AP at the threshold, and the mean over ten thresholds."""
    if not matching.objects:
        return
    row = evaluation.labels.index(matching.label)
    left, right = st.columns(2, gap="medium")
    with left:
        show_formula(area_formula(found, interpolation, matching.objects, matching.iou_threshold))
    with right:
        show_formula(thresholds_formula(evaluation, row))


def table_of_classes(
    evaluation: Evaluation, detections: Detections, truths: Truths, names: tuple[str, ...]
) -> None:
    """Every class that has objects: AP50, AP75 and AP@[.5:.95], and the mean over them."""
    rows = []
    for label, values in zip(evaluation.labels, evaluation.table, strict=True):
        if np.isnan(values).any():
            continue
        rows.append(
            {
                "class": plain(names[label]),
                "objects": int((truths.labels == label).sum()),
                "detections": int((detections.labels == label).sum()),
                "AP@0.5": round(float(values[0]), 3),
                "AP@0.75": round(float(values[5]), 3),
                "AP@[.5:.95]": round(float(values.mean()), 3),
            }
        )
    if not rows:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.dataframe(rows, hide_index=True)
        by_mistake = len(evaluation.labels) - len(rows)
        if by_mistake:
            st.caption(
                f"{by_mistake} more classes are found here but have no object: no AP, not in the mean."
            )
    with right:
        show_formula(classes_formula(evaluation))
