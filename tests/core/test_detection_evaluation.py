"""Average precision: against pycocotools, loops and curves worked out by hand."""

import contextlib
import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval, Params

from core.detection.boxes import iou
from core.detection.evaluation import (
    COCO_THRESHOLDS,
    Detections,
    Truths,
    average_precision,
    curve,
    evaluate,
    match,
)

PHOTOS = next(
    (p / "shared" / "coco64" for p in Path(__file__).parents if (p / "shared" / "coco64").is_dir()), None
)
LEFT, RIGHT, FAR = [0, 0, 10, 10], [20, 0, 30, 10], [80, 80, 90, 90]


def by_pycocotools(detections: Detections, truths: Truths) -> np.ndarray:
    """The precision table [thresholds, recalls, classes] of COCO's own code, all areas, 100 detections."""
    corners_to_size = lambda box: [*box[:2], *(box[2:] - box[:2])]  # noqa: E731
    labels = np.union1d(detections.labels, truths.labels).tolist()
    pictures = np.union1d(detections.pictures, truths.pictures).tolist()
    area = lambda box: float(np.prod(box[2:] - box[:2]))  # noqa: E731
    rows = [
        {
            "id": row + 1,
            "image_id": int(p),
            "category_id": int(c),
            "bbox": corners_to_size(b),
            "area": area(b),
        }
        for row, (p, b, c) in enumerate(zip(truths.pictures, truths.boxes, truths.labels, strict=True))
    ]
    found = [
        {"image_id": int(p), "category_id": int(c), "bbox": corners_to_size(b), "score": float(s)}
        for p, b, c, s in zip(
            detections.pictures, detections.boxes, detections.labels, detections.scores, strict=True
        )
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "info": {},
            "images": [{"id": picture} for picture in pictures],
            "categories": [{"id": label} for label in labels],
            "annotations": [row | {"iscrowd": 0} for row in rows],
        }
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(found), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation.eval["precision"][:, :, :, 0, -1]


def assert_like_pycocotools(detections: Detections, truths: Truths) -> None:
    reference = by_pycocotools(detections, truths)  # -1 for a class without objects
    ours = evaluate(detections, truths)
    expected = np.where(reference[:, 0] < 0, np.nan, reference.mean(axis=1)).T
    np.testing.assert_allclose(ours.table, expected, rtol=0, atol=1e-12)
    for threshold, slices in ((None, reference), (0.5, reference[:1]), (0.75, reference[5:6])):
        mean = slices[slices > -1].mean()
        assert abs((ours.mean if threshold is None else ours.at(threshold)) - mean) <= 1e-12


def random_scene(
    seed: int, pictures: int, objects: int, doubles: int, classes: int
) -> tuple[Detections, Truths]:
    """Objects on quarter pixels, detections near them and false ones, scores with ties."""
    random = np.random.default_rng(seed)
    corner = random.integers(0, 400, (objects, 2))
    boxes = np.concatenate([corner, corner + random.integers(8, 160, (objects, 2))], axis=1) / 4
    places, labels = random.integers(0, pictures, objects), random.integers(0, classes, objects)
    of = random.integers(0, objects, doubles)
    near = boxes[of] + random.integers(-12, 13, (doubles, 4)) / 4
    near = np.concatenate(
        [np.minimum(near[:, :2], near[:, 2:]), np.maximum(near[:, :2], near[:, 2:]) + 0.25], axis=1
    )
    wrong = random.random(doubles) < 0.2
    found = Detections(
        np.where(wrong, random.integers(0, pictures, doubles), places[of]),
        near,
        np.where(random.random(doubles) < 0.1, classes, labels[of]),  # also of a class that has no objects
        np.round(random.random(doubles), 2),
    )
    return found, Truths(places, boxes, labels)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 40), st.integers(1, 200), st.integers(1, 4))
def test_random_scenes_are_scored_as_pycocotools_scores_them(
    seed: int, pictures: int, objects: int, doubles: int, classes: int
) -> None:
    assert_like_pycocotools(*random_scene(seed, pictures, objects, doubles, classes))


def test_only_the_best_hundred_of_a_picture_count() -> None:
    found, truths = random_scene(3, 1, 30, 400, 1)
    assert_like_pycocotools(found, truths)
    assert len(match(found, truths, 0).hits) == 100
    assert len(match(found, truths, 0, most_per_picture=1000).hits) == (found.labels == 0).sum()


