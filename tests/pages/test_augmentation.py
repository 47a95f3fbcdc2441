"""The augmentation page without a browser: what it shows is what core computes, whatever the photo and the link."""

import io
import json
import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.augmentation import describe, draw_variant, follow, odds
from core.augmentation.finder import find_marks
from core.augmentation.marks import marks_from_text, marks_to_text
from core.augmentation.package import pack
from core.augmentation.recipe import from_yaml, to_yaml
from core.augmentation.text import chain_from_text
from core.bundled import bundled
from core.figures.augmentation_targets import EXAMPLES, example, growth
from core.snippets.augmentation import albumentations_code, torchvision_code
from pages.foundations.augmentation_chain import DEFAULT_TEXT
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

PAGE = "pages/foundations/augmentation.py"
VIEWS = ("Draws", "Targets", "Take home")


def open_view(view: str = "", own: np.ndarray | None = None, **parameters: str) -> AppTest:
    """A view of the page, on an uploaded picture if one is given."""
    return opened(PAGE, {"aug_view": view or "Draws", **parameters}, own)


def sound(app: AppTest) -> None:
    assert not app.exception, app.exception[0].message


def grids(app: AppTest) -> dict[str, dict]:
    """What the grids of pictures were given, by name."""
    found = {}
    for element in app.get("bidi_component"):
        message = element.proto.bytes
        if not message:
            continue
        end = 4 + struct.unpack("<I", message[:4])[0]
        header = json.loads(message[4:end])
        if "tiles" in header:
            found[header["name"]] = header
    return found


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.info, *app.latex))


def lines(tile: dict) -> list[str]:
    return [line["text"] for line in tile["lines"] if line["role"] != "muted"]


@pytest.mark.parametrize("parameters", [{}, {"aug_seed": "7", "aug_count": "16", "photo": "Coffee"}], ids=str)
def test_the_grid_shows_what_core_draws(parameters: dict[str, str]) -> None:
    app = open_view(**parameters)
    chain, seed = chain_from_text(DEFAULT_TEXT), int(parameters.get("aug_seed", 0))
    hw = bundled(parameters.get("photo", "Cat")).pixels.shape[:2]
    tiles = grids(app)["augmentation_grid"]["tiles"]
    assert len(tiles) == 1 + int(parameters.get("aug_count", 9))
    for number, tile in enumerate(tiles[1:]):
        draw = draw_variant(chain, hw, seed, number)
        assert lines(tile) == [describe(each) for each in draw.applied]
    steps = grids(app)["augmentation_steps"]["tiles"]
    assert [tile["title"] for tile in steps[1:]] == [
        f"{i}. {describe(each)}" for i, each in enumerate(draw_variant(chain, hw, seed, 0).applied, start=1)
    ]
    assert app.code[0].value == torchvision_code(chain).strip()


def test_mixing_shows_the_label_and_its_formula() -> None:
    app = open_view(aug_chain="mixup cutmix*0.5", aug_variant="2", aug_second="Temple")
    tile = grids(app)["augmentation_grid"]["tiles"][2]
    assert re.fullmatch(r"0\.\d\d Cat \+ 0\.\d\d Temple", lines(tile)[0])
    assert sum(tile["shares"]) == pytest.approx(1)
    assert plain_number(tile["shares"][0]) in said(app)


def test_a_strip_says_range_and_unit() -> None:
    app = open_view(aug_strip="Rotate")
    assert "from -180 to 180 °" in said(app)
    framed = [tile["state"] for tile in grids(app)["augmentation_strip"]["tiles"]]
    assert framed.count("inside") == 1


