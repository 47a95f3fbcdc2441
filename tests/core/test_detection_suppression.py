"""Suppression of doubles: against torchvision, loops, and what each method promises."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision import ops
from torchvision.ops.boxes import _batched_nms_vanilla

from core.detection.boxes import diou, iou
from core.detection.greedy import BLOCK
from core.detection.suppression import MANY, METHODS, Suppression, keep, suppress
from tests.core.box_strategy import boxes, scene

THRESHOLDS = st.sampled_from([0.0, 0.1, 1 / 3, 0.5, 0.75, 1.0])
SQUARES = [[0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10]]  # the first two with an IoU of 9 / 11


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes on whole pixels, so that ties, touching edges and equal boxes are common; scores with ties; labels."""
    drawn = draw(boxes(most=14))
    of = lambda value: draw(st.lists(value, min_size=len(drawn), max_size=len(drawn)))  # noqa: E731
    scores = of(st.sampled_from([0.1, 0.2, 0.5, 0.9]))
    labels = of(st.integers(0, 2))
    return (
        np.reshape(drawn, (-1, 4)).astype(float),
        np.array(scores, dtype=float),
        np.array(labels, dtype=int),
    )


def by_torchvision(boxes, scores, threshold, labels=None) -> list[int]:
    tensors = torch.tensor(boxes, dtype=torch.float64), torch.tensor(scores, dtype=torch.float64)
    if labels is None:
        return ops.nms(*tensors, threshold).tolist()
    return ops.batched_nms(*tensors, torch.tensor(labels), threshold).tolist()


def naive(boxes, scores, threshold, labels, measure) -> tuple[list[int], list[tuple[int, int, float]]]:
    """The textbook's loop: kept boxes, and who was removed by whom with which overlap."""
    left = sorted(range(len(boxes)), key=lambda index: (-scores[index], index))
    kept, killed = [], []
    while left:
        best, *rest = left
        kept.append(best)
        left = []
        for other in rest:
            overlap = measure([boxes[best]], [boxes[other]]).item()
            if labels[best] == labels[other] and overlap > threshold:
                killed.append((other, best, overlap))
            else:
                left.append(other)
    return kept, killed


def kills(result: Suppression) -> list[tuple[int, int, float]]:
    return [(kill.who, kill.by, kill.overlap) for kill in result.killed]


@given(scored(), THRESHOLDS)
def test_greedy_keeps_what_torchvision_keeps(given: tuple, threshold: float) -> None:
    boxes, scores, _ = given
    expected = by_torchvision(boxes, scores, threshold)
    assert keep(boxes, scores, threshold).tolist() == expected
    assert suppress(boxes, scores, iou_threshold=threshold).kept.tolist() == expected


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 1.0], ids=str)
@pytest.mark.parametrize("objects", [0, 1, 12], ids=["scattered", "one heap", "crowded"])
@pytest.mark.parametrize("count", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 7 * BLOCK + 3, 2500], ids=str)
def test_many_boxes_are_settled_as_torchvision_does(count: int, objects: int, threshold: float) -> None:
    """Through several blocks, with and without labels, below and above the count from which classes are split."""
    boxes, scores = scene(count, count, objects=objects)
    assert keep(boxes, scores, threshold).tolist() == by_torchvision(boxes, scores, threshold)
    labels = np.random.default_rng(1).integers(0, 5, count)
    boxes += 1000  # torchvision's trick with offsets lets classes overlap where coordinates are negative
    expected = by_torchvision(boxes, scores, threshold, labels)
    assert keep(boxes, scores, threshold, labels).tolist() == expected
    result = suppress(boxes, scores, iou_threshold=threshold, labels=labels)
    assert result.kept.tolist() == expected


def test_the_count_from_which_classes_are_split_changes_nothing() -> None:
    boxes, scores = scene(MANY, 5, objects=9)
    scores = np.round(scores, 2)  # with ties
    labels = np.arange(MANY) % 3
    assert keep(boxes, scores, 0.5, labels).tolist() == suppress(boxes, scores, labels=labels).kept.tolist()


