"""The view Average precision: its numbers are core's, truths can be begun anew, odd pictures and links open."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.augmentation.marks import BOXES_MOST, Marks, marks_from_text
from core.bundled import bundled
from core.detection.detector import candidates, class_names, look
from core.detection.evaluation import INTERPOLATIONS, average_precision, curve, evaluate, match
from core.detection.exam import scenes
from core.detection.precision import at_score, rank_formulas
from core.detection.suppression import suppress
from core.detection.truth import BY_HAND, detections_of, found_marks, truths_of
from pages.shared.formula_view import plain_number
from tests.pages.opening import opened

PAGE = "pages/applications/detection.py"


def open_view(own: np.ndarray | None = None, **parameters: Any) -> AppTest:
    return opened(PAGE, {"det_view": "Average precision", "photo": "Coffee"} | parameters, own)


def words(app: AppTest) -> str:
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info, *app.error, *app.warning))


def of_photo(name: str, marks: Marks):
    photo = bundled(name)
    found = candidates(look(photo.pixels), 0.01)
    left = suppress(found.boxes, found.scores, labels=found.labels)
    return detections_of(left, found), truths_of(marks, photo.pixels.shape[:2], found)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_numbers_are_core_s(interpolation: str) -> None:
    app = open_view(det_ap_read=interpolation, det_ap_rank="2", det_ap_class="cup", det_score="0.1")
    found, truths = of_photo("Coffee", marks_from_text(BY_HAND["Coffee"]))
    matching = match(found, truths, class_names().index("cup"))
    area = average_precision(curve(matching), interpolation)
    assert f"**{plain_number(area)}**" in words(app)
    for formula in rank_formulas(matching, 2):
        assert f"**{plain_number(formula.value)}**" in words(app)
    now = at_score(matching, 0.1)
    assert f"F1 **{now.f1:.3f}**" in words(app)
    mean = evaluate(found, truths, interpolation=interpolation).mean
    assert f"**{plain_number(mean)}**" in words(app)
    classes = app.dataframe[-1].value
    assert set(classes["class"]) == {"cup", "spoon", "dining table"}


def test_the_list_holds_every_rank() -> None:
    app = open_view(det_ap_class="cup")
    found, truths = of_photo("Coffee", marks_from_text(BY_HAND["Coffee"]))
    matching = match(found, truths, class_names().index("cup"))
    table = app.dataframe[0].value
    assert table["score"].tolist() == [round(float(score), 3) for score in matching.scores]
    assert table[""].tolist() == ["hit" if hit else "false alarm" for hit in matching.hits]
    assert table["recall"].tolist() == [round(float(each), 3) for each in curve(matching).recall]


def test_untouched_it_says_where_the_truth_comes_from() -> None:
    assert "a person drew" in words(open_view())
    app = open_view(photo="Flower")  # nothing there is found with a score over 0.5
    assert "right by construction" in words(app)


def test_the_detector_s_own_boxes_can_be_taken_as_truth_and_given_back() -> None:
    app = open_view(photo="Astronaut")
    app.button(key="det_truth_found").click().run()
    assert not app.exception
    begun = found_marks(look(bundled("Astronaut").pixels)).marks
    assert marks_from_text(app.text_input(key="det_truth").value).boxes == begun.boxes
    app.button(key="det_truth_first").click().run()
    assert app.text_input(key="det_truth").value == ""
    assert "a person drew" in words(app)


def test_a_name_that_is_no_class_is_said() -> None:
    app = open_view(photo="Cat", det_truth="b40,10,885,1000 tiger; b0,0,10,10 person")
    assert "“tiger” counts as cat" in words(app)
    app = open_view(photo="Bricks", det_truth="b40,10,885,1000 tiger")
    assert "Left out, because the name is no class" in words(app)


def test_a_double_and_a_far_box_are_told_apart() -> None:
    app = open_view(photo="Photographer", det_iou="0.95", det_ap_rank="2")
    assert "a better one has taken that object: a double" in words(app)
    app = open_view(photo="Photographer", det_ap_rank="2")
    assert "with the nearest object of the class: **false alarm**" in words(app)


def test_an_object_that_nothing_finds_has_ap_0() -> None:
    app = open_view(photo="Bricks", det_truth="b100,100,300,300 dog")
    assert "every object is missed, AP is 0" in words(app)


def test_all_classes_as_one() -> None:
    app = open_view(det_ap_one="true")
    assert app.dataframe[-1].value["objects"].tolist() == [3]


def test_the_scenes_have_core_s_numbers() -> None:
    app = open_view(det_ap_on="Four drawn scenes", det_ap_skill="60", seed="3")
    made = scenes(3, 0.6)
    mean = evaluate(made.detections, made.truths).mean
    assert f"**{plain_number(mean)}**" in words(app)


def test_a_question_hides_the_numbers_until_a_guess() -> None:
    app = open_view(ask="det_ap_hits")
    assert "Hidden until" in words(app)
    assert not app.dataframe
    app.number_input(key="guess_det_ap_hits").set_value(1).run()
    app.button(key="reveal_det_ap_hits").click().run()
    assert app.dataframe


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((300, 400, 3), np.uint8),
        np.zeros((8000, 200, 3), np.uint8),
        np.full((60, 8000, 3), 200, np.uint8),
    ],
    ids=["one pixel", "black", "8000 px high", "8000 px wide"],
)
def test_odd_pictures_open(pixels: np.ndarray) -> None:
    app = open_view(pixels, photo="mine.png")
    assert app.selectbox(key="photo").value == "mine.png"
    assert "Neither an object nor a detection" in words(app) or app.dataframe
    drawn = open_view(pixels, photo="mine.png", det_truth="b100,100,900,900 dog")
    assert "every object is missed" in words(drawn)


@pytest.mark.parametrize("value", ["", "-1", "1e309", "<b>x</b>", "日本", "b1"])
def test_odd_links_fall_back(value: str) -> None:
    names = ("truth", "ap_on", "ap_class", "ap_iou", "ap_read", "ap_rank", "ap_skill", "ap_one")
    open_view(**{f"det_{name}": value for name in names})


def test_more_objects_than_can_be_edited_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.detection import detector
    from tests.core.test_detection_precision import seen_with, three_hundred

    monkeypatch.setattr(detector, "look", lambda *_: seen_with(*three_hundred()))
    app = open_view(np.full((416, 416, 3), 7, np.uint8), photo="mine.png")
    assert f"{300 - BOXES_MOST} more are left out" in words(app)
    assert sum(app.dataframe[-1].value["objects"]) == BOXES_MOST


def test_doubles_left_in_are_false_alarms() -> None:
    app = open_view(photo="Cat", det_ap_doubles="true")
    photo = bundled("Cat")
    found = candidates(look(photo.pixels), 0.01)
    cats = int((found.labels == class_names().index("cat")).sum())
    table = app.dataframe[0].value
    assert len(table) == cats > 5
    assert (table[""] == "hit").sum() == 1
    assert "One detection is a short list" in words(open_view(photo="Cat"))


def test_at_most_a_hundred_detections_of_a_photo_count(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.detection import detector
    from tests.core.test_detection_precision import seen_with, three_hundred

    boxes, labels = three_hundred()
    monkeypatch.setattr(detector, "look", lambda *_: seen_with(boxes, labels * 0))
    app = open_view(np.full((416, 416, 3), 11, np.uint8), photo="mine.png", det_ap_doubles="true")
    assert len(app.dataframe[0].value) == 100
    assert "the best 100" in words(app)
