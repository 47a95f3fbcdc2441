"""The photo view: what one unit sees of your photo, by the formula, by gradient, and by poking single pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.figures.receptive_field import heat_rgba
from core.photo import Photo
from core.receptive_field import EffectiveField, LayerField, Poke, Row, padding_share, unit_box
from core.receptive_field.placement import box_formulas, nearest_unit
from core.snippets import receptive_field as snippets
from pages.foundations import receptive_field_pokes as pokes
from pages.foundations.receptive_field_source import (
    Look,
    Place,
    choose,
    measured,
    poked,
    shown_picture,
)
from pages.shared import controls, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.lesson import Question, ask
from pages.shared.picture import Box, picture
from pages.shared.plain_text import plain
from pages.shared.turns import fragment

_PICTURE, _ROW, _COLUMN, _SEEN = "rf_picture", "rf_y", "rf_x", "rf_measured_before"
_CHOOSE, _POKE = "Choose a unit", "Poke a pixel"
_OUTSIDE = "outside"
_APART = 0.85  # from here on the labels of the two squares would cover each other


@dataclass(frozen=True, slots=True)
class Seen:
    """One unit and all that was found out about it."""

    photo: Photo
    look: Look
    row: Row | LayerField
    unit: Place
    field: EffectiveField


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the controls above the photo say.

    Args:
        place: pixel whose nearest unit is looked at.
        poking: whether a click pokes a pixel instead of choosing a unit.
        heat: whether the measured field is drawn.
        pokes: the pixels poked so far.
    """

    place: Place
    poking: bool
    heat: bool
    pokes: tuple[Place, ...]


@fragment
def photo_view(photo: Photo) -> None:
    """Draw the view; a fragment, so that a click redraws this view and not the frame around it."""
    settings, waiting, results = st.container(), st.empty(), st.container()
    if not session.held(_SEEN):
        with waiting.container():
            st.caption("Loading PyTorch takes a few seconds the first time.")
            st.skeleton(height=480)
    try:
        with settings:
            look, row = choose()
            wishes = _wishes(look.side)
        unit = nearest_unit(row, wishes.place)
        seen = Seen(photo, look, row, unit, measured(photo, look, unit))
        found = {pixel: poked(photo, look, unit, pixel) for pixel in wishes.pokes}
    except ValueError as error:
        waiting.warning(plain(str(error)), icon=":material/info:")
        return
    session.assign({_SEEN: True})
    waiting.empty()
    with results:
        _results(seen, wishes, found)


