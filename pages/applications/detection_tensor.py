"""The view From the tensor: click a cell of a grid, and read its 85 numbers and how they become a box."""

import numpy as np
import streamlit as st

from core.detection.detector import Seen, class_names
from core.detection.formulas import cell_formulas, photo_formula
from core.detection.layout import STRIDES, cells, decode
from core.figures import detection as figures
from core.photo import Photo
from core.snippets import detection as snippets
from pages.applications import detection_source as source
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain

MAPS = {"Score": "score", "Objectness": "objectness", "Class": "class"}
SAYS = {
    "Score": "objectness × the best class's probability",
    "Objectness": "is there the middle of an object?",
    "Class": "if there is one, what is it? Each colour is a class",
}


def tensor_view(photo: Photo, seen: Seen, threshold: float) -> None:
    """The grid over the photo at the left, the arithmetic of the chosen cell at the right."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stride = controls.choice(
            "Grid", "det_stride", 32, STRIDES, format_func=lambda each: _grid(each, seen.side)
        )
        shown = controls.choice("Map", "det_map", "Score", tuple(MAPS))
    image, numbers = st.columns([8, 5], gap="medium")
    key = f"det_cell_{photo.digest[:12]}"
    with image:
        place = st.empty()
    cell = _cell(photo, seen, stride, key)
    column, row, _ = (int(each) for each in cells(seen.side)[cell])
    side = stride / seen.box.scale
    square = Box(column * side, row * side, (column + 1) * side, (row + 1) * side, role="second")
    box = decode(seen.raw)[cell] / seen.box.scale
    label = int(seen.raw[cell, 5:].argmax())
    score = float(seen.raw[cell, 4] * seen.raw[cell, 5 + label])
    with place.container():
        picture(
            source.travelling(photo),
            key=key,
            alt=f"The photo under the {shown.lower()} of the grid of stride {stride}; column {column}, row {row}",
            boxes=[
                square,
                Box(*box.tolist(), label=f"{class_names()[label]} {score:.2f}", dashed=score <= threshold),
            ],
            overlay=_map(seen, stride, shown),
            opacity=0.55,
            height=560,
            on_pick=_nothing,
        )
        st.caption(
            f"{shown}: {SAYS[shown]}. Click anywhere: the cell under the pointer answers. A dashed box is under the "
            "score threshold."
        )
    with numbers:
        _numbers(seen, cell, stride, label)
    code_panel(snippets.cell(stride, column, row, seen.side))


def _grid(stride: int, side: int) -> str:
    return f"{side // stride} × {side // stride}"


def _cell(photo: Photo, seen: Seen, stride: int, key: str) -> int:
    """The cell under the last click; before any, the one with the best score."""
    picked = (session.held(key) or {}).get("pixel")  # row and column of the photo
    grid = seen.side // stride
    if picked:
        row, column = (min(grid - 1, int((each + 0.5) * seen.box.scale / stride)) for each in picked)
        return seen.cell_at(stride, column, row)
    row, column = np.unravel_index(int(seen.score_map(stride, "score").argmax()), (grid, grid))
    return seen.cell_at(stride, int(column), int(row))


def _map(seen: Seen, stride: int, shown: str) -> np.ndarray:
    width, height = seen.box.size
    used = round(width * seen.box.scale), round(height * seen.box.scale)
    if shown != "Class":
        return figures.cell_map(seen.score_map(stride, MAPS[shown]), used, seen.side)
    place, side = cells(seen.side)[:, 2] == stride, seen.side // stride
    labels = seen.raw[place, 5:].argmax(axis=1).reshape(side, side)
    return figures.class_map(labels, seen.score_map(stride, "class"), used, seen.side)


def _numbers(seen: Seen, cell: int, stride: int, label: int) -> None:
    """The numbers of a cell, as they become a box."""
    column, row, _ = (int(each) for each in cells(seen.side)[cell])
    x, y, w, h, objectness = (float(each) for each in seen.raw[cell, :5])
    st.markdown(
        f"Row **{cell:,}** of {len(seen.raw):,}: column **{column}**, row **{row}** of the grid of stride "
        f"**{stride}**. Its 85 numbers: ({x:.3f}, {y:.3f}, {w:.3f}, {h:.3f}, {objectness:.3f}, and 80 classes)."
    )
    *place, score = cell_formulas(seen, cell)
    show_formula(score)
    best = np.argsort(-seen.raw[cell, 5:], kind="stable")[:5]
    named = [(plain(class_names()[int(i)]), float(seen.raw[cell, 5 + int(i)])) for i in best]
    st.plotly_chart(
        figures.shares_figure(named),
        key="det_shares",
        alt=figures.shares_alt(named),
        config={"displayModeBar": False},
    )
    for formula in place:
        show_formula(formula)
    show_formula(photo_formula(seen, place[0].value))


def _nothing() -> None:
    """A pick reruns the view, which reads it."""
