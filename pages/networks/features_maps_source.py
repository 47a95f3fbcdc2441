"""What the maps view looks at: network, weights, layer; and what was computed of it, kept between runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import streamlit as st

from core import networks
from core.features import scene as scenes
from core.features.contributions import UnitSum
from core.features.maps import ChannelTable, Layer, channel_table
from core.features.scene import Look, Scene
from core.features.similarity import Likeness
from core.features.statistics import LayerStatistics, layer_statistics
from core.figures.encoding import Encoded, encode
from core.figures.features import Board, board
from core.networks import NetworkRecord
from core.photo import Photo
from pages.networks import features_own
from pages.shared import controls, session
from pages.shared.fetch_weights import offer
from pages.shared.heavy import kept

NETWORKS = (
    networks.DEFAULT,
    "alexnet",
    "vgg11",
    "vgg16",
    "googlenet",
    "resnet18",
    "resnet50",
    "squeezenet1_1",
    "densenet121",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "shufflenet_v2_x1_0",
    "efficientnet_b0",
    "regnet_y_400mf",
    "convnext_tiny",
)
TRAINED, UNTRAINED = "trained", "untrained"
_KEYS: dict[str | type, Any] = {Photo: attrgetter("digest"), Look: repr}


@dataclass(frozen=True, slots=True)
class Wish:
    """How the channels are shown.

    Args:
        order: "mean", "max" or "index".
        shared: one range of colours for all maps.
        per_page: channels on one board.
    """

    order: str
    shared: bool
    per_page: int


def choose_look() -> Look:
    """Network and weights; where trained ones are missing, say so in one sentence and go on untrained."""
    return Look(features_own.choose(NETWORKS), choose_weights())


def choose_weights() -> str:
    """Trained or untrained; a visitor's own network has its own."""
    if session.held("network") == features_own.OWN:
        return TRAINED
    return controls.choice("Weights", "feat_weights", TRAINED, (TRAINED, UNTRAINED))


def title(look: Look) -> str:
    """Network and weights in words."""
    own = networks.is_guest(look.network) and look.weights == TRAINED
    return record(look.network).title if own else f"{record(look.network).title}, {look.weights}"


@kept(st.cache_resource, 64)
def record(network: str) -> NetworkRecord:
    """What is known of a network; the first time it is traced for it."""
    return networks.record(network)


def usable(look: Look, key: str = "feat_fetch") -> Look:
    """The look itself, or an untrained one with what is missing and a button that fetches it, under `key`."""
    features_own.notice()
    if look.weights == TRAINED and not networks.is_here(look.network):
        offer(record(look.network), key)
        return Look(look.network, UNTRAINED)
    return look


@kept(st.cache_resource, 12, _KEYS)
def scene(photo: Photo, look: Look) -> Scene:
    """The network in front of the photo."""
    return scenes.scene(look, photo)


@kept(st.cache_data, 64, _KEYS)
def predictions(photo: Photo, look: Look) -> tuple[tuple[str, float], ...]:
    """The top five."""
    return scenes.predictions(scene(photo, look))


@kept(st.cache_data, 16, _KEYS)
def crop(photo: Photo, look: Look) -> Encoded:
    """The square that the network saw."""
    return encode(scene(photo, look).pixels)


@kept(st.cache_resource, 16, _KEYS)
def stage_faces(photo: Photo, look: Look) -> tuple[np.ndarray, ...]:
    """How much goes on where in each stage."""
    return scenes.stage_faces(scene(photo, look))


@kept(st.cache_resource, 16, _KEYS)
def maps(photo: Photo, look: Look, layer: str) -> np.ndarray:
    """All channels of a layer; shared and never changed."""
    found = scenes.layer_maps(scene(photo, look), layer)
    found.setflags(write=False)
    return found


@kept(st.cache_resource, 64, _KEYS)
def table(photo: Photo, look: Look, layer: str) -> ChannelTable:
    """Mean, largest and smallest value of each channel."""
    return channel_table(maps(photo, look, layer))


@kept(st.cache_data, 48, {**_KEYS, Layer: repr, Wish: repr})
def page_board(photo: Photo, look: Look, layer: Layer, wish: Wish, page: int) -> Board:
    """One page of channels."""
    found = maps(photo, look, layer.name)
    order = table(photo, look, layer.name).order(wish.order)  # type: ignore[arg-type]
    chosen = order[page * wish.per_page : (page + 1) * wish.per_page]
    return board(found, chosen, shared=wish.shared, rectified=layer.rectified)


@kept(st.cache_resource, 4, _KEYS)
def _unit_values(photo: Photo, look: Look, layer: str) -> Mapping[int, Any]:
    return scenes.unit_values(scene(photo, look), layer)


def unit_sum(photo: Photo, look: Look, layer: str, unit: tuple[int, int, int]) -> UnitSum:
    """One unit taken apart."""
    seen = scene(photo, look)
    return scenes.explain(seen.circuit, _unit_values(photo, look, layer), seen.circuit.named(layer), unit)


@kept(st.cache_data, 32, _KEYS)
def statistics(photo: Photo, look: Look, layer: str) -> LayerStatistics:
    """Sparsity, energy, histogram."""
    return layer_statistics(maps(photo, look, layer))


@kept(st.cache_data, 16, _KEYS)
def likenesses(photo: Photo, other: Photo, look: Look) -> tuple[tuple[Layer, Likeness], ...]:
    """How alike the network finds two photos, layer by layer."""
    return scenes.likenesses(scene(photo, look), scene(other, look))


@kept(st.cache_resource, 4, _KEYS)
def _cut_values(photo: Photo, look: Look, layer: str) -> Mapping[int, Any]:
    return scenes.cut_values(scene(photo, look), layer)


@kept(st.cache_data, 128, _KEYS)
def cut_outputs(photo: Photo, look: Look, layer: str, channel: int, factor: float) -> np.ndarray:
    """The outputs after a channel was scaled."""
    return scenes.cut_outputs(scene(photo, look), _cut_values(photo, look, layer), layer, channel, factor)


@kept(st.cache_data, 128, _KEYS)
def cut_effects(photo: Photo, look: Look, layer: str, categories: tuple[int, ...]) -> np.ndarray:
    """Activation x gradient of every channel for some categories."""
    return scenes.cut_effects(scene(photo, look), _cut_values(photo, look, layer), layer, categories)
