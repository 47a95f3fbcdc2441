"""The cost view: what a convolution layer costs, how its channels are wired, and the classic comparisons."""

import streamlit as st

from core.convolution.cost import (
    CANDIDATES,
    OPTIMISERS,
    Arrangement,
    ConvLayer,
    arrange,
    arrangement_label,
    arrangements,
    group_choices,
    layer_cost,
    ratio_formula,
    separable_ratio,
    sweep,
)
from core.figures import convolution_cost as figures
from core.formula import Formula
from core.snippets import convolution_cost as snippets
from pages.foundations.convolution_cost_classics import classics, dense_is_convolution
from pages.shared import controls
from pages.shared.channel_wires import channel_wires
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.turns import fragment

PADDINGS = ("same", "valid")
LARGEST_INPUT, LARGEST_WIDTH, LARGEST_KERNEL, LARGEST_BATCH = 1024, 1024, 11, 1024
ARRANGEMENTS, SWEEP = "Standard to depthwise", "What drives the cost"
SECTIONS = ("This layer", ARRANGEMENTS, SWEEP, "Classic comparisons", "A dense layer is a convolution")
VERDICTS = ("more, or as many", "half to nearly as many", "a quarter to a half", "less than a quarter")


@fragment
def cost_view() -> None:
    """Draw the layer and its wires, what it costs in a line each, and beneath one closer look at a time."""
    drawing, settings = st.columns((7, 4), gap="large")  # on a phone the drawing comes first
    with settings:
        layer = _layer()
    with drawing:
        groups = _groups(layer)
        wires = st.container()
    chosen = arrange(layer, groups)
    with settings:
        veiled = ask(_questions(layer, chosen), "conv_cost")
    with wires:
        channel_wires(figures.wiring_data(chosen, bool(veiled)), key="conv_cost_wires")
        _in_short(chosen, veiled)
    section = controls.choice("Look closer", "conv_cost_section", SECTIONS[0], SECTIONS)
    if veiled and section in (ARRANGEMENTS, SWEEP):
        st.caption(":material/lock: Answer the question first; this would give it away.")
        return
    match section:
        case "This layer":
            _numbers(chosen, veiled)
        case "Standard to depthwise":
            _all_arrangements(layer, groups)
        case "What drives the cost":
            _sweep(layer, groups)
        case "Classic comparisons":
            classics()
        case _:
            dense_is_convolution()


def _in_short(chosen: Arrangement, veiled: frozenset[str]) -> None:
    """Parameters, multiply-adds and activations under the drawing, where the slider's effect is looked for."""
    named = {"parameters": chosen.cost.parameters, "macs": chosen.cost.macs, "": chosen.cost.activations}
    lines = (
        rf"\text{{{formula.name}}} &= {_symbols(formula) if key in veiled else _numbers_of(formula)}"
        for key, formula in named.items()
    )
    st.latex(r"\small \begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}")


def _symbols(formula: Formula) -> str:
    return f"{{?}} = {formula.symbolic.partition('=')[2]}"


def _numbers_of(formula: Formula) -> str:
    """The result first: on a phone the rest of the line may reach beyond the edge."""
    value = f"{formula.value:,}".replace(",", r"\,")
    return rf"\mathbf{{{value}}} = {formula.filled}"


