"""Sliding window, Faster R-CNN and the comparison in Streamlit's own test runner: numbers against core, odd input."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.jobs import Job, Order
from core.two_stage import faster_coding as coding
from core.two_stage import faster_formulas as formulas
from core.two_stage import sliding
from core.two_stage.compare_match import agreed
from core.two_stage.compare_run import compare, compare_order
from core.two_stage.faster_anchors import MOBILENET, RESNET, all_anchors, levels, shown_hw
from core.two_stage.faster_funnel import last_boxes, stages
from core.two_stage.faster_run import funnel_order, run
from core.two_stage.sliding_cost import cost, ratio_formula, windows_formula
from core.two_stage.sliding_race import sweep, sweep_order
from pages.shared import jobs
from pages.shared.formula_view import plain_number
from tests.core.faster_weights import written
from tests.pages.opening import opened

PAGE = "pages/applications/two_stage.py"
COFFEE = bundled("Coffee")


@pytest.fixture(autouse=True)
def nothing_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))


def open_view(view: str, own: np.ndarray | None = None, **parameters: Any) -> AppTest:
    return opened(PAGE, {"ts_view": view, "photo": "Coffee"} | parameters, own)


def words(app: AppTest) -> str:
    said = (*app.markdown, *app.caption, *app.info, *app.error, *app.warning, *app.success)
    return " ".join(each.value for each in said)


def done(order: Order, results: list, monkeypatch: pytest.MonkeyPatch) -> None:
    """The visitor's job has ended with these results."""
    job = Job("anna", "x", order)
    job._start(7, "cpu, 1 thread")
    for each in results:
        job._take(each)
    job._end("done")
    monkeypatch.setattr(jobs, "mine", lambda _: job)


@pytest.mark.parametrize("side", sliding.SIDES[:2])
def test_the_map_has_core_s_windows_and_costs(side: int) -> None:
    app = open_view("Sliding window", ts_side=str(side))
    counted = cost(sliding.shown_hw(COFFEE.pixels.shape[:2], side))
    for formula in (windows_formula(counted.hw), ratio_formula(counted)):
        assert f"**{plain_number(formula.value)}**" in words(app)
    values = sliding.dense(COFFEE.pixels, side).probabilities().max(axis=0)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    assert f"Window in row **{row}**, column **{column}**" in words(app)


def test_the_boxes_are_core_s() -> None:
    app = open_view("Sliding window", ts_slide="Boxes", ts_score="0.5", ts_iou="0.2", ts_sides=["224", "320"])
    left = sliding.found([sliding.dense(COFFEE.pixels, side) for side in (224, 320)], 0.5, 0.2)
    (table,) = app.dataframe
    assert table.value["probability"].tolist() == [round(float(left.scores[i]), 3) for i in left.kept]
    assert "No window is over" in words(
        open_view("Sliding window", ts_slide="Boxes", photo="Rocket", ts_score="0.95")
    )
    assert "Choose at least one" in words(open_view("Sliding window", ts_slide="Boxes", ts_sides=[""]))


def test_the_race_shows_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Press the button" in words(open_view("Sliding window", ts_slide="One by one"))
    order = sweep_order(COFFEE.pixels, 224)
    *_, result = sweep(**order.arguments)
    done(order, [result], monkeypatch)
    for shown in ("One by one", "All at once", "Difference"):
        app = open_view("Sliding window", ts_slide="One by one", ts_side="224", ts_race_map=shown)
        assert f"**{result.ratio:.1f} times**" in words(app)
        assert f"**{result.agree} of {result.done}**" in words(app)
    other = open_view("Sliding window", ts_slide="One by one", ts_side="320")
    assert "Press the button" in words(other)


@pytest.mark.parametrize("design", [MOBILENET, RESNET], ids=["MobileNetV3", "ResNet-50"])
def test_the_anchors_are_core_s(design) -> None:
    title = {MOBILENET: "MobileNetV3", RESNET: "ResNet-50"}[design]
    app = open_view("Faster R-CNN", ts_network=title)
    of = levels(design, COFFEE.pixels.shape[:2])
    assert f"**{plain_number(formulas.count_formula(of).value)}**" in words(app)
    assert len(app.dataframe[0].value) == len(of[-2].base)


def test_the_targets_are_core_s() -> None:
    app = open_view("Faster R-CNN", ts_faster="Targets", ts_marks="b285,40,680,755 cup; b10,10,90,90 thing")
    shown = shown_hw(COFFEE.pixels.shape[:2])
    scale = np.array([shown[1], shown[0]] * 2) / 1000
    objects = np.array([[285, 40, 680, 755], [10, 10, 90, 90]]) * scale
    of = levels(MOBILENET, COFFEE.pixels.shape[:2])
    found = coding.taught(all_anchors(of), objects)
    first, second = app.dataframe
    assert int(first.value["taught an object"].sum()) == int((found >= 0).sum())
    assert int(first.value["background"].sum()) == int((found == coding.NOTHING).sum())
    assert second.value["anchors that are taught it"].tolist() == [int((found == i).sum()) for i in range(2)]


@pytest.mark.parametrize("weights", ["First stage: weights 1", "Second stage: weights 10, 10, 5, 5"])
def test_the_numbers_come_back_to_the_box(weights: str) -> None:
    app = open_view("Faster R-CNN", ts_faster="Numbers", ts_marks="b200,200,600,800 cup", ts_weights=weights)
    shown = shown_hw(COFFEE.pixels.shape[:2])
    for value in (0.4 * shown[1], 0.5 * shown[0], 0.4 * shown[1], 0.6 * shown[0]):
        assert f"**{plain_number(float(f'{value:.6g}'))}**" in words(app)


