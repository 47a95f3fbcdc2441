"""A number together with the formula that gives it, so that a page never shows one without the other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """One computed number and how it came about.

    Args:
        name: what the number is, in words ("output height").
        symbolic: the formula in LaTeX, with symbols.
        filled: the right-hand side of the same formula in LaTeX, with the numbers put in.
        value: the result; what a page prints after the equals sign.
        note: one sentence to go with it ("the division is not exact, so it is rounded down"), or "".
    """

    name: str
    symbolic: str
    filled: str
    value: int | float
    note: str = ""
