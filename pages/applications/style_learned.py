"""The network that has learned 26 styles: a sheet of them on the photo, one of them large, and a blend of two."""

import streamlit as st

from core.figures import style as figures
from core.photo import Photo
from core.snippets import style as snippets
from core.style.learned import LEARNED
from pages.applications import style_source as source
from pages.applications.style_stage import STRENGTHS, before_and_after, how_to_show
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.tiles import tiles

_FIRST, _SECOND, _SHEET = "style_learned", "style_learned_second", "style_sheet"
_DEFAULT, _NONE = 19, "none"


def learned_panel(photo: Photo) -> None:
    """The sheet, the controls, before and after."""
    sheet = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = controls.select("Style", _FIRST, _DEFAULT, range(LEARNED), width=100)
        others = (_NONE, *(str(number) for number in range(LEARNED) if number != first))
        second = controls.select("Blend with", _SECOND, _NONE, others, width=120)
        share = 0.0
        if second != _NONE:
            share = controls.choices_slider(
                "Share of the second", "style_learned_share", 0.5, STRENGTHS, width=170
            )
        strength = controls.choices_slider("Strength", "style_strength", 1.0, STRENGTHS, width=170)
        side, own = how_to_show()
    shares = ((first, 1 - share), *(((int(second), share),) if second != _NONE else ()))
    with (
        sheet,
        st.expander(f"Your photo in all {LEARNED}: click one", icon=":material/palette:", expanded=True),
    ):
        tiles(
            figures.learned_tiles(source.learned_sheet(photo), [number for number, part in shares if part]),
            key=_SHEET,
            alt=f"The photo in {LEARNED} styles",
            columns=LEARNED // 2,
            least_px=72,
            scrolls=True,
            on_pick=_pick,
        )
    result = source.painted_learned(photo, shares, strength, side)
    left, right = st.columns((3, 2), gap="medium")
    with left:
        before_and_after(photo, result, side, own)
    with right:
        _about(shares, strength)
    code_panel(snippets.learned(shares, strength, side, own))


def _pick() -> None:
    number = (session.held(_SHEET) or {}).get("picked")
    if isinstance(number, int) and 0 <= number < LEARNED:
        session.assign({_FIRST: number})


def _about(shares: tuple[tuple[int, float], ...], strength: float) -> None:
    st.markdown(f"**One network, {LEARNED} styles**")
    weights = ", ".join(rf"w_{{{number}}} = {share:.3g}" for number, share in shares)
    st.latex(rf"\small {weights}, \quad \textstyle\sum_i w_i = 1")
    st.latex(rf"\small y = (1 - s)\,x + s\,f(x, w) = {1 - strength:.3g}\,x + {strength:g}\,f(x, w)")
    st.caption(
        "All styles share the convolutions; each has its own scale and shift after every normalisation "
        "([Dumoulin et al. 2017](https://arxiv.org/abs/1610.07629)). A blend of two mixes those numbers, not the "
        "pictures. The strength mixes pixels. No other style can be given to this network: that is what **Any style** "
        "is for. The styles have no names."
    )
    st.caption(
        "This is one forward pass, and not the minimum of any loss for this photo: that is what **Step by step** looks "
        "for. It takes any size."
    )
