"""Order matters: the same three boxes, two scores that change places, and other boxes that stay."""

import streamlit as st

from core.detection.boxes import overlap
from core.detection.formulas import iou_formula
from core.detection.order import NAMES, Chain, Run, chain
from core.photo import Photo
from core.snippets import detection as snippets
from pages.applications import detection_source as source
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.picture import Box, picture


def order_view(photo: Photo, limit: float) -> None:
    """Two runs side by side, each with its list of decisions; the three overlaps below."""
    made = chain(limit, photo.pixels.shape[:2])
    for number, (column, run) in enumerate(zip(st.columns(2, gap="medium"), made.runs, strict=True)):
        with column:
            _run(photo, made, run, number, limit)
    st.markdown(
        "The boxes are the same. C has a better neighbour, B, in both runs; on the left it stays, because B was gone "
        "before it could remove C. So greedy suppression is not a rule about boxes, but about the order of scores: two "
        "scores change places, and another number of objects is found."
    )
    pairs = ((0, 1, "over the threshold"), (1, 2, "over the threshold"), (0, 2, "not over it"))
    for column, (a, b, what) in zip(st.columns(3, gap="medium"), pairs, strict=True):
        with column:
            show_formula(
                iou_formula(
                    overlap(made.boxes[a], made.boxes[b]), limit, f"{NAMES[a]} and {NAMES[b]}: {what}"
                )
            )
    code_panel(snippets.suppression(limit))


def _run(photo: Photo, made: Chain, run: Run, number: int, limit: float) -> None:
    kept = [NAMES[index] for index in run.outcome.kept]
    scores = ", ".join(f"{name} {score:g}" for name, score in zip(NAMES, run.scores, strict=True))
    st.markdown(f"**{scores}**: {len(kept)} {'stays' if len(kept) == 1 else 'stay'}, {' and '.join(kept)}.")
    boxes = [
        Box(
            *made.boxes[index].tolist(),
            label=f"{NAMES[index]} {run.scores[index]:g}",
            role="primary" if index in run.outcome.kept else "muted",
            dashed=index not in run.outcome.kept,
        )
        for index in range(len(NAMES))
    ]
    picture(
        source.travelling(photo),
        key=f"det_order_{number}",
        alt=f"Three boxes with the scores {scores}; {' and '.join(kept)} stay, the dashed ones were removed",
        boxes=boxes,
        height=420,
    )
    for place, step in enumerate(run.outcome.steps, start=1):
        removed = "; ".join(
            f"it removes {NAMES[who]}, IoU {value:.3f} > {limit:g}"
            for who, value in zip(step.removed.tolist(), step.overlaps.tolist(), strict=True)
        )
        st.markdown(
            f"{place}. Keep **{NAMES[step.kept]}** ({step.score:g}); {removed or 'nothing is left to remove'}."
        )
