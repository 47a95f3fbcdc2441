"""Lesson mode: predict, then reveal.

A page offers three questions. When one is asked (with the menu, or by a link with `?ask=`) the page hides the
number, the student commits to a guess, and only then the number and its reason are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.formula import Formula
from pages.shared import session
from pages.shared.copy_link import copy_link
from pages.shared.formula_view import show_formula


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the page as it stands.

    Args:
        key: name of the question in the link, and of the number that stays veiled while it is asked.
        prompt: the question.
        answer: the right answer, computed from the page's present settings.
        explanation: why, as a Formula or a sentence.
        choices: the answers to choose from; empty for a number that is typed.
    """

    key: str
    prompt: str
    answer: int | float | str
    explanation: Formula | str
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.choices and self.answer not in self.choices:
            raise ValueError(f"the answer must be one of the choices {self.choices}, got {self.answer!r}")

    def is_right(self, guess: int | float | str | None) -> bool:
        """Whether the guess is the answer; numbers within one per mille."""
        if guess is None or isinstance(self.answer, str):
            return guess == self.answer
        return abs(float(guess) - self.answer) <= 1e-3 * abs(self.answer)


def ask(questions: Sequence[Question], prefix: str) -> frozenset[str]:
    """Draw the menu of questions and the one that is asked; return the keys of the numbers to veil.

    Args:
        questions: what the page can ask; their answers belong to the page's present settings.
        prefix: what the page's URL parameters begin with; a lesson link may hide any of them.
    """
    by_key = {question.key: question for question in questions}
    with st.popover("Predict, then reveal", icon=":material/school:", help="Questions for a class"):
        picked = st.radio(
            "Ask before the page shows it",
            ("off", *by_key),  # the link carries these names, so a prompt may change
            captions=("No question", *(question.prompt for question in questions)),
            key="ask",
            bind="query-params",
        )
        _lesson_link(prefix)
    question = by_key.get(picked)
    if question is None:
        return frozenset()
    return _panel(question)


def _lesson_link(prefix: str) -> None:
    """The link a teacher hands out: the page as it stands, the question, and without the chosen controls."""
    hidden = st.pills(  # no list that opens: it lay over the button below, and leaving it closed the menu
        "Hide these controls in the lesson link",
        session.keys(prefix),
        selection_mode="multi",
        format_func=lambda key: key.removeprefix(prefix).replace("_", " "),
        key="lesson_hides",
    )
    copy_link("lesson_link", label="Copy lesson link", params={"hide": ",".join(hidden)})


def _panel(question: Question) -> frozenset[str]:
    revealed_key = f"revealed_{question.key}"
    guess_key = f"guess_{question.key}"
    revealed = session.held(revealed_key, False)
    with st.container(border=True):
        st.markdown(f":material/school: **{question.prompt}**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if question.choices:
                guess = st.radio(
                    "Your prediction", question.choices, index=None, key=guess_key, horizontal=True
                )
            else:
                guess = st.number_input("Your prediction", value=None, step=1, key=guess_key, width=200)
            action, label = (False, "Ask again") if revealed else (True, "Reveal")
            st.button(
                label,
                type="primary",
                disabled=not revealed and guess is None,
                key=f"reveal_{question.key}",
                on_click=session.assign,
                args=({revealed_key: action},),
            )
        if not revealed:
            return frozenset({question.key})
        _verdict(question, guess)
    return frozenset()


def _verdict(question: Question, guess: int | float | str | None) -> None:
    if question.is_right(guess):
        st.success(f"Right: {question.answer}.", icon=":material/check_circle:")
    else:
        st.warning(f"You said {guess}; it is {question.answer}.", icon=":material/lightbulb:")
    if isinstance(question.explanation, Formula):
        show_formula(question.explanation)
    else:
        st.markdown(question.explanation)
