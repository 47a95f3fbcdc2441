"""The view At once: the photo in a style after a fraction of a second, with a strength and a blend."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.figures import style as figures
from core.photo import Photo
from core.snippets import style as snippets
from core.style.fast import NUMBERS, SIDE, STYLE_SIDE
from pages.applications import style_source as source
from pages.applications.style_stage import STRENGTHS, before_and_after, how_to_show
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.lesson import Question, ask

ANY, LEARNED = "Any style", "26 learned styles"
_PAINTED = "style_painted"  # the networks are in memory: from now on it takes a moment
SHARES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)


def once_view(photo: Photo) -> None:
    """The choice of a network, and what it makes of the photo."""
    kind = controls.choice(
        "Network", "style_network", ANY, (ANY, LEARNED), label_visibility="collapsed", wrap=True
    )
    if kind == LEARNED:
        from pages.applications.style_learned import learned_panel

        learned_panel(photo)
    else:
        _any_style(photo, source.choose_styles(in_sight=True))


def _any_style(photo: Photo, styles: Sequence[Photo]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        strength = controls.choices_slider("Strength", "style_strength", 1.0, STRENGTHS, width=200)
        shares = _shares(len(styles))
        side, own = how_to_show()
        lesson = st.container(width="content")
    with lesson:
        veiled = ask(_questions(), "style")
    if not any(shares):
        st.warning("All styles count 0.", icon=":material/volume_off:")
        return
    waiting = st.empty()
    if not session.held(_PAINTED):
        waiting.skeleton(height=480)
    done = source.painted(photo, tuple(styles), shares, strength, side)
    waiting.empty()
    session.assign({_PAINTED: True})
    left, right = st.columns((3, 2), gap="medium")
    with left:
        before_and_after(photo, done.pixels, side, own)
    with right:
        if veiled:
            st.markdown("**The style in numbers**")
            st.caption("They are shown after the answer.")
        else:
            _numbers(photo, styles, shares, strength, done.vector)
    if not veiled:
        code_panel(snippets.once(strength, shares, side, own))


def _shares(styles: int) -> tuple[float, ...]:
    """How much each style counts; asked only where there are several."""
    if styles < 2:
        return (1.0,)
    return tuple(
        controls.choices_slider(f"Style {i + 1}", f"style_blend_{i}", 1.0, SHARES, width=130)
        for i in range(styles)
    )


def _numbers(
    photo: Photo, styles: Sequence[Photo], shares: Sequence[float], strength: float, used: np.ndarray
) -> None:
    """The style as the painter gets it, the pictures that it comes from, and what this way of painting is not."""
    st.markdown(f"**The style in {NUMBERS} numbers**")
    parts = [f"{share / sum(shares):.3g}\\,v_{i + 1}" for i, share in enumerate(shares)]
    mean = "v_1" if len(parts) == 1 else f"({' + '.join(parts)})"
    st.latex(
        rf"\small \begin{{gathered}} v = (1 - s)\,v_{{photo}} + s\,v_{{style}} \\[4pt]"
        rf" = {1 - strength:.3g}\,v_{{photo}} + {strength:g}\,{mean} \end{{gathered}}"
    )
    rows = {"Photo": source.numbers_of(photo)}
    rows |= {f"Style {i + 1}": source.numbers_of(style) for i, style in enumerate(styles)}
    st.plotly_chart(
        figures.vectors_chart(rows | {"Used, v": used}),
        key="style_vector",
        alt=f"{NUMBERS} numbers from {used.min():.2f} to {used.max():.2f}, with those of the photo and of each style",
        config={"displayModeBar": False},
    )
    st.caption(
        f"One network reads {NUMBERS} numbers from a picture of {STYLE_SIDE} × {STYLE_SIDE} pixels, another paints "
        "with them. This is one forward pass of networks that were trained on many photos and many styles "
        "([Ghiasi et al. 2017](https://arxiv.org/abs/1705.06830)). The result is **not** the minimum of any loss for "
        "this photo and this style: that is what **Step by step** looks for, slowly."
    )
    st.caption(
        f"The painter was made for pictures of {SIDE} × {SIDE} pixels; {SIDE} is what it gives. A larger side sends "
        "the larger photo through the same weights in one piece: edges are sharper, and its strokes, as wide in pixels "
        "as before, look finer."
    )


def _questions() -> tuple[Question, ...]:
    own = "the photo's own"
    return (
        Question(
            "style_numbers",
            f"Into how many numbers is a style picture of {STYLE_SIDE} × {STYLE_SIDE} pixels put here?",
            NUMBERS,
            f"{STYLE_SIDE * STYLE_SIDE * 3:,} values become {NUMBERS}: what the style is, not where things are.",
        ),
        Question(
            "style_none",
            "At strength 0, with which numbers does the painter paint?",
            own,
            "At s = 0 only (1 − s) v of the photo is left: the photo is painted in its own style, which is not "
            "quite the photo.",
            ("zeros", own, "the style's"),
        ),
    )
