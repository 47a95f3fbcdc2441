"""What the Suppression view offers beside the scrubber: own boxes, the order of scores, the variants compared."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.augmentation.marks import marks_from_text
from core.bundled import bundled
from core.detection.detector import candidates, look
from core.detection.order import chain
from core.detection.truth import BY_HAND, truths_of
from core.detection.variants import variants
from pages.applications.detection_source import METHODS
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

PAGE = "pages/applications/detection.py"
NAMED = ("Your own boxes", "Order matters", "Which variant?")


def open_view(what: str, own: np.ndarray | None = None, **parameters: Any) -> AppTest:
    return opened(PAGE, {"det_view": "Suppression", "det_nms": what, "photo": "Coffee"} | parameters, own)


def words(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info, *app.error, *app.warning))


def test_own_boxes_have_their_closest_call() -> None:
    app = open_view("Your own boxes", det_own="b0,0,500,500 cat 0.9; b0,0,500,400 cat 0.8; b0,0,9,9 dog 0.1")
    assert "1 with a score not over 0.3" in words(app)
    assert "Removed by the smallest margin: 2 and 1" in words(app)
    assert "**0.8**" in words(app)


@pytest.mark.parametrize("limit", ["0.3", "0.5", "0.8"])
def test_two_orders_leave_other_boxes(limit: str) -> None:
    app = open_view("Order matters", det_iou=limit)
    assert "2 stay, A and C." in words(app) and "1 stays, B." in words(app)
    made = chain(float(limit), bundled("Coffee").pixels.shape[:2])
    removed = made.runs[1].outcome.steps[0].overlaps
    assert f"it removes A, IoU {removed[0]:.3f} > {limit}" in words(app)


@pytest.mark.parametrize("method", list(METHODS.values()))
def test_variants_have_core_s_numbers(method: str) -> None:
    app = open_view("Which variant?", det_score="0.1", det_iou="0.4", det_method=method, det_ap_iou="0.6")
    photo = bundled("Coffee")
    found = candidates(look(photo.pixels), 0.1)
    truths = truths_of(marks_from_text(BY_HAND["Coffee"]), photo.pixels.shape[:2], found)
    made = variants(found, truths, score_threshold=0.1, iou_threshold=0.4, match_iou=0.6)
    (table,) = [each.value for each in app.dataframe]
    for column, read in (("TP", "hits"), ("FP", "alarms"), ("FN", "missed")):
        assert table[column].tolist() == [getattr(each.counts, read) for each in made]
    assert table["F1"].tolist() == [round(each.counts.f1, 3) for each in made]
    chosen = next(each for each in made if METHODS[each.method] == method)
    assert f"**{plain_number(chosen.counts.f1)}**" in words(app)


def test_the_truth_is_that_of_average_precision() -> None:
    text = "b290,40,685,780 cup"
    app = open_view("Which variant?", det_truth=text)
    assert app.text_input(key="det_truth").value == text
    assert (app.dataframe[0].value["TP"] + app.dataframe[0].value["FN"]).tolist() == [1] * len(METHODS)


def test_nothing_to_score_is_said() -> None:
    assert "nothing to score" in words(open_view("Which variant?", photo="Bricks"))


@pytest.mark.parametrize("what", NAMED)
@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 1, 3), np.uint8), np.zeros((300, 400, 3), np.uint8), np.zeros((8000, 60, 3), np.uint8)],
    ids=["one pixel", "black", "8000 px"],
)
def test_odd_pictures_open(pixels: np.ndarray, what: str) -> None:
    assert open_view(what, pixels, photo="mine.png").selectbox(key="photo").value == "mine.png"


@pytest.mark.parametrize("value", ["", "-1", "1e309", "<b>x</b>", "日本", "b1", "none"])
def test_odd_links_fall_back(value: str) -> None:
    for what in (*NAMED, value):
        open_view(what, **{f"det_{name}": value for name in ("own", "truth", "iou", "score", "ap_iou")})
