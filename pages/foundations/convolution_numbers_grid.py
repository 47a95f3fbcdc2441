"""The Numbers view's input and kernel: typed, random, or a patch of the photo; presets, or an own kernel."""

from operator import attrgetter
from typing import Any

import numpy as np
import streamlit as st

from core.convolution import PRESETS, kernel_from_text, matrix_from_text, matrix_to_text, random_grid
from core.convolution.grid import LARGEST_GRID
from core.convolution.patch import CHANNELS, patch
from core.figures.convolution import Numbers, find_cell
from core.figures.encoding import Encoded, encode
from core.photo import Photo
from pages.shared import controls, session
from pages.shared.numbers_grid import Edit
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain

TYPED, RANDOM, PATCH = SOURCES = ("Typed", "Random", "Photo")
OWN = "Own"
PIN = "conv_pin"
KERNELS = {known.label: known for known in PRESETS}
SEVEN = (
    "0 0 0 0 0 0 0; 0 8 9 9 9 8 0; 0 0 0 0 8 6 0; 0 0 0 3 9 1 0; 0 0 1 9 4 0 0; 0 0 6 8 0 0 0; 0 0 8 3 0 0 0"
)
SOBEL = "-1 0 1; -2 0 2; -1 0 1"
BLOCKS = (1, 2, 4, 8, 16, 32)  # pixels on a side that make one number
SMALLEST, USUAL = 1, 8


def chosen_source() -> str:
    """Where the input's numbers come from."""
    return controls.select("Input", "conv_source", TYPED, SOURCES, width=110)


def chosen_grid(source: str, photo: Photo) -> np.ndarray:
    """Draw the controls of the source and return the grid of numbers."""
    if source == TYPED:
        return _typed("Numbers of the input", "conv_grid", SEVEN, matrix_from_text)
    if source == PATCH:
        return _patch(photo)
    hw = _size(LARGEST_GRID, LARGEST_GRID)
    seed = controls.number("Seed", "seed", 0, 0, 9999)
    return random_grid(hw, seed)


def chosen_kernel_name() -> str:
    """The label of a preset, or "Own"."""
    return controls.select("Kernel", "conv_kernel", "Sobel x", (*KERNELS, OWN), width=145)


def chosen_kernel(name: str) -> np.ndarray:
    """The preset's weights, or those that are typed."""
    if name != OWN:
        return KERNELS[name].values
    return _typed("Weights of the kernel", "conv_weights", SOBEL, kernel_from_text)


def chosen_pin(numbers: Numbers) -> dict[str, Any] | None:
    """The cell that is pinned, by a click in the component or by the link; forgotten where it does not fit."""
    held = session.held(PIN)
    if held and find_cell(numbers, held) is None:
        session.assign({PIN: ""})
    name = controls.text("Pinned cell", PIN, "", most=20, help="Click on a cell, or type output.1.5")
    return find_cell(numbers, name)


def take_pin(name: str) -> None:
    """Write the cell that was pinned in the component into the link."""
    session.assign({PIN: name})


def take_edit(edit: Edit, grid: np.ndarray, kernel: np.ndarray | None) -> None:
    """Write a number that was changed in the component into the text that the link carries."""
    if edit.panel == "input":
        session.assign({"conv_source": TYPED, "conv_grid": _changed(grid, edit)})
    elif kernel is not None:
        session.assign({"conv_kernel": OWN, "conv_weights": _changed(kernel, edit)})


def _changed(values: np.ndarray, edit: Edit) -> str:
    flat = values.astype(float).ravel()
    if edit.place < flat.size:
        flat[edit.place] = edit.value
    return matrix_to_text(flat.reshape(values.shape))


def _typed(label: str, key: str, default: str, read) -> np.ndarray:
    words = controls.text(label, key, default, help="Rows end with a semicolon; 1/9 is a fraction", most=4000)
    try:
        return read(words)
    except ValueError as error:
        st.warning(plain(str(error)), icon=":material/edit_off:")
        return read(default)


def _size(most_rows: int, most_columns: int) -> tuple[int, int]:
    with st.container(horizontal=True):
        rows = controls.slider("Rows", "conv_rows", min(USUAL, most_rows), SMALLEST, most_rows, width=150)
        columns = controls.slider(
            "Columns", "conv_columns", min(USUAL, most_columns), SMALLEST, most_columns, width=150
        )
    return rows, columns


def _patch(photo: Photo) -> np.ndarray:
    height, width = photo.pixels.shape[:2]
    blocks = [block for block in BLOCKS if block <= min(height, width)]
    with st.container(horizontal=True):
        channel = controls.select("Channel", "conv_channel", "luminance", tuple(CHANNELS), width=150)
        block = controls.choices_slider(
            "Pixels per number",
            "conv_block",
            8,
            blocks,
            help="Each number is the mean of such a square",
            width=150,
        )
    rows, columns = _size(min(LARGEST_GRID, height // block), min(LARGEST_GRID, width // block))
    span = rows * block, columns * block
    corner = _corner((height - span[0], width - span[1]))
    box = Box(corner[1], corner[0], corner[1] + span[1], corner[0] + span[0])
    key = f"conv_patch_{photo.digest[:8]}"
    picture(
        _encoded(photo),
        key=key,
        alt="The photo with the patch that the grid is taken from",
        boxes=(box,),
        height=260,
        on_pick=lambda: _move(key, span, (height, width)),
    )
    st.caption("Click on the photo to move the patch.")
    return patch(photo.pixels, corner, (rows, columns), block=block, channel=channel)


def _corner(most: tuple[int, int]) -> tuple[int, int]:
    """The patch's first pixel; in the middle of the photo unless it was moved."""
    with st.container(horizontal=True):
        top = controls.number("First row", "conv_top", most[0] // 2, 0, most[0], width=150)
        left = controls.number("First column", "conv_left", most[1] // 2, 0, most[1], width=150)
    return top, left


def _move(key: str, span: tuple[int, int], hw: tuple[int, int]) -> None:
    """Centre the patch on the clicked pixel, as far as the photo reaches."""
    pixel = (session.held(key) or {}).get("pixel")
    if pixel:
        top, left = (
            min(max(int(at) - extent // 2, 0), side - extent)
            for at, extent, side in zip(pixel, span, hw, strict=True)
        )
        session.assign({"conv_top": top, "conv_left": left})


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={Photo: attrgetter("digest")})
def _encoded(photo: Photo) -> Encoded:
    return encode(photo.pixels)
