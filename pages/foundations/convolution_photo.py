"""The photo view: a convolution on the whole photo, taken apart at every click."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.convolution.formulas import size_formulas
from core.convolution.photo_layer import PhotoLayer, flat_formula, weights_formula
from core.convolution.photo_window import Outcome, outcome_at, place_of_pixel
from core.figures import convolution_photo as figures
from core.figures.encoding import Encoded, encode
from core.formula import Formula
from core.photo import Photo
from core.snippets import convolution_photo as snippets
from pages.foundations import convolution_photo_sections as sections
from pages.foundations.convolution_photo_learn import learn_section
from pages.foundations.convolution_photo_settings import photo_layer
from pages.shared import controls, session
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.picture import Box, picture
from pages.shared.turns import fragment

_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest"), PhotoLayer: repr}
_INPUT, _OUTPUT = "photo_picture_input", "photo_picture_output"
_PICK = "Or click a pixel of either picture; with the keyboard, the arrow keys and Enter pick one"
_ROW, _COLUMN = "conv_photo_row", "conv_photo_column"
SECTIONS = {
    "One output": "A click on either picture picks an output; here is how it is computed.",
    "Colour channels": "What the filter makes of red, green and blue, and their sum.",
    "Several filters": "A layer has many filters; each makes a map of its own.",
    "Shift test": "If the photo moves, does the output just move along?",
    "Learn this filter": "Gradient descent finds the kernel from the photo and the output alone.",
}


@fragment
def photo_view(photo: Photo) -> None:
    """Draw the view; a fragment: moving a slider redraws this view and not the frame around it."""
    above, pictures, below = _row(), st.container(), _row()
    layer = photo_layer(photo.pixels.shape[:2], above, below)
    if layer is None:
        return
    with above:
        veiled = ask(_questions(photo, layer), "conv_photo")
    with below:
        place = _place(layer.output_hw(photo.pixels.shape[:2]))
    with pictures:
        _pictures(photo, layer, outcome_at(layer, photo.pixels, place), veiled)
    _numbers(photo, layer, veiled)
    _section(photo, layer, place, veiled)


def _row() -> DeltaGenerator:
    """A row of controls, which wraps on a narrow screen."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="medium")


