"""A network as a strip of stages with a boundary: what lies left of it is frozen, what lies right of it trains."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.shared.assets import component_file

_HTML = """
<section class="strip" role="group">
  <div class="line"><span class="side still"></span><span class="side moving"></span></div>
  <div class="scroll"><div class="track">
    <div class="bars"></div>
    <div class="handle" role="slider" aria-label="Boundary between frozen and training stages" aria-valuemin="0"></div>
  </div></div>
  <p class="count" aria-live="polite"></p>
</section>
"""
_component = st.components.v2.component(
    "layer_strip",
    html=_HTML,
    css=component_file("layer_strip.css"),
    js=component_file("layer_strip.js"),
)


@dataclass(frozen=True, slots=True)
class StripStage:
    """One bar of the strip.

    Args:
        name: of the stage in the network. title: as it is shown.
        parameters: weights and biases in it.
        out_shape: (channels, height, width), (channels,), or empty.
    """

    name: str
    title: str
    parameters: int
    out_shape: tuple[int, ...] = ()


def layer_strip(
    stages: Sequence[StripStage],
    head_parameters: int,
    trained: int,
    *,
    random: bool = False,
    disabled: bool = False,
    serial: int = 0,
    key: str,
    alt: str,
    on_move: Callable[[], None],
) -> None:
    """Show the strip.

    Args:
        stages: of the trunk, in the order of the network.
        head_parameters: of the head, which always trains.
        trained: stages that train, counted from the end; more than there are means all.
        random: the weights begin at random: the boundary cannot be moved and is not shown.
        disabled: the boundary is shown and cannot be moved.
        serial: `pages.shared.edits.taken(key)`.
        key: the component's key.
        alt: what the strip shows, in words.
        on_move: takes `.edit` of the state under `key` over, `{"trained": ..., "serial": ...}`, with
            `pages.shared.edits.take(key)`.
    """
    data = {
        "stages": [
            {
                "name": stage.name,
                "title": stage.title,
                "parameters": stage.parameters,
                "shape": list(stage.out_shape),
            }
            for stage in stages
        ],
        "head": head_parameters,
        "trained": trained,
        "random": random,
        "disabled": disabled,
        "serial": serial,
        "alt": alt,
    }
    _component(key=key, data=data, on_edit_change=on_move)
