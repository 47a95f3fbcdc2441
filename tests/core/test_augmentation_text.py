"""Chains and marks as text for a link: they come back equal, and bad text is one sentence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.augmentation import CATALOGUE, NAMES, Chain, Step
from core.augmentation.marks import Marks, Stroke, marks_from_text, marks_to_text
from core.augmentation.text import chain_from_text, chain_to_text
from core.figures.augmentation import chain_from_edit, editor_data
from core.figures.augmentation_targets import ANY_PHOTO, EXAMPLES, marks_from_edit, pen_marks
from tests.core.augmentation_strategy import chains


@settings(max_examples=150, deadline=None)
@given(chains())
def test_a_chain_comes_back_from_its_text_and_from_the_editor(chain):
    assert chain_from_text(chain_to_text(chain)) == chain
    assert chain_from_text(chain_to_text(chain).replace(" ", "+")) == chain
    assert chain_from_edit(editor_data(chain)) == chain


def test_every_transform_has_a_word():
    for name in NAMES:
        options = {each.name: each.words[-1] if each.words else each.high for each in CATALOGUE[name].options}
        chain = Chain((Step(name, options=options),), "edge", 7, "nearest")
        assert chain_from_text(chain_to_text(chain)) == chain


def test_the_default_range_needs_no_numbers():
    assert chain_to_text(Chain((Step("rotate"), Step("flip", probability=0.5)))) == "rotate flip*0.5"
    assert chain_to_text(Chain()) == "none"
    assert chain_from_text("  ") == chain_from_text("none") == Chain()


BAD_CHAINS = [
    "rotate(",
    "rotate(1,2,3)",
    "rotate(5,-5)",
    "rotate(1e309,2)",
    "nonsense",
    "flip*2",
    "one()",
    "one(one(blur))",
    "one(blur|)",
    "crop[aspect=nan]",
    "crop[nothing=1]",
    "posterize(1.5,3)",
    "border=nowhere",
    "fill=256",
    "fill=" + "9" * 1900,
    "rotate " * 21,
    "x" * 2001,
    "<script>",
    "日本",
    "\0",
]


@pytest.mark.parametrize("text", BAD_CHAINS, ids=range(len(BAD_CHAINS)))
def test_a_bad_chain_is_one_sentence(text):
    with pytest.raises(ValueError, match=r"got|is one of") as caught:
        chain_from_text(text)
    assert "\n" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abefkmone(|)*[]=,.- +;0123456789é\n", max_size=60))
def test_any_text_is_a_chain_and_marks_or_a_value_error(text):
    for read in (chain_from_text, marks_from_text):
        try:
            read(text)
        except ValueError as error:
            assert str(error)


@pytest.mark.parametrize(
    "edit", [None, {}, [], {"steps": 3}, {"steps": [{}]}, {"steps": [{"one_of": 1}]}], ids=str
)
def test_an_edit_that_is_none_is_a_value_error(edit):
    for take in (chain_from_edit, marks_from_edit):
        with pytest.raises(ValueError, match="sent no"):
            take(edit)


_edge = st.integers(0, 1000)
_name = st.text(alphabet="abc xyz-é'\"<", max_size=12).map(lambda text: " ".join(text.split()))


@st.composite
def marks(draw):
    sides = st.tuples(_edge, _edge).filter(lambda pair: pair[0] < pair[1])
    boxes = draw(st.lists(st.tuples(sides, sides), max_size=3))
    points = draw(st.lists(st.tuples(_edge, _edge), max_size=3))
    places = st.lists(st.tuples(_edge, _edge), min_size=1, max_size=4).map(tuple)
    return Marks(
        tuple((x[0], y[0], x[1], y[1]) for x, y in boxes),
        tuple(draw(_name) for _ in boxes),
        tuple(points),
        tuple(draw(_name) for _ in points),
        tuple(draw(st.lists(st.builds(Stroke, st.integers(1, 500), places, st.booleans()), max_size=3))),
    )


@settings(max_examples=150, deadline=None)
@given(marks())
def test_marks_come_back_from_their_text_and_from_the_pen(found):
    assert marks_from_text(marks_to_text(found)) == found
    assert marks_from_edit(pen_marks(found)) == found


@pytest.mark.parametrize(
    "text",
    ["b1,2,3", "b5,5,5,9", "b0,0,1001,9", "k1,2,3", "m60", "m60 1", "m0 1,1", "q1,2", "b1,2,3,4 3x",
     "k1,1;" * 25, "m9 1,1;" * 61, "k1,1 " + "n" * 41, "x" * 4001],
)  # fmt: skip
def test_bad_marks_are_one_sentence(text):
    with pytest.raises(ValueError, match="got"):
        marks_from_text(text)


@pytest.mark.parametrize("hw", [(300, 451), (1, 1), (1, 8000), (8000, 1), (200, 4000)], ids=str)
@pytest.mark.parametrize("text", [*EXAMPLES.values(), ANY_PHOTO])
def test_examples_are_marks_that_fit_on_any_photo(text, hw):
    targets = marks_from_text(text).targets(hw)
    assert targets.mask.shape == hw
    assert all(box[2] <= hw[1] and box[3] <= hw[0] for box in targets.boxes)


def test_the_brush_paints_a_disc_and_the_eraser_takes_it_away():
    mask = marks_from_text("m100 500,500").mask((400, 400))
    rows, columns = np.nonzero(mask)
    assert mask.sum() == pytest.approx(np.pi * 40**2, rel=0.05)
    assert rows.mean() == pytest.approx(199.5, abs=0.6)
    assert columns.mean() == pytest.approx(199.5, abs=0.6)
    assert marks_from_text("m100 500,500; e120 500,500").mask((400, 400)).sum() == 0
    assert Marks(strokes=(Stroke(9, ((1, 1),), True),)).targets((9, 9)).mask is None
