"""What the filters view looks at: network, layer, filter; and what was computed of it, kept between runs."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import streamlit as st

from core import bundled, networks
from core.features import deconvnet, filters, top_nine
from core.features.deconvnet import Rule
from core.features.filters import Bank
from core.features.scene import Look
from core.features.top_nine import Hit, Peaks
from core.figures import features_filters as figures
from core.figures.features_filters import Tiles
from core.networks import NetworkRecord, Prepared
from core.photo import Photo
from core.receptive_field import LayerField, network_fields
from pages.networks import features_own
from pages.networks.features_maps_source import NETWORKS, TRAINED, UNTRAINED, choose_weights, usable
from pages.shared import session
from pages.shared.heavy import kept

__all__ = ["TRAINED", "UNTRAINED", "Choice", "usable"]
_GOOD = {"tf_efficientnet_lite0": ("blocks.4.1.conv_pw", 91), "vgg16": ("features.17", 8)}
_KEYS: dict[str | type, Any] = {Photo: attrgetter("digest"), Look: repr}


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter: the network, the name of the convolution, the number of the filter in it."""

    look: Look
    layer: str
    index: int

    @property
    def record(self) -> NetworkRecord:
        """What is known of the network."""
        return networks.record(self.look.network)

    @property
    def field(self) -> LayerField:
        """The map in which the filters are heard, before the ReLU."""
        return top_nine.answers(self.record.architecture, self.layer, self.record.input_px)


def choose_look() -> Look:
    """Network and weights, with the trunk of VGG-16 that has filters to show and no classifier."""
    names = (NETWORKS[0], networks.HED, *NETWORKS[1:])
    return Look(features_own.choose(names), choose_weights())


@kept(st.cache_data, 32)
def _convolutions(network: str) -> dict[str, tuple[int, int]]:
    """Number of filters and size of what a unit sees, for each convolution."""
    known = networks.record(network)
    return {
        field.name: (field.channels, field.size)
        for field in network_fields(known.architecture, known.input_px)
        if field.kind == "conv" and (not known.trunk or field.name.startswith("features."))
    }


def layers(network: str) -> tuple[str, ...]:
    """The convolutions in execution order."""
    return tuple(_convolutions(network))


def layer_words(network: str, layer: str) -> str:
    """What belongs to a layer's name."""
    count, size = _convolutions(network)[layer]
    return f"{count} filters, each sees {size} px of the picture"


def filter_count(network: str, layer: str) -> int:
    """Filters of a layer."""
    return _convolutions(network)[layer][0]


def good_layer(network: str) -> str:
    """A layer that looks for something a person can name: far enough in to see more than a texture."""
    names = layers(network)
    return _GOOD[network][0] if network in _GOOD else names[len(names) * 3 // 5]


def good_index(look: Look, layer: str) -> int:
    """The filter to look at first: the strongest, or one known to be telling."""
    known = _GOOD.get(look.network)
    if known and known[0] == layer:
        return known[1]
    if look.weights == TRAINED and not networks.is_here(look.network):
        return 0
    return int(filters.norms(bank(Choice(look, layer, 0))).argmax())


@kept(st.cache_resource, 32, _KEYS)
def _bank(look: Look, layer: str) -> Bank:
    found = networks.load(look.network, look.weights)
    return filters.bank(found, layer, bgr=networks.record(look.network).preprocessing.bgr)


def bank(chosen: Choice) -> Bank:
    """The filters of the chosen layer; shared and never changed."""
    return _bank(chosen.look, chosen.layer)


@kept(st.cache_data, 32, _KEYS)
def gallery(look: Look, layer: str) -> Tiles:
    """All filters of a layer on one board."""
    found = _bank(look, layer)
    pictures = found.colour or (found.weight.shape[1] == 1 and min(found.weight.shape[2:]) > 1)
    return figures.gallery(found) if pictures else figures.matrix(found)


def photos() -> tuple[Photo, ...]:
    """The bundled photos and this visitor's own."""
    return (*map(bundled.bundled, bundled.NAMES), *session.album().photos.values())


@kept(st.cache_resource, 40, _KEYS)
def prepared(photo: Photo, network: str) -> Prepared:
    """The square that the network is shown."""
    return networks.prepare(networks.record(network), photo)


@kept(st.cache_resource, 400, _KEYS)
def _peaks(photo: Photo, look: Look, layer: str) -> Peaks:
    return top_nine.peaks(
        networks.load(look.network, look.weights), prepared(photo, look.network).tensor, layer
    )


def all_peaks(all_photos: tuple[Photo, ...], chosen: Choice) -> tuple[Peaks, ...]:
    """Where every channel of the layer answers most and least, in each photo."""
    name = chosen.field.name
    return tuple(_peaks(photo, chosen.look, name) for photo in all_photos)


@kept(st.cache_data, 200, {**_KEYS, Hit: repr})
def slope(photo: Photo, look: Look, layer: str, hit: Hit, rule: Rule, sign: int) -> np.ndarray:
    """The reconstruction of a unit, [3, side, side], red first."""
    seen = prepared(photo, look.network)
    network = networks.load(look.network, look.weights)
    found = deconvnet.reconstruction(network, seen.tensor, layer, hit.unit, rule=rule, sign=sign)
    return found[::-1].copy() if networks.record(look.network).preprocessing.bgr else found
