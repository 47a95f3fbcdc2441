"""The Targets view: boxes, a mask and keypoints drawn on the photo follow every transform."""

from collections.abc import Callable
from operator import attrgetter

import streamlit as st

from core.augmentation import BoxKinds, Chain
from core.augmentation.finder import find_marks
from core.augmentation.marks import LONGEST, Marks, marks_from_text, marks_to_text
from core.augmentation.targets import swapped_sides
from core.figures import augmentation_targets as figures
from core.figures.encoding import Encoded, encode
from core.figures.tiles import Tile
from core.photo import Photo
from core.snippets import augmentation_numbers as snippets
from pages.foundations.augmentation_chain import second_photo
from pages.shared import controls, edits, session
from pages.shared.code_panel import code_panel
from pages.shared.formula_view import show_formula
from pages.shared.heavy import kept
from pages.shared.lesson import Question, ask
from pages.shared.plain_text import plain
from pages.shared.target_pen import target_pen
from pages.shared.tiles import tiles

MARKS, COUNT = "aug_marks", 9
GROWTH = ("smaller", "as large", "up to 1.5 times as large", "more than 1.5 times as large")
LEAST = ("Least visible share, %", "aug_visible", 10, 0, 100, 5)
_PEN, _REFUSED = "augmentation_pen", "augmentation_marks_refused"
_FIND, _FOUND = "augmentation_find", "augmentation_found"
_KEYS: dict[str | type, Callable] = {Photo: attrgetter("digest"), Chain: repr, Marks: repr}
_Setting = tuple[float, str]  # least visible share, what is followed of a box


def _read(photo: Photo, text: str) -> tuple[Marks, str]:
    example = figures.example(photo.name)
    try:
        return marks_from_text(text or example), ""
    except ValueError as error:
        return marks_from_text(example), str(error)


def targets_view(photo: Photo, chain: Chain, seed: int) -> None:
    """Draw the pen beside the grid, and under them the three kinds of box."""
    above, below, foot = st.container(), st.container(), st.container()
    if session.held(_FIND):
        with above:
            _find(photo)
    with foot:
        marks = marks_field(photo)
    left, right = above.columns((5, 7), gap="large")
    with left:
        _show_pen(photo, marks)
        _finder(photo)
    with right:
        row, grid = st.container(horizontal=True, vertical_alignment="bottom"), st.container()
        with row:
            least = controls.slider(*LEAST, width=170)
            outline = controls.choice(
                "Follow", "aug_outline", "corners", ("corners", "ellipse"), help="What is moved of a box"
            )
    with below:
        angle, index = _kind_settings(marks)
    found = _tiles(photo, chain, COUNT, seed, marks, (least / 100, outline), _second(photo, chain))
    with row:
        veiled = ask(_questions(photo, marks, found, (index, angle)), "aug_")
    with grid:
        if veiled:
            st.info("Hidden until you have made your prediction.", icon=":material/visibility_off:")
        else:
            tiles(found, key="augmentation_targets", alt=f"{COUNT} variants with targets", columns=3)
    with below:
        if not veiled and marks.boxes:
            _show_kinds(photo, marks, index, angle)


def _second(photo: Photo, chain: Chain) -> Photo | None:
    return second_photo(photo) if chain.mixes else None


def marks_field(photo: Photo) -> Marks:
    """Draw the field that holds the marks for the link, folded away, and return the marks."""
    with st.expander("These marks as text", icon=":material/link:"):
        st.caption("In thousandths of the photo's width and height; empty for the photo's example, or none.")
        text = controls.text("Marks", MARKS, "", most=LONGEST)
        marks, refused = _read(photo, text)
        if refused:
            st.caption(f":material/info: {plain(refused)} The photo's example is shown instead.")
    return marks


def _show_pen(photo: Photo, marks: Marks) -> None:
    target_pen(
        _encoded(photo),
        figures.pen_marks(marks),
        key=_PEN,
        alt="The photo, to draw boxes, keypoints and a mask on",
        on_edit=_take_edit,
        refused=session.held(_REFUSED, ""),
        serial=edits.taken(_PEN),
    )


def _take_edit() -> None:
    """What the pen sent: into the link, or one sentence why not."""
    try:
        session.assign({MARKS: marks_to_text(figures.marks_from_edit(edits.take(_PEN))), _REFUSED: ""})
    except ValueError as error:
        session.assign({_REFUSED: str(error)})


def _finder(photo: Photo) -> None:
    """The button that looks for faces and people, and what came of it."""
    st.button(
        "Find faces and people",
        icon=":material/person_search:",
        key="augmentation_find_go",
        on_click=session.assign,
        args=({_FIND: True},),
    )
    of, words = session.held(_FOUND, ("", ""))
    if of == photo.digest:
        st.caption(f":material/info: {words}")


