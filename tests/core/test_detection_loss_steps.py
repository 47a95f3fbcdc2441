"""YOLOv1's loss as the page shows it: formulas against the parts, the code against core, the map."""

import re
from math import sqrt

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.detection.grid import Grid
from core.detection.loss_parts import PARTS, TargetGrid, target_grid, yolo_v1_loss
from core.detection.loss_steps import TITLES, Guess, box_in_pixels, cell_formulas, predicted, total_formula
from core.figures import detection_loss as figures
from core.snippets import detection_loss as snippets

GRID = Grid(4, 5, (200, 250))
BOXES = [(10.0, 10.0, 90.0, 90.0), (120.0, 60.0, 240.0, 190.0)]
share = st.integers(0, 10).map(lambda n: n / 10)
guesses = st.builds(
    Guess,
    st.floats(-1, 1),
    st.floats(-1, 1),
    st.floats(0.2, 4),
    st.floats(0.2, 4),
    share,
    share,
    share,
    share,
)


def target() -> TargetGrid:
    return target_grid(BOXES, [0, 2], 3, GRID)


def written(latex: str) -> float:
    """A filled formula as Python's own arithmetic: only digits, signs, brackets and powers are left."""
    text = latex.replace(r"\left[", "(").replace(r"\right]", ")").replace(r"\,", "*").replace("^", "**")
    text = re.sub(r"(\d)\(", r"\1*(", text)
    assert re.fullmatch(r"[\d.e+\-*() ]+", text), text
    return _sum(text)


def _sum(text: str) -> float:
    """A small reader for sums, products, squares and brackets."""
    tokens = re.findall(r"\*\*|\d+\.?\d*(?:e-?\d+)?|[-+*()]", text)
    place = 0

    def peek() -> str:
        return tokens[place] if place < len(tokens) else ""

    def take() -> str:
        nonlocal place
        place += 1
        return tokens[place - 1]

    def atom() -> float:
        if peek() == "(":
            take()
            value = total()
            take()
        elif peek() == "-":
            take()
            return -atom()
        else:
            value = float(take())
        if peek() == "**":
            take()
            value **= float(take())
        return value

    def product() -> float:
        value = atom()
        while peek() == "*":
            take()
            value *= atom()
        return value

    def total() -> float:
        value = product()
        while peek() in ("+", "-"):
            value = value + product() if take() == "+" else value - product()
        return value

    return total()


def test_the_reader_reads() -> None:
    assert _sum("5*((0.5-(-0.25))**2+1**2)-2") == pytest.approx(5 * (0.75**2 + 1) - 2)


@given(guesses)
def test_the_filled_formulas_give_the_parts_of_their_cell(guess: Guess) -> None:
    wanted = target()
    said = predicted(wanted, guess)
    parts = yolo_v1_loss(wanted, said)
    for row in range(4):
        for column in range(5):
            formulas = cell_formulas(wanted, said, parts, (row, column))
            assert sum(each.value for each in formulas) == pytest.approx(parts.cells[row, column])
            for each in formulas:
                assert written(each.filled) == pytest.approx(each.value, rel=0.02, abs=0.02)
    total = total_formula(parts)
    assert total.value == parts.total
    assert written(total.filled) == pytest.approx(parts.total, abs=3e-3)


@given(guesses)
def test_the_code_gives_the_loss_again(guess: Guess) -> None:
    wanted = target()
    said = predicted(wanted, guess)
    names: dict[str, object] = {
        "has": torch.from_numpy(wanted.has_object),
        "target": torch.from_numpy(wanted.boxes),
        "onehot": torch.from_numpy(wanted.classes),
        "said": torch.from_numpy(said.boxes),
        "classes": torch.from_numpy(said.classes),
    }
    exec(snippets.loss(), names)
    assert names["result"] == pytest.approx(yolo_v1_loss(wanted, said).total)


def test_a_right_guess_costs_nothing() -> None:
    wanted = target()
    said = predicted(wanted, Guess(0, 0, 1, 1, 1, 0, 0, 1))
    assert yolo_v1_loss(wanted, said).total == pytest.approx(0, abs=1e-12)


def test_one_class_has_no_others_to_share_with() -> None:
    wanted = target_grid(BOXES, [0, 0], 1, GRID)
    said = predicted(wanted, Guess(right=0.7))
    assert yolo_v1_loss(wanted, said).sums["classes"] == pytest.approx(2 * 0.3**2)


def test_what_a_cell_says_in_pixels_is_the_object_it_was_made_of() -> None:
    wanted = target()
    for box, cell in zip(BOXES, [(1, 1), (2, 3)], strict=True):
        assert wanted.has_object[cell]
        assert box_in_pixels(wanted.boxes[cell], cell, (4, 5), (200, 250)) == pytest.approx(box)
    wide = box_in_pixels(np.array([0.5, 0.5, sqrt(0.2), 1.0]), (0, 0), (4, 5), (200, 250))
    assert wide == pytest.approx((0, -75, 50, 125))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"across": 2}, "across is -1 to 1 cells, got 2"),
        ({"down": float("nan")}, "down is -1 to 1 cells, got nan"),
        ({"wider": 0}, "wider is over 0, at most 4, got 0"),
        ({"higher": 5}, "higher is over 0, at most 4, got 5"),
        ({"confidence": 1.5}, "confidence is 0 to 1, got 1.5"),
        ({"right": -0.1}, "right is 0 to 1, got -0.1"),
    ],
    ids=["shift", "nan", "no width", "too high", "confidence", "share"],
)
def test_a_bad_guess_is_refused_in_a_sentence(values: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Guess(**values)


def test_the_map_is_brightest_where_the_loss_is_largest() -> None:
    wanted = target()
    parts = yolo_v1_loss(wanted, predicted(wanted, Guess(empty=0.0)))
    shown = figures.loss_picture(
        np.full((200, 250, 3), 90, np.uint8), parts, (0, 0), (10.0, 10.0, 40.0, 40.0)
    )
    light = shown.sum(axis=2).astype(int)
    worst = np.unravel_index(parts.cells.argmax(), parts.cells.shape)
    assert light[worst[0] * 50 + 25, worst[1] * 50 + 25] > light[175, 25] + 100
    assert tuple(shown[0, 25]) == (255, 217, 47)  # the chosen cell's frame


def test_the_bars_are_the_parts() -> None:
    wanted = target()
    parts = yolo_v1_loss(wanted, predicted(wanted, Guess()))
    (bars,) = figures.parts_figure(parts).data
    assert list(bars.x) == list(parts.sums.values()) and tuple(TITLES) == PARTS
    assert f"together {parts.total:.3f}" in figures.parts_alt(parts)
