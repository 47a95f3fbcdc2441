"""The Numbers view: one small layer, every product and every sum."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.convolution import matrix
from core.figures.convolution import Numbers, component_data, work_through
from core.photo import Photo
from pages.foundations.convolution_numbers_grid import (
    PATCH,
    chosen_grid,
    chosen_kernel,
    chosen_kernel_name,
    chosen_pin,
    chosen_source,
    take_edit,
    take_pin,
)
from pages.foundations.convolution_numbers_lesson import questions
from pages.foundations.convolution_numbers_sections import MATRIX, SECTIONS, show_section
from pages.foundations.convolution_numbers_settings import Place, chosen_layer, chosen_operation
from pages.shared import controls
from pages.shared.lesson import ask
from pages.shared.numbers_grid import numbers_grid
from pages.shared.turns import fragment

Cell = dict[str, Any] | None  # a place in the component


@fragment
def numbers_view(photo: Photo) -> None:
    """Draw the controls, the three grids, and beneath them what they show about the layer.

    A fragment: moving a slider redraws this view and not the frame around it.
    """
    numbers, from_photo, pin, asking = _controls(photo)
    with asking:
        veiled = bool(ask(questions(numbers), "conv_"))
    picture = st.container()
    section = controls.choice("Look closer", "conv_section", SECTIONS[0], SECTIONS)
    with picture:
        _grids(numbers, photo=from_photo, veiled=veiled, as_matrix=section == MATRIX, pin=pin)
    show_section(section, numbers, veiled=veiled)


def _controls(photo: Photo) -> tuple[Numbers, bool, Cell, DeltaGenerator]:
    """Returns the layer worked through, whether its input is the photo's, the pinned cell, where questions go."""
    with st.container(horizontal=True, vertical_alignment="top", horizontal_alignment="distribute"):
        operation = chosen_operation()
        asking = st.container(width="content")
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall")
    with row:
        source = chosen_source()
        name = chosen_kernel_name() if operation in ("convolution", "transposed") else ""
        more = st.popover("More", icon=":material/tune:", help="Type numbers and weights; the rarer settings")
        shown = st.container(horizontal=True, width="content", vertical_alignment="bottom")
    with more:
        grid = chosen_grid(source, photo)
        kernel = chosen_kernel(name) if name else None
    shape = kernel.shape if kernel is not None else (1, 1)
    layer = chosen_layer(operation, grid.shape, shape, Place(shown, more))
    numbers = work_through(layer, grid, kernel)
    with more:
        pin = chosen_pin(numbers)
    return numbers, source == PATCH, pin, asking


def _grids(numbers: Numbers, *, photo: bool, veiled: bool, as_matrix: bool, pin: Cell) -> None:
    linear = numbers.layer.operation != "max_pool"
    drawn = matrix(numbers.wiring, numbers.kernel) if as_matrix and linear and not veiled else None
    numbers_grid(
        component_data(numbers, photo=photo, veiled=veiled, matrix=drawn, pin=pin),
        key="conv_numbers",
        on_edit=lambda edit: take_edit(edit, numbers.grid, numbers.kernel),
        on_pin=take_pin,
    )
