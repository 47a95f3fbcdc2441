"""The view Sliding window: a classifier at every place of the photo, at several sizes, all windows in one pass."""

from operator import attrgetter

import numpy as np
import streamlit as st

from core import networks
from core.figures import detection as funnels
from core.figures import two_stage_sliding as figures
from core.photo import Photo
from core.snippets import two_stage_sliding as snippets
from core.two_stage import sliding
from core.two_stage.sliding import SIDES, Dense
from core.two_stage.sliding_cost import Cost, cost, ratio_formula, windows_formula
from pages.applications.detection_source import travelling
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import kept
from pages.shared.lesson import Question, ask
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain

PARTS = ("Map", "Boxes", "One by one")
SHARES = tuple(i / 100 for i in (5, *range(10, 100, 5)))
BEST = "Best of each window"
_KEYS = {Photo: attrgetter("digest")}


def sliding_view(photo: Photo) -> None:
    """One part of the view: the map of one size, the boxes of all, or the race."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = controls.choice("Show", "ts_slide", PARTS[0], PARTS)
        if part != PARTS[1]:
            side = controls.choice("Shorter side of the photo, pixels", "ts_side", SIDES[1], SIDES)
        lesson = st.container(width="content")
    if part == PARTS[1]:
        _boxes(photo)
    elif part == PARTS[2]:
        from pages.applications.two_stage_sliding_race import race_part

        race_part(photo, side)
    else:
        counted = _cost(sliding.shown_hw(photo.pixels.shape[:2], side))
        with lesson:
            veiled = ask(_questions(counted), "ts")
        _map(photo, dense(photo, side), counted, bool(veiled))


@kept(st.cache_resource, 12, _KEYS)
def dense(photo: Photo, side: int) -> Dense:
    """All windows of the photo at one size."""
    return sliding.dense(photo.pixels, side)


@kept(st.cache_data, 32)
def _cost(hw: tuple[int, int]) -> Cost:
    return cost(hw)


def categories() -> tuple[str, ...]:
    """What the classifier can say."""
    return networks.record(sliding.NETWORK).categories


def _questions(counted: Cost) -> tuple[Question, ...]:
    height, width = counted.hw
    return (
        Question(
            "ts_windows",
            f"How many windows of 224 × 224, 32 pixels apart, fit into {height} × {width} pixels?",
            counted.windows,
            windows_formula(counted.hw),
        ),
        Question(
            "ts_cheaper",
            "All windows in one pass: is that more, as much or less work than the classifier on each crop?",
            "less",
            ratio_formula(counted) if counted.windows > 1 else "With one window both are the same work.",
            ("less", "as much", "more"),
        )
        if counted.windows > 1
        else Question(
            "ts_cheaper",
            "Of this size there is one window. Is the one pass more, as much or less work than its crop?",
            "as much",
            "With one window the pass is the classifier itself.",
            ("less", "as much", "more"),
        ),
    )


def _map(photo: Photo, seen: Dense, counted: Cost, veiled: bool) -> None:
    """The map over the photo at the left, the clicked window and the cost at the right."""
    label = _class(seen)
    shares = seen.probabilities()
    values = shares.max(axis=0) if label is None else shares[label]
    key = f"ts_window_{photo.digest[:12]}"
    row, column = _place(seen, values, key)
    image, numbers = st.columns([8, 5], gap="medium")
    best = int(shares[:, row, column].argmax()) if label is None else label
    name = plain(categories()[best])
    with image:
        picture(
            travelling(photo),
            key=key,
            alt=f"The photo under the map of {seen.logits[0].size} windows; the one clicked: {name}",
            boxes=[Box(*seen.window(row, column), label=f"{categories()[best]} {values[row, column]:.2f}")],
            overlay=figures.window_map(values, seen.hw),
            opacity=0.55,
            scale=figures.map_scale(values),
            height=520,
            on_pick=_nothing,
        )
        st.caption(
            "Each square is the middle of one window; its colour is the probability there. Click a place to see its "
            "window. At the rim there is none: the frame would not fit."
        )
    with numbers:
        _top_five(shares[:, row, column], row, column)
        if not veiled:
            show_formula(windows_formula(seen.hw))
            show_formula(ratio_formula(counted))
    code_panel(snippets.place(row, column))


def _class(seen: Dense) -> int | None:
    """Which class the map shows: the best one everywhere, or one that is strong somewhere."""
    peaks = seen.probabilities().reshape(len(seen.logits), -1).max(axis=1)
    strongest = np.argsort(-peaks, kind="stable")[:12]
    offered = {BEST: None, **{f"{categories()[i]} ({i})": int(i) for i in strongest}}
    return offered[controls.select("Class", "ts_class", BEST, tuple(offered), width=260)]


def _place(seen: Dense, values: np.ndarray, key: str) -> tuple[int, int]:
    """The window under the last click; before any, the one with the best score."""
    picked = (session.held(key) or {}).get("pixel")
    if picked:
        return seen.nearest(*picked)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return int(row), int(column)


def _top_five(shares: np.ndarray, row: int, column: int) -> None:
    named = [(plain(categories()[i]), float(shares[i])) for i in np.argsort(-shares, kind="stable")[:5]]
    st.markdown(f"Window in row **{row}**, column **{column}**: what the classifier says there.")
    st.plotly_chart(
        funnels.shares_figure(named),
        key="ts_shares",
        alt=funnels.shares_alt(named),
        config={"displayModeBar": False},
    )


def _boxes(photo: Photo) -> None:
    """The windows of all sizes that are over the threshold, and what suppression leaves."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sides = controls.several("Shorter sides", "ts_sides", [str(side) for side in SIDES],
                                 tuple(map(str, SIDES)), len(SIDES), width=330)  # fmt: skip
        threshold = controls.choices_slider("Probability over", "ts_score", 0.4, SHARES, width=200)
        overlap = controls.choices_slider("IoU threshold", "ts_iou", 0.3, SHARES, width=200)
        every = controls.toggle("Show the suppressed", "ts_every", False)
    if not sides:
        st.info("Choose at least one size.", icon=":material/photo_size_select_large:")
        return
    maps = [dense(photo, int(side)) for side in sides]
    left = sliding.found(maps, threshold, overlap)
    lines = [
        (categories()[left.labels[i]], float(left.scores[i]), left.boxes[i], int(left.sides[i]))
        for i in left.kept
    ]
    image, numbers = st.columns([8, 5], gap="medium")
    with image:
        gone = np.setdiff1d(np.arange(len(left.scores)), left.kept)[:150] if every else ()
        picture(
            travelling(photo),
            key="ts_slide_boxes",
            alt="The photo with "
            + (", ".join(f"{name} {score:.2f}" for name, score, *_ in lines) or "no windows"),
            boxes=[Box(*left.boxes[i].tolist(), role="muted", dashed=True) for i in gone]
            + [Box(*box.tolist(), label=f"{name} {score:.2f}") for name, score, box, _ in lines],
            height=520,
        )
        st.caption(
            "Every box is a window: square as the network's input, only as exact as the grid. OverFeat learned a "
            "second network that moves and sizes it."
        )
    with numbers:
        stages = [
            *((f"windows at {each.side} px", each.logits[0].size) for each in maps),
            (f"probability over {threshold:g}", len(left.scores)),
            ("after suppression", len(left.kept)),
        ]
        st.plotly_chart(funnels.funnel_figure(stages), key="ts_slide_funnel", alt=funnels.funnel_alt(stages),
                        config={"displayModeBar": False})  # fmt: skip
        _lines(lines)
        st.caption("The classifier has no class “nothing here”: it names an object for every window.")
    code_panel(snippets.boxes(threshold, overlap))


def _lines(lines: list[tuple[str, float, np.ndarray, int]]) -> None:
    if not lines:
        st.info("No window is over the threshold. Lower it.", icon=":material/search_off:")
        return
    st.dataframe(
        [
            {"class": name, "probability": round(score, 3), "found at": f"{side} px", "left, top": f"{x:.0f}, {y:.0f}"}
            for name, score, (x, y, *_), side in lines
        ],
        hide_index=True,
    )  # fmt: skip


def _nothing() -> None:
    """A pick reruns the view, which reads it."""