def _layer() -> ConvLayer:
    """The layer's settings; a kernel that does not fit cannot be chosen."""
    with st.container(horizontal=True):
        height = controls.number("Input height", "conv_cost_height", 32, 1, LARGEST_INPUT)
        width = controls.number("Input width", "conv_cost_width", 32, 1, LARGEST_INPUT)
    with st.container(horizontal=True):
        channels = controls.number("Input channels", "conv_cost_channels", 8, 1, LARGEST_WIDTH)
        filters = controls.number("Filters", "conv_cost_filters", 16, 1, LARGEST_WIDTH)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        padding = controls.choice("Padding", "conv_cost_padding", "same", PADDINGS)
        bias = controls.toggle("Bias", "conv_cost_bias", True)
    left, right = st.columns(2)
    with left:
        stride = controls.slider("Stride", "conv_cost_stride", 1, 1, 4)
    with right:
        dilation = controls.slider("Dilation", "conv_cost_dilation", 1, 1, 4)
    with left:
        rows = _kernel("Kernel height", "conv_cost_rows", height, padding, dilation)
    with right:
        columns = _kernel("Kernel width", "conv_cost_columns", width, padding, dilation)
    around = (dilation * (rows - 1) // 2, dilation * (columns - 1) // 2) if padding == "same" else (0, 0)
    return ConvLayer(
        channels,
        filters,
        (rows, columns),
        (height, width),
        (stride, stride),
        around,
        (dilation, dilation),
        bias=bias,
    )


def _kernel(label: str, key: str, pixels: int, padding: str, dilation: int) -> int:
    """A kernel size that fits: any with padding "same", else one that spans no more than the input."""
    fits = LARGEST_KERNEL if padding == "same" else min(LARGEST_KERNEL, (pixels - 1) // dilation + 1)
    return controls.odd_slider(label, key, 3, fits)


def _groups(layer: ConvLayer) -> int:
    """The slider from standard through grouped to depthwise + pointwise; only common divisors are on it."""
    return controls.choices_slider(
        "Wiring",
        "conv_cost_wiring",
        1,
        group_choices(layer.in_channels, layer.filters),
        format_func=lambda groups: arrangement_label(layer.in_channels, groups),
        help="The numbers of groups that divide the channels and the filters, then depthwise + pointwise.",
    )


def _questions(layer: ConvLayer, chosen: Arrangement) -> tuple[Question, ...]:
    """Three things to predict from the settings alone."""
    return (
        Question(
            "parameters",
            "How many parameters does this layer have?",
            chosen.cost.parameters.value,
            chosen.cost.parameters,
        ),
        Question("macs", "How many multiply-adds does it take?", chosen.cost.macs.value, chosen.cost.macs),
        Question(
            "separable",
            "Depthwise + pointwise instead of standard: what happens to the multiply-adds?",
            _verdict(layer),
            ratio_formula(layer),
            VERDICTS,
        ),
    )


def _verdict(layer: ConvLayer) -> str:
    ratio = separable_ratio(layer)
    return VERDICTS[(ratio < 1) + (2 * ratio < 1) + (4 * ratio < 1)]


def _numbers(chosen: Arrangement, veiled: frozenset[str]) -> None:
    """Parameters, work, activations and memory, each with its formula and its code."""
    cost, layers = chosen.cost, chosen.layers
    left, right = st.columns(2)
    with left:
        show_formula(cost.parameters, "parameters" in veiled)
        code_panel(snippets.parameters(*layers))
    with right:
        show_formula(cost.activations)
        code_panel(snippets.activations(*layers))
    left, right = st.columns(2)
    with left:
        show_formula(cost.macs, "macs" in veiled)
        code_panel(snippets.macs(*layers))
    with right:
        show_formula(cost.flops, "macs" in veiled)
        code_panel(snippets.flops(*layers))
    _memory(chosen, bool(veiled))


def _memory(chosen: Arrangement, veiled: bool) -> None:
    """Memory to run or to train the layers on a batch."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        use = controls.choice("Memory", "conv_cost_memory", "to train", ("to run", "to train"))
        batch = controls.number("Pictures in a batch", "conv_cost_batch", 1, 1, LARGEST_BATCH, width=150)
        optimiser = "Adam"
        if use == "to train":
            optimiser = controls.select(
                "Optimiser", "conv_cost_optimiser", "Adam", tuple(OPTIMISERS), width=150
            )
    cost = layer_cost(*chosen.layers, batch=batch, optimiser=optimiser)
    if use == "to train":
        show_formula(cost.training_bytes, veiled)
        code_panel(snippets.training_bytes(*chosen.layers, batch=batch, optimiser=optimiser))
    else:
        show_formula(cost.inference_bytes, veiled)
        code_panel(snippets.inference_bytes(*chosen.layers, batch=batch))


def _all_arrangements(layer: ConvLayer, groups: int) -> None:
    """Every notch of the wiring slider side by side."""
    chart, formula = st.columns((7, 5), gap="large", vertical_alignment="center")
    row = arrangements(layer)
    with chart:
        st.plotly_chart(
            figures.arrangement_bars(row, groups), key="conv_cost_bars", alt=figures.bars_alt(row)
        )
    with formula:
        st.markdown(
            "Groups divide the work evenly, but no group learns what another one sees. "
            "Depthwise + pointwise splits the layer in two: filter every channel by itself, "
            "then mix the channels with a 1 × 1 convolution."
        )
        show_formula(ratio_formula(layer))
        code_panel(snippets.separable_ratio(layer))


def _sweep(layer: ConvLayer, groups: int) -> None:
    """The cost along one setting."""
    setting = controls.choice("Change only", "conv_cost_sweep", "kernel", tuple(CANDIDATES))
    curve = sweep(layer, setting, groups)
    st.plotly_chart(figures.sweep_curve(curve), key="conv_cost_curve", alt=figures.sweep_alt(curve))
