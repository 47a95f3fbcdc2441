"""What the order of two steps changes: the same dice, one way round and the other."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import streamlit as st

from core.augmentation import Step, order_effect
from core.augmentation.formulas import order_scale
from core.augmentation.order import Ordered
from core.figures import augmentation_odds as figures
from core.figures.encoding import Encoded
from core.photo import Photo
from pages.shared import controls
from pages.shared.formula_view import show_formula

PAIRS: dict[str, tuple[str, str]] = {
    "Crop, resize": ("crop", "resize"),
    "Rotate, crop": ("rotate", "crop"),
    "Rotate, flip": ("rotate", "flip"),
    "Shift, zoom": ("translate_x", "zoom"),
    "Blur, resize": ("blur", "resize"),
    "Brightness, contrast": ("brightness", "contrast"),
}
_STRENGTHS = {
    "rotate": 30.0, "flip": 1, "translate_x": 0.25, "zoom": 1.6, "blur": 4.0, "brightness": 2.2, "contrast": 0.4,
}  # fmt: skip
_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest"), Step: repr}


def order_section(photo: Photo, seed: int) -> None:
    """Two steps in both orders: what each result shows of the photo, and how sharp."""
    st.subheader("What the order changes", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pair = controls.choice("Two steps", "aug_odds_pair", next(iter(PAIRS)), tuple(PAIRS))
        steps = tuple(_step(name) for name in PAIRS[pair])
    orders, pictures = _both(photo, steps[0], steps[1], seed)
    names = [" then ".join(words) for words in _words(pair)]
    columns = st.columns(3)
    with columns[0]:
        st.markdown("**What they see of the photo**")
        st.image(
            pictures[0].uri, alt="The photo with the part that each order shows", width=_width(pictures[0])
        )
        st.caption(f"Yellow: {names[0]}. Blue: {names[1]}.")
    for column, name, order, shown in zip(columns[1:], names, orders, pictures[1:], strict=True):
        with column:
            st.markdown(f"**{name}**")
            height, width = order.hw
            st.image(shown.uri, alt=f"{name}: {height} × {width} pixels", width=_width(shown))
            st.caption(f"**{height} × {width} pixels**, shows {order.seen:.1%} of the photo")
    for column, name, order in zip(st.columns(2), names, orders, strict=True):
        with column:
            show_formula(order_scale(order, name))
    st.caption(_sentence(orders))


def _width(shown: Encoded) -> Any:
    """As wide as its place; a tall strip narrower, for it would have no end."""
    return max(8, 330 * shown.width // shown.height) if shown.height > shown.width else "stretch"


def _step(name: str) -> Step:
    """A step at one strength: of crop and resize it can be chosen."""
    if name == "crop":
        percent = controls.slider("Crop to, % of the area", "aug_odds_area", 25, 5, 100, 5, width=190)
        return Step("crop", percent / 100, percent / 100)
    if name == "resize":
        side = controls.choices_slider(
            "Resize to, px", "aug_odds_side", 96, (32, 64, 96, 128, 192, 256), width=190
        )
        return Step("resize", side, side)
    strength = {
        "rotate": 30.0,
        "flip": 1,
        "translate_x": 0.25,
        "zoom": 1.6,
        "blur": 4.0,
        "brightness": 2.2,
        "contrast": 0.4,
    }
    return Step(name, strength[name], strength[name])


def _words(pair: str) -> tuple[tuple[str, str], tuple[str, str]]:
    first, second = pair.split(", ")
    return (first, second), (second.capitalize(), first.lower())


def _sentence(orders: tuple[Ordered, Ordered]) -> str:
    first, second = orders
    if first.hw != second.hw:
        times = first.hw[0] * first.hw[1] / (second.hw[0] * second.hw[1])
        return (
            f"The same part of the photo, but {max(times, 1 / times):.3g} times as many pixels one way round: what is "
            "cut away after resizing was computed for nothing, and the network gets another size."
        )
    if abs(first.seen - second.seen) > 0.001:
        return (
            "The same size, another part of the photo: what one step pushes out, the next cannot bring back."
        )
    return "Both show as much of the photo; look at what has become of its pixels. Both threw the same dice."


@st.cache_data(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _both(
    photo: Photo, first: Step, second: Step, seed: int
) -> tuple[tuple[Ordered, Ordered], tuple[Encoded, Encoded, Encoded]]:
    orders = order_effect(first, second, photo.pixels.shape[:2], seed)
    return orders, (
        figures.seen_picture(photo.pixels, orders),
        figures.result_picture(orders[0], photo.pixels),
        figures.result_picture(orders[1], photo.pixels),
    )
