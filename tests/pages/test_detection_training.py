"""The view Train one in Streamlit's own test runner: samples, a training's numbers against core, what is refused."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.detection.boxes import overlap
from core.detection.competing import compete, verdicts
from core.detection.formulas import iou_formula
from core.detection.live_formulas import loss_formula, output_formula, score_formula
from core.detection.live_training import SHOWN, LiveEpoch, LiveSettings, held_out, live_order, train_live
from core.detection.scenes import SceneSettings, scene
from core.detection.small_yolo import raw_of, said
from core.jobs import Job
from pages.applications import detection_training_runs as runs
from pages.shared import jobs
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

PAGE = "pages/applications/detection.py"
SETTINGS = LiveSettings(epochs=2)


@pytest.fixture(scope="module")
def epochs() -> tuple[LiveEpoch, ...]:
    """A training of two epochs."""
    return tuple(step for step in train_live(SETTINGS) if isinstance(step, LiveEpoch))


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    runs._known.clear()
    yield
    runs._known.clear()


def open_view(**parameters: str) -> AppTest:
    return opened(PAGE, {"det_view": "Train one", "det_live_epochs": "2"} | parameters)


def words(app: AppTest) -> str:
    shown = (*app.markdown, *app.caption, *app.info, *app.error, *app.warning, *app.subheader)
    return " ".join(each.value for each in shown)


def test_before_it_begins_there_are_scenes_and_their_numbers() -> None:
    app = open_view(det_live_kind="digits", det_live_grid="6 × 6")
    expected = output_formula(LiveSettings(SceneSettings("digits"), stride=16))
    assert expected.value == 6 * 6 * 15
    assert f"**{expected.value}**" in words(app)
    assert f"sees {plain_number(1024)} such scenes" in words(app)
    assert "none of those to train with" in words(app)
    assert "Try it" not in words(app)
    assert not app.button(key="det_live_go").disabled


def test_what_anyone_trained_is_shown_with_core_s_numbers(epochs: tuple[LiveEpoch, ...]) -> None:
    runs._remember(SETTINGS, epochs)
    app = open_view()
    for number, epoch in ((2, epochs[2]), (1, epochs[1])):
        app.select_slider(key="det_live_epoch").set_value(number).run()
        assert f"Epoch **{number}** of 2: AP50 **{epoch.ap50:.3f}**" in words(app)
        assert f"**{plain_number(loss_formula(epoch.parts).value)}**" in words(app)
        assert f"{plain_number(epoch.seen)} scenes learned in **{epoch.seconds:.1f} s**" in words(app)
    app.select_slider(key="det_live_epoch").set_value(0).run()
    assert "before any training" in words(app)
    assert app.button(key="det_live_go").disabled
    app.segmented_control(key="det_live_rule").set_value("simota").run()
    assert "Try it" not in words(app)
    assert not app.button(key="det_live_go").disabled


@pytest.mark.parametrize("boxes", ["before suppression", "after suppression"])
def test_rivals_are_those_of_core(epochs: tuple[LiveEpoch, ...], boxes: str) -> None:
    runs._remember(SETTINGS, epochs)
    app = open_view(
        det_live_scene="6", det_live_loud="0.1", det_live_iou="0.4", det_live_boxes=boxes, det_live_epoch="2"
    )
    drawn = scene(SETTINGS.scenes, "new", 0, 6)
    one = said(raw_of(epochs[2].weights, [drawn.pixels])[0])
    found = compete(one, drawn.boxes, 0.1, 0.4)
    (table,) = app.dataframe
    counts = [len(each) for each in (*found.claims, found.strangers)]
    assert table.value["cells that claim it"].tolist() == counts
    kept = [len(each) for each in (*found.kept, found.kept_strangers)]
    assert table.value["after suppression"].tolist() == kept
    assert found.most_wanted is not None
    first, second = found.claims[found.most_wanted][:2]
    for name, cell in (("A", first), ("B", second)):
        assert f"**{name}** (row {cell // 12}, column {cell % 12})" in words(app)
        assert f"**{plain_number(score_formula(one, cell, name).value)}**" in words(app)
    shared = iou_formula(overlap(one.boxes[first], one.boxes[second]), 0.4, "")
    assert f"**{plain_number(shared.value)}**" in words(app)
    assert f"{len(found.loud)} of 144 cells" in words(app)


def test_at_a_score_that_no_cell_reaches_nobody_competes(epochs: tuple[LiveEpoch, ...]) -> None:
    runs._remember(SETTINGS, (epochs[0],) * 3)
    app = open_view(det_live_loud="0.95", det_live_score="0.95")
    assert "No cell claims" in words(app)
    assert "0 of 144 cells" in words(app)
    told = [verdicts(epochs[0].raw[[i]], each, 0.95) for i, each in enumerate(held_out(SETTINGS, SHOWN))]
    assert not any(each.hits for each in told)


def test_a_training_starts_and_stops() -> None:
    app = open_view(det_live_epochs="40")
    app.button(key="det_live_go").click().run()
    assert app.button(key="det_live_go").disabled
    assert [button.label for button in app.button if button.key == "det_live_stop"] == ["Stop"]
    app.button(key="det_live_stop").click().run()
    assert not app.exception


def test_a_stopped_training_keeps_what_it_learned(
    epochs: tuple[LiveEpoch, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job("me", runs.NAME, live_order(SETTINGS), "stopped")
    for each in (epochs[0], replace(epochs[1], whole=False)):
        job._take(each)
    monkeypatch.setattr(jobs, "mine", lambda name: job)
    app = open_view()
    assert "Epoch **1** of 2, stopped midway" in words(app)
    assert "Try it on a new scene" in words(app)
    assert not app.button(key="det_live_go").disabled
    other = open_view(det_live_kind="circles")  # stopped, and not what the controls ask for
    assert "Press “Train”" in words(other)
    job.state = "running"
    other = open_view(det_live_kind="circles")
    assert "other settings than those above" in words(other)


def test_an_equal_training_that_is_done_ends_one_that_waits(
    epochs: tuple[LiveEpoch, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = []
    monkeypatch.setattr(jobs, "mine", lambda name: Job("me", name, live_order(SETTINGS)))
    monkeypatch.setattr(jobs, "stop", stopped.append)
    runs._remember(SETTINGS, epochs)
    assert runs.shown(SETTINGS).epochs == epochs
    assert stopped == [runs.NAME]


def test_without_objects_there_is_no_precision(epochs: tuple[LiveEpoch, ...]) -> None:
    asked = {"det_live_least": "0", "det_live_most": "0"}
    assert "AP is not defined" in words(open_view(**asked))
    empty = LiveSettings(SceneSettings(least=0, most=0), epochs=2)
    runs._remember(empty, tuple(replace(each, ap50=np.nan, ap=np.nan) for each in epochs))
    app = open_view(**asked)
    assert "AP50 not defined without objects" in words(app)
    assert "No objects in this scene" in words(app)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"det_live_least": "5", "det_live_most": "2"}, "got 5 to 2"),
        ({"det_live_small": "64", "det_live_large": "32"}, "got 64 to 32"),
    ],
    ids=["number", "size"],
)
def test_impossible_scenes_are_a_sentence(asked: dict[str, str], says: str) -> None:
    app = open_view(**asked)
    assert says in words(app)
    assert not [button for button in app.button if button.key == "det_live_go"]


@pytest.mark.parametrize("value", ["", "-1", "1e309", "<b>x</b>", "日本"])
def test_odd_links_fall_back(value: str) -> None:
    names = ("kind", "rule", "least", "most", "small", "large", "overlap", "clutter", "noise", "grid")
    app = open_view(**{f"det_live_{name}": value for name in (*names, "epochs", "epoch", "scene")})
    assert app.select_slider(key="det_live_epochs").value == 16
    assert f"sees {plain_number(8192)} such scenes" in words(app)
    assert f"**{plain_number(1152)}**" in words(app)
    assert not app.error


def test_a_question_hides_the_numbers_until_a_guess(epochs: tuple[LiveEpoch, ...]) -> None:
    app = open_view(ask="live_numbers")
    assert "**1\u202f152**" not in words(app)
    app.number_input(key="guess_live_numbers").set_value(1152).run()
    app.button(key="reveal_live_numbers").click().run()
    assert app.success
    assert "**1\u202f152**" in words(app)
    runs._remember(SETTINGS, epochs)
    app = open_view(ask="live_rule")
    assert "Hidden until" in words(app)
    assert not app.dataframe
    app.radio(key="guess_live_rule").set_value("3 × 3 cells").run()
    app.button(key="reveal_live_rule").click().run()
    assert app.success
    assert app.dataframe