def _wishes(side: int) -> Wishes:
    """The second row of controls; exact places are typed in a panel, for the keyboard and for links."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = controls.choice("A click", "rf_mode", _CHOOSE, (_CHOOSE, _POKE), label_visibility="collapsed")
        with st.popover("Exact places", icon=":material/my_location:"):
            y = controls.number("Row of the unit's pixel", _ROW, side // 2, 0, side - 1)
            x = controls.number("Column of the unit's pixel", _COLUMN, side // 2, 0, side - 1)
            listed = pokes.linked(side)
        _corner_buttons(side)
        about = "Measured by gradient: light where the unit listens"
        heat = controls.toggle("Effective field", "rf_heat", True, help=about)
    return Wishes((y, x), mode == _POKE, heat, listed)


def _corner_buttons(side: int) -> None:
    """Units at the border see padding: one click goes there and back."""
    for label, place in (("Middle unit", (side // 2, side // 2)), ("Corner unit", (0, 0))):
        st.button(
            label, key=f"go_{place[0]}", on_click=session.assign, args=({_ROW: place[0], _COLUMN: place[1]},)
        )


def _results(seen: Seen, wishes: Wishes, results: dict[Place, Poke]) -> None:
    """The photo on the left, its numbers on the right, the code below."""
    left, right = st.columns([6, 5], gap="large")
    with right:
        veiled = ask(_questions(seen), "rf")
    shown = {} if _OUTSIDE in veiled else results
    with left:
        _photo(seen, wishes, shown, veiled)
    with right:
        if wishes.poking:
            pokes.panel(seen.row, seen.unit, seen.look.side, shown)
        else:
            _numbers(seen, veiled)
    for label, snippet in _code(seen, next(reversed(results), wishes.place)):
        code_panel(snippet, label)


def _code(seen: Seen, pixel: Place) -> list[tuple[str, str]]:
    """The same measurements in plain PyTorch: of the stack, or of a network that torchvision builds by this name."""
    look, hw = seen.look, (seen.look.side, seen.look.side)
    measuring = "Show the code: the field by gradient"
    if isinstance(seen.row, Row):
        layers = seen.row.below
        poking = ("Show the code: the poke test", snippets.poked(layers, hw, seen.unit, pixel))
        return [(measuring, snippets.measured_field(layers, hw, seen.unit)), poking]
    if seen.row.kind not in ("conv", "max_pool"):
        return []
    return [(measuring, snippets.network_field(look.model, seen.row.name, hw, seen.unit))]


def _photo(seen: Seen, wishes: Wishes, results: dict[Place, Poke], veiled: frozenset[str]) -> None:
    """The photo with the box of the formula, the square of the measurement, and the pixels that were poked."""
    side = seen.look.side
    heat = wishes.heat and "effect" not in veiled
    boxes = [] if "padding" in veiled else [Box(*seen.field.box, label=f"field {seen.row.size} px")]
    if heat and 0 < seen.field.side_95 < seen.row.size:
        boxes.append(_square(seen.field))
    picture(
        shown_picture(seen.photo, side),
        key=_PICTURE,
        alt=f"The photo at {side} by {side} pixels with the receptive field of unit {seen.unit}",
        boxes=[*boxes, *pokes.marks(results)],
        overlay=heat_rgba(seen.field.share) if heat else None,
        opacity=0.75,
        marker=wishes.place,
        height=560,
        on_pick=partial(_picked, wishes.poking, side),
    )


def _square(field: EffectiveField) -> Box:
    label = "95 % of the effect" if field.side_95 < _APART * (field.box[2] - field.box[0]) else ""
    x, y, half = (field.box[0] + field.box[2]) / 2, (field.box[1] + field.box[3]) / 2, field.side_95 / 2
    return Box(x - half, y - half, x + half, y + half, label=label, role="third", dashed=True)


def _picked(poking: bool, side: int) -> None:
    """A click on the photo chooses the unit nearest to the pixel, or pokes the pixel."""
    pixel = (session.held(_PICTURE) or {}).get("pixel")
    if pixel is None:
        return
    if poking:
        pokes.add([(int(pixel[0]), int(pixel[1]))], side)
    else:
        session.assign({_ROW: int(pixel[0]), _COLUMN: int(pixel[1])})


def _numbers(seen: Seen, veiled: frozenset[str]) -> None:
    """Three truths about one unit: the formula's box, its padding, and where the effect comes from."""
    row, field, side = seen.row, seen.field, seen.look.side
    share = padding_share(field.box, (side, side))
    st.markdown(
        f"**Unit ({seen.unit[0]}, {seen.unit[1]})** of a map of {row.output_hw[0]} × {row.output_hw[1]} units"
    )
    with st.container(horizontal=True):
        st.metric("Field by the formula", f"{row.size} px", border=True)
        st.metric("Only padding", "?" if "padding" in veiled else f"{share:.1%}", border=True)
    with st.container(horizontal=True):
        effect = "?" if "effect" in veiled else f"{field.side_95} px"
        st.metric(
            "95 % of the effect within", effect, border=True, help="Side of the smallest square that holds it"
        )
        st.metric(
            "Effect of the middle", f"{field.central:.0%}", border=True, help="The middle quarter of the box"
        )
    if field.whole_image:
        st.info(
            "A squeeze-and-excitation gate below lets this unit see the whole image; the box is what it sees without"
            f" the gates. {field.inside:.1%} of the effect comes from inside the box.",
            icon=":material/info:",
        )
    if not field.side_95:
        st.caption("This unit is switched off by its ReLU on this photo: no pixel moves it.")
    for formula in box_formulas(row, seen.unit, (side, side)):
        show_formula(formula, veiled="padding" in veiled)
    weights = "trained weights" if seen.look.weights == "packaged" else "random weights"
    st.caption(f"Effect: how much a small change of each pixel moves the unit, as a share of all; {weights}.")


def _questions(seen: Seen) -> Sequence[Question]:
    """Questions about the unit in sight; the one about poking needs a pixel outside the box."""
    side = seen.look.side
    corner = padding_share(unit_box(seen.row, (0, 0)), (side, side))
    smaller = "a smaller square" if seen.field.side_95 < seen.row.size else "the whole box"
    questions = [
        Question(
            "padding",
            "What percentage of the box of the corner unit (0, 0) is only padding?",
            round(100 * corner),
            box_formulas(seen.row, (0, 0), (side, side))[1],
        ),
        Question(
            "effect",
            "Does 95 % of the effect on this unit come from the whole box or from a smaller square?",
            smaller,
            f"From a square of {seen.field.side_95} px inside a field of {seen.row.size} px: few paths lead to the"
            " border, many to the middle.",
            ("the whole box", "a smaller square"),
        ),
    ]
    outside = pokes.outside_pixel(unit_box(seen.row, seen.unit), side)
    if outside and not seen.field.whole_image:
        questions.append(_outside_question(seen, outside))
    return questions


def _outside_question(seen: Seen, pixel: Place) -> Question:
    asked = session.held("ask") == _OUTSIDE  # only then is it worth the time
    difference = poked(seen.photo, seen.look, seen.unit, pixel).difference if asked else 0.0
    return Question(
        _OUTSIDE,
        "A pixel just outside the box is changed a lot. What does the unit do?",
        "nothing at all" if difference == 0 else "it changes",
        f"Pixel {pixel} was changed and the unit moved by {difference:g}: no path leads from there to the unit.",
        ("nothing at all", "it changes a little", "it changes"),
    )
