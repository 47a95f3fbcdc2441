"""Deletion and insertion: the curve of every method with its area, and what the network sees on the way."""

import numpy as np
import streamlit as st

from core.features.explanations import CHANCE, Faithfulness, area_formula
from core.features.explanations.faithfulness import STEPS, Mode
from core.features.verdict import faith_verdict, gain, ranking
from core.figures import features_why_charts as charts
from core.snippets import features_why as snippets
from pages.networks import features_why_source as source
from pages.networks.features_why_source import Asked, Wish
from pages.networks.features_why_waiting import Work, follow
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.plain_text import plain

_WORDS: dict[Mode, str] = {
    "deletion": "**Deletion**: important pixels turn grey first. Good: it falls at once.",
    "insertion": "**Insertion**: they come back first into a blurred crop. Good: it rises at once.",
}


def curves_section(asked: Asked, wish: Wish, veiled: frozenset[str]) -> None:
    """Both charts over the pictures of the share that is chosen, then every area."""
    place = controls.choices_slider(
        "Share of the pixels",
        "feat_why_share",
        3,
        range(STEPS + 1),
        format_func=lambda step: f"{step / STEPS:.0%}",
    )
    methods = (*source.wanted(asked, wish), CHANCE)
    work = Work("curves", "faith", asked, methods)
    follow(work, lambda: _drawn(asked, wish, methods, place, "faithful" in veiled))


def _drawn(asked: Asked, wish: Wish, methods: tuple[str, ...], place: int, veiled: bool) -> None:
    found = source.results("faith", asked, methods)
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    if not found:
        st.skeleton(height=400)
        return
    if len(found) == len(methods):
        st.markdown(f":material/gavel: **{faith_verdict(found)}**")
    shown = wish.method if wish.method in found else next(iter(found))
    for column, mode in zip(st.columns(2, gap="large"), _WORDS, strict=True):
        with column:
            _half(asked, found, shown, mode, place)
    left, right = st.columns([7, 5], gap="large")
    with left:
        _areas(found)
    with right:
        show_formula(area_formula(found[shown].deletion))
        show_formula(area_formula(found[shown].insertion))
    st.caption(
        "Grey and blurred crops are pictures that the network never saw in training, so compare the methods with each "
        "other and with squares in random order, not with an ideal (Petsiuk, Das and Saenko 2018, arXiv 1806.07421)."
    )
    code_panel(snippets.deletion(asked.category, STEPS), "Show the code: the deletion curve")


def _half(asked: Asked, found: dict[str, Faithfulness], shown: str, mode: Mode, place: int) -> None:
    curve = getattr(found[shown], mode)
    share, probability = curve.shares[place], curve.probabilities[place]
    st.markdown(_WORDS[mode])
    st.plotly_chart(
        charts.curve_chart(found, mode, shown, share),
        key=f"feat_why_chart_{mode}",
        alt=charts.curve_alt(found, mode),
        config={"displayModeBar": False},
    )
    words = "taken away" if mode == "deletion" else "brought back"
    with st.container(horizontal=True, vertical_alignment="center"):
        picture = source.partly(asked, shown, mode, share)
        st.image(
            picture, width=300, alt=f"The crop with {share:.0%} of its pixels {words}", output_format="PNG"
        )
        st.metric(
            f"{plain(asked.name)}, {share:.0%} {words}",
            f"{probability:.1%}",
            f"{100 * (probability - asked.share):+.1f} points",
            delta_color="off",
            width="content",
        )


def _areas(found: dict[str, Faithfulness]) -> None:
    """Every area, the method that the network agrees with most on top."""
    names = ranking(found)
    st.markdown("**The areas**: small is good on the left, large on the right; sorted by their difference")
    st.dataframe(
        {
            "method": [charts.title_of(name) for name in names],
            "deletion": np.array([found[name].deletion.area for name in names]),
            "insertion": np.array([found[name].insertion.area for name in names]),
            "insertion − deletion": np.array([gain(found[name]) for name in names]),
        },
        column_config={
            name: st.column_config.NumberColumn(format="%.3f")
            for name in ("deletion", "insertion", "insertion − deletion")
        },
        hide_index=True,
        key="feat_why_areas",
    )
