"""The three questions of the view "Why this class?"; what takes long is only worked out when it is revealed."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.features.explanations import CHANCE, METHODS
from core.features.probe import QUARTERS, quarter_shares
from core.features.verdict import faith_verdict, ranking, sanity_verdict, stubborn
from pages.networks import features_why_source as source
from pages.networks.features_why_source import Asked, Wish
from pages.shared import session
from pages.shared.lesson import Question
from pages.shared.plain_text import plain


def questions(asked: Asked, wish: Wish) -> tuple[Question, ...]:
    """Where it looks, which method the network agrees with, and which one does not care what was learned."""
    return (
        _where(asked, wish),
        _later(
            "faithful",
            "Whose order does the network agree with most (insertion area − deletion area)?",
            lambda: source.finished("faith", asked, (*source.quick(asked), CHANCE)),
            lambda found: next(name for name in ranking(found) if name != CHANCE),
            faith_verdict,
            asked,
        ),
        _later(
            "stubborn",
            "What was learned is replaced by random numbers. Whose map stays alike longest?",
            lambda: source.finished("cascade", asked, source.quick(asked), wish.seed),
            lambda found: stubborn(found)[0],
            sanity_verdict,
            asked,
        ),
    )


def _where(asked: Asked, wish: Wish) -> Question:
    method = "grad_cam" if METHODS[wish.method].slow else wish.method
    found = source.explanation(asked, method)
    shares = quarter_shares(found.heat(source.subject(asked).hw)) if found else (0.0,) * 4
    best = max(range(4), key=lambda i: shares[i])
    listed = ", ".join(f"{name} {share:.0%}" for name, share in zip(QUARTERS, shares, strict=True))
    return Question(
        "where",
        f"Which quarter of the crop speaks most for {asked.name}?",
        QUARTERS[best],
        f"Of {METHODS[method].title}'s map lie {listed}.",
        QUARTERS,
    )


def _later(
    key: str,
    prompt: str,
    work: Callable[[], Mapping[str, Any]],
    best: Callable[[Mapping[str, Any]], str],
    why: Callable[[Mapping[str, Any]], str],
    asked: Asked,
) -> Question:
    """A question whose answer takes seconds: worked out once a guess is in."""
    choices = tuple(METHODS[name].title for name in source.quick(asked))
    answer, reason = choices[0], ""
    if session.held("ask") == key and session.held(f"revealed_{key}", False):
        with st.spinner("Asking the network again and again …", show_time=True):
            found = work()
        answer, reason = METHODS[best(found)].title, plain(why(found))
    return Question(key, prompt, answer, reason, choices)