@pytest.mark.skipif(
    PHOTOS is None, reason="the folder coco64 with 64 labelled photographs is not beside the project"
)
def test_detections_on_photographs_are_scored_as_pycocotools_scores_them() -> None:
    """The labels of 64 photographs of COCO, and detections made by shaking, doubling and relabelling them."""
    assert PHOTOS is not None
    places, boxes, labels = [], [], []
    for file in sorted((PHOTOS / "labels").glob("*.txt")):
        with Image.open(PHOTOS / "images" / f"{file.stem}.jpg") as picture:
            width, height = picture.size
        for line in file.read_text().splitlines():
            label, x, y, w, h = map(float, line.split())
            places.append(int(file.stem))
            labels.append(int(label))
            boxes.append(
                [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height]
            )
    truths = Truths(np.array(places), np.array(boxes), np.array(labels))
    random = np.random.default_rng(0)
    of = random.integers(0, len(boxes), 3 * len(boxes))
    sides = np.tile(truths.boxes[of, 2:] - truths.boxes[of, :2], 2)
    shaken = truths.boxes[of] + random.normal(size=(len(of), 4)) * sides * 0.07
    shaken[:, 2:] = np.maximum(shaken[:, 2:], shaken[:, :2] + 0.5)
    wrong = random.random(len(of)) < 0.15
    found = Detections(
        truths.pictures[of],
        shaken,
        np.where(wrong, random.choice(truths.labels, len(of)), truths.labels[of]),
        random.random(len(of)),
    )
    assert_like_pycocotools(found, truths)
    assert 0.1 < evaluate(found, truths).mean < 0.9
    perfect = Detections(truths.pictures, truths.boxes, truths.labels, np.ones(len(boxes)))
    assert evaluate(perfect, truths).mean == pytest.approx(by_pycocotools(perfect, truths).mean(), abs=1e-12)


def one_picture(found: list, scores: list, objects: list) -> tuple[Detections, Truths]:
    zeros = lambda rows: np.zeros(len(rows), dtype=int)  # noqa: E731
    return Detections(zeros(found), found, zeros(found), scores), Truths(
        zeros(objects), objects, zeros(objects)
    )


def test_a_second_detection_of_an_object_is_a_false_alarm() -> None:
    found, truths = one_picture(
        [LEFT, LEFT, FAR, RIGHT], [0.6, 0.9, 0.8, 0.7], [LEFT, RIGHT, [50, 50, 60, 60]]
    )
    result = match(found, truths, 0)
    assert result.detections.tolist() == [1, 2, 3, 0]
    assert result.hits.tolist() == [True, False, True, False] and result.truths.tolist() == [0, -1, 1, -1]
    assert result.overlaps.tolist() == [1, 0, 1, 1] and result.missed.tolist() == [2] and result.objects == 3
    points = curve(result)
    np.testing.assert_allclose(points.recall, [1 / 3, 1 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(points.precision, [1, 1 / 2, 2 / 3, 1 / 2])
    np.testing.assert_allclose(points.envelope, [1, 2 / 3, 2 / 3, 1 / 2])
    assert average_precision(points, "all-point") == pytest.approx(1 / 3 + 1 / 3 * 2 / 3)
    assert average_precision(points, "11-point") == pytest.approx(
        (4 + 3 * 2 / 3) / 11
    )  # at 0 to 0.3, 0.4 to 0.6
    assert average_precision(points, "coco") == pytest.approx((34 + 33 * 2 / 3) / 101)


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 10))
def test_interpolations_are_what_loops_give(hits: list[bool], missed: int) -> None:
    """Objects in a row, one per hit; false alarms far away; scores falling."""
    objects = [[20 * i, 0, 20 * i + 10, 10] for i in range(sum(hits) + missed)]
    if not objects or not hits:
        return
    takes = iter(objects)
    found = [next(takes) if hit else [-90, -90, -80, -80] for hit in hits]
    points = curve(match(*one_picture(found, list(range(len(hits), 0, -1)), objects), 0))
    counted = [(sum(hits[: k + 1]), sum(hits[: k + 1]) / (k + 1)) for k in range(len(hits))]
    eleven = [max((p for tp, p in counted if tp * 10 >= t * len(objects)), default=0.0) for t in range(11)]
    assert average_precision(points, "11-point") == pytest.approx(sum(eleven) / 11)
    exact = sum(max(p for tp, p in counted if tp >= n) for n in range(1, sum(hits) + 1)) / len(objects)
    assert average_precision(points, "all-point") == pytest.approx(exact)


