"""Numbered edits of browser components."""

import pytest
from streamlit.testing.v1 import AppTest


def taking() -> None:
    import streamlit as st

    from pages.shared import edits

    try:
        st.write(dict(edits.take("editor")))
    except ValueError as error:
        st.write(str(error))
    st.write(f"last {edits.taken('editor')}")


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        {"edit": None},
        {"edit": 3},
        {"edit": {}},
        {"edit": {"serial": "1"}},
        {"edit": {"serial": -1}},
    ],
    ids=str,
)
def test_an_edit_without_its_number_is_refused(sent: object) -> None:
    app = AppTest.from_function(taking)
    app.session_state["editor"] = sent
    app.run()
    assert [each.value for each in app.markdown] == ["The editor sent an edit without its number.", "last 0"]


def test_an_edit_is_taken_with_its_number() -> None:
    app = AppTest.from_function(taking)
    app.session_state["editor"] = {"edit": {"serial": 7, "steps": []}}
    app.run()
    assert app.markdown[-1].value == "last 7"
