"""The view At once: the photo in a style after a fraction of a second, with a strength and a blend."""

from collections.abc import Sequence

import streamlit as st

from core.figures import style as figures
from core.figures import style_run
from core.photo import Photo
from core.snippets import style as snippets
from core.style.colours import keep_luminance
from core.style.pixels import sized
from pages.applications import style_source as source
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.lesson import Question, ask
from pages.shared.picture import picture

STRENGTHS = tuple(i / 10 for i in range(11))
SHARES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)


def once_view(photo: Photo, styles: Sequence[Photo]) -> None:
    """The controls, the photo and what became of it, and the style as numbers."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        strength = controls.choices_slider("Strength", "style_strength", 1.0, STRENGTHS, width=200)
        shares = (1.0,)
        if len(styles) > 1:
            shares = tuple(
                controls.choices_slider(f"Style {i + 1}", f"style_blend_{i}", 1.0, SHARES, width=130)
                for i in range(len(styles))
            )
        own = controls.toggle("Keep my colours", "style_own_colours", False)
        lesson = st.container(width="content")
    with lesson:
        ask(_questions(), "style")
    if not any(shares):
        st.warning("All styles count 0.", icon=":material/volume_off:")
        return
    done = source.painted(photo, tuple(styles), shares, strength)
    pixels = done.pixels
    if own:
        pixels = keep_luminance(pixels, sized(photo.pixels, max(pixels.shape[:2]), least=1))
    left, right = st.columns(2, gap="medium")
    with left:
        picture(photo.pixels, key="style_before", alt="The photo", height=520)
    with right:
        picture(pixels, key="style_after", alt="The photo in the style", height=520)
        st.download_button(
            "Picture (PNG)",
            lambda: style_run.png(pixels),
            "style.png",
            "image/png",
            icon=":material/download:",
            key="style_once_png",
        )
    st.markdown("**The style in 100 numbers**")
    st.plotly_chart(
        figures.vector_chart(done.vector),
        key="style_vector",
        alt=f"100 numbers from {done.vector.min():.2f} to {done.vector.max():.2f}",
        config={"displayModeBar": False},
    )
    st.caption(
        "One network reads these numbers from the style, another paints with them: two passes, trained on many photos "
        "and paintings. **Step by step** instead makes one loss small for this very photo and style: slower, and free "
        "to weigh every layer. The painter's picture is 384 pixels wide at most (Ghiasi et al. 2017)."
    )
    code_panel(snippets.once(strength, shares))


def _questions() -> tuple[Question, ...]:
    return (
        Question(
            "style_numbers",
            "Into how many numbers is a style picture of 256 × 256 pixels put here?",
            100,
            "196,608 values become 100: what a style is, and nothing of where things are.",
        ),
    )
