"""The Faster R-CNN view: anchors without weights, the funnel with them, and what is said when they are missing."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bundled import bundled
from core.networks import DETECTORS, store
from core.snippets import two_stage_faster as snippets
from core.two_stage.anchor_formulas import count_formula, grids, level_formula, shape_formula, step_formulas
from core.two_stage.anchors import DESIGNS, anchors_at, base_anchors, decode, input_scale
from core.two_stage.faster import NAMES, funnel
from pages.shared.formula_view import plain_number
from pages.shared.plain_text import plain
from tests.core.random_detectors import place
from tests.pages.test_detection import opened

PAGE = "pages/applications/two_stage.py"


def open_view(pixels: np.ndarray | None = None, **query: str) -> AppTest:
    return opened(PAGE, {"ts_view": "Faster R-CNN", **query}, pixels)


def words(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.warning))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [1, 3])
def test_the_numbers_beside_the_anchors_are_core_s(name: str, level: int) -> None:
    app = open_view(
        ts_faster_network=DETECTORS[name].title,
        ts_map=str(level),
        ts_anchor_number="2",
        ts_step_x="0.3",
        ts_step_w="-0.5",
    )
    design, hw = DESIGNS[name], bundled("Cat").pixels.shape[:2]
    scale = input_scale(hw, design.size_px)
    shown = (round(hw[0] * scale), round(hw[1] * scale))
    stride = design.strides[level - 1]
    rows, columns = grids(shown, design)[level - 1]
    at = [
        min(last - 1, int((side // 2 + 0.5) * scale / stride))
        for side, last in zip(hw, (rows, columns), strict=True)
    ]
    anchor = anchors_at(base_anchors(design.sizes[level - 1], design.ratios), stride, at[1], at[0])[1]
    steps = (0.3, 0.0, -0.5, 0.0)
    moved = tuple(decode([anchor], [steps])[0])
    for formula in (
        count_formula(shown, design),
        *step_formulas(tuple(anchor), steps),
        level_formula(moved, design),
    ):
        assert f"**{plain_number(formula.value)}**" in words(app)


def test_the_count_is_that_of_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(NAMES[0], tmp_path, monkeypatch)
    photo = bundled("Cat").pixels
    found = funnel(photo, NAMES[0])
    assert count_formula(found.size, DESIGNS[NAMES[0]]).value == found.stages[0].count


def test_without_weights_the_funnel_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path)
    app = open_view(ts_faster="The funnel")
    assert plain("Faster R-CNN (MobileNetV3-Large) (78 MB) are not on this computer") in words(app)
    assert app.button(key="ts_fetch")


def test_with_weights_every_stage_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(NAMES[0], tmp_path, monkeypatch)
    photo = bundled("Cat").pixels
    found = funnel(photo, NAMES[0])
    app = open_view(ts_faster="The funnel")
    assert f"of **{found.result.count:,}**" in words(app)
    for stage in found.stages:
        app.selectbox(key="ts_stage").select(stage.title).run()
        assert not app.exception
        assert f"of **{stage.count:,}**" in words(app)


def test_a_damaged_file_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    detector = DETECTORS[NAMES[1]]
    (tmp_path / detector.weights.file_name).write_bytes(b"no weights")
    app = open_view(ts_faster="The funnel", ts_faster_network=detector.title)
    assert "is damaged" in " ".join(each.value for each in app.error)


@pytest.mark.parametrize(
    "pixels", [np.zeros((1, 1, 3), np.uint8), np.zeros((200, 4000, 3), np.uint8)], ids=["one pixel", "strip"]
)
def test_odd_photos_open(pixels: np.ndarray) -> None:
    assert not open_view(pixels).exception


def test_the_code_gives_the_box() -> None:
    steps = (0.3, 0.1, -0.5, 0.2)
    room: dict = {}
    exec(snippets.anchors(128, 0.5, (320, 64), steps), room)
    anchor = anchors_at(base_anchors((128,), (0.5,)), 64, 5, 1)
    np.testing.assert_allclose(room["result"].numpy(), decode(anchor, [steps])[0], rtol=1e-9)
    assert shape_formula(128, 0.5).value == pytest.approx(128 * 2**0.5)