@given(st.integers(0, 1000), st.sampled_from([0.5, 0.75]))
def test_a_match_takes_one_object_each_and_reaches_the_threshold(seed: int, threshold: float) -> None:
    found, truths = random_scene(seed, 2, 12, 40, 2)
    result = match(found, truths, 0, threshold)
    taken = result.truths[result.hits]
    assert len(set(taken.tolist())) == len(taken) and (np.diff(result.scores) <= 0).all()
    assert sorted([*taken.tolist(), *result.missed.tolist()]) == np.flatnonzero(truths.labels == 0).tolist()
    for row, truth, overlap in zip(
        result.detections[result.hits], taken, result.overlaps[result.hits], strict=True
    ):
        assert found.pictures[row] == truths.pictures[truth]
        assert iou(found.boxes[[row]], truths.boxes[[truth]]).item() == overlap >= threshold


def test_an_overlap_of_exactly_the_threshold_is_a_hit_unlike_in_suppression() -> None:
    found, truths = one_picture([[0, 0, 10, 5]], [0.9], [LEFT])
    assert match(found, truths, 0, 0.5).hits.tolist() == [True]
    assert match(found, truths, 0, np.nextafter(0.5, 1)).hits.tolist() == [False]


def test_a_detection_taken_by_the_nearer_object_leaves_the_other() -> None:
    found, truths = one_picture([[0, 0, 10, 10]], [0.9], [[0, 0, 10, 7], [0, 0, 10, 9]])
    assert match(found, truths, 0).truths.tolist() == [1]


@pytest.mark.parametrize(
    ("found", "objects", "expected"),
    [
        ([], [LEFT], 0.0),
        ([LEFT], [], math.nan),
        ([], [], math.nan),
        ([LEFT], [LEFT], 1.0),
        ([FAR], [LEFT], 0.0),
    ],
    ids=["nothing found", "nothing there", "nothing at all", "perfect", "all wrong"],
)
@pytest.mark.parametrize("interpolation", ["11-point", "all-point", "coco"])
def test_the_ends_of_the_scale(interpolation: str, found: list, objects: list, expected: float) -> None:
    result = evaluate(*one_picture(found, [0.5] * len(found), objects), interpolation=interpolation)
    assert result.mean == pytest.approx(expected, nan_ok=True) == pytest.approx(result.at(0.5), nan_ok=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, t: match(f, t, 0, 0.0), "over 0 and at most 1, got 0.0"),
        (
            lambda f, t: match(f, t, 0, most_per_picture=0),
            "At least 1 detection per picture must count, got 0",
        ),
        (lambda f, t: evaluate(f, t, thresholds=[1.5]), "over 0 and at most 1, got 1.5"),
        (lambda f, t: evaluate(f, t, interpolation="voc"), "one of 11-point, all-point, coco, got 'voc'"),
        (lambda f, t: evaluate(f, t).at(0.52), r"must be one of \(0.5, .*got 0.52"),
        (
            lambda f, t: Truths([0, 1], [LEFT], [0]),
            r"whole number in pictures for each of 1 boxes, got shape \(2,\)",
        ),
        (lambda f, t: Truths([0], [LEFT], [0.5]), "in labels .* of float64"),
        (lambda f, t: Detections([0], [LEFT], [0], [math.nan]), "one finite score for each of 1 boxes"),
        (lambda f, t: Truths([0], [[5, 0, 0, 5]], [0]), "left <= right"),
    ],
    ids=[
        "threshold 0",
        "none per picture",
        "threshold",
        "interpolation",
        "not evaluated",
        "count",
        "half",
        "nan",
        "inverted",
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(*one_picture([LEFT], [0.5], [LEFT]))


def test_the_thresholds_are_coco_s() -> None:
    assert Params(iouType="bbox").iouThrs.tolist() == list(COCO_THRESHOLDS)