def _place(output_hw: tuple[int, int]) -> tuple[int, int]:
    """The output that is taken apart, typed or set by a click; the middle one at first and when it is gone."""
    for key, size in zip((_ROW, _COLUMN), output_hw, strict=True):
        if not 0 <= session.held(key, 0) < size:
            session.assign({key: size // 2})
    with st.container(horizontal=True, width="content"):
        row = controls.number(
            "Output row", _ROW, output_hw[0] // 2, 0, output_hw[0] - 1, help=_PICK, width=130
        )
        column = controls.number("Output column", _COLUMN, output_hw[1] // 2, 0, output_hw[1] - 1, width=130)
    return row, column


def _pictures(photo: Photo, layer: PhotoLayer, outcome: Outcome, veiled: frozenset[str]) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown("**Photo**")
        picture(
            _encoded(photo),
            key=_INPUT,
            alt="The photo; click a pixel to see the output above it",
            boxes=_boxes(outcome),
            marker=_centre(outcome, photo.pixels.shape[:2]),
            on_pick=_pick_pixel,
        )
    with right:
        st.markdown("**Output**")
        if veiled:
            st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
            return
        shown = _output(photo, layer)
        picture(
            shown.picture,
            key=_OUTPUT,
            alt="The output of the layer; click a value to see where it comes from",
            marker=outcome.place,
            scale=shown.scale,
            on_pick=_pick_output,
        )
    session.assign({"photo_picture_layer": (layer, photo.pixels.shape[:2])})


def _pick_output() -> None:
    """A click on the output picture."""
    row, column = session.held(_OUTPUT)["pixel"]
    session.assign({_ROW: row, _COLUMN: column})


def _pick_pixel() -> None:
    """A click on the photo: the output whose window has its centre there."""
    layer, hw = session.held("photo_picture_layer")
    row, column = place_of_pixel(layer, hw, tuple(session.held(_INPUT)["pixel"]))
    session.assign({_ROW: row, _COLUMN: column})


def _boxes(outcome: Outcome) -> list[Box]:
    """The window that is written out, and all that the pooling looks at."""
    chosen = outcome.windows[outcome.chosen].box
    boxes = [Box(*chosen, label="window")]
    if len(outcome.windows) > 1:
        edges = list(zip(*(window.box for window in outcome.windows), strict=True))
        field = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
        boxes.insert(0, Box(*field, role="second", dashed=True))
    return boxes


def _centre(outcome: Outcome, hw: tuple[int, int]) -> tuple[int, int]:
    left, top, right, bottom = outcome.windows[outcome.chosen].box
    return min(max((top + bottom) // 2, 0), hw[0] - 1), min(max((left + right) // 2, 0), hw[1] - 1)


def _numbers(photo: Photo, layer: PhotoLayer, veiled: frozenset[str]) -> None:
    """Size and number of weights with their numbers filled in; the symbols and the code when they are opened."""
    formulas = _formulas(photo, layer)
    with st.container(horizontal=True, gap="large"):
        for formula in formulas:
            st.latex(_line(formula, "size" in veiled), width="content")
    with sections.opened("Formulas and code of the output", "conv_photo_formulas") as is_open:
        if not is_open:
            return
        for first in range(0, len(formulas), 2):
            for column, formula in zip(st.columns(2), formulas[first : first + 2], strict=False):
                with column:
                    show_formula(formula, veiled="size" in veiled)
        st.caption(
            "Pixel values run from 0 to 255 and stay as they are. PyTorch's ToTensor divides them by 255 first, "
            "which divides every output by 255 too, except for the bias."
        )
        st.code(snippets.output(layer), language="python")


def _line(formula: Formula, veiled: bool) -> str:
    value = "?" if veiled else rf"\mathbf{{{formula.value}}}"
    return (
        rf"\small \begin{{gathered}} \text{{{formula.name}}} \\ {formula.filled} = {value} \end{{gathered}}"
    )


def _formulas(photo: Photo, layer: PhotoLayer) -> list[Formula]:
    hw = photo.pixels.shape[:2]
    formulas = [*size_formulas(layer.window, hw)]
    if layer.pooling:
        pooled = size_formulas(layer.pooling, layer.window.output_hw(hw))
        formulas += [replace(formula, name=f"{formula.name} after pooling") for formula in pooled]
    return [*formulas, weights_formula(layer)]


def _section(photo: Photo, layer: PhotoLayer, place: tuple[int, int], veiled: frozenset[str]) -> None:
    section = controls.choice("Look closer", "conv_photo_section", next(iter(SECTIONS)), tuple(SECTIONS))
    st.caption(SECTIONS[section])
    if veiled and section != "Learn this filter":
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    match section:
        case "One output":
            sections.one_output(layer, outcome_at(layer, photo.pixels, place))
        case "Colour channels":
            sections.colour_channels(photo, layer)
        case "Several filters":
            sections.several_filters(photo, layer)
        case "Shift test":
            sections.shift_section(photo, layer)
        case _:
            learn_section(photo, layer)


def _questions(photo: Photo, layer: PhotoLayer) -> tuple[Question, ...]:
    rows = size_formulas(layer.window, photo.pixels.shape[:2])[0]
    flat = flat_formula(layer)
    whole = layer.stride[1] == 1
    return (
        Question("size", "How many rows does the convolution give?", rows.value, rows),
        Question(
            "flat", "What does the convolution give on an even grey area of value 100?", flat.value, flat
        ),
        Question(
            "shift",
            "The photo moves one pixel to the right. Does the output just move along?",
            "Yes" if whole else "No, its values change",
            "Every output reads its window in the same way, so with a total stride of 1 the output moves along."
            if whole
            else f"The outputs stand {layer.stride[1]} pixels apart, so their windows now meet other pixels.",
            ("Yes", "No, its values change"),
        ),
    )


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_KEYS)
def _encoded(photo: Photo) -> Encoded:
    return encode(photo.pixels)


@st.cache_data(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _output(photo: Photo, layer: PhotoLayer) -> figures.Shown:
    return figures.show_output(layer, photo.pixels)