@given(scored(), THRESHOLDS)
def test_classes_do_not_touch_one_another(given: tuple, threshold: float) -> None:
    boxes, scores, labels = given
    tensors = torch.from_numpy(boxes), torch.from_numpy(scores), torch.from_numpy(labels)
    expected = set(_batched_nms_vanilla(*tensors, threshold).tolist()) if len(boxes) else set()
    found = keep(boxes, scores, threshold, labels).tolist()
    assert set(found) == expected and found == sorted(found, key=lambda index: (-scores[index], index))
    assert keep(boxes, scores, threshold, labels * 0).tolist() == keep(boxes, scores, threshold).tolist()


@pytest.mark.parametrize(("method", "measure"), [("greedy", iou), ("merge", iou), ("diou", diou)])
@given(scored(), THRESHOLDS, st.booleans())
def test_the_record_is_the_textbook_s_loop(
    method: str, measure, given: tuple, threshold: float, by_class: bool
) -> None:
    boxes, scores, labels = given
    result = suppress(
        boxes, scores, iou_threshold=threshold, labels=labels if by_class else None, method=method
    )
    kept, killed = naive(boxes, scores, threshold, labels if by_class else labels * 0, measure)
    assert result.kept.tolist() == kept == [step.kept for step in result.steps]
    assert kills(result) == killed
    assert result.scores.tolist() == scores[kept].tolist()


@settings(max_examples=20)
@given(st.integers(0, 1000), st.sampled_from([0, 3, 10]))
def test_the_record_of_several_blocks_too(seed: int, objects: int) -> None:
    boxes, scores = scene(3 * BLOCK, seed, objects=objects)
    scores = np.round(scores, 2)
    kept, killed = naive(boxes, scores, 0.5, np.zeros(len(boxes)), lambda a, b: iou_of_pair(a[0], b[0]))
    result = suppress(boxes, scores)
    assert result.kept.tolist() == kept and kills(result) == killed


def iou_of_pair(a: np.ndarray, b: np.ndarray) -> np.float64:
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a.tolist(), b.tolist()
    shared = max(0.0, min(ax2, bx2) - max(ax1, bx1)) * max(0.0, min(ay2, by2) - max(ay1, by1))
    return np.float64(shared / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - shared))


@given(scored(), THRESHOLDS, st.sampled_from(METHODS), st.booleans())
def test_every_box_is_kept_or_removed_once_and_nobody_rises(
    given: tuple, threshold: float, method: str, by_class: bool
) -> None:
    boxes, scores, labels = given
    result = suppress(
        boxes, scores, iou_threshold=threshold, labels=labels if by_class else None, method=method
    )
    gone = [kill.who for kill in result.killed]
    assert sorted([*result.kept.tolist(), *gone]) == list(range(len(boxes)))
    assert (np.diff(result.scores) <= 0).all() and (result.scores <= scores[result.kept]).all()
    assert not {kill.by for kill in result.killed} - set(result.kept.tolist())
    now = scores.copy()
    for step in result.steps:
        assert step.score == now[step.kept]
        assert (step.lowered_scores < now[step.lowered]).all()
        now[step.lowered] = step.lowered_scores


@pytest.mark.parametrize("method", ["soft-linear", "soft-gaussian"])
@given(scored(), st.sampled_from([0.1, 0.5]), st.sampled_from([0.0, 0.15, 0.4]))
def test_soft_methods_are_the_paper_s_loop(method: str, given: tuple, threshold: float, floor: float) -> None:
    boxes, scores, _ = given
    now, left, expected = scores.tolist(), list(range(len(boxes))), []
    while left:
        best = max(left, key=lambda index: (now[index], -index))
        left.remove(best)
        expected.append((best, now[best]))
        for other in list(left):
            overlap = iou([boxes[best]], [boxes[other]]).item()
            gaussian = math.exp(-(overlap**2) / 0.5)
            factor = gaussian if method == "soft-gaussian" else 1 - overlap if overlap > threshold else 1
            now[other] *= factor
            if factor < 1 and now[other] < floor:
                left.remove(other)
    result = suppress(boxes, scores, iou_threshold=threshold, method=method, score_floor=floor)
    assert result.kept.tolist() == [index for index, _ in expected]
    np.testing.assert_allclose(result.scores, [score for _, score in expected], rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "second"),
    [("soft-linear", 0.8 * 2 / 11), ("soft-gaussian", 0.8 * math.exp(-((9 / 11) ** 2) / 0.5))],
)
def test_soft_methods_lower_the_score_of_a_double(method: str, second: float) -> None:
    result = suppress(SQUARES, [0.9, 0.8, 0.7], method=method)
    assert result.kept.tolist() == [0, 2, 1] and not result.killed
    np.testing.assert_allclose(result.scores, [0.9, 0.7, second])
    first = result.steps[0]
    assert first.lowered.tolist() == [1] and first.lowered_overlaps.tolist() == [9 / 11]


