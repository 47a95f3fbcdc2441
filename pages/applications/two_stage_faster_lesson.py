"""Questions for a class on the anchors of Faster R-CNN."""

from core.formula import Formula
from pages.shared.lesson import Question, ask

_HOLDS = "as wide as the anchor"
_CHOICES = ("twice as wide", _HOLDS, "no width at all")


def questions(count: Formula, level: Formula) -> tuple[Question, ...]:
    """How many anchors, which level, and what a step of 0 means."""
    return (
        Question("ts_anchors", "How many anchors does the network lay over this photo?", count.value, count),
        Question(
            "ts_level", "From which level of the pyramid is the chosen box's region cut?", level.value, level
        ),
        Question(
            "ts_zero",
            "The network says a step t_w of 0. How wide is the box?",
            _HOLDS,
            "exp(0) = 1: the width stays. Steps of 0 mean that the anchor already fits.",
            _CHOICES,
        ),
    )


def asked(count: Formula, level: Formula) -> bool:
    """Draw the menu; whether the numbers that are asked for must be hidden."""
    return bool(ask(questions(count, level), "ts"))
