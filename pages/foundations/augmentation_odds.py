"""The Odds view: the exact probability tree of the chain, checked by drawing, and what the order changes."""

from dataclasses import replace

import streamlit as st

from core.augmentation import Chain, OneOf, Step, check_odds, odds
from core.augmentation.formulas import chain_formulas, standard_errors
from core.augmentation.odds import Odds, OddsCheck
from core.augmentation.text import chain_to_text
from core.figures import augmentation_odds as figures
from core.photo import Photo
from core.snippets import augmentation_odds as snippets
from pages.foundations.augmentation_odds_order import order_section
from pages.shared import controls
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask

AS_SET, CHANCES = "as set", ("as set", "25 %", "50 %", "75 %")
_DRAWS = (100, 1000, 10_000)
_BAR = {"displayModeBar": False}


def odds_view(photo: Photo, chain: Chain, seed: int) -> None:
    """The tree with its two numbers, the check, and the order."""
    tree, side = st.columns([8, 4], gap="medium")
    with side:
        asked = _asked(chain)
        draws = controls.choice("Draws to check with", "aug_odds_draws", 1000, _DRAWS, format_func=_spaced)
        found, check = odds(asked), _checked(asked, seed, draws)
        veiled = ask(_questions(found), "aug_odds")
        _beside(found, check, bool(veiled))
    with tree:
        _tree(found, bool(veiled))
    if not veiled:
        _check(asked, found, check)
        code_panel(snippets.odds(asked))
        code_panel(snippets.counted(asked, seed, draws), "Show the code: counted in draws")
    order_section(photo, seed)


def _asked(chain: Chain) -> Chain:
    """The chain, with the probabilities that are asked about: a chain of certain steps has a tree of one branch."""
    certain = sum(each.probability == 1 for each in chain.steps) > len(chain.steps) / 2
    chance = controls.choice(
        "Probability of every step",
        "aug_odds_chance",
        CHANCES[2] if certain else AS_SET,
        CHANCES,
        help="“As set” takes the chain's own; the others ask what if every step had this one",
    )
    if chance == AS_SET:
        return chain
    share = int(chance.split(" ")[0]) / 100
    return replace(chain, steps=tuple(_with(each, share) for each in chain.steps))


def _with(each: Step | OneOf, probability: float) -> Step | OneOf:
    return replace(each, probability=probability)


def _spaced(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


def _beside(found: Odds, check: OddsCheck, veiled: bool) -> None:
    """The two numbers, exact and counted."""
    rows = (
        ("Left untouched", f"{found.untouched:.2%}", f"{check.untouched:.2%}"),
        ("Transforms each", f"{found.expected:.4g}", f"{check.expected:.4g}"),
    )
    for name, exact, counted in rows:
        with st.container(border=True, gap="small"):
            st.caption(name)
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.markdown(f":blue[exact]  \n**{'?' if veiled else exact}**", width="content")
                st.markdown(
                    f":orange[in {_spaced(check.draws)} draws]  \n**{'?' if veiled else counted}**",
                    width="content",
                )


def _tree(found: Odds, veiled: bool) -> None:
    if not found.levels:
        st.info("The chain has no steps: every photo is left as it is.", icon=":material/info:")
        return
    if veiled:
        st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        return
    st.plotly_chart(figures.tree_figure(found), key="aug_odds_tree", alt=figures.tree_alt(found), config=_BAR)
    drawn, steps = figures.drawn_levels(found), len(found.levels)
    whole = "All ways through the chain" if drawn == steps else f"The first {drawn} of {steps} steps"
    names = " · ".join(" or ".join(b.title for b in level if b.choice >= 0) for level in found.levels[:drawn])
    st.caption(
        f"{whole}, from left to right: **{names}**. A field is as high as it is probable. Green: nothing has happened "
        "yet. Click a field to walk into it, and its left edge to come back."
    )


def _check(chain: Chain, found: Odds, check: OddsCheck) -> None:
    chart, cards = st.columns([5, 7], gap="medium")
    with chart:
        st.markdown("**How many transforms a picture gets**")
        st.plotly_chart(
            figures.counts_figure(found, check),
            key="aug_odds_counts",
            alt=figures.counts_alt(found, check),
            config=_BAR,
        )
    with cards:
        for left, right in zip(chain_formulas(found, chain), standard_errors(found, check), strict=True):
            for column, formula in zip(st.columns(2), (left, right), strict=True):
                with column:
                    show_formula(formula)


def _questions(found: Odds) -> tuple[Question, ...]:
    percent = f"{found.untouched:.0%}"
    shares = {"0 %": 0.0, "3 %": 0.03, "10 %": 0.1, "25 %": 0.25, "50 %": 0.5, "100 %": 1.0}
    answer = min(shares, key=lambda words: abs(shares[words] - found.untouched))
    formula = replace(found.formulas[0], note=f"that is {percent}")
    return (
        Question(
            "odds_untouched",
            "Which share of the pictures is left untouched, about?",
            answer,
            formula,
            tuple(shares),
        ),
    )


@st.cache_data(max_entries=64, show_spinner="Drawing …", hash_funcs={Chain: chain_to_text})
def _checked(chain: Chain, seed: int, draws: int) -> OddsCheck:
    return check_odds(chain, seed, draws)
