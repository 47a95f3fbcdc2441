"""The photo view without a browser: what it computes is what core computes, whatever the photo and the link."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.convolution import Layer
from core.convolution.kernels import PRESETS
from core.convolution.photo_layer import PhotoLayer, apply, planes
from core.convolution.shift import shift_test
from core.figures.encoding import encode
from pages.foundations.convolution_photo_sections import DEFAULT_FILTERS, MOST_FILTERS
from pages.foundations.convolution_photo_settings import LABELS
from pages.shared.picture import Box, _inside
from pages.shared.window_sum import plain_number
from tests.pages.opening import opened

VALUES = {one.name: one.values for one in PRESETS}

PAGE = "pages/foundations/convolution.py"
SECTIONS = ("One output", "Colour channels", "Several filters", "Shift test", "Learn this filter")
SOBEL = tuple(map(tuple, VALUES["sobel_x"].tolist()))


def open_view(own: np.ndarray | None = None, **parameters: str | list[str]) -> AppTest:
    """The photo view, on an uploaded picture if one is given."""
    return opened(PAGE, {"conv_view": "Photo", **parameters}, own)


def said(app: AppTest) -> str:
    return "\n".join(
        element.value for element in (*app.markdown, *app.caption, *app.latex, *app.info, *app.warning)
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_from_a_link(section: str) -> None:
    app = open_view(
        conv_photo_section=section, photo="Coffee", conv_photo_code="true", conv_photo_formulas="true"
    )
    assert app.get("bidi_component")
    assert len(app.code) == 2  # of the output and of the section
    closed = open_view(conv_photo_section=section, photo="Coffee")
    assert not closed.code


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 8000), (8000, 1), (8, 8), (2, 3)], ids=str)
def test_odd_photos_give_a_picture_or_a_sentence(shape: tuple[int, int], section: str) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    app = open_view(photo, conv_photo_section=section, conv_photo_dilation="8", conv_photo_stride="3")
    assert app.get("bidi_component")


@pytest.mark.parametrize("colour", ["One 3-channel filter", "Each channel by itself"])
@pytest.mark.parametrize("padding", ["same", "full", "valid", "by side"])
@pytest.mark.parametrize("pool", ["none", "max", "average"])
def test_every_combination_of_settings_stands(colour: str, padding: str, pool: str) -> None:
    app = open_view(
        np.random.default_rng(1).integers(0, 256, (12, 9, 3), dtype=np.uint8),
        conv_photo_colour=colour,
        conv_photo_padding=padding,
        conv_photo_pool=pool,
        conv_photo_relu="true",
        conv_photo_kernel="Own kernel",
        conv_photo_own="1 2 3 4; 0 1/2 0 -1",
        conv_photo_mode="reflect",
    )
    assert not app.warning


def test_the_size_on_the_page_is_that_of_the_output() -> None:
    app = open_view(
        photo="Coffee", conv_photo_stride="3", conv_photo_dilation="2", conv_photo_padding="valid"
    )
    layer = PhotoLayer((SOBEL,), Layer(stride=(3, 3), dilation=(2, 2)))
    maps = apply(layer, planes(bundled("Coffee").pixels))
    for side in maps.shape[1:]:
        assert re.search(rf"\b{side}\b", said(app))


@pytest.mark.parametrize(("stride", "shift"), [("1", 1), ("2", 1), ("2", 2)])
def test_the_shift_test_says_what_core_found(stride: str, shift: int) -> None:
    app = open_view(
        photo="Handwriting",
        conv_photo_section="Shift test",
        conv_photo_stride=stride,
        conv_photo_shift=str(shift),
    )
    layer = PhotoLayer((SOBEL,), Layer(stride=(int(stride),) * 2, padding=(1, 1, 1, 1)))
    (found,) = shift_test(layer, bundled("Handwriting").pixels, [shift])
    assert f"largest difference {plain_number(found.largest)}" in said(app)


def test_a_filter_is_found_on_the_page() -> None:
    app = open_view(photo="Grass", conv_photo_section="Learn this filter", conv_photo_target="Emboss")
    assert "Found after" in app.success[0].value


@pytest.mark.parametrize(
    ("picture", "verdict"),
    [
        ("This photo, negative", "One 3 × 3 kernel"),
        ("Grass", "One 3 × 3 kernel"),
        ("This photo, mirrored", "No 3 × 3 kernel"),
        ("Coffee", "No 3 × 3 kernel"),
        ("nonsense", "One 3 × 3 kernel"),  # the default, negative
    ],
)
def test_a_picture_is_imitated_or_the_page_says_what_is_left(picture: str, verdict: str) -> None:
    app = open_view(
        photo="Grass",
        conv_photo_section="Learn this filter",
        conv_photo_goal="A picture",
        conv_photo_goal_picture=picture,
        conv_photo_code="true",
    )
    assert verdict in "\n".join(element.value for element in (*app.success, *app.info))
    assert "target.png" in app.code[0].value


def test_an_own_picture_is_the_target() -> None:
    """An effect that a student brings: the photo sharpened elsewhere."""
    pixels = bundled("Handwriting").pixels
    sharp = np.array(
        Image.fromarray(pixels).filter(ImageFilter.Kernel((3, 3), [0, -1, 0, -1, 8, -1, 0, -1, 0]))
    )
    app = open_view(sharp, conv_photo_section="Learn this filter", conv_photo_goal="A picture")
    app.session_state["photo"] = "Handwriting"
    app.run()
    app.selectbox(key="conv_photo_goal_picture").select("mine.png").run()
    assert not app.exception
    assert "root mean square" in "\n".join(element.value for element in (*app.success, *app.info))


@pytest.mark.parametrize("shape", [(1, 1), (1, 8000), (8, 8), (6, 6)], ids=str)
@pytest.mark.parametrize("picture", ["This photo, median of 5 × 5", "Coffee"])
def test_odd_photos_imitate_or_get_a_sentence(shape: tuple[int, int], picture: str) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    open_view(
        photo,
        conv_photo_section="Learn this filter",
        conv_photo_goal="A picture",
        conv_photo_goal_picture=picture,
        conv_photo_goal_size="7",
    )


@pytest.mark.parametrize("text", ["1 2; 3", "a b", "", "1 " * 9])
def test_an_unreadable_kernel_gets_a_sentence(text: str) -> None:
    app = open_view(conv_photo_kernel="Own kernel", conv_photo_own=text)
    assert app.warning if text else not app.exception


@pytest.mark.parametrize(
    ("question", "hidden"), [("size", "Output"), ("flat", "Output"), ("shift", "Output")]
)
def test_a_question_hides_the_answer(question: str, hidden: str) -> None:
    app = open_view(ask=_prompt(question), conv_photo_stride="2")
    assert any("Hidden until" in info.value for info in app.info)
    assert hidden in said(app)


def _prompt(question: str) -> str:
    """The link names a question as the menu shows it."""
    menu = next(radio for radio in open_view().radio if radio.key == "ask")
    prompts = dict(zip(("off", "size", "flat", "shift"), menu.options, strict=True))
    return prompts[question]


def test_the_output_that_is_taken_apart_can_be_typed() -> None:
    app = open_view(photo="Cat")
    app.session_state["conv_photo_row"] = 17
    app.session_state["conv_photo_column"] = 23
    app.run()
    shown = [
        element.proto.json for element in app.get("bidi_component") if '"channels"' in element.proto.json
    ]
    assert "row 17, column 23" in shown[0]


@pytest.mark.parametrize(
    ("answer", "pixel"),
    [
        ([1, 2], (1, 2)),
        ([0, 0], (0, 0)),
        (None, None),
        ([4, 0], None),
        ([-1, 0], None),
        (["a", 1], None),
        ("12", None),
    ],
    ids=str,
)
def test_only_pixels_of_the_picture_come_back(answer: object, pixel: tuple[int, int] | None) -> None:
    assert _inside(answer, encode(np.zeros((4, 5, 3), np.uint8))) == pixel


def test_a_box_runs_from_left_to_right() -> None:
    with pytest.raises(ValueError, match="left to right"):
        Box(3, 0, 2, 5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.00001, "0"), (-13.1140, "−13.114"), (1362.6401, "1362.64"), (0.3, "0.3"), (100.0, "100")],
)
def test_numbers_are_written_as_by_hand(value: float, text: str) -> None:
    assert plain_number(value) == text


@pytest.mark.parametrize("value", ["", "-1", "999999999999", "nan", "1e309", "<b>x</b>", "日本", "a" * 5000])
@pytest.mark.parametrize("section", ["One output", "Several filters", "Learn this filter"])
def test_odd_links_fall_back(value: str, section: str) -> None:
    sources = (Path(__file__).parents[2] / "pages" / "foundations").glob("convolution_photo*.py")
    names = {name for path in sources for name in re.findall(r'"(conv_photo_\w+)"', path.read_text("utf-8"))}
    assert {"conv_photo_row", "conv_photo_filters", "conv_photo_method"} <= names
    names |= {"seed", "ask"}
    app = open_view(photo="Handwriting", **{**dict.fromkeys(names, value), "conv_photo_section": section})
    assert app.get("bidi_component")


@pytest.mark.parametrize(
    "hidden", ["conv_photo_stride", "conv_photo_kernel", "conv_photo_row", "conv_photo_pool"]
)
def test_a_lesson_hides_a_control_and_keeps_its_value(hidden: str) -> None:
    app = open_view(photo="Handwriting", hide=hidden, conv_photo_stride="2")
    assert hidden not in {widget.key for widget in (*app.select_slider, *app.selectbox, *app.number_input)}
    assert re.search(r"\b86\b", said(app))  # 172 rows, stride 2


@pytest.mark.parametrize("hide", ["", "conv_photo_filters"])
@pytest.mark.parametrize(
    ("named", "shown"),
    [
        (["Emboss", "Sobel y"], ["Emboss", "Sobel y"]),
        (["Emboss", "nonsense", "Emboss"], ["Emboss"]),
        (["nonsense"], list(DEFAULT_FILTERS)),
        (["1e309"] * 20, list(DEFAULT_FILTERS)),
        ([""], []),
        (list(LABELS), list(LABELS)[:MOST_FILTERS]),
    ],
    ids=str,
)
def test_a_link_names_several_filters(named: list[str], shown: list[str], hide: str) -> None:
    app = open_view(
        photo="Handwriting", conv_photo_section="Several filters", conv_photo_filters=named, hide=hide
    )
    assert ("conv_photo_filters" in {box.key for box in app.multiselect}) != bool(hide)
    maps = [text.value.strip("*") for text in app.markdown if text.value.strip("*") in LABELS]
    assert maps == shown
