"""The stack that the link carries: one line of text that the editor, the presets and goal seek all write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.receptive_field import Row, StackLayer, stack_from_text, stack_to_text, trace_stack
from pages.shared import controls, session
from pages.shared.plain_text import plain

TEXT, SIDE, CHANNELS, REFUSED = "rf_stack", "rf_side", "rf_channels", "rf_refused"
SIDES, CHANNEL_COUNTS = (4, 512), (1, 64)
DEFAULT_TEXT, DEFAULT_SIDE = "c3s2p1x16 c3p1x32 m2 c3p1x64", 32
_HELP = (
    "One word per layer: c convolution, m max pool, a average pool, t transposed, with the kernel; then s stride,"
    " p padding, d dilation, x channels, o output padding"
)


@dataclass(frozen=True, slots=True)
class LinkedStack:
    """The stack of the link, traced: `rows` as `core.receptive_field.trace_stack` gives them."""

    layers: tuple[StackLayer, ...]
    rows: tuple[Row, ...]

    @property
    def side(self) -> int:
        """Height and width of the picture it is traced for."""
        return self.rows[0].output_hw[0]

    @property
    def channels(self) -> int:
        """Channels of that picture."""
        return self.rows[0].channels


def linked_stack() -> LinkedStack:
    """Draw the fields that hold the stack and return it; a text that is no stack gives the default."""
    with st.expander("This stack as text", icon=":material/link:"):
        st.caption("The link of this page carries this text, so it opens exactly this stack.")
        text = controls.text("Layers", TEXT, DEFAULT_TEXT, help=_HELP)
        with st.container(horizontal=True):
            side = controls.number("Picture side in pixels", SIDE, DEFAULT_SIDE, *SIDES)
            channels = controls.number("Picture channels", CHANNELS, 3, *CHANNEL_COUNTS)
        try:
            return _traced(text, side, channels)
        except ValueError as error:
            st.caption(f":material/info: {plain(str(error))} The default stack is shown instead.")
    return _traced(DEFAULT_TEXT, DEFAULT_SIDE, 3)


def _traced(text: str, side: int, channels: int) -> LinkedStack:
    layers = stack_from_text(text)
    return LinkedStack(layers, trace_stack(layers, (side, side), channels))


def load_stack(layers: Sequence[StackLayer], side: int, channels: int = 3) -> None:
    """Put a stack into the link: for callbacks (a preset, an edit, a proposal)."""
    session.assign({TEXT: stack_to_text(tuple(layers)), SIDE: side, CHANNELS: channels, REFUSED: ""})


def take_edit(edit: Mapping[str, Any]) -> None:
    """Put what the editor sent into the link, or keep the stack and remember the sentence why not."""
    try:
        layers = tuple(_layer(settings) for settings in edit["layers"])
        side, channels = int(edit["input"]["size"]), int(edit["input"]["channels"])
        side, channels = min(max(side, SIDES[0]), SIDES[1]), min(max(channels, 1), CHANNEL_COUNTS[1])
        trace_stack(layers, (side, side), channels)
    except ValueError as error:
        session.assign({REFUSED: str(error)})
        return
    load_stack(layers, side, channels)


def _layer(settings: Mapping[str, Any]) -> StackLayer:
    """The layer with what its kind does not have put back to neutral, as when the kind was just changed."""
    values = dict(settings)
    if values["kind"] in ("max_pool", "avg_pool"):
        values["padding"] = min(values["padding"], values["kernel"] // 2)
    if values["kind"] == "avg_pool":
        values["dilation"] = 1
    if values["kind"] != "transposed":
        values["output_padding"] = 0
    return StackLayer(**values)
