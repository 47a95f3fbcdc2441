"""The large picture: the crop with the map over it, what the network says, and how the map is made."""

from dataclasses import replace

import streamlit as st

from core.features.explanations import METHODS, Explanation, formulas_of, rank_correlation
from core.features.probe import covered_formula
from core.features.verdict import map_verdict, pair_verdict
from core.figures import features_why as figures
from core.formula import Formula
from core.networks import title_of
from core.snippets import features_why as snippets
from pages.networks import features_maps_source as maps_source
from pages.networks import features_why_source as source
from pages.networks.features_why_source import Asked, Wish
from pages.networks.features_why_waiting import AGAIN, Work, follow
from pages.shared import session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain

_PICTURE = "feat_why_picture"
_HEIGHT = 560


def large(asked: Asked, rival: Asked | None, wish: Wish, veiled: frozenset[str]) -> None:
    """Draw it; a slow method's map is waited for."""
    both = (asked, rival) if rival and rival.category != asked.category else (asked,)
    if not METHODS[wish.method].slow or "where" in veiled:
        _drawn(both, wish, veiled)
        return
    works = [Work(f"large_{i}", "map", each, (wish.method,)) for i, each in enumerate(both)]
    for work in works[1:]:
        work.begin()
    follow(works[0], lambda: _drawn(both, wish, veiled))


def _drawn(both: tuple[Asked, ...], wish: Wish, veiled: frozenset[str]) -> None:
    asked = both[0]
    left, right = st.columns([8, 5], gap="large")
    with left:
        found = [source.explanation(each, wish.method) for each in both]
        hidden = "where" in veiled
        if hidden:
            st.info("Make your prediction: the map is shown after it.", icon=":material/visibility_off:")
        else:
            _verdict(both, found)
        for column, each, one in zip(st.columns(len(both)), both, found, strict=True):
            with column:
                _picture(each, None if hidden else one, wish, len(both))
    with right:
        _prediction(asked)
        if not hidden:
            _how(asked, found[0], wish)


def _picture(asked: Asked, found: Explanation | None, wish: Wish, count: int) -> None:
    method = METHODS[wish.method].title
    st.markdown(f"#### {plain(asked.name)} · {asked.share:.1%}")
    picture(
        maps_source.crop(asked.photo, asked.look),
        key=f"{_PICTURE}_{count}_{asked.category}",
        alt=f"The crop that the network saw; {method} shows what speaks for {plain(asked.name)}",
        boxes=_cover_box(asked, wish),
        overlay=None if found is None else figures.overlay(asked.pixels, found, wish.style),
        opacity=wish.opacity,
        marker=figures.NOWHERE,
        scale=None if found is None else figures.map_scale(found),
        height=_HEIGHT if count == 1 else 420,
        on_pick=lambda: _pick(f"{_PICTURE}_{count}_{asked.category}"),
    )
    if wish.place is None:
        if count == 1:
            st.caption("Click on the picture to cover a square there with grey and ask the network again.")
        return
    change = source.covered(asked, wish.place, wish.cover)
    show_formula(covered_formula(change))
    if count == 1:
        st.button(
            "Uncover", icon=":material/visibility:", key="feat_why_uncover", on_click=_place, args=(-1, -1)
        )


def _cover_box(asked: Asked, wish: Wish) -> list[Box]:
    if wish.place is None:
        return []
    change = source.covered(asked, wish.place, wish.cover)
    top, left, bottom, right = change.window
    return [Box(left, top, right, bottom, label=f"covered: {change.shares[1]:.1%}", role="third")]


def _pick(key: str) -> None:
    """A click on the picture: cover the place."""
    row, column = session.held(key)["pixel"]
    _place(row, column)


def _place(row: int, column: int) -> None:
    session.assign({"feat_why_y": row, "feat_why_x": column, AGAIN: True})


def _verdict(both: tuple[Asked, ...], found: list[Explanation | None]) -> None:
    """One sentence from the numbers."""
    if any(one is None for one in found):
        return
    names = [plain(each.name) for each in both]
    if len(found) == 2:
        text = pair_verdict(rank_correlation(*found), *names)  # type: ignore[arg-type]
    else:
        text = map_verdict(found[0], source.subject(both[0]).hw, names[0])  # type: ignore[arg-type]
    st.markdown(f":material/gavel: **{text}**")


def _prediction(asked: Asked) -> None:
    st.markdown(f"**What {title_of(asked.look.network)} says**")
    for name, share in maps_source.predictions(asked.photo, asked.look)[:3]:
        st.progress(share, f"{plain(name)} **{share:.1%}**")
    if not asked.trained:
        st.caption(
            ":material/info: Untrained: the weights are random, and so are the answer and its explanation."
        )


def _how(asked: Asked, found: Explanation | None, wish: Wish) -> None:
    """The method in a sentence, as a formula, and with the numbers of this picture."""
    method = METHODS[wish.method]
    st.markdown(f"**{method.title}.** {method.idea}")
    if method.warning:
        st.warning(method.warning, icon=":material/warning:")
    if found is None:
        st.latex(rf"\small {method.formula}")
    else:
        for formula in formulas_of(found):
            show_formula(_narrow(formula))
    place = f" · maps of {asked.layer}" if source.needs_layer(wish.method) else ""
    st.caption(f"{method.paper}{place}")
    code_panel(snippets.explanation(wish.method, asked.layer, asked.category, asked.effort))


def _narrow(formula: Formula) -> Formula:
    """A long sum on two lines, so that it fits beside the picture."""
    terms = formula.filled.split(" + ")
    if len(terms) < 4 or r"\left" in formula.filled:
        return formula
    first, rest = " + ".join(terms[:2]), " + ".join(terms[2:])
    return replace(formula, filled=rf"{first} \\ + {rest}")
