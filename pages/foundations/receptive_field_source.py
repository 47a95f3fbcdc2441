"""Through what the photo view looks: the own stack or a network, one of its layers, at a size of the picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import numpy as np
import streamlit as st
from jaxtyping import UInt8
from streamlit.delta_generator import DeltaGenerator

from core.figures.receptive_field import layer_names
from core.photo import Photo
from core.receptive_field import (
    NETWORKS,
    EffectiveField,
    LayerField,
    Poke,
    Row,
    effective_field,
    network_fields,
    poke,
    square_crop,
    stack_from_text,
    stack_to_text,
    trace_stack,
)
from core.receptive_field.catalogue import PACKAGED
from pages.shared import controls
from pages.shared.heavy import kept
from pages.shared.linked_stack import linked_stack

DEFAULT_NETWORK = "resnet18"
PAPER_RESNET = "resnet50_v1"
NETWORK, STACK = "A network", "Your stack"
_SIDES = (64, 128, 224, 320, 448)
_BY_DIGEST: dict[str | type[Any], Any] = {Photo: attrgetter("digest")}
_SHOWN_KINDS = ("conv", "max_pool", "avg_pool", "add", "cat")
_GOOD_SHARE = 0.45  # at first the layer is shown whose field is nearest to this part of the picture's side
Place = tuple[int, int]  # row, column


@dataclass(frozen=True, slots=True)
class Look:
    """Everything but the photo that decides what a unit sees: the key of the caches.

    Args:
        model: name of a network, or the text of a stack.
        is_network: which of the two.
        layer: a network layer's name, or a stack layer's number from 1 on.
        side: of the square picture in pixels.
        seed: of the random weights.
    """

    model: str
    is_network: bool
    layer: str | int
    side: int
    seed: int

    @property
    def weights(self) -> Literal["random", "packaged"]:
        """Trained weights where they come with a package, else random ones."""
        return "packaged" if self.is_network and self.model in PACKAGED else "random"


def choose() -> tuple[Look, Row | LayerField]:
    """Draw the controls; return what to look through and its line of the table.

    Raises: ValueError with one sentence if the model cannot take a picture of this size.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = controls.choice("Look through", "rf_source", NETWORK, (NETWORK, STACK))
        models, layers = st.container(width=210), st.container(width=270)
        with st.popover("Settings", icon=":material/tune:"):
            side = controls.select("Picture side in pixels", "rf_look", 224, _SIDES)
            seed = controls.number("Seed of the random weights", "seed", 0, 0, 9999)
            stack = linked_stack()
    if source == NETWORK:
        with models:
            name = controls.select("Network", "network", DEFAULT_NETWORK, NETWORKS)
        fields = {field.name: field for field in _fields(name, side) if field.kind in _SHOWN_KINDS}
        layer = _choose_layer("rf_net_layer", fields, side, layers)
        return Look(name, True, layer, side, seed), fields[layer]
    rows = trace_stack(stack.layers, (side, side))[1:]
    named = dict(zip(layer_names(stack.layers), rows, strict=True))
    layer = _choose_layer("rf_layer", named, side, layers)
    return Look(stack_to_text(stack.layers), False, named[layer].index, side, seed), named[layer]


@kept(st.cache_data, 64)
def _fields(name: str, side: int) -> tuple[LayerField, ...]:
    return network_fields(name, side)


def _choose_layer(key: str, rows: Mapping[str, Row | LayerField], side: int, place: DeltaGenerator) -> str:
    """At first the layer that makes the best picture: its field is neither a dot nor wider than the photo."""
    default = min(rows, key=lambda name: abs(rows[name].size - _GOOD_SHARE * side))
    with place:
        return controls.select("Layer", key, default, tuple(rows))


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=_BY_DIGEST)
def shown_picture(photo: Photo, side: int) -> UInt8[np.ndarray, "side side 3"]:
    """What the network gets: the middle square of the photo."""
    return square_crop(photo.pixels, side)


@kept(st.cache_data, 64, _BY_DIGEST)
def measured(photo: Photo, look: Look, unit: Place) -> EffectiveField:
    """The effective field of a unit, by gradient."""
    pixels = shown_picture(photo, look.side)
    return effective_field(_model(look), look.layer, unit, pixels, weights=look.weights, seed=look.seed)


@kept(st.cache_data, 512, _BY_DIGEST)
def poked(photo: Photo, look: Look, unit: Place, pixel: Place) -> Poke:
    """The unit before and after one pixel was changed."""
    pixels = shown_picture(photo, look.side)
    return poke(_model(look), look.layer, unit, pixels, pixel, weights=look.weights, seed=look.seed)


def _model(look: Look) -> str | tuple:
    return look.model if look.is_network else stack_from_text(look.model)
