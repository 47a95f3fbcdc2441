"""The panel that lets a student take a number home: a few lines of PyTorch that give it again."""

import streamlit as st


def code_panel(snippet: str, label: str = "Show the code") -> None:
    """A closed panel with the snippet; pasted into a notebook it computes the number on the page as `result`."""
    with st.expander(label, icon=":material/code:"):
        st.code(snippet, language="python")
