"""The stack view: build a stack of layers, see what every unit reads, and where the numbers come from."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.figures.receptive_field import bench_data, coverage_rgb, layer_names
from core.formula import Formula
from core.receptive_field import (
    PRESETS,
    Row,
    StackLayer,
    coverage,
    stack_from_text,
    stack_to_text,
    trace_stack,
)
from core.snippets import receptive_field as snippets
from pages.foundations.receptive_field_goal import goal_panel
from pages.shared import controls, edits, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.linked_stack import (
    DEFAULT_SIDE,
    REFUSED,
    LinkedStack,
    linked_stack,
    load_stack,
    take_edit,
)
from pages.shared.numbers import in_short
from pages.shared.plain_text import plain
from pages.shared.stack_bench import stack_bench
from pages.shared.turns import fragment

_BENCH = "rf_bench"
_PRESET = "rf_preset"
PANELS = ("Every layer", "How it grows", "Holes", "Goal seek", "Code and text")
_SIDES = {"LeNet-5": 28, "AlexNet": 224, "VGG-16": 224}  # of the pictures these networks were made for


@fragment
def stack_view() -> None:
    """Draw the view; a fragment, so that an edit redraws this view and not the frame around it."""
    bench, below = st.container(), st.container()
    with below:
        veil, summary = st.container(), st.container()
        tabs = st.tabs(PANELS, key="rf_panel", bind="query-params")
    with tabs[-1]:
        stack = linked_stack()
        code_panel(_code(stack))
    with veil:
        veiled = ask(_questions(stack), "rf")
    with bench:
        _presets(stack)
        drawing = bench_data(
            stack.rows,
            refused=session.held(REFUSED, ""),
            veiled="field" in veiled,
            serial=edits.taken(_BENCH),
        )
        stack_bench(drawing, key=_BENCH, on_edit=_take_edit)
    with summary:
        _summary(stack.rows, veiled)
    for tab, panel in zip(tabs, (_table, _growth, _holes, goal_panel), strict=False):
        if tab.open:
            with tab:
                panel(stack, veiled)


def _code(stack: LinkedStack) -> str:
    """The recurrence in Python; above transposed layers the field is measured instead."""
    if all(row.shift_invariant for row in stack.rows):
        return snippets.recurrence(stack.layers)
    height, width = stack.rows[-1].output_hw
    return snippets.measured_field(stack.layers, stack.rows[0].output_hw, (height // 2, width // 2))


def _presets(stack: LinkedStack) -> None:
    """The presets in a row; the one that stands in the editor is marked."""
    text = stack_to_text(stack.layers)
    session.assign({_PRESET: next((name for name in PRESETS if PRESETS[name] == text), None)})
    st.pills(
        "Start from",
        list(PRESETS),
        key=_PRESET,
        on_change=_load_preset,
        format_func=_with_times,
        label_visibility="collapsed",
    )


def _with_times(name: str) -> str:
    return name.replace(" x ", " × ")


def _load_preset() -> None:
    name = session.held(_PRESET)
    if name in PRESETS:
        load_stack(stack_from_text(PRESETS[name]), _SIDES.get(name, DEFAULT_SIDE))


def _take_edit() -> None:
    try:
        edit = edits.take(_BENCH)
    except ValueError as error:
        session.assign({REFUSED: str(error)})
        return
    take_edit(edit)


def _questions(stack: LinkedStack) -> list[Question]:
    last = stack.rows[-1]
    return [
        Question(
            "field",
            "How many pixels wide is the receptive field of the last map?",
            last.size,
            last.formulas[1],
        ),
        _one_more(stack),
        _seven(),
    ]


def _one_more(stack: LinkedStack) -> Question:
    """What one more layer adds depends on the jump below it, which is what students forget."""
    last = stack.rows[-1]
    more = last.size + 2 * last.jump
    formula = Formula(
        "One more 3 × 3 convolution",
        r"r_{l+1} = r_l + (3 - 1)\, j_l",
        rf"{last.size} + (3 - 1) \cdot {float(last.jump):g}",
        int(more) if more == int(more) else float(more),
    )
    prompt = "One more 3 × 3 convolution on top: how wide is the field then?"
    return Question("one_more", prompt, formula.value, formula)


def _seven() -> Question:
    """Three 3 x 3 against one 7 x 7: the same field with fewer weights."""
    one = trace_stack([StackLayer("conv", 7, 1, 3, channels=64)], input_channels=64)[-1]
    three = trace_stack([StackLayer("conv", 3, 1, 1, channels=64)] * 3, input_channels=64)
    weights = sum(row.parameters for row in three)
    reason = (
        f"With 64 channels in and out the three take {weights:,} weights and biases, the one takes"
        f" {one.parameters:,}; both see {one.size} pixels."
    )
    answer = "three 3 × 3" if weights < one.parameters else "one 7 × 7"
    prompt = "Which needs fewer weights to see 7 pixels: one 7 × 7 or three 3 × 3?"
    return Question("seven", prompt, answer, reason, ("one 7 × 7", "three 3 × 3"))


def _summary(rows: Sequence[Row], veiled: frozenset[str]) -> None:
    """The last map in four numbers."""
    last = rows[-1]
    field = "?" if "field" in veiled else f"{last.size} px"
    with st.container(horizontal=True):
        st.metric("Receptive field of the last map", field, border=True)
        st.metric("Jump between its units", f"{float(last.jump):g} px", border=True)
        st.metric("Parameters", f"{sum(row.parameters for row in rows):,}", border=True)
        st.metric("Multiply-adds", in_short(sum(row.macs for row in rows)), border=True)


def _table(stack: LinkedStack, veiled: frozenset[str]) -> None:
    """One line per map."""
    lines = [
        {
            "Layer": _with_times(row.name),
            "Output": f"{row.channels} × {row.output_hw[0]} × {row.output_hw[1]}",
            "Field": None if "field" in veiled else row.size,
            "Jump": float(row.jump),
            "Start": row.start,
            "Neurons": row.neurons,
            "Parameters": row.parameters,
            "Multiply-adds": row.macs,
            "Memory": f"{row.memory_bytes / 1024:,.0f} KiB",
        }
        for row in stack.rows
    ]
    columns = {
        "Layer": st.column_config.TextColumn(pinned=True),
        "Field": st.column_config.NumberColumn(help="Receptive field, pixels on a side"),
        "Jump": st.column_config.NumberColumn(help="Pixels from one unit's field to the next unit's"),
        "Start": st.column_config.NumberColumn(help="Centre of the first unit's field; pixel 0 lies at 0.5"),
        "Neurons": st.column_config.NumberColumn(format="localized"),
        "Parameters": st.column_config.NumberColumn(format="localized"),
        "Multiply-adds": st.column_config.NumberColumn(format="localized"),
        "Memory": st.column_config.TextColumn(help="The map in 32-bit floats"),
    }
    alt = f"The {len(lines) - 1} layers with their sizes, fields and costs"
    st.dataframe(pd.DataFrame(lines), hide_index=True, column_config=columns, height="content", alt=alt)


def _growth(stack: LinkedStack, veiled: frozenset[str]) -> None:
    """The recurrence with the numbers of one layer, and the two slips beside it."""
    names = layer_names(stack.layers)
    labels = dict(zip(names, stack.rows[1:], strict=True))
    name = controls.select("Layer", "rf_step", names[-1], names, width=260)
    row = labels[name]
    hide = "field" in veiled
    right, wrong = st.columns(2, gap="large")
    with right:
        st.markdown(":material/check_circle: **Jump of the layers before**")
        show_formula(row.formulas[1], hide)
        show_formula(row.formulas[2])
    with wrong:
        st.markdown(":material/error: **Two common slips**")
        for slip in row.slips:
            show_formula(slip, hide)
            if not hide:
                st.caption(_judged(slip, row))


def _judged(slip: Formula, row: Row) -> str:
    off = slip.value - row.size
    if not off:
        return "In this stack the slip does no harm; give an earlier layer a stride."
    return f"Wrong by {off:+g} px: the field is {row.size} px."


def _holes(stack: LinkedStack, veiled: frozenset[str]) -> None:
    """Which pixels of its field the last unit really reads, and in how many ways."""
    st.caption("The field of one unit of the last map. Lighter: more paths lead there. Hatched: never read.")
    own, *others = st.columns(3, gap="medium")
    with own:
        _coverage_card("Your stack", stack.layers)
    for column, name in zip(others, ("Dilations 2, 2, 2", "Dilations 1, 2, 3"), strict=True):
        with column:
            _coverage_card(name, stack_from_text(PRESETS[name]))


def _coverage_card(title: str, layers: Sequence[StackLayer]) -> None:
    st.markdown(f"**{title}**")
    try:
        found = coverage(layers)
    except ValueError as error:
        st.caption(plain(str(error)))
        return
    side = found.paths.shape[0]
    words = f"{title}: a field of {side} × {side} pixels, {found.holes} of them never read"
    st.image(coverage_rgb(found.paths), width="stretch", output_format="PNG", alt=words)
    st.markdown(f"{side} × {side} pixels, **{found.holes:,} never read** ({found.hole_share:.0%})")
    code_panel(snippets.coverage(layers, side))
