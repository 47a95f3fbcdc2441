"""What Who is responsible? offers beside the target: anchors, the loss of a cell, SimOTA on the raw output."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.detection.anchors import anchor_curve
from core.detection.detector import look
from core.detection.grid import Grid
from core.detection.loss_parts import target_grid, yolo_v1_loss
from core.detection.loss_steps import Guess, cell_formulas, predicted, total_formula
from core.detection.simota_photo import on_photo, worth_formula
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

PAGE = "pages/applications/detection.py"
ABOUT = ("Anchors", "The loss", "SimOTA")
MARKS = "b100,100,500,720 cat; b600,500,900,900 dog"


def open_view(about: str, own: np.ndarray | None = None, **parameters: Any) -> AppTest:
    start = {"det_view": "Who is responsible?", "det_about": about, "photo": "Astronaut"}
    return opened(PAGE, start | parameters, own)


def words(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info, *app.error, *app.warning))


def in_pixels(*thousandths: tuple[int, int, int, int]) -> list[tuple[float, ...]]:
    height, width = bundled("Astronaut").pixels.shape[:2]
    return [
        (a * width / 1000, b * height / 1000, c * width / 1000, d * height / 1000)
        for a, b, c, d in thousandths
    ]


def test_anchors_are_core_s() -> None:
    text = "b0,0,100,300 a; b0,0,120,280 b; b0,0,500,400 c; b0,0,480,420 d; b0,0,50,60 e"
    app = open_view("Anchors", det_shapes=text, det_anchor_k="2")
    boxes = in_pixels((0, 0, 100, 300), (0, 0, 120, 280), (0, 0, 500, 400), (0, 0, 480, 420), (0, 0, 50, 60))
    for fit in anchor_curve([(box[3], box[2]) for box in boxes])[1]:
        assert f"**{plain_number(fit.mean_best_iou)}**" in words(app)
        assert ", ".join(f"{width:.0f} × {height:.0f}" for height, width in fit.anchors) in words(app)


@pytest.mark.parametrize(
    "text", ["b0,0,100,100 a", "b0,0,100,100 a; b200,200,300,300 b"], ids=["one", "equal"]
)
def test_one_shape_has_one_anchor(text: str) -> None:
    assert "**1**" in words(open_view("Anchors", det_shapes=text, det_anchor_k="9"))


def test_the_loss_is_core_s() -> None:
    settings = {
        "det_off_x": "0.3",
        "det_off_w": "2.0",
        "det_conf": "0.4",
        "det_share": "0.9",
        "det_grid": "5",
    }
    app = open_view("The loss", det_marks=MARKS, **settings)
    hw = bundled("Astronaut").pixels.shape[:2]
    target = target_grid(in_pixels((100, 100, 500, 720), (600, 500, 900, 900)), [0, 1], 2, Grid(5, 5, hw))
    said = predicted(target, Guess(across=0.3, wider=2.0, confidence=0.4, right=0.9))
    parts = yolo_v1_loss(target, said)
    assert f"**{plain_number(total_formula(parts).value)}**" in words(app)
    for formula in cell_formulas(target, said, parts, (2, 1)):
        assert f"**{plain_number(formula.value)}**" in words(app)
    assert "row **2**, column **1**, with an object" in words(app)
    app.number_input(key="det_loss_row").set_value(0).run()
    assert "row **0**, column **1**, without an object" in words(app)


def test_simota_is_core_s() -> None:
    app = open_view("SimOTA", det_marks="b40,20,730,980 person; b300,30,590,365 person", det_stride="26 × 26")
    made = on_photo(
        look(bundled("Astronaut").pixels), in_pixels((40, 20, 730, 980), (300, 30, 590, 365)), [0, 0], 16
    )
    got = len(made.trace.assignment.of(0))
    assert f"asks for **{made.trace.worth[0]}** and gets **{got}**" in words(app)
    assert f"**{plain_number(worth_formula(made.trace, 0).value)}**" in words(app)
    (table,) = app.dataframe
    assert len(table.value) == int(made.trace.candidates.sum())
    assert (table.value["goes to"] != "nothing here").sum() == (made.owner() >= 0).sum()


def test_a_name_that_is_no_class_takes_the_detection_s() -> None:
    app = open_view("SimOTA", det_marks="b300,30,590,365 face")
    assert "“face” counts as person" in words(app)
    app = open_view("SimOTA", photo="Bricks", det_marks="b300,30,590,365 face")
    assert "Left out, because the name is no class" in words(app)


@pytest.mark.parametrize("about", ABOUT)
def test_without_boxes_it_asks_for_one(about: str) -> None:
    assert "with the tool **Box**" in words(open_view(about, det_marks="none", det_shapes="none"))


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 1, 3), np.uint8), np.zeros((300, 400, 3), np.uint8), np.zeros((60, 8000, 3), np.uint8)],
    ids=["one pixel", "black", "8000 px"],
)
def test_odd_pictures_open(pixels: np.ndarray, about: str) -> None:
    app = open_view(about, pixels, photo="mine.png", det_marks="b0,0,1000,1000 dog; b0,0,1,1 cat")
    assert app.selectbox(key="photo").value == "mine.png"


@pytest.mark.parametrize("value", ["", "-1", "1e309", "<b>x</b>", "日本", "b1"])
def test_odd_links_fall_back(value: str) -> None:
    names = (
        "marks",
        "shapes",
        "anchor_k",
        "grid",
        "off_x",
        "conf",
        "loss_row",
        "stride",
        "object",
        "network",
    )
    for about in (*ABOUT, value):
        open_view(about, **{f"det_{name}": value for name in names})


@pytest.mark.parametrize(
    ("about", "question", "guess"),
    [("Anchors", "det_anchor_all", 1), ("The loss", "det_loss_empty", 1), ("SimOTA", "det_simota_k", 1)],
    ids=ABOUT,
)
def test_a_question_hides_the_numbers_until_a_guess(about: str, question: str, guess: int) -> None:
    app = open_view(about, ask=question)
    assert "Hidden until" in words(app)
    assert not app.latex
    app.number_input(key=f"guess_{question}").set_value(guess).run()
    app.button(key=f"reveal_{question}").click().run()
    assert not app.exception
    assert "Hidden until" not in words(app) and app.latex


@pytest.mark.parametrize(
    "question", ["det_anchor_small", "det_loss_pixels", "det_loss_largest", "det_simota_two"]
)
def test_questions_with_choices_have_their_answer_among_them(question: str) -> None:
    about = {"anchor": "Anchors", "loss": "The loss", "simota": "SimOTA"}[question.split("_")[1]]
    app = open_view(about, ask=question)
    options = app.radio(key=f"guess_{question}").options
    app.radio(key=f"guess_{question}").set_value(options[0]).run()
    app.button(key=f"reveal_{question}").click().run()
    assert len(app.success) + len(app.warning) == 1
