"""The detection page in Streamlit's own test runner: links, numbers against core, questions, what is missing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.detection.box_losses import box_loss
from core.detection.boxes import overlap
from core.detection.by_hand import lesson
from core.detection.detector import candidates, look
from core.detection.formulas import cell_formulas
from core.detection.grid import Grid
from core.detection.pair_formulas import pair_formulas
from core.detection.recipes import RECIPES, Recipe
from core.detection.suppression import keep
from pages.shared.formula_view import plain_number
from pages.shared.plain_text import plain
from tests.pages.opening import opened

PAGE = "pages/applications/detection.py"


def open_view(view: str = "Boxes", own: np.ndarray | None = None, **parameters: Any) -> AppTest:
    return opened(PAGE, {"det_view": view, "photo": "Astronaut"} | parameters, own)


def words(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info, *app.error, *app.warning))


def test_the_boxes_are_those_of_core() -> None:
    app = open_view(det_score="0.1", det_iou="0.4")
    found = candidates(look(bundled("Astronaut").pixels), 0.1)
    kept = keep(found.boxes, found.scores, 0.4, found.labels)
    (table,) = app.dataframe
    assert [round(float(score), 3) for score in found.scores[kept]] == table.value["score"].tolist()
    assert table.value["class"].tolist()[0] == "person"
    assert "AP50 **0.39**" in words(app)


def test_a_photo_without_objects_is_said() -> None:
    app = open_view(photo="Bricks")
    assert "No object of the 80 classes" in words(app)
    assert not app.dataframe


@pytest.mark.parametrize("method", ["Greedy", "DIoU", "Soft, linear", "Soft, Gaussian", "Merge by score"])
@pytest.mark.parametrize("photo", ["Astronaut", "Bricks"])
def test_every_method_opens(method: str, photo: str) -> None:
    app = open_view("Suppression", det_method=method, det_score="0.05", photo=photo)
    assert app.selectbox(key="det_method").value in (
        "greedy",
        "diou",
        "soft-linear",
        "soft-gaussian",
        "merge",
    )
    assert ("lowers scores" in words(app)) == method.startswith("Soft")


def test_the_cell_is_the_best_one_and_its_numbers_are_core_s() -> None:
    app = open_view("From the tensor")
    seen = look(bundled("Astronaut").pixels)
    cell = int(np.argmax(seen.raw[2704 + 676 :, 4] * seen.raw[2704 + 676 :, 5:].max(axis=1))) + 2704 + 676
    assert f"Row **{cell:,}** of 3,549" in words(app)
    for formula in cell_formulas(seen, cell):
        assert f"**{plain_number(formula.value)}**" in words(app)


@pytest.mark.parametrize("shown", ["Score", "Objectness", "Class"])
@pytest.mark.parametrize("grid", ["52 × 52", "26 × 26"])
def test_every_map_opens(shown: str, grid: str) -> None:
    app = open_view("From the tensor", det_map=shown, det_stride=grid)
    assert f"{shown}: " in words(app)


def test_a_question_hides_everything_until_a_guess() -> None:
    app = open_view(ask="det_numbers")
    assert "Hidden until" in words(app)
    assert not app.dataframe
    app.number_input(key="guess_det_numbers").set_value(3549 * 85).run()
    app.button(key="reveal_det_numbers").click().run()
    assert app.success
    assert app.dataframe


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 1, 3), np.uint8), np.zeros((30, 900, 3), np.uint8)],
    ids=["one pixel", "black strip"],
)
@pytest.mark.parametrize("view", ["Boxes", "Suppression", "From the tensor"])
def test_odd_pictures_open(pixels: np.ndarray, view: str) -> None:
    assert "Detection" in [title.value for title in opened(PAGE, {"det_view": view}, pixels).title]


@pytest.mark.parametrize("value", ["", "-1", "1e309", "<b>x</b>", "日本"])
@pytest.mark.parametrize("view", ["Boxes", "From the tensor"])
def test_odd_links_fall_back(value: str, view: str) -> None:
    names = ("network", "score", "iou", "method", "per_class", "stride", "map")
    app = open_view(view, **{f"det_{name}": value for name in names})
    assert app.selectbox(key="det_network").value == "embedded"


def test_a_file_that_is_no_detector_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "yolox_nano.onnx").write_text(json.dumps({"not": "a network"}))
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    app = open_view(det_network="YOLOX-Nano")
    assert "not an ONNX file" in words(app)


@pytest.mark.parametrize("recipe", list(RECIPES.values()), ids=list(RECIPES))
def test_the_target_is_that_of_core(recipe: Recipe) -> None:
    app = open_view(
        "Who is responsible?", det_marks="b100,100,500,700 cat; b600,500,900,900 dog", det_recipe=recipe.title
    )
    height, width = bundled("Astronaut").pixels.shape[:2]
    boxes = [
        tuple(value * (width if i % 2 == 0 else height) / 1000 for i, value in enumerate(edges))
        for edges in ((100, 100, 500, 700), (600, 500, 900, 900))
    ]
    found = lesson(recipe.key, boxes, [0, 1], Grid(7, 7, (height, width)))
    target = found.targets[0]
    assert f"the cell in row **{target.cell[0]}**, column **{target.cell[1]}** is responsible" in words(app)
    (vector,) = [each.value for each in app.latex if "bmatrix" in each.value]
    for symbol, value in target.entries:
        assert f"{symbol} = {value:.4g}" in vector
    (table,) = app.dataframe
    assert table.value["taught"].tolist() == ["yes", "yes"]


def test_a_collision_is_flagged_as_lost() -> None:
    app = open_view(
        "Who is responsible?", det_marks="b100,100,500,700 cat; b110,110,500,700 dog", det_grid="3"
    )
    assert "1 of 2 objects are lost" in words(app)


def test_without_boxes_it_asks_for_one() -> None:
    assert "Draw a box" in words(open_view("Who is responsible?", det_marks="none"))


@pytest.mark.parametrize("value", ["", "b1", "<b>x</b>", "b0,0,1000,1000 日本"])
def test_odd_boxes_open(value: str) -> None:
    open_view("Who is responsible?", det_marks=value, det_recipe=value, det_grid=value)


@pytest.mark.parametrize("name", ["Smooth L1", "IoU", "GIoU", "DIoU", "CIoU"])
def test_two_boxes_have_core_s_numbers(name: str) -> None:
    app = open_view("Two boxes", det_loss=name)
    height, width = bundled("Astronaut").pixels.shape[:2]
    first, second = (
        tuple(value * (width if i % 2 == 0 else height) / 1000 for i, value in enumerate(edges))
        for edges in ((150, 150, 550, 700), (330, 260, 780, 860))
    )
    loss = box_loss(name.lower().replace(" ", "_"), first, second)
    assert f"**{name} loss: {loss.value:.4g}**" in words(app)
    for formula in pair_formulas(overlap(first, second)):
        assert f"**{plain_number(formula.value)}**" in words(app)


def test_boxes_apart_and_one_box_alone_are_said() -> None:
    apart = "b100,100,200,200 a; b600,600,700,700 b"
    assert "No pull at all" in words(open_view("Two boxes", det_loss="IoU", det_pair=apart))
    assert "No pull at all" not in words(open_view("Two boxes", det_loss="GIoU", det_pair=apart))
    assert "Draw two boxes" in words(open_view("Two boxes", det_pair="b100,100,200,200 a"))


def test_a_detector_that_is_not_here_can_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    app = open_view(det_network="YOLOX-S")
    (said,) = [warning.value for warning in app.warning]
    assert plain("YOLOX-S (36 MB) are not on this computer") in said
    assert app.button(key="det_fetch").label == "Fetch them now (36 MB)"
    assert not app.dataframe
