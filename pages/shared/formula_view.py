"""A number beside its formula: the symbols, then the same formula with the numbers filled in."""

import streamlit as st

from core.formula import Formula


def show_formula(formula: Formula, veiled: bool = False) -> None:
    """Show the name and the result, the formula, and the numbers in it; veiled, only the name and the formula."""
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(formula.name)
            st.markdown("**?**" if veiled else f"**{plain_number(formula.value)}**", width="content")
        if veiled:
            st.latex(rf"\small {formula.symbolic}")
            return
        st.latex(rf"\small \begin{{gathered}} {formula.symbolic} \\[4pt] = {formula.filled} \end{{gathered}}")
        if formula.note:
            st.caption(formula.note)


def plain_number(value: int | float) -> str:
    """A number as a person writes it: whole ones with spaces between the thousands, others to six digits."""
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f")  # a narrow space that does not break the line
    return f"{value:.6g}"