ODD = ["", "-1", "1e309", "<b>日本</b>" + "a" * 5000, "rotate("]


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_odd_links_fall_back(value: str) -> None:
    sources = (Path(__file__).parents[2] / "pages" / "foundations").glob("augmentation*.py")
    names = {
        name for path in sources for name in re.findall(r'"(aug_[a-z_]+[a-z])"', path.read_text("utf-8"))
    }
    assert {"aug_chain", "aug_seed", "aug_marks", "aug_strip", "aug_visible"} <= names
    for view in VIEWS:
        app = open_view(view, **{**dict.fromkeys(names | {"ask"}, value), "aug_view": view})
        assert app.session_state["aug_view"] == view
        if value == "rotate(":
            assert "The default chain is shown instead" in said(app)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (200, 4000)], ids=str)
def test_odd_photos_open(shape: tuple[int, int]) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    for view in VIEWS:
        open_view(
            view, photo, aug_chain="rotate crop(0.02,1) elastic cutmix jpeg resize erasing border=reflect"
        )
    assert grids(open_view(own=photo, aug_chain="none"))


def test_targets_are_those_of_core() -> None:
    app = open_view("Targets", photo="Flower", aug_visible="90", aug_angle="45")
    hw = bundled("Flower").pixels.shape[:2]
    targets = marks_from_text(EXAMPLES["Flower"]).targets(hw)
    for number, tile in enumerate(grids(app)["augmentation_targets"]["tiles"]):
        followed = follow(
            draw_variant(chain_from_text(DEFAULT_TEXT), hw, 0, number), targets, min_visible=0.9
        )
        assert ("dropped" in lines(tile)[0]) != followed.boxes[0].kept
        assert tile["marks"][0]["outline"][0] == list(followed.boxes[0].box[:2])
    assert f"**{plain_number(growth(targets.boxes[0], 45).value)}**" in said(app)
    assert len(app.code) == 3


def test_marks_are_taken_from_a_detector() -> None:
    app = open_view("Targets", photo="Astronaut", aug_marks="b1,1,900,900 mine")
    app.button(key="augmentation_find_go").click().run()
    sound(app)
    marks = find_marks(bundled("Astronaut").pixels)
    assert app.text_input(key="aug_marks").value == marks_to_text(marks)
    assert {"left eye", "right eye"} <= set(marks.keypoint_names)
    assert "face" in said(app) and "often wrong" in said(app)


def test_where_a_detector_finds_nothing_the_marks_stay() -> None:
    app = open_view("Targets", photo="Coffee", aug_marks="b1,1,900,900 mine")
    app.button(key="augmentation_find_go").click().run()
    sound(app)
    assert app.text_input(key="aug_marks").value == "b1,1,900,900 mine"
    assert "none of these was found" in said(app)


def test_targets_without_a_box_or_paint_say_what_to_do() -> None:
    assert "Draw a box" in said(open_view("Targets", aug_marks="none"))
    assert "Paint the object" in said(
        open_view("Targets", aug_marks="b1,1,900,900 cat; b5,5,9,9", aug_box="2")
    )
    assert "The photo's example is shown" in said(open_view("Targets", aug_marks="b1"))


@pytest.mark.parametrize(
    ("form", "code"),
    [("torchvision", torchvision_code), ("Albumentations", albumentations_code), ("YAML", to_yaml)],
)
def test_the_chain_goes_home(form: str, code) -> None:
    text = "rotate(-5,5) one(blur|noise)*0.3"
    app = open_view("Take home", aug_chain=text, aug_code=form)
    assert app.code[0].value == code(chain_from_text(text)).strip()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"steps: 3", "list"),
        (b"a: &x [1]\nsteps: *x", "alias"),
        (b"- " * 20, "nested"),
        (b"steps: [{transform: nonsense}]", "nonsense"),
        (b"x" * 70_000, "70,000"),
    ],
    ids=range(6),
)
def test_a_bad_recipe_is_one_sentence_and_the_chain_stays(data: bytes, sentence: str) -> None:
    app = open_view("Take home", aug_chain="flip")
    app.file_uploader(key="augmentation_recipe_0").upload("chain.yaml", data, "text/yaml").run()
    sound(app)
    (error,) = app.error
    assert sentence in error.value.replace("\\", "")
    assert app.session_state["aug_chain"] == "flip"


