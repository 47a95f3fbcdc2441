"""The Train, Race and Look inside views in Streamlit's own test runner: settings reach the recipe, runs are private."""

import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs import Job
from core.transfer.steps import Trained
from pages.networks.transfer_runs import RACE, TRAIN
from pages.shared.jobs import ENGINE
from tests.pages.opening import opened

PAGE = "pages/networks/transfer.py"
SMALL = {"tl_set": "faces", "tl_each": "10", "tl_size": "32"}


def open_view(view: str, **parameters: Any) -> AppTest:
    return opened(PAGE, {"tl_view": view} | SMALL | parameters)


def press(app: AppTest, key: str) -> None:
    next(each for each in app.button if each.key == key).click().run()
    assert not app.exception, app.exception[0].message


def job_of(app: AppTest, name: str) -> Job:
    found = ENGINE.of(app.session_state["owner"], name)
    assert found is not None
    return found


def ended(app: AppTest, name: str) -> Job:
    job = job_of(app, name)
    for _ in range(2400):
        if not job.active:
            break
        time.sleep(0.1)
    assert job.state == "done", job.error
    app.run()
    assert not app.exception, app.exception[0].message
    return job


def words(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info))


def test_the_link_s_settings_reach_the_recipe() -> None:
    app = open_view(
        "Train", tl_approach="Fine-tune", tl_stages="3", tl_rate="0.003", tl_trunk="0.3", tl_schedule="step",
        tl_optimiser="SGD", tl_epochs_tune="2", tl_batch="4", tl_decay="0.1", tl_smoothing="0.1", tl_dropout="0.5",
        tl_patience="7", tl_norm="each batch's own", seed="5", tl_augment="true", tl_chain="flip*0.5",
    )  # fmt: skip
    press(app, "tl_go")
    job = ended(app, TRAIN)
    recipe = job.order.arguments["recipe"]
    found = {
        name: getattr(recipe, name)
        for name in recipe.__dataclass_fields__
        if name not in ("network", "chain")
    }
    assert found == {
        "approach": "tune", "stages": 3, "size_px": 32, "optimiser": "SGD", "rate": 0.003, "trunk_factor": 0.3,
        "schedule": "step", "batch": 4, "epochs": 2, "weight_decay": 0.1, "label_smoothing": 0.1, "dropout": 0.5,
        "patience": 7, "batch_norm": "batch", "passes": 1, "seed": 5, "updates_most": 0, "seconds_most": 0.0,
    }  # fmt: skip
    assert [step.transform for step in recipe.chain.all_steps] == ["flip"]
    assert "All 2 epochs are done" in words(app)


def test_a_run_belongs_to_its_visitor() -> None:
    app, other = open_view("Train", tl_epochs_features="2"), open_view("Train")
    press(app, "tl_go")
    ended(app, TRAIN)
    assert ENGINE.of(other.session_state["owner"], TRAIN) is None
    other.run()
    assert "All 2 epochs" not in words(other)
    assert "All 2 epochs" in words(app)


def test_what_was_trained_is_looked_into() -> None:
    app = open_view("Train", tl_epochs_features="4")
    press(app, "tl_go")
    job = ended(app, TRAIN)
    (trained,) = [step for step in job.results if isinstance(step, Trained)]
    for section, said in (
        ("Mistakes", "photos of the"),
        ("Confidence", "Brier score"),
        ("Try it", "It must choose one of its classes"),
        ("What moved", "bit for bit what they were"),
        ("Take home", "with architecture, classes and side written in it"),
    ):
        app.query_params["tl_view"], app.query_params["tl_section"] = "Look inside", section
        other = opened(PAGE, {"tl_view": "Look inside"})  # nobody else sees it
        assert "No network was trained yet" in words(other)
        app.segmented_control(key="tl_view").set_value("Look inside").run()
        app.segmented_control(key="tl_section").set_value(section).run()
        assert not app.exception, app.exception[0].message
        assert said in words(app), section
    still = sum(each.numbers for each in trained.moved if each.relative == 0)
    assert still > 3_000_000


def test_a_race_with_one_lane_is_none() -> None:
    app = open_view("Race", tl_lanes=["new head"])
    assert "at least two lanes" in words(app)
    assert next(each for each in app.button if each.key == "tl_race_go").disabled
    assert ENGINE.of(app.session_state["owner"], RACE) is None


@pytest.mark.parametrize("view", ["Train", "Race"])
def test_without_photos_nothing_is_trained(view: str) -> None:
    app = opened(PAGE, {"tl_view": view, "tl_set": "your own"})
    assert "at least two classes" in words(app)
    assert next(each for each in app.button if each.key in ("tl_go", "tl_race_go")).disabled


@pytest.mark.parametrize("value", ["", "-1", "1e309", "x" * 300, "<b>", "0"])
def test_odd_links_fall_back(value: str) -> None:
    keys = (
        "tl_approach",
        "tl_stages",
        "tl_rate",
        "tl_size",
        "tl_epochs_features",
        "tl_batch",
        "tl_each",
        "tl_set",
    )
    app = opened(PAGE, {"tl_view": "Train"} | dict.fromkeys(keys, value))
    assert any(each.key == "tl_go" for each in app.button)
