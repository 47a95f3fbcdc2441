"""The detection page in Streamlit's own test runner: links, numbers against core, questions, what is missing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.detection.detector import candidates, look
from core.detection.formulas import cell_formulas
from core.detection.suppression import keep
from pages.shared.formula_view import plain_number
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
