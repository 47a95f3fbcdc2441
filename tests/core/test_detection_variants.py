"""Own boxes, the order of three boxes, and every way to suppress scored against a truth."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.ops import batched_nms, box_iou, nms

from core.augmentation.marks import Marks, marks_from_text
from core.detection.detector import Candidates
from core.detection.evaluation import Truths
from core.detection.order import NAMES, SCORES, chain
from core.detection.own_boxes import EXAMPLE, name_and_score, own_candidates
from core.detection.precision import Counts, hit_rows
from core.detection.suppression import METHODS
from core.detection.variants import best, f1_formula, variants
from core.figures.detection_precision import ALARM, HIT, scored_picture

NONE = Candidates(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), np.zeros(0, int))
NO_TRUTH = Truths(np.zeros(0, int), [], np.zeros(0, int))


@given(st.floats(0.01, 0.98), st.integers(1, 9000), st.integers(1, 9000))
def test_the_chain_keeps_two_or_one_at_every_threshold(threshold: float, height: int, width: int) -> None:
    made = chain(threshold, (height, width))
    boxes = torch.from_numpy(made.boxes)
    overlaps = box_iou(boxes, boxes)
    assert overlaps[0, 1] > threshold and overlaps[1, 2] > threshold and overlaps[0, 2] < threshold
    names = []
    for run, scores in zip(made.runs, SCORES, strict=True):
        expected = nms(boxes, torch.tensor(scores, dtype=torch.float64), threshold).tolist()
        assert run.outcome.kept.tolist() == expected
        names.append("".join(NAMES[index] for index in expected))
    assert names == ["AC", "B"]
    assert (made.boxes >= 0).all() and (made.boxes <= [width, height, width, height]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: chain(0.0, (10, 10)), "over 0 and under 1, got 0"),
        (lambda: chain(1.0, (10, 10)), "over 0 and under 1, got 1"),
        (lambda: chain(0.5, (0, 10)), "has pixels, got 0 x 10"),
        (lambda: own_candidates(Marks(), (10, 10), 1.5), "0 to 1, got 1.5"),
    ],
    ids=["threshold 0", "threshold 1", "no pixels", "score"],
)
def test_bad_input_is_refused_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat 0.8", ("cat", 0.8)),
        ("cat .8", ("cat", 0.8)),
        ("cat0.8", ("cat", 0.8)),
        (".9", ("box", 0.9)),
        ("cat 1.0", ("cat", 1.0)),
        ("cat 1.5", ("cat", 0.5)),
        ("object 3", ("object", 0.5)),
        ("traffic light", ("traffic light", 0.5)),
        ("", ("box", 0.5)),
        ("日本 0.25", ("日本", 0.25)),
        ("0.8 cat", ("0.8 cat", 0.5)),
    ],
    ids=[
        "both",
        "no nought",
        "no space",
        "score alone",
        "one",
        "over one",
        "number",
        "no score",
        "nothing",
        "other script",
        "first",
    ],
)
def test_a_name_ends_in_a_score(text: str, expected: tuple[str, float]) -> None:
    assert name_and_score(text, 0.5) == expected


def test_own_candidates_are_sorted_and_filtered() -> None:
    marks = marks_from_text("b0,0,500,500 cat 0.6; b0,0,400,400 dog 0.9; b0,0,300,300 cat 0.2; b0,0,200,200")
    found, names = own_candidates(marks, (200, 100), 0.3)
    assert names == ("cat", "dog", "box")
    assert found.scores.tolist() == [0.9, 0.8, 0.6]
    assert [names[label] for label in found.labels] == ["dog", "box", "cat"]
    assert found.boxes.tolist() == [[0, 0, 40, 80], [0, 0, 20, 40], [0, 0, 50, 100]]
    empty, none = own_candidates(Marks(), (10, 10), 0.3)
    assert empty.boxes.shape == (0, 4) and none == ()


def test_the_example_has_something_to_remove() -> None:
    found, _ = own_candidates(marks_from_text(EXAMPLE), (100, 100), 0.3)
    boxes, scores = torch.from_numpy(found.boxes), torch.from_numpy(found.scores)
    assert len(batched_nms(boxes, scores, torch.from_numpy(found.labels), 0.5)) == 4 < len(found.scores)


def crowd(seed: int) -> tuple[Candidates, Truths]:
    """Objects in two classes, each found up to four times."""
    dice = np.random.default_rng(seed)
    count = int(dice.integers(1, 8))
    corner = dice.uniform(0, 80, (count, 2))
    objects = np.concatenate([corner, corner + dice.uniform(8, 30, (count, 2))], axis=1)
    labels = dice.integers(0, 2, count)
    of = dice.integers(0, count, 4 * count)
    boxes = objects[of] + dice.normal(size=(len(of), 4)) * 1.5
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
    scores = np.sort(dice.uniform(0.1, 1, len(of)))[::-1].copy()
    found = Candidates(boxes, scores, labels[of], np.arange(len(of)))
    return found, Truths(np.zeros(count, int), objects, labels)


@given(st.integers(0, 3000), st.sampled_from([0.3, 0.5, 0.7]), st.booleans())
def test_variants_are_scored_as_their_boxes_are(seed: int, limit: float, per_class: bool) -> None:
    found, truths = crowd(seed)
    made = {
        each.method: each
        for each in variants(found, truths, score_threshold=0.1, iou_threshold=limit, per_class=per_class)
    }
    assert tuple(made) == METHODS
    boxes, scores, labels = map(torch.from_numpy, (found.boxes, found.scores, found.labels))
    kept = batched_nms(boxes, scores, labels, limit) if per_class else nms(boxes, scores, limit)
    np.testing.assert_array_equal(made["greedy"].left.scores, found.scores[kept.numpy()])
    for each in made.values():
        now = each.counts
        assert (each.left.scores > 0.1).all() and len(each.left.scores) == now.hits + now.alarms
        assert each.hits.sum() == now.hits and now.hits + now.missed == len(truths.boxes)
        assert (each.hits == hit_rows(each.left, truths)).all()
    highest = max(each.counts.f1 for each in made.values())
    assert all(made[name].counts.f1 == highest for name in best(tuple(made.values())))


def test_a_soft_method_leaves_a_double_that_greedy_removes_unless_the_threshold_is_high() -> None:
    found = Candidates(
        np.array([[0.0, 0, 10, 10], [0, 0, 10, 9]]), np.array([0.9, 0.8]), np.zeros(2, int), np.arange(2)
    )
    truths = Truths([0], [[0, 0, 10, 10]], [0])
    made = {v.method: v.counts for v in variants(found, truths, score_threshold=0.05, iou_threshold=0.5)}
    assert made["greedy"] == Counts(1, 0, 0) and made["soft-linear"] == Counts(1, 1, 0)
    high = {v.method: v.counts for v in variants(found, truths, score_threshold=0.5, iou_threshold=0.5)}
    assert high["soft-linear"] == Counts(1, 0, 0)


@pytest.mark.parametrize(
    ("found", "truths", "value"),
    [
        (NONE, NO_TRUTH, math.nan),
        (NONE, Truths([0], [[0, 0, 1, 1]], [0]), 0.0),
        (
            Candidates(np.array([[0.0, 0, 1, 1]]), np.ones(1), np.zeros(1, int), np.zeros(1, int)),
            NO_TRUTH,
            0.0,
        ),
    ],
    ids=["nothing", "all missed", "all alarms"],
)
def test_the_ends_of_the_scale(found: Candidates, truths: Truths, value: float) -> None:
    made = variants(found, truths, score_threshold=0.3, iou_threshold=0.5)
    assert [each.counts.f1 for each in made] == pytest.approx([value] * 5, nan_ok=True)
    assert best(made) == (() if math.isnan(value) else METHODS)
    assert f1_formula(made[0].counts, "Greedy").value == pytest.approx(value, nan_ok=True)


def test_hits_are_drawn_green_over_orange() -> None:
    boxes = np.array([[10.0, 10, 60, 60], [10, 10, 60, 60], [100, 100, 130, 130]])
    shown = scored_picture(np.zeros((200, 200, 3), np.uint8), boxes, np.array([True, False, False]))
    assert tuple(shown[10, 30]) == HIT and tuple(shown[100, 115]) == ALARM
