"""Beneath the grids: the size in a formula, other frameworks, the matrix, the flip, and the code; one at a time."""

import numpy as np
import streamlit as st

from core.convolution import (
    Layer,
    Variant,
    flip,
    padding_by_name,
    proof,
    run,
    same_layer,
    same_padding_tensorflow,
    size_formulas,
    transposed_partner,
)
from core.figures.convolution import Numbers
from core.figures.convolution_tables import matrix_tex, padded_tiles, tiles
from core.figures.palette import signed_limit
from core.snippets import convolution as snippets
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import plain_number, show_formula

SIZE, FRAMEWORKS, MATRIX, FLIP = SECTIONS = (
    "Output size",
    "Same layer, other frameworks",
    "Convolution is a matrix",
    "Cross-correlation",
)


def show_section(name: str, numbers: Numbers, *, veiled: bool) -> None:
    """Draw one section; while a question is open only the formula without its numbers."""
    if name == SIZE:
        _size(numbers, veiled)
    elif veiled:
        st.caption(":material/lock: Answer the question first; this would give it away.")
    else:
        {FRAMEWORKS: _frameworks, MATRIX: _matrix, FLIP: _flip}[name](numbers)


def _size(numbers: Numbers, veiled: bool) -> None:
    for column, formula in zip(st.columns(2), size_formulas(numbers.layer, numbers.grid.shape), strict=True):
        with column:
            show_formula(formula, veiled)
    if veiled:
        return
    st.markdown(_unread(numbers))
    code_panel(snippets.output(numbers.layer, numbers.grid, numbers.kernel), "Show the code: the output")
    code_panel(snippets.output_size(numbers.layer, numbers.grid.shape), "Show the code: its size")


def _unread(numbers: Numbers) -> str:
    """How much of the input nobody reads."""
    wiring = numbers.wiring
    pixels = int((wiring.uses == 0).sum())
    if not pixels:
        fewest, most = int(wiring.uses.min()), int(wiring.uses.max())
        often = f"{fewest} to {most} outputs" if fewest < most else f"{_count(most, 'output')} each"
        return f"Every input is read, by {often}."
    rows = _count(len(wiring.unread_rows), "row")
    columns = _count(len(wiring.unread_columns), "column")
    return f"**{rows} and {columns} are never read**: {_count(pixels, 'input')} without any influence, hatched above."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)


def _frameworks(numbers: Numbers) -> None:
    variants = same_layer(numbers.layer, numbers.grid, numbers.kernel)
    limit = signed_limit(np.concatenate([v.values.ravel() for v in variants if v.values is not None]))
    for column, variant in zip(st.columns(len(variants)), variants, strict=True):
        with column:
            _variant(variant, numbers, limit)
    before, after = same_padding_tensorflow(224, 3, 2)
    st.caption(
        f"A classic: on 224 rows with kernel 3 and stride 2 TensorFlow's SAME pads {before} before and {after} after, "
        "PyTorch with padding=1 pads 1 on both sides: the sizes agree and every output is shifted by one pixel."
    )
    if numbers.layer.operation == "convolution" and numbers.kernel is not None:
        code_panel(
            snippets.tensorflow_same(numbers.layer, numbers.grid, numbers.kernel),
            "Show the code: SAME in PyTorch",
        )


def _variant(variant: Variant, numbers: Numbers, limit: float) -> None:
    st.markdown(f"**{variant.name}**")
    if variant.values is None or variant.layer is None:
        st.caption(variant.note)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if variant.layer.operation != "transposed":
            padded = padded_tiles(variant.layer, numbers.grid, signed_limit(numbers.grid))
            st.image(
                padded, width=150, alt="The input as it is padded; the padding is grey", output_format="PNG"
            )
        rows, columns = variant.values.shape
        st.image(
            tiles(variant.values, limit),
            width=max(30, round(150 * columns / numbers.wiring.padded_hw[1])),
            alt=f"The output, {rows} by {columns} numbers as colours",
            output_format="PNG",
        )
    top, bottom, left, right = variant.layer.padding
    st.markdown(f"**{rows} × {columns}**, padding: top {top}, bottom {bottom}, left {left}, right {right}")
    if variant.difference is not None:
        st.markdown(f"Largest difference from the first: **{plain_number(variant.difference)}**")
    if variant.note:
        st.caption(variant.note)


def _matrix(numbers: Numbers) -> None:
    layer = numbers.layer
    if layer.operation == "max_pool":
        st.markdown("Taking the largest number is not linear: no matrix can do it, so there is none to show.")
        return
    outputs, inputs = numbers.output.size, numbers.grid.size
    st.markdown(
        f"Write the input as one column of {inputs} numbers: the layer is then a multiplication by **W**, "
        f"drawn above, with {outputs} rows and {inputs} columns. "
        "The same few weights stand in every row, and all the rest are zeros."
    )
    st.latex(rf"\max |W x - \mathrm{{layer}}(x)| = {_scientific(proof(layer, numbers.grid, numbers.kernel))}")
    st.markdown(_partner(numbers))
    code_panel(snippets.matrix_proof(layer, numbers.grid, numbers.kernel))


def _partner(numbers: Numbers) -> str:
    """What the transpose of the matrix is."""
    layer = numbers.layer
    if layer.operation == "transposed":
        return "Its transpose is the matrix of an ordinary convolution with the same settings."
    if layer.operation != "convolution" or layer.mode != "zeros":
        return "Its transpose carries gradients back through this layer when a network learns."
    back = transposed_partner(layer, numbers.grid.shape)
    rows, columns = numbers.grid.shape
    return (
        f"Its transpose is the transposed convolution with the same settings and output padding {back.output_padding}: "
        f"it leads back to {rows} × {columns} numbers, but not to the same ones, for a transpose is no inverse."
    )


def _scientific(value: float) -> str:
    if value == 0:
        return "0"
    digits, exponent = f"{value:.1e}".split("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}"


def _flip(numbers: Numbers) -> None:
    if numbers.kernel is None:
        st.markdown("A pooling has no weights, so there is nothing to flip.")
        return
    flipped = flip(numbers.kernel)
    st.markdown(
        "What deep learning calls convolution slides the kernel as it stands: mathematics calls that "
        "**cross-correlation**, and its convolution turns the kernel by half a turn first."
    )
    st.latex(rf"{matrix_tex(numbers.kernel)} \;\longrightarrow\; {matrix_tex(flipped)}")
    if numbers.layer.operation == "transposed":
        st.markdown(_stamps(numbers, flipped))
        return
    change = np.abs(run(numbers.layer, numbers.grid, flipped) - numbers.output).max()
    st.markdown(
        f"With the flipped kernel the output changes by up to **{plain_number(float(change))}**. A network learns "
        "its weights, so it learns them flipped or not as needed; with a symmetric kernel nothing changes at all."
    )
    code_panel(
        snippets.output(numbers.layer, numbers.grid, flipped), "Show the code: with the flipped kernel"
    )


def _stamps(numbers: Numbers, flipped: np.ndarray) -> str:
    """A transposed convolution of stride 1 is the convolution of mathematics: shown on the numbers."""
    size = numbers.layer.kernel
    stamped = run(Layer("transposed", kernel=size), numbers.grid, numbers.kernel)
    slid = run(Layer(kernel=size, padding=padding_by_name("full", size)), numbers.grid, flipped)
    difference = plain_number(float(np.abs(stamped - slid).max()))
    return (
        "Stamping the kernel at every input, as the transposed convolution does, is the convolution of mathematics: "
        "with stride 1 it gives the same as sliding the flipped kernel over the fully padded input. Largest "
        f"difference on these numbers: **{difference}**."
    )
