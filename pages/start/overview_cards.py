"""A card of the first page: a view's picture, its promise, and the way there."""

import streamlit as st

Card = tuple[str | None, str, str, str, str, str, dict[str, str]]
"""What `card` draws, in its order."""


def card(
    picture: str | None, alt: str, title: str, promise: str, page: str, link: str, parameters: dict[str, str]
) -> None:
    """A view: its picture, what it shows, and the way there."""
    with st.container(border=True, height="stretch"):
        if picture is None:
            st.skeleton(height=190)
        else:
            st.image(picture, alt=alt, width="stretch")
        st.markdown(f"**{title}**  \n{promise}")
        st.page_link(page, label=link, icon=":material/arrow_forward:", query_params=parameters)


def cards(*contents: Card) -> None:
    """A row of cards."""
    for column, content in zip(st.columns(3), contents, strict=True):
        with column:
            card(*content)
