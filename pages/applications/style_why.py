"""The view Why it works: shuffled places, channels that are strong together, and how far styles are."""

from collections.abc import Sequence

import streamlit as st

from core import networks
from core.photo import Photo
from core.style.trunk import BLOCKS, layer_names
from pages.shared import controls
from pages.shared.fetch_weights import offer

SHUFFLE, REBUILD, XRAY, DISTANCE = SECTIONS = ("Shuffle", "Rebuild", "Gram X-ray", "Distance")
_TITLES = {"vgg16_hed": "VGG-16 (HED)", "vgg16": "VGG-16", "vgg19": "VGG-19"}


def why_view(photo: Photo, styles: Sequence[Photo]) -> None:
    """The section above, under the network that looks. The distances are of both weights and of five layers at once."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        section = controls.choice("Show", "style_section", SHUFFLE, SECTIONS)
        network = controls.select(
            "Network", "style_network", "vgg16_hed", tuple(BLOCKS), width=170, format_func=_TITLES.get
        )
        if section != DISTANCE:
            weights = controls.choice("Weights", "style_weights", "trained", ("trained", "untrained"))
            layer = controls.select("Layer", "style_why_layer", "relu3_1", layer_names(network), width=150)
        more = st.container(horizontal=True, width="content", vertical_alignment="bottom")
    if section == DISTANCE:
        from pages.applications.style_distance import distance_section

        distance_section(photo, styles, network)
    elif weights == "trained" and not networks.is_here(network):
        offer(networks.record(network), "style_why_fetch", "Or choose untrained weights.")
    elif section == SHUFFLE:
        from pages.applications.style_shuffle import shuffle_section

        shuffle_section(photo, network, layer, weights, more)
    elif section == REBUILD:
        from pages.applications.style_rebuild import rebuild_section

        rebuild_section(photo, styles[0], network, layer, weights)
    else:
        from pages.applications.style_xray import xray_section

        xray_section(photo, styles, network, layer, weights)
