"""Questions for a class about the training that is set up."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.formula import Formula
from core.transfer.recipe import Recipe
from core.transfer.split import Split
from pages.shared.lesson import Question

if TYPE_CHECKING:
    from core.transfer.stages import Stage


def train_questions(
    stages: "Sequence[Stage]", trained: int, head: int, split: Split, recipe: Recipe
) -> tuple[Question, ...]:
    """Three of them: how much trains, how many updates an epoch has, what freezing forgets.

    Args:
        stages: of the trunk. trained: so many of them train, counted from the end. head: parameters of the new head.
    """
    return (_updates(split, recipe), _parameters(stages, trained, head), _statistics())


def _updates(split: Split, recipe: Recipe) -> Question:
    photos, batch = (
        len(split.training) * (recipe.passes if recipe.approach == "features" else 1),
        recipe.batch,
    )
    updates = math.ceil(photos / batch)
    formula = Formula(
        "updates in an epoch",
        r"U = \lceil n / b \rceil",
        rf"\lceil {photos} / {batch} \rceil = {updates}",
        updates,
        "A last batch that would hold one photo joins the one before it where batch statistics are used.",
    )
    return Question("updates", "How often do the weights change in one epoch?", updates, formula)


def _parameters(stages: "Sequence[Stage]", trained: int, head: int) -> Question:
    sizes = [stage.parameters for stage in stages]
    moving = sum(sizes[len(sizes) - trained :]) + head
    total = sum(sizes) + head
    share = 100 * moving / total
    choices = ("less than 1 %", "1 to 10 %", "10 to 50 %", "more than 50 %")
    answer = choices[sum(share >= edge for edge in (1, 10, 50))]
    return Question(
        "share",
        "Which share of the parameters trains?",
        answer,
        Formula(
            "share that trains, in %",
            r"100 \cdot P_{\text{train}} / P",
            rf"100 \cdot {moving:,} / {total:,} = {share:.3g}",
            round(share, 3),
        ),
        choices,
    )


def _statistics() -> Question:
    return Question(
        "statistics",
        "All parameters are frozen, and the network stands in training mode. What moves nevertheless?",
        "the running statistics of batch normalisation",
        "`requires_grad=False` stops gradients. The running mean and variance are no parameters: every batch that goes "
        "through in training mode moves them. Frozen parts must stand in evaluation mode.",
        ("nothing", "the running statistics of batch normalisation", "the biases"),
    )
