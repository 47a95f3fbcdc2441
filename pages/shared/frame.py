"""The frame around every page: title, picture bar, presenter size and the link button, in one row."""

import streamlit as st

from pages.shared.assets import component_file
from pages.shared.copy_link import copy_link
from pages.shared.picture_bar import picture_bar, picture_notes

PRESENTER_SCALE = 1.3  # how much larger everything is drawn for a projector

_presenter = st.components.v2.component("presenter", js=component_file("presenter.js"))


def frame(title: str) -> None:
    """Draw the row above the page, which wraps on a narrow screen."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title(title, anchor=False, width="content")
        picture_bar()
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            large = st.toggle(
                "Presenter size", key="present", bind="query-params", help="Larger, for a projector"
            )
            copy_link("copy_link")
            _presenter(key="presenter", data={"scale": PRESENTER_SCALE if large else 1})
    picture_notes()
