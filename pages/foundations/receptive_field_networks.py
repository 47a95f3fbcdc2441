"""The networks view: the field of every map of a real network, branches included, and what follows from it."""

from collections.abc import Sequence
from itertools import accumulate

import pandas as pd
import streamlit as st

from core.figures.receptive_field import comparison_figure, growth_figure, paths_figure, uses_figure
from core.receptive_field import (
    NETWORKS,
    LayerField,
    LayerUse,
    NetworkTotals,
    layer_uses,
    network_fields,
    network_totals,
    path_histogram,
)
from core.snippets import receptive_field as snippets
from pages.foundations.receptive_field_source import DEFAULT_NETWORK, PAPER_RESNET
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.heavy import kept
from pages.shared.lesson import Question, ask
from pages.shared.numbers import in_short
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

COMPARED = (
    "alexnet",
    "vgg16",
    "googlenet",
    "resnet18",
    "resnet50",
    "resnet50_v1",
    "mobilenet_v2",
    "inception_v3",
    "densenet121",
)
_WINDOWS = ("conv", "max_pool", "avg_pool", "add", "cat")
_SEEN = "rf_traced_before"
_LIBRARY = "resnet50"


@fragment
def networks_view() -> None:
    """Draw the view: controls at once, the results as soon as PyTorch is there."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = controls.select("Network", "network", DEFAULT_NETWORK, NETWORKS, width=260)
        side = controls.number("Input side in pixels", "rf_net_side", 224, 32, 1024, 32, width=180)
    waiting, results = st.empty(), st.container()
    if not session.held(_SEEN):
        with waiting.container():
            st.caption("Loading PyTorch takes a few seconds the first time.")
            st.skeleton(height=420)
    fields = _fields(name, side)
    session.assign({_SEEN: True})
    if isinstance(fields, str):
        waiting.warning(plain(fields), icon=":material/info:")
        return
    waiting.empty()
    with results:
        _network(name, side, fields)


@kept(st.cache_data, 64)
def _fields(name: str, side: int) -> tuple[LayerField, ...] | str:
    """The table of a network, or one sentence why it cannot take this picture."""
    try:
        return network_fields(name, side)
    except ValueError as error:
        return str(error)


@kept(st.cache_data, 64)
def _totals(name: str, side: int) -> NetworkTotals:
    return network_totals(name, side)


def _network(name: str, side: int, fields: Sequence[LayerField]) -> None:
    veiled = ask(_questions(side), "rf")
    last = fields[-1]
    numbers, picture = st.columns([2, 5], gap="large")
    with numbers:
        st.metric("Receptive field of the last map", "?" if veiled else f"{last.size:,} px", border=True)
        st.metric("Jump between its units", f"{last.jump} px", border=True)
        st.markdown(_sees(name, side, last))
    with picture:
        names, sizes = [field.name for field in fields], [field.size for field in fields]
        if not veiled:
            alt = f"The receptive field grows to {last.size} pixels over {len(fields)} operations of {name}"
            st.plotly_chart(growth_figure(names, sizes, side), key="rf_growth", alt=alt)
    tabs = st.tabs(
        ["Compare", "Every layer", "Paths", "Nothing new to see", "Code"],
        key="rf_net_panel",
        bind="query-params",
    )
    panels = (
        lambda: _compare(name, side, bool(veiled)),
        lambda: _table(name, side, fields),
        lambda: _paths(name, side, last, bool(veiled)),
        lambda: _productive(name, side),
        lambda: _code(name, side, fields),
    )
    for tab, panel in zip(tabs, panels, strict=True):
        if tab.open:
            with tab:
                panel()


def _sees(name: str, side: int, last: LayerField) -> str:
    """In words: does the last map's unit see the whole picture, and through what."""
    gate = _totals(name, side).whole_image_from
    if gate:
        return (
            f"From **{gate}** on every unit sees the **whole image**: a squeeze-and-excitation gate"
            f" multiplies each channel by a global average. Without the gates the field is {last.size:,} px."
        )
    text = "The **class scores** see the whole image in any case; this is the size of the last map's units."
    if last.size > side:
        return f"The field is **wider than the input** of {side} px: every unit's field holds padding. {text}"
    return f"{last.size / side:.0%} of the side of the {side} px input. {text}"


@kept(st.cache_data, 32)
def _questions(side: int) -> list[Question]:
    sizes = {name: network_fields(name, side)[-1].size for name in ("resnet18", "resnet50")}
    answer = max(sizes, key=sizes.__getitem__)
    stages = {
        name: [use for use in layer_uses(name, side) if use.name.startswith("layer4")] for name in sizes
    }
    reason = " ".join(
        f"Up to its last stage {name} sees {stage[0].size_below} px; the {len(stage)} convolutions 3 × 3 there, where"
        f" the jump is largest, add {stage[-1].size - stage[0].size_below} px and make it {sizes[name]} px."
        for name, stage in stages.items()
    )
    prompt = "Whose last map sees further: resnet18's or resnet50's?"
    return [Question("further", prompt, answer, reason, ("resnet18", "resnet50"))]