def _find(photo: Photo) -> None:
    """Put what a detector finds in the place of the marks, before the field that holds them is drawn."""
    session.drop(_FIND)
    found = _found(photo)
    if not found.boxes:
        words = "It knows faces from the front, cats' faces, and people who stand: none of these was found."
    else:
        words = (
            f"Found by OpenCV: {plain(', '.join(found.names))}. A cascade (Viola and Jones 2001) and gradients (Dalal "
            "and Triggs 2005) are quick, old, and often wrong: correct them with the pen."
        )
        edits.skip(_PEN)  # what the pen has sent meanwhile is about other marks
        session.assign({MARKS: marks_to_text(found), _REFUSED: ""})
    session.assign({_FOUND: (photo.digest, words)})


def _kind_settings(marks: Marks) -> tuple[int, int]:
    """The angle, and which box is turned."""
    if not marks.boxes:
        st.info(
            "Draw a box, and see three ways to box it again after a rotation.", icon=":material/crop_free:"
        )
        return 0, 0
    st.markdown("**Three boxes after a rotation**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        angle = controls.slider("Angle, °", "aug_angle", 30, -180, 180, width=320)
        index = 0
        if len(marks.boxes) > 1:
            index = controls.number("Box number", "aug_box", 1, 1, len(marks.boxes), width=130) - 1
    return angle, index


def _show_kinds(photo: Photo, marks: Marks, index: int, angle: int) -> None:
    """The photo before and after, and what each kind of box loses."""
    shown, found = _kinds(photo, marks, index, angle)
    box = marks.targets(photo.pixels.shape[:2]).boxes[index]
    tiles(shown, key="augmentation_kinds", alt="One object boxed in three ways", columns=2, least_px=260)
    st.caption(
        "Yellow: around the turned corners. Orange: around the turned ellipse. Blue: around the turned mask, "
        "what an annotator would draw."
    )
    places = st.columns(3)
    for place, formula, own in zip(places, found.lost, (found.corners, found.ellipse), strict=False):
        with place:
            show_formula(formula)
            if own and found.mask:
                code_panel(snippets.iou_lost(own, found.mask))
    if not found.lost:
        places[0].caption(":material/brush: Paint the object with the brush to compare with its true box.")
    with places[2]:
        show_formula(figures.growth(box, angle))
        code_panel(snippets.box_growth(box, angle, photo.pixels.shape[:2]))


def _questions(
    photo: Photo, marks: Marks, found: tuple[Tile, ...], turned: tuple[int, int]
) -> tuple[Question, ...]:
    """Three things to predict from the marks and the chain."""
    index, angle = turned
    dropped = sum(line.text.endswith(", dropped") for tile in found for line in tile.lines)
    name = next((each for each in marks.keypoint_names if swapped_sides(each) != each), "left eye")
    questions = (
        Question(
            "sides",
            f"The photo is mirrored. What is the keypoint “{name}” called then?",
            swapped_sides(name),
            "Left and right are the animal's own: in a mirror the other eye stands there. Names swap with the flip.",
            (name, swapped_sides(name)),
        ),
        Question(
            "dropped",
            f"How many boxes will be dropped in the {len(found)} variants?",
            dropped,
            "A box is dropped when a smaller share of it than you allow is left inside the picture.",
        ),
    )
    if not marks.boxes:
        return questions
    formula = figures.growth(marks.targets(photo.pixels.shape[:2]).boxes[index], angle)
    return (
        *questions,
        Question(
            "growth",
            f"Turned by {angle}°, how large is the box around the turned corners?",
            GROWTH[(formula.value > 1 - 1e-9) + (formula.value > 1 + 1e-9) + (formula.value > 1.5)],
            formula,
            GROWTH,
        ),
    )


@kept(st.cache_data, 32, _KEYS)
def _found(photo: Photo) -> Marks:
    return find_marks(photo.pixels)


@st.cache_data(max_entries=12, show_spinner=False, hash_funcs=_KEYS)
def _encoded(photo: Photo) -> Encoded:
    return encode(photo.pixels)


@st.cache_data(max_entries=24, show_spinner=False, hash_funcs=_KEYS)
def _tiles(
    photo: Photo, chain: Chain, count: int, seed: int, marks: Marks, setting: _Setting, second: Photo | None
) -> tuple[Tile, ...]:
    return figures.target_tiles(
        chain,
        photo.pixels,
        count,
        seed,
        marks.targets(photo.pixels.shape[:2]),
        second and second.pixels,
        min_visible=setting[0],
        outline=setting[1],
    )


@st.cache_data(max_entries=48, show_spinner=False, hash_funcs=_KEYS)
def _kinds(photo: Photo, marks: Marks, index: int, angle: int) -> tuple[tuple[Tile, ...], BoxKinds]:
    targets = marks.targets(photo.pixels.shape[:2])
    return (
        figures.kind_tiles(photo.pixels, targets, index, angle),
        figures.kinds_of(photo.pixels, targets, index, angle),
    )