def test_merging_takes_the_mean_by_score() -> None:
    result = suppress(SQUARES, [0.75, 0.25, 0.5], method="merge")
    assert result.kept.tolist() == [0, 2]
    np.testing.assert_allclose(result.boxes, [[0.25, 0, 10.25, 10], SQUARES[2]])
    assert suppress(SQUARES, [0, 0, 0], method="merge").boxes.tolist() == [SQUARES[0], SQUARES[2]]


def test_distance_spares_a_box_with_another_centre() -> None:
    """IoU 0.538 removes it; minus d^2 / c^2 = 9 / 269 it stays over 0.5, minus more it falls below."""
    pair = [[0, 0, 10, 10], [3, 0, 13, 10]]
    assert suppress(pair, [0.9, 0.8]).kept.tolist() == [0]
    assert suppress(pair, [0.9, 0.8], method="diou", iou_threshold=0.51).kept.tolist() == [0, 1]
    assert suppress(pair, [0.9, 0.8], method="greedy", iou_threshold=0.51).kept.tolist() == [0]


def test_the_order_decides_how_many_stay() -> None:
    """A chain: the middle box overlaps both ends, which do not overlap one another."""
    chain = [[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]]
    assert suppress(chain, [0.8, 0.9, 0.7]).kept.tolist() == [1]
    assert suppress(chain, [0.9, 0.8, 0.7]).kept.tolist() == [0, 2]


def test_an_overlap_of_exactly_the_threshold_stays() -> None:
    pair = [[0, 0, 2, 1], [0, 0, 1, 1]]  # IoU 1 / 2
    assert suppress(pair, [0.9, 0.8]).kept.tolist() == keep(pair, [0.9, 0.8]).tolist() == [0, 1]
    assert keep(pair, [0.9, 0.8], np.nextafter(0.5, 0)).tolist() == [0]


def test_of_equal_scores_the_lower_index_is_better() -> None:
    assert suppress([SQUARES[0]] * 3, [0.5, 0.5, 0.5]).kept.tolist() == [0]
    assert suppress(SQUARES[::-1], [0.5, 0.5, 0.5]).kept.tolist() == [0, 1]


@pytest.mark.parametrize("method", METHODS)
def test_boxes_without_area_stay_and_nothing_gives_nothing(method: str) -> None:
    points = [[3, 3, 3, 3], [3, 3, 3, 3], [0, 0, 9, 9]]
    assert suppress(points, [0.9, 0.8, 0.7], method=method, iou_threshold=0).kept.tolist() == [0, 1, 2]
    nothing = suppress([], [], method=method, labels=[])
    assert (
        nothing.kept.shape == (0,) and nothing.boxes.shape == (0, 4) and nothing.steps == nothing.killed == ()
    )
    assert keep([], []).dtype == np.int64 == nothing.kept.dtype


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"boxes": [[1, 0, 0, 1]] * 3}, "left <= right"),
        ({"scores": [1, 2]}, r"one score for each of 3 boxes, got shape \(2,\)"),
        ({"scores": [1, math.nan, 2]}, "Scores must be finite, got nan"),
        ({"labels": [1, 2]}, r"one whole number as label for each of 3 boxes, got shape \(2,\)"),
        ({"labels": [1.0, 2.0, 3.5]}, "of float64"),
        ({"iou_threshold": 1.5}, "threshold must be from 0 to 1, got 1.5"),
        ({"iou_threshold": math.nan}, "threshold must be from 0 to 1, got nan"),
        ({"method": "best"}, "one of greedy, soft-linear, soft-gaussian, diou, merge, got 'best'"),
        ({"sigma": 0}, "sigma must be over 0"),
        ({"score_floor": -1}, "floor must be 0 or more"),
        ({"method": "merge", "scores": [1, -2, 3]}, "weighs by scores: they must be 0 or more, got -2"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_input_is_refused_in_a_sentence(change: dict, message: str) -> None:
    settings = {"boxes": SQUARES, "scores": [0.9, 0.8, 0.7]} | change
    with pytest.raises(ValueError, match=message):
        suppress(settings.pop("boxes"), settings.pop("scores"), **settings)
