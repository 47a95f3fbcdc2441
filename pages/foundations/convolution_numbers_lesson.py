"""What a class can be asked about the Numbers view before it shows the answer."""

import numpy as np

from core.convolution import size_formula
from core.figures.convolution import Numbers
from core.figures.convolution_tables import sum_in_words
from pages.shared.lesson import Question


def questions(numbers: Numbers) -> tuple[Question, ...]:
    """How large is the output, which number stands in it, and how many outputs does one input feed."""
    return _size(numbers), _value(numbers), _feeds(numbers)


def _size(numbers: Numbers) -> Question:
    formula = size_formula(numbers.layer, numbers.grid.shape, 0)
    return Question("rows", "How many rows will the output have?", int(formula.value), formula)


def _value(numbers: Numbers) -> Question:
    strongest = int(
        np.abs(numbers.output).argmax()
    )  # never a corner full of zeros where there is anything else
    row, column = divmod(strongest, numbers.output.shape[1])
    value = round(float(numbers.output.ravel()[strongest]))
    return Question(
        "value",
        f"Which number will stand in row {row}, column {column} of the output? Round it to a whole number.",
        value,
        sum_in_words(numbers, strongest),
    )


def _feeds(numbers: Numbers) -> Question:
    row, column = (n // 2 for n in numbers.grid.shape)
    uses = int(numbers.wiring.uses[row, column])
    return Question(
        "feeds",
        f"How many outputs will the input in row {row}, column {column} feed?",
        uses,
        f"Every window that covers it reads it once: {uses}. Hover it to see them all.",
    )
