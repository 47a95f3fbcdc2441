"""The classic comparisons of the cost view, and the dense layer that is a convolution."""

import streamlit as st

from core.convolution.cost import (
    Comparison,
    ConvLayer,
    Side,
    comparisons,
    dense_proof,
    layer_cost,
    vgg_first_dense,
)
from core.snippets import convolution_cost as snippets
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import plain_number, show_formula

UNITS = {"parameters": "parameters", "macs": "multiplications"}


def classics() -> None:
    """One card per pair of layers."""
    known = {comparison.key: comparison for comparison in comparisons()}
    key = controls.choice(
        "Comparison",
        "conv_cost_classic",
        next(iter(known)),
        tuple(known),
        format_func=lambda key: known[key].title,
        label_visibility="collapsed",
    )
    _card(known[key])


def _card(comparison: Comparison) -> None:
    """What is compared, both sides, and how they stand to one another."""
    st.markdown(comparison.lesson)
    left, right = st.columns(2, gap="large")
    for column, side in ((left, comparison.left), (right, comparison.right)):
        with column:
            _side(comparison, side)
    show_formula(comparison.ratio_formula)


def _side(comparison: Comparison, side: Side) -> None:
    """One of the two: what it is, how much it costs, as a bar and as a formula."""
    count = comparison.count(side)
    most = max(comparison.count(comparison.left).value, comparison.count(comparison.right).value)
    st.markdown(f"**{side.title}**")
    st.metric(UNITS[comparison.measure], plain_number(count.value), label_visibility="collapsed")
    st.progress(count.value / most)
    rows, columns = side.receptive_field
    for layer in side.layers:
        st.caption(_shape(layer))
    st.caption(f"One output sees {rows:,} × {columns:,} pixels.")
    show_formula(count)
    snippet = snippets.macs if comparison.measure == "macs" else snippets.parameters
    code_panel(snippet(*side.layers))


def _shape(layer: ConvLayer) -> str:
    """The layer in a few words: what goes in, the kernel, what comes out."""
    return (
        f"{_times(*layer.input_hw, layer.in_channels)} in, kernel {_times(*layer.kernel)}, "
        f"{_times(*layer.output_hw, layer.filters)} out"
    )


def dense_is_convolution() -> None:
    """The same weights used in both ways, on numbers, and what the convolution can do besides."""
    st.markdown(
        "Give a convolution a kernel as large as its input, and it has exactly the weights of a dense layer. "
        "On a larger input the dense layer cannot run at all; the convolution slides and answers everywhere."
    )
    seed = controls.number("Seed of the numbers", "seed", 0, 0, 9999, width=180)
    proof = dense_proof(seed)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**The same picture through both: largest difference {proof.difference}**")
        st.dataframe({"Dense": proof.dense, "Convolution": proof.convolved}, hide_index=True)
        code_panel(snippets.dense_as_convolution(seed))
    with right:
        rows, columns = proof.sliding.shape[1:]
        st.markdown(f"**A larger picture: {_times(rows, columns)} answers of the first unit in one go**")
        st.dataframe(
            {str(column + 1): proof.sliding[0, :, column] for column in range(columns)}, hide_index=True
        )
        st.caption(
            "The top left one is the dense layer's answer; the others are those to the windows beside it."
        )
    layer = vgg_first_dense()
    st.markdown(f"**In a real network:** VGG-16's first dense layer is a convolution with {_shape(layer)}.")
    show_formula(layer_cost(layer).parameters)
    code_panel(snippets.parameters(layer))


def _times(*sizes: int) -> str:
    return " × ".join(map(str, sizes))
