"""The size formula: its LaTeX is evaluated, and its note is checked against what is really read."""

import re

import pytest
from hypothesis import given, settings

from core.convolution import Layer, size_formula, size_formulas, wire
from tests.core.layer_strategy import layers


def evaluate(latex):
    """The value of a filled formula, worked out from its LaTeX."""
    for way, brackets in (("floor", "lfloor"), ("ceil", "lceil")):
        latex = latex.replace(rf"\left\{brackets}", f"{way}(")
    latex = re.sub(r"\\right\\r(floor|ceil)", ")", latex)
    latex = re.sub(r"\\frac\{(.*?)\}\{(.*?)\}", r"(\1), \2", latex).replace(r"\cdot", "*")
    return eval(latex, {"floor": lambda a, b: a // b, "ceil": lambda a, b: -(-a // b)})  # noqa: S307


@given(case=layers())
@settings(deadline=None)
def test_the_filled_formula_gives_the_size(case):
    layer, hw = case
    for axis, formula in enumerate(size_formulas(layer, hw)):
        assert evaluate(formula.filled) == formula.value == layer.output_hw(hw)[axis]


@given(case=layers())
@settings(deadline=None)
def test_the_note_counts_every_row_that_is_not_read(case):
    layer, hw = case
    wiring = wire(layer, hw)
    unread = {0: wiring.unread_rows, 1: wiring.unread_columns}
    for axis, word in enumerate(("row", "column")):
        note = size_formula(layer, hw, axis).note
        counted = sum(int(count) for count in re.findall(rf"(\d+) {word}s? (?:is|are)", note))
        assert counted == len(unread[axis])


@given(case=layers(operations=("convolution", "max_pool", "avg_pool")))
@settings(deadline=None)
def test_an_inexact_division_is_explained(case):
    layer, hw = case
    for axis in (0, 1):
        room = hw[axis] + sum(layer.sides(axis)) - layer.dilation[axis] * (layer.kernel[axis] - 1) - 1
        note = size_formula(layer, hw, axis).note
        rest = room % layer.stride[axis]
        assert (f"remainder of {rest}:" in note) == (rest > 0)
        assert (f"rounded {'up' if layer.ceil_mode else 'down'}" in note) == (rest > 0)


@pytest.mark.parametrize(
    ("layer", "hw", "note"),
    [
        pytest.param(Layer(), (5, 5), "", id="exact"),
        pytest.param(
            Layer(stride=(2, 2)),
            (16, 16),
            "The division leaves a remainder of 1: it is rounded down, and 1 row is never read.",
            id="one-row",
        ),
        pytest.param(
            Layer(stride=(3, 3)),
            (5, 5),
            "The division leaves a remainder of 2: it is rounded down, and 2 rows are never read.",
            id="two-rows",
        ),
        pytest.param(
            Layer(stride=(2, 2), padding=(1, 1, 1, 1)),
            (16, 16),
            "The division leaves a remainder of 1: it is rounded down, and only padding is left out.",
            id="padding",
        ),
        pytest.param(
            Layer(stride=(3, 3), padding=(1, 0, 0, 0), mode="circular"),
            (6, 6),
            "The division leaves a remainder of 1: it is rounded down, and what that leaves out is read "
            "elsewhere, as padding.",
            id="the-last-row-is-read-as-circular-padding",
        ),
        pytest.param(
            Layer(dilation=(2, 2)), (5, 5), "2 rows are skipped between the taps and windows.", id="holes"
        ),
        pytest.param(
            Layer("max_pool", kernel=(1, 1), stride=(2, 2), ceil_mode=True),
            (4, 4),
            "The division leaves a remainder of 1: it is rounded up, and the last window is dropped because it "
            "would start behind the input. 2 rows are skipped between the taps and windows.",
            id="dropped-window",
        ),
        pytest.param(
            Layer("max_pool", stride=(2, 2), ceil_mode=True),
            (2, 2),
            "The division leaves a remainder of 1: it is rounded up, and the last window reaches beyond the "
            "padded input.",
            id="window-larger-than-the-input",
        ),
        pytest.param(
            Layer("transposed", stride=(2, 2), output_padding=(1, 1)),
            (3, 3),
            "A convolution with stride 2 maps 2 sizes to this input; the output padding, 1, picks one of them.",
            id="ambiguous",
        ),
        pytest.param(
            Layer("transposed", kernel=(1, 1), padding=(1, 1, 0, 0)),
            (5, 5),
            "2 rows are without effect: all it feeds is cropped away.",
            id="cropped",
        ),
    ],
)
def test_notes(layer, hw, note):
    assert size_formula(layer, hw, 0).note == note
