"""Goal seek: stacks that cover an object within a budget; each goes into the editor with a click."""

from collections.abc import Sequence

import streamlit as st

from core.receptive_field import Proposal, propose, stack_from_text
from pages.shared import controls
from pages.shared.linked_stack import LinkedStack, load_stack
from pages.shared.numbers import in_short

_GIGA = 1_000_000_000
_BUDGETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


def goal_panel(stack: LinkedStack, veiled: frozenset[str]) -> None:
    """Draw the goal and the proposals."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        side = controls.number("In a picture of … pixels a side", "rf_goal_side", 224, 32, 512, 32, width=220)
        target = controls.number("cover an object of … pixels", "rf_target", 120, 3, side, width=220)
        budget = controls.choices_slider(
            "within … billion multiply-adds", "rf_budget", 1.0, _BUDGETS, width=260
        )
    answer = propose(target, budget, side)
    if not answer.proposals:
        st.info(answer.sentence, icon=":material/info:")
    _cards([*answer.proposals] or [each for each in (answer.nearest,) if each], side, budget)


def _cards(proposals: Sequence[Proposal], side: int, budget: float) -> None:
    with st.container(horizontal=True):
        for proposal in proposals:
            with st.container(border=True, width=210):
                st.markdown(f"**{proposal.name}**")
                layers = len(proposal.rows) - 1
                st.markdown(f"sees **{proposal.size} px** in {layers} layers")
                share = proposal.macs / (budget * _GIGA)
                st.progress(min(share, 1.0), text=in_short(proposal.macs, "MAC"))
                st.caption(f"{proposal.parameters:,} parameters")
                st.button(
                    "Load into the editor",
                    key=f"rf_load_{proposal.name}",
                    on_click=load_stack,
                    args=(stack_from_text(proposal.text), side),
                )
