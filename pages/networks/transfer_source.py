"""What the transfer page computes of networks, kept between runs."""

import streamlit as st

from core import networks
from core.transfer.recipe import Approach
from core.transfer.stages import Stage, head_size, stages_of
from pages.networks.features_maps_source import record
from pages.shared.fetch_weights import offer
from pages.shared.heavy import kept


@kept(st.cache_data, 32)
def stages_for(network: str) -> tuple[Stage, ...]:
    """The stages of a network's trunk."""
    return stages_of(record(network).architecture)


@kept(st.cache_data, 128)
def head_parameters(network: str, classes: int) -> int:
    """Parameters of a new head."""
    return head_size(record(network).architecture, classes)


def is_usable(network: str, approach: Approach) -> bool:
    """What the approach begins with is on this computer; else what is missing, with a button that fetches it."""
    if approach == "scratch" or networks.is_here(network):
        return True
    offer(record(network), "tl_fetch")
    return False