def test_the_levels_are_core_s() -> None:
    app = open_view("Faster R-CNN", ts_faster="Levels", ts_network="ResNet-50", ts_marks="b100,100,200,200 a")
    shown = shown_hw(COFFEE.pixels.shape[:2])
    box = (0.1 * shown[1], 0.1 * shown[0], 0.2 * shown[1], 0.2 * shown[0])
    assert f"**{formulas.level_formula(box, 2, 5).value}**" in words(app)
    assert "every proposal is read from one" in words(open_view("Faster R-CNN", ts_faster="Levels"))


@pytest.mark.parametrize("part", ["Targets", "Numbers", "Levels"])
def test_without_boxes_it_asks_for_one(part: str) -> None:
    assert "Draw a box" in words(open_view("Faster R-CNN", ts_faster=part, ts_marks="none"))


def test_without_weights_the_funnel_says_what_is_missing() -> None:
    app = open_view("Faster R-CNN", ts_faster="Funnel")
    assert "are not on this computer" in words(app)
    assert "need no weights" in words(app)
    assert app.button(key="ts_faster_fetch")


@pytest.mark.parametrize(
    "stage", ["Objectness", "Best of each level", "Proposals", "Over the score", "Last boxes"]
)
def test_every_stage_of_the_funnel_opens(stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(MOBILENET.name, tmp_path, monkeypatch)
    order = funnel_order(MOBILENET.name, COFFEE.pixels)
    app = open_view("Faster R-CNN", ts_faster="Funnel")
    assert "Press the button" in words(app)
    *_, funnel = run(**order.arguments)
    done(order, [funnel], monkeypatch)
    app = open_view("Faster R-CNN", ts_faster="Funnel", ts_stage=stage)
    alts = [each.proto.alt for each in app.get("plotly_chart") if hasattr(each.proto, "alt")]
    counts = stages(funnel, last_boxes(funnel.first, funnel.second))
    assert counts[0][1] == len(funnel.first.objectness)
    assert not alts or any(f"{counts[3][1]:,} {counts[3][0]}" in alt for alt in alts)
    assert ("One proposal on its way" in words(app)) == (
        stage in ("Proposals", "Over the score", "Last boxes")
    )
    assert open_view("Faster R-CNN", ts_faster="Funnel", ts_stage=stage, ts_faster_score="0.99")


def test_the_comparison_shows_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_view("One or two stages?")
    assert "Press the button" in words(app)
    assert app.multiselect(key="ts_routes").value == [
        "Embedded",
        "Fast R-CNN (selective search)",
        "Sliding window",
    ]
    assert "6 more routes" in " ".join(each.label for each in app.expander)
    order = compare_order(COFFEE.pixels, ("embedded", "sliding"), 0.3, 0.5)
    found = [each for each in compare(**order.arguments) if hasattr(each, "route")]
    done(order, found, monkeypatch)
    app = open_view("One or two stages?", ts_truth="none")
    table = app.dataframe[0].value
    assert table["boxes"].tolist() == [len(each.found.boxes) for each in found]
    objects = agreed([each.found.boxes for each in found])
    assert f"two routes found: **{len(objects.boxes)}**" in words(app)
    drawn = open_view("One or two stages?", ts_truth="b285,40,680,755 cup; b0,0,20,20 nothing")
    assert "Held against **2** objects" in words(drawn)
    assert all(each.endswith("of 2") for each in drawn.dataframe[0].value["found"])


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 1, 3), np.uint8), np.zeros((30, 900, 3), np.uint8), np.zeros((8000, 1, 3), np.uint8)],
    ids=["one pixel", "black strip", "line"],
)
@pytest.mark.parametrize(
    ("view", "parameters"),
    [
        ("Sliding window", {}),
        ("Sliding window", {"ts_slide": "Boxes"}),
        ("Faster R-CNN", {}),
        ("Faster R-CNN", {"ts_faster": "Targets"}),
        ("Faster R-CNN", {"ts_faster": "Numbers"}),
        ("Faster R-CNN", {"ts_faster": "Levels"}),
        ("One or two stages?", {}),
    ],
    ids=lambda value: str(value),
)
def test_odd_pictures_open(pixels: np.ndarray, view: str, parameters: dict[str, str]) -> None:
    app = open_view(view, pixels, photo="mine.png", **parameters)
    assert not app.error
    assert app.selectbox(key="photo").value == "mine.png"


@pytest.mark.parametrize("value", ["", "-1", "1e309", "<b>x</b>", "日本"])
@pytest.mark.parametrize("view", ["Sliding window", "Faster R-CNN", "One or two stages?"])
def test_odd_links_fall_back(value: str, view: str) -> None:
    names = (
        "slide",
        "side",
        "class",
        "faster",
        "network",
        "level",
        "size",
        "ratio",
        "routes",
        "truth",
        "marks",
    )
    assert open_view(view, **{f"ts_{name}": value for name in names}).title


@pytest.mark.parametrize(
    ("view", "key", "guess"),
    [
        ("Sliding window", "ts_windows", windows_formula((320, 480)).value),
        ("Faster R-CNN", "ts_anchors", formulas.count_formula(levels(MOBILENET, (400, 600))).value),
    ],
)
def test_a_question_hides_the_number_until_a_guess(view: str, key: str, guess: int) -> None:
    app = open_view(view, ask=key)
    assert f"**{plain_number(guess)}**" not in words(app)
    app.number_input(key=f"guess_{key}").set_value(guess).run()
    app.button(key=f"reveal_{key}").click().run()
    assert app.success
    assert f"**{plain_number(guess)}**" in words(app)