@kept(st.cache_data, 32)
def _last_sizes(names: tuple[str, ...], side: int) -> dict[str, int]:
    found = {name: _fields(name, side) for name in names}
    return {name: fields[-1].size for name, fields in found.items() if not isinstance(fields, str)}


def _compare(name: str, side: int, veiled: bool) -> None:
    """Last maps of several networks, and one name that stands for two networks."""
    sizes = _last_sizes(tuple(dict.fromkeys((*COMPARED, name))), side)
    if veiled:
        st.info("Predict first, then compare.", icon=":material/school:")
        return
    alt = "Receptive fields of the last maps: " + ", ".join(f"{key} {size}" for key, size in sizes.items())
    st.plotly_chart(comparison_figure(sizes, name, side), key="rf_compare", alt=alt)
    if {PAPER_RESNET, _LIBRARY} <= set(sizes):
        st.markdown(
            f"**Same name, different eyes.** The ResNet-50 of the paper sees **{sizes[PAPER_RESNET]} px**, the one of"
            f" torchvision **{sizes[_LIBRARY]} px**. torchvision moved the stride of each halving block from its first"
            " 1 × 1 convolution to the 3 × 3, so that the 3 × 3 works at the smaller jump."
        )


def _table(name: str, side: int, fields: Sequence[LayerField]) -> None:
    """One line per map that a window or a branch makes; the others on request."""
    everything = controls.toggle("Also activations and normalisations", "rf_all_ops")
    lines = [
        {
            "Layer": field.name,
            "Kind": field.kind.replace("_", " "),
            "Output": f"{field.channels} × {field.output_hw[0]} × {field.output_hw[1]}",
            "Field": field.size,
            "Jump": field.jump,
            "Start": field.start,
            "Whole image": field.whole_image,
            "Parameters": field.parameters,
            "Multiply-adds": field.macs,
        }
        for field in fields
        if everything or field.kind in _WINDOWS
    ]
    columns = {
        "Layer": st.column_config.TextColumn(pinned=True),
        "Parameters": st.column_config.NumberColumn(format="localized"),
        "Multiply-adds": st.column_config.NumberColumn(format="localized"),
    }
    totals = _totals(name, side)
    st.caption(
        f"{len(lines)} of {len(fields)} operations. The whole network, classifier included: {totals.parameters:,}"
        f" parameters, {in_short(totals.macs)} multiply-adds."
    )
    st.dataframe(
        pd.DataFrame(lines), hide_index=True, column_config=columns, height=420, alt=f"The maps of {name}"
    )


@kept(st.cache_data, 64)
def _histogram(name: str, side: int) -> dict[int, int]:
    return path_histogram(name, input_size=side)


def _paths(name: str, side: int, last: LayerField, veiled: bool) -> None:
    """How many paths have which field."""
    counts = _histogram(name, side)
    total = sum(counts.values())
    if len(counts) < 2:
        st.markdown(
            f"{name} has no branches of different length: all its paths see the same {last.size:,} px."
        )
        return
    half = next(
        size for size, below in zip(counts, accumulate(counts.values()), strict=True) if 2 * below >= total
    )
    st.markdown(
        f"**{total:,} paths** lead from the picture to one unit of the last map, each through the block or past it. The"
        f" longest sees {max(counts):,} px, but **half of them see at most {half:,} px**, and the shortest"
        f" {min(counts):,} px. That is one reason why the effective field is so much smaller than the box."
    )
    alt = f"Share of the {total} paths of {name} by the field of the path, from {min(counts)} to {max(counts)} pixels"
    st.plotly_chart(paths_figure(list(counts), list(counts.values()), max(counts)), key="rf_paths", alt=alt)


@kept(st.cache_data, 64)
def _uses(name: str, side: int) -> Sequence[LayerUse]:
    return layer_uses(name, side)


def _productive(name: str, side: int) -> None:
    """Layers that widen a field which already spans the input."""
    uses = _uses(name, side)
    late = [use for use in uses if use.verdict == "unproductive"]
    if late:
        st.markdown(
            f"**{len(late)} of {len(uses)}** layers that widen the view come after it spans all {side} px: from"
            f" **{late[0].name}** on a wider view adds only padding. A larger input gives them something to see."
        )
    else:
        st.markdown(f"All {len(uses)} layers that widen the view still find something new in {side} px.")
    alt = f"{len(uses)} layers of {name}; {len(late)} of them widen a view that already spans the input"
    st.plotly_chart(uses_figure(uses, side), key="rf_uses", alt=alt)


def _code(name: str, side: int, fields: Sequence[LayerField]) -> None:
    """The field of the last convolution, measured by gradient."""
    field = next(field for field in reversed(fields) if field.kind == "conv")
    middle = (field.output_hw[0] // 2, field.output_hw[1] // 2)
    st.markdown(f"First and last row of the picture that move a middle unit of **{field.name}**.")
    code_panel(snippets.network_field(name, field.name, (side, side), middle))
