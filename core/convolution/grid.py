"""Small tables of numbers as text that fits into a link: "1 0 -1; 2 0 -2; 1 0 -1", and random ones by seed."""

import re
from fractions import Fraction

import numpy as np
from jaxtyping import Float, Int

LARGEST_KERNEL = 7
LARGEST_GRID = 16
LARGEST_VALUE = 1e6
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_CELL = re.compile(rf"({_NUMBER})(?:/({_NUMBER}))?")
_LONGEST_CELL = 30


def kernel_from_text(text: str) -> Float[np.ndarray, "kh kw"]:
    """The kernel written in `text`, up to 7 x 7; see `matrix_from_text`."""
    return matrix_from_text(text, LARGEST_KERNEL, "kernel")


def matrix_from_text(
    text: str, most: int = LARGEST_GRID, what: str = "grid"
) -> Float[np.ndarray, "height width"]:
    """The table of numbers written in `text`: rows end with a semicolon or a new line, blanks or commas part cells.

    A cell is a whole number, a decimal ("-0.5") or a fraction ("1/9").

    Raises:
        ValueError: with one sentence for a person: not a number, too large, ragged, or more than `most` rows
            or columns.
    """
    rows = [line.replace(",", " ").split() for line in re.split(r"[;\n]", text)]
    rows = [row for row in rows if row]
    if not rows:
        raise ValueError(f"A {what} must have at least 1 number, got none.")
    _check_shape(rows, most, what)
    return np.array([[_number(cell) for cell in row] for row in rows])


def matrix_to_text(matrix: Float[np.ndarray, "height width"]) -> str:
    """The text that `matrix_from_text` reads back to exactly these numbers, with fractions where they are shorter."""
    return "; ".join(" ".join(_text(float(value)) for value in row) for row in matrix)


def random_grid(hw: tuple[int, int], seed: int, most: int = 9) -> Int[np.ndarray, "height width"]:
    """Whole numbers from 0 to `most`, the same for the same seed."""
    return np.random.default_rng(seed).integers(0, most + 1, hw)


def _check_shape(rows: list[list[str]], most: int, what: str) -> None:
    if max(len(rows), len(rows[0])) > most:
        raise ValueError(
            f"A {what} can have at most {most} rows and {most} columns, got {len(rows)} and {len(rows[0])}."
        )
    for place, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"Every row of a {what} must have as many numbers as the first, {len(rows[0])}, "
                f"got {len(row)} in row {place}."
            )


def _number(cell: str) -> float:
    found = _CELL.fullmatch(cell) if len(cell) <= _LONGEST_CELL else None
    if not found:
        raise ValueError(f"A cell must be a number such as 2, -0.5 or 1/9, got {cell[:_LONGEST_CELL]}.")
    over, under = float(found[1]), float(found[2] or 1)
    if under == 0:
        raise ValueError(f"A fraction must not divide by zero, got {cell}.")
    if not abs(over / under) <= LARGEST_VALUE:  # so that not a number is refused as well
        raise ValueError(
            f"A cell must lie between -{LARGEST_VALUE:,.0f} and {LARGEST_VALUE:,.0f}, got {cell}."
        )
    return over / under


def _text(value: float) -> str:
    if value == int(value):
        return str(int(value))
    fraction = Fraction(value).limit_denominator(1000)
    texts = [repr(value)] + [str(fraction)] * (float(fraction) == value)
    return min(texts, key=len)