def test_a_recipe_that_was_saved_opens_again() -> None:
    chain = chain_from_text("one(blur(0,3)|noise)*0.5 crop[aspect=2] border=edge")
    app = open_view("Take home")
    app.file_uploader(key="augmentation_recipe_0").upload(
        "chain.yaml", to_yaml(chain).encode(), "text/yaml"
    ).run()
    sound(app)
    assert chain_from_text(app.session_state["aug_chain"]) == chain
    assert not app.error
    assert "Opened" in app.success[0].value


def test_the_zip_holds_pictures_tables_and_the_recipe() -> None:
    photo, chain = bundled("Cat").pixels, chain_from_text(DEFAULT_TEXT)
    targets = marks_from_text(example("Cat")).targets(photo.shape[:2])
    with zipfile.ZipFile(io.BytesIO(pack(chain, photo, 2, 0, targets))) as archive:
        names = set(archive.namelist())
        assert {"variant_001.png", "draws.csv", "boxes.csv", "keypoints.csv", "mask_000.png"} <= names
        assert from_yaml(archive.read("chain.yaml")) == chain


def test_too_large_a_zip_is_not_offered() -> None:
    app = open_view(
        "Take home", own=np.zeros((1000, 1000, 3), np.uint8), aug_chain="resize(1024,1024)", aug_zip="100"
    )
    assert "megapixels at most" in said(app)


@pytest.mark.parametrize(
    ("view", "question", "guess"),
    [
        ("Draws", 1, 9),
        ("Draws", 2, 9),
        ("Draws", 3, 9),
        ("Targets", 1, 0),
        ("Targets", 2, 0),
        ("Targets", 3, 0),
    ],
)
def test_a_question_hides_the_pictures_until_a_guess(view: str, question: int, guess: int) -> None:
    app = open_view(view, photo="Flower")
    menu = next(radio for radio in app.radio if radio.key == "ask")
    menu.set_value(
        ("untouched steps again" if view == "Draws" else "sides dropped growth").split()[question - 1]
    ).run()
    sound(app)
    assert not {"augmentation_grid", "augmentation_targets", "augmentation_kinds"} & set(grids(app))
    answer = [radio for radio in app.radio if str(radio.key).startswith("guess_")]
    if answer:
        answer[0].set_value(answer[0].options[0]).run()
    else:
        next(box for box in app.number_input if str(box.key).startswith("guess_")).set_value(guess).run()
    next(button for button in app.button if str(button.key).startswith("reveal_")).click().run()
    sound(app)
    assert {"augmentation_grid", "augmentation_targets"} & set(grids(app))
    assert app.success or app.warning


def test_the_expected_number_is_that_of_the_odds() -> None:
    app = open_view(aug_chain="rotate*0.5 flip*0.25")
    next(radio for radio in app.radio if radio.key == "ask").set_value("steps").run()
    next(box for box in app.number_input if box.key == "guess_steps").set_value(3).run()
    next(button for button in app.button if button.key == "reveal_steps").click().run()
    assert f"**{plain_number(odds(chain_from_text('rotate*0.5 flip*0.25')).expected)}**" in said(app)


@pytest.mark.parametrize("hidden", ["aug_chain", "aug_seed", "aug_count", "aug_strip"])
def test_a_lesson_hides_a_control_and_keeps_its_value(hidden: str) -> None:
    app = open_view(hide=hidden, aug_chain="flip", aug_seed="3", aug_count="16", aug_strip="Blur")
    widgets = (*app.text_input, *app.number_input, *app.selectbox, *app.get("button_group"))
    assert hidden not in {widget.key for widget in widgets if hasattr(widget, "key")}
    tiles = grids(app)["augmentation_grid"]["tiles"]
    assert len(tiles) == 17
    hw = bundled("Cat").pixels.shape[:2]
    flips = [draw_variant(chain_from_text("flip"), hw, 3, i) for i in range(16)]
    assert [lines(tile) for tile in tiles[1:]] == [
        [describe(each) for each in draw.applied] for draw in flips
    ]
