"""Sliding window, Faster R-CNN and the comparison on the page: core's numbers, odd photos, work run to its end."""

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.networks import store
from core.two_stage import faster_anchors as anchors
from core.two_stage import faster_formulas as formulas
from core.two_stage import sliding
from core.two_stage.sliding_cost import cost, ratio_formula, windows_formula
from pages.shared.formula_view import plain_number
from pages.shared.plain_text import plain
from tests.core.faster_weights import written
from tests.pages.test_two_stage import ODD, open_view, words

FASTER, SLIDING, COMPARE = "Faster R-CNN", "Sliding window", "One or two stages?"


def ran(app: AppTest, key: str, until: str) -> AppTest:
    app.button(key=key).click().run()
    deadline = time.monotonic() + 240
    while until not in words(app):
        assert time.monotonic() < deadline, words(app)
        time.sleep(0.5)
        app.run()
        assert not app.exception
    return app


@pytest.mark.parametrize("side", [224, 448])
def test_the_windows_are_counted_as_in_core(side: int) -> None:
    app = open_view(SLIDING, ts_side=str(side))
    hw = sliding.shown_hw(bundled("Cat").pixels.shape[:2], side)
    for formula in (windows_formula(hw), ratio_formula(cost(hw))):
        assert f"**{plain_number(formula.value)}**" in words(app)


@pytest.mark.parametrize("part", ["Boxes", "One by one"])
def test_every_part_of_the_sliding_window_opens(part: str) -> None:
    assert not open_view(SLIDING, ts_slide=part).exception


@pytest.mark.parametrize("part", ["Anchors", "Targets", "Numbers", "Levels"])
@pytest.mark.parametrize("network", ["MobileNetV3", "ResNet-50"])
def test_every_part_of_faster_r_cnn_opens_without_weights(part: str, network: str) -> None:
    app = open_view(FASTER, ts_faster=part, ts_network=network)
    assert not app.exception
    assert not app.error


def test_the_anchors_are_counted_as_in_core() -> None:
    app = open_view(FASTER)
    design = next(iter(anchors.DESIGNS.values()))
    formula = formulas.count_formula(anchors.levels(design, bundled("Cat").pixels.shape[:2]))
    assert f"**{plain_number(formula.value)}**" in words(app)


def test_without_weights_the_funnel_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path)
    app = open_view(FASTER, ts_faster="Funnel")
    said = " ".join(each.value for each in app.warning)
    assert plain("Faster R-CNN (MobileNetV3-Large) (78 MB) are not on this computer") in said
    assert app.button(key="ts_faster_fetch")


def test_with_weights_the_funnel_can_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written("fasterrcnn_mobilenet_v3_large_fpn", tmp_path, monkeypatch)
    app = open_view(FASTER, ts_faster="Funnel")
    assert app.button(key="ts_faster_go")
    assert not app.exception


@pytest.mark.parametrize("view", [SLIDING, FASTER, COMPARE])
@pytest.mark.parametrize("pixels", ODD, ids=["one pixel", "grey", "strip"])
def test_odd_photos_open(view: str, pixels: np.ndarray) -> None:
    assert not open_view(view, pixels).exception


def test_routes_are_compared() -> None:
    app = ran(open_view(COMPARE, ts_routes=["Embedded"]), "ts_compare_go", "G multiply-adds")
    assert "boxes. Every cell of three grids" in words(app)
