"""The photo view looked at closer: one output, the colour channels, several filters, the shift test."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter

import streamlit as st

from core.convolution.photo_layer import CHANNELS, MIXES, PhotoLayer
from core.convolution.photo_window import Outcome, outcome_formulas
from core.convolution.shift import LONGEST_SHIFT, Shift, difference, shift_test
from core.figures import convolution_photo as figures
from core.photo import Photo
from core.snippets import convolution_photo as snippets
from pages.foundations.convolution_photo_settings import LABELS, as_words
from pages.shared import controls
from pages.shared.formula_view import show_formula
from pages.shared.picture import picture
from pages.shared.plain_text import plain
from pages.shared.window_sum import plain_number, window_sum

_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest"), PhotoLayer: repr}
MOST_FILTERS = 8
DEFAULT_FILTERS = ("Sobel x", "Sobel y", "Laplacian", "Gaussian blur")


@contextmanager
def opened(label: str, key: str) -> Iterator[bool]:
    """A panel that is filled only while it is open: what nobody sees costs no time when a slider moves."""
    panel = st.expander(label, icon=":material/code:", key=key, on_change="rerun", bind="query-params")
    with panel:
        yield bool(panel.open)


def show_code(snippet: str) -> None:
    """The lines of PyTorch that give the section's number again."""
    with opened("Show the code", "conv_photo_code") as is_open:
        if is_open:
            st.code(snippet, language="python")


def one_output(layer: PhotoLayer, outcome: Outcome) -> None:
    """Values times weights, products, sums, bias; then ReLU and pooling."""
    window = outcome.windows[outcome.chosen]
    if len(outcome.windows) > 1:
        st.markdown(
            f"Pooling looks at {len(outcome.windows)} outputs of the convolution; this is the one in row "
            f"{window.unit[0]}, column {window.unit[1]}."
        )
    window_sum(window, key="photo_window_sum", separate=layer.mix is None)
    formulas = outcome_formulas(layer, outcome)
    for column, formula in zip(st.columns(len(formulas) or 1), formulas, strict=False):
        with column:
            show_formula(formula)
    show_code(snippets.unit(layer, window.unit))


def colour_channels(photo: Photo, layer: PhotoLayer) -> None:
    """The three intermediate maps, the bias, and the output before ReLU and pooling."""
    if layer.mix is None:
        st.markdown("Each channel is an output of its own here; nothing is added up.")
    shown = _channel_maps(photo, layer)
    maps = shown[:3] if layer.mix is None else shown
    names = [*CHANNELS, f"sum + bias {plain_number(layer.bias)}"]
    signs = ("", "+ ", "+ ", "= ") if layer.mix else ("", "", "")
    for column, name, sign, one in zip(st.columns(len(maps)), names, signs, maps, strict=False):
        with column:
            st.markdown(f"**{sign}{name}**")
            picture(one.picture, key=f"photo_channel_{name[:5]}", alt=f"Map of {name}", scale=one.scale)
    show_code(snippets.channel_maps(layer))


def several_filters(photo: Photo, layer: PhotoLayer) -> None:
    """A layer of several filters over all three channels, with the settings above."""
    names = controls.several("Filters", "conv_photo_filters", DEFAULT_FILTERS, tuple(LABELS), MOST_FILTERS)
    if not names:
        st.info("Choose a filter.", icon=":material/add:")
        return
    bank = _bank(layer, names)
    height, width = bank.output_hw(photo.pixels.shape[:2])
    filters = len(bank.kernels)
    st.latex(
        rf"{photo.pixels.shape[0]} \times {photo.pixels.shape[1]} \times {len(CHANNELS)} \;\longrightarrow\; "
        rf"{height} \times {width} \times {filters}"
    )
    maps = _filter_maps(photo, bank)
    across = min(len(maps), 4)
    for first in range(0, len(maps), across):
        for column, place in zip(st.columns(across), range(first, len(maps)), strict=False):
            with column:
                st.markdown(f"**{names[place]}**")
                one = maps[place]
                picture(
                    one.picture, key=f"photo_filter_{place}", alt=f"Map of {names[place]}", scale=one.scale
                )
    show_code(snippets.output_shape(bank))


def _bank(layer: PhotoLayer, names: Sequence[str]) -> PhotoLayer:
    """The presets as filters of one layer. Its kernels have one size, 3 x 3, and keep the stride and the padding."""
    presets = [LABELS[name] for name in names]
    window = replace(layer.window, kernel=(len(presets[0].rows), len(presets[0].rows[0])))
    mix = layer.mix or MIXES["Luminance"]
    return replace(layer, kernels=tuple(as_words(one.values) for one in presets), window=window, mix=mix)


def shift_section(photo: Photo, layer: PhotoLayer) -> None:
    """Move the photo by up to eight pixels and compare the outputs."""
    try:
        shifts = _shifts(photo, layer)
    except ValueError as error:
        st.info(plain(str(error)), icon=":material/straighten:")
        return
    stride = layer.stride[1]
    pixels = controls.slider("Shift of the photo, pixels", "conv_photo_shift", 1, 0, LONGEST_SHIFT)
    chart, change = st.columns((3, 2))
    with chart:
        st.plotly_chart(
            figures.shift_chart(shifts, stride), key="photo_shift_chart", alt=figures.shift_alt(shifts)
        )
    with change:
        st.markdown(f"**Output of the moved photo minus the moved output, shift {pixels}**")
        shown = _difference(photo, layer, pixels)
        picture(shown.picture, key="photo_shift_picture", alt="What the shift changed", scale=shown.scale)
    st.markdown(_verdict(shifts[pixels], stride))
    show_code(snippets.shift(layer, pixels))


def _verdict(shift: Shift, stride: int) -> str:
    moved = f"The photo moved {shift.pixels} px, the output {shift.cells} cells of {stride} px each"
    change = f"largest difference {plain_number(shift.largest)}, mean {plain_number(shift.mean)}"
    if shift.largest == 0:
        return f"{moved}: **{change}**. The layer is equivariant to this shift."
    return f"{moved}, the nearest whole number: **{change}**, {shift.relative:.0%} of the output's mean magnitude."


@st.cache_data(max_entries=24, show_spinner=False, hash_funcs=_KEYS)
def _channel_maps(photo: Photo, layer: PhotoLayer) -> tuple[figures.Shown, ...]:
    return figures.show_channels(layer, photo.pixels)


@st.cache_data(max_entries=24, show_spinner=False, hash_funcs=_KEYS)
def _filter_maps(photo: Photo, layer: PhotoLayer) -> tuple[figures.Shown, ...]:
    return figures.show_filters(layer, photo.pixels)


@st.cache_data(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _shifts(photo: Photo, layer: PhotoLayer) -> tuple[Shift, ...]:
    return shift_test(layer, photo.pixels)


@st.cache_data(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _difference(photo: Photo, layer: PhotoLayer, pixels: int) -> figures.Shown:
    return figures.show_difference(layer, photo.pixels, difference(layer, photo.pixels, pixels))
