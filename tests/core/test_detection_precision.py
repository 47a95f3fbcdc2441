"""Average precision step by step: counts against loops, formulas against core, made-up scenes, the drawn truth."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.augmentation.marks import BOXES_MOST, Marks, marks_from_text
from core.bundled import bundled
from core.detection.detector import Candidates, Seen, candidates, class_names, look
from core.detection.evaluation import (
    INTERPOLATIONS,
    Detections,
    Truths,
    average_precision,
    curve,
    evaluate,
    match,
)
from core.detection.exam import HEIGHT, WIDTH, scenes
from core.detection.layout import CLASSES, SIDE, cells
from core.detection.letterbox import letterbox
from core.detection.precision import (
    Counts,
    area_formula,
    at_rank,
    at_score,
    classes_formula,
    counts,
    one_class,
    over,
    rank_formulas,
    read_points,
    thresholds_formula,
)
from core.detection.suppression import suppress
from core.detection.truth import (
    BY_HAND,
    UNKNOWN,
    detections_of,
    found_marks,
    labels_of,
    start,
    truths_of,
)
from core.figures import detection_precision as figures
from core.snippets import detection_precision as snippets

seeds = st.integers(0, 5000)
skills = st.sampled_from([0.0, 0.3, 0.6, 0.9, 1.0])
EMPTY = Detections(np.zeros(0, int), [], np.zeros(0, int), [])


def overlap_of(a: np.ndarray, b: np.ndarray) -> float:
    """IoU of two boxes, written out."""
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = wide * high
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def counted_by_loops(found: Detections, truths: Truths, limit: float) -> tuple[int, int, int]:
    taken: set[int] = set()
    hits = 0
    for row in sorted(range(len(found.scores)), key=lambda i: (-found.scores[i], found.pictures[i], i)):
        best, chosen = limit, None
        for truth in range(len(truths.boxes)):
            same = truths.pictures[truth] == found.pictures[row] and truths.labels[truth] == found.labels[row]
            if same and truth not in taken:
                overlap = overlap_of(found.boxes[row], truths.boxes[truth])
                if overlap >= best:
                    best, chosen = overlap, truth
        if chosen is not None:
            taken.add(chosen)
            hits += 1
    return hits, len(found.scores) - hits, len(truths.boxes) - hits


@given(seeds, skills, st.sampled_from([0.3, 0.5, 0.75]))
def test_counts_are_what_loops_count(seed: int, skill: float, limit: float) -> None:
    made = scenes(seed, skill)
    now = counts(made.detections, made.truths, limit)
    assert (now.hits, now.alarms, now.missed) == counted_by_loops(made.detections, made.truths, limit)


@given(seeds, skills, st.floats(0, 1))
def test_the_curve_holds_the_counts_of_every_threshold(seed: int, skill: float, threshold: float) -> None:
    made = scenes(seed, skill)
    found = one_class(made.detections)
    matching = match(found, one_class(made.truths), 0)
    assert isinstance(found, Detections)
    now = at_score(matching, threshold)
    assert now == counts(over(found, threshold), one_class(made.truths))
    rank = int((found.scores > threshold).sum())
    if rank:
        points = curve(matching)
        assert now.precision == pytest.approx(points.precision[rank - 1])
        assert now.recall == pytest.approx(points.recall[rank - 1])


@pytest.mark.parametrize(
    ("now", "precision", "recall", "f1"),
    [
        (Counts(0, 0, 0), math.nan, math.nan, math.nan),
        (Counts(0, 3, 0), 0.0, math.nan, 0.0),
        (Counts(0, 0, 2), math.nan, 0.0, 0.0),
        (Counts(3, 1, 2), 0.75, 0.6, 2 * 0.75 * 0.6 / 1.35),
        (Counts(4, 0, 0), 1.0, 1.0, 1.0),
    ],
    ids=["nothing at all", "no objects", "nothing found", "some", "perfect"],
)
def test_the_shares(now: Counts, precision: float, recall: float, f1: float) -> None:
    assert (now.precision, now.recall, now.f1) == pytest.approx((precision, recall, f1), nan_ok=True)


@given(seeds, skills, st.sampled_from(INTERPOLATIONS))
def test_the_points_read_make_up_the_area(seed: int, skill: float, interpolation: str) -> None:
    made = scenes(seed, skill)
    matching = match(made.detections, made.truths, 0)
    found = curve(matching)
    if not matching.objects:
        return
    recalls, heights = read_points(found, interpolation)
    area = average_precision(found, interpolation, objects=matching.objects)
    widths = np.diff(recalls, prepend=0.0) if interpolation == "all-point" else 1 / len(heights)
    assert (heights * widths).sum() == pytest.approx(area)
    assert area_formula(found, interpolation, matching.objects, 0.5).value == area


def value_of(latex: str) -> float:
    """What the numbers of a filled formula give: a sum of products, or one above another."""
    text = latex.replace(r"\begin{gathered}", "").replace(r"\end{gathered}", "").replace(r"\\ {}", "")
    above, below = text, "1"
    if text.startswith(r"\frac{"):
        above, below = text.removeprefix(r"\frac{").removesuffix("}").split("}{")
    return summed(above) / summed(below)


def summed(text: str) -> float:
    return sum(math.prod(map(float, term.split(r"\cdot"))) for term in text.split("+"))


@given(seeds, st.sampled_from(INTERPOLATIONS))
def test_the_filled_formulas_give_their_values(seed: int, interpolation: str) -> None:
    made = scenes(seed, 0.8)
    for label in (0, 1):
        matching = match(made.detections, made.truths, label)
        if not matching.objects:
            continue
        area = area_formula(curve(matching), interpolation, matching.objects, 0.5)
        if "ldots" not in area.filled:
            assert value_of(area.filled) == pytest.approx(area.value, abs=6e-3)
        for rank in range(1, len(matching.hits) + 1):
            for formula in rank_formulas(matching, rank):
                assert value_of(formula.filled) == pytest.approx(formula.value)
    evaluation = evaluate(made.detections, made.truths, interpolation=interpolation)
    for row in range(len(evaluation.labels)):
        if not np.isnan(evaluation.table[row]).any():
            formula = thresholds_formula(evaluation, row)
            assert value_of(formula.filled) == pytest.approx(formula.value, abs=6e-3)
    assert value_of(classes_formula(evaluation).filled) == pytest.approx(evaluation.mean, abs=6e-4)


def test_formulas_of_nothing() -> None:
    truths = Truths([0], [[0, 0, 10, 10]], [0])
    nothing = match(EMPTY, truths, 0)
    for interpolation in INTERPOLATIONS:
        assert area_formula(curve(nothing), interpolation, 1, 0.5).value == 0
        assert math.isnan(area_formula(curve(nothing), interpolation, 0, 0.5).value)
    none_there = Truths(np.zeros(0, int), [], np.zeros(0, int))
    assert math.isnan(classes_formula(evaluate(EMPTY, none_there)).value)
    assert figures.curve_alt(nothing, curve(nothing)) == "No detection of the class: no curve."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: at_rank(match(EMPTY, Truths([0], [[0, 0, 1, 1]], [0]), 0), 1), "0 to 0, got 1"),
        (lambda: Counts(-1, 0, 0), "0 or more, got -1"),
        (lambda: scenes(0, 1.5), "skill is 0 to 1, got 1.5"),
        (lambda: scenes(0, 0.5, 0), "at least 1 picture, got 0"),
    ],
    ids=["rank", "counts", "skill", "no picture"],
)
def test_bad_input_is_refused_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@given(seeds, skills)
def test_scenes_keep_their_objects_whatever_the_detector(seed: int, skill: float) -> None:
    made, perfect = scenes(seed, skill), scenes(seed, 1.0)
    assert (made.truths.boxes == perfect.truths.boxes).all()
    for boxes in (made.truths.boxes, made.detections.boxes):
        assert (boxes >= 0).all() and (boxes <= [WIDTH, HEIGHT, WIDTH, HEIGHT]).all()
    assert evaluate(perfect.detections, perfect.truths).mean == pytest.approx(1.0)


def test_a_better_detector_scores_better() -> None:
    means = [
        np.mean(
            [evaluate(made.detections, made.truths).mean for made in (scenes(s, skill) for s in range(20))]
        )
        for skill in (0.0, 0.3, 0.6, 0.9)
    ]
    assert means == sorted(means) and means[0] < 0.2 < 0.7 < means[-1]


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("seed", range(4))
def test_the_code_gives_the_area_again(interpolation: str, seed: int) -> None:
    made = scenes(seed, 0.6)
    matching = match(made.detections, made.truths, 0, 0.6)
    own, theirs = made.detections.labels == 0, made.truths.labels == 0
    names: dict[str, object] = {
        "boxes": torch.from_numpy(made.detections.boxes[own]),
        "scores": torch.from_numpy(made.detections.scores[own]),
        "pictures": torch.from_numpy(made.detections.pictures[own]),
        "objects": torch.from_numpy(made.truths.boxes[theirs]),
        "theirs": torch.from_numpy(made.truths.pictures[theirs]),
    }
    exec(snippets.precision(0.6, interpolation), names)
    assert names["result"] == pytest.approx(average_precision(curve(matching), interpolation))


def seen_with(boxes: np.ndarray, labels: np.ndarray, score: float = 0.9) -> Seen:
    """A detector that says these boxes (in pixels of the square) of a photo that fills it, one a cell of stride 8."""
    raw = np.zeros((3549, 5 + CLASSES), np.float32)
    place = cells(SIDE)
    for index, (box, label) in enumerate(zip(boxes, labels, strict=True)):
        centre, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        raw[index, :2] = centre / 8 - place[index, :2]
        raw[index, 2:4] = np.log(size / 8)
        raw[index, 4], raw[index, 5 + label] = 1.0, score
    return Seen(raw, letterbox(np.zeros((SIDE, SIDE, 3), np.uint8)), "embedded")


def three_hundred() -> tuple[np.ndarray, np.ndarray]:
    """300 objects that do not touch: [300, 4], and their classes."""
    rows, columns = np.mgrid[:15, :20]
    corner = np.stack([columns.ravel() * 20.0, rows.ravel() * 27.0], axis=1)
    return np.concatenate([corner, corner + 16], axis=1), np.arange(300) % 3


def test_three_hundred_objects_are_all_found_and_scored() -> None:
    boxes, labels = three_hundred()
    seen = seen_with(boxes, labels)
    found = candidates(seen, 0.5)
    left = suppress(found.boxes, found.scores, labels=found.labels)
    truths = Truths(np.zeros(300, int), boxes, labels)
    now = counts(detections_of(left, found), truths, 0.9)
    assert (now.hits, now.alarms, now.missed) == (300, 0, 0)
    assert evaluate(detections_of(left, found), truths).mean == pytest.approx(1.0)
    begun = found_marks(seen)
    assert len(begun.marks.boxes) == BOXES_MOST and begun.left_out == 300 - BOXES_MOST


@pytest.mark.parametrize("name", list(BY_HAND))
def test_the_drawn_truth_is_of_coco_s_classes_and_on_the_photo(name: str) -> None:
    marks = marks_from_text(BY_HAND[name])
    assert set(marks.names) <= set(class_names())
    seen = look(bundled(name).pixels)
    assert start(name, seen).marks == marks and start(name, seen).by_hand
    found = candidates(seen, 0.2)
    truths = truths_of(marks, bundled(name).pixels.shape[:2], found)
    assert len(truths.boxes) == len(marks.boxes)
    left = suppress(found.boxes, found.scores, labels=found.labels)
    assert counts(detections_of(left, found), truths).hits >= 1


def test_without_a_drawn_truth_the_detector_s_own_is_perfect() -> None:
    seen = look(bundled("Astronaut").pixels)
    begun = start("mine.png", seen)
    assert not begun.by_hand and begun.marks.names == ("person",)
    found = candidates(seen, 0.01)
    truths = truths_of(begun.marks, bundled("Astronaut").pixels.shape[:2], found)
    left = suppress(found.boxes, found.scores, labels=found.labels)
    assert evaluate(detections_of(left, found), truths, thresholds=[0.5]).mean == pytest.approx(1.0)


def test_an_unnamed_box_has_the_class_of_the_detection_over_it() -> None:
    found = Candidates(
        np.array([[0.0, 0, 10, 10], [0, 0, 20, 20]]),
        np.array([0.9, 0.8]),
        np.array([15, 16]),
        np.array([0, 1]),
    )
    boxes = [[0, 0, 9, 9], [0, 0, 19, 19], [0, 0, 10, 10], [50, 50, 60, 60]]
    assert labels_of(["object 1", "", " Person ", "thing"], boxes, found).tolist() == [15, 16, 0, UNKNOWN]
    truths = truths_of(Marks(((0, 0, 100, 100), (500, 500, 600, 600)), ("x", "y")), (100, 100), found)
    assert truths.labels.tolist() == [15] and truths.boxes.tolist() == [[0, 0, 10, 10]]
    none = Candidates(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), np.zeros(0, int))
    assert labels_of(["x"], [[0, 0, 1, 1]], none).tolist() == [UNKNOWN]
    assert labels_of([], [], found).tolist() == []


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_figure_holds_the_ranks_and_the_marks(interpolation: str) -> None:
    made = scenes(1, 0.6)
    matching = match(made.detections, made.truths, 0)
    found, now = curve(matching), at_score(matching, 0.5)
    drawn = figures.curve_figure(matching, found, interpolation, 2, 0.5, now)
    traces = {trace.name: trace for trace in drawn.data}
    ranked = next(trace for name, trace in traces.items() if name.startswith("ranks"))
    assert list(ranked.x) == found.recall.tolist() and list(ranked.y) == found.precision.tolist()
    assert (traces["score over 0.5"].x[0], traces["score over 0.5"].y[0]) == (now.recall, now.precision)
    assert traces["rank 2"].x[0] == found.recall[1]
    assert list(traces[f"read by {interpolation}"].y) == read_points(found, interpolation)[1].tolist()
    assert f"{len(matching.hits)} ranked" in figures.curve_alt(matching, found)


def test_the_ranked_box_is_drawn_with_the_object_it_took() -> None:
    photo = np.zeros((100, 100, 3), np.uint8)
    box, taken = (10.0, 10.0, 60.0, 60.0), (20.0, 20.0, 70.0, 70.0)
    hit, alarm = figures.rank_picture(photo, box, taken), figures.rank_picture(photo, box, None)
    assert tuple(hit[10, 30]) == figures.HIT and tuple(alarm[10, 30]) == figures.ALARM
    assert hit[65, 65].all() and not alarm[65, 65].any()
    assert not photo.any() and (figures.rank_picture(photo, None, None) == photo).all()


def test_the_montage_holds_every_picture() -> None:
    made = scenes(0, 0.5, 3)
    canvas, places = figures.montage(made)
    for each, (x, y) in zip(made.pictures, places, strict=True):
        assert (canvas[y : y + HEIGHT, x : x + WIDTH] == each).all()
