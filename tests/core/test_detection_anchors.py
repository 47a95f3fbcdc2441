"""Anchors by k-means: against every possible sharing-out, scikit-learn, loops and known values."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from core.detection.anchors import anchor_curve, fit_anchors, k_means, mean_best_iou, shape_iou
from core.detection.boxes import iou

side = st.integers(1, 400).map(float)
size = st.tuples(side, side)
TWO_HEAPS = [(10, 20), (12, 22), (9, 19), (100, 50), (110, 60), (95, 45)]


def naive_distance(a, b, distance: str) -> float:
    if distance == "euclidean":
        return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
    shared = min(a[0], b[0]) * min(a[1], b[1])
    return 1 - shared / (a[0] * a[1] + b[0] * b[1] - shared)


def naive_cost(sizes, anchors, distance: str) -> float:
    return sum(min(naive_distance(s, a, distance) for a in anchors) for s in sizes) / len(sizes)


def best_of_all_sharings(sizes, k: int, distance: str) -> float:
    """The least cost of means over every way to share the boxes out among k anchors."""
    costs = []
    for labels in itertools.product(range(k), repeat=len(sizes)):
        if len(set(labels)) == k:
            heaps = [[s for s, label in zip(sizes, labels, strict=True) if label == i] for i in range(k)]
            costs.append(naive_cost(sizes, [np.mean(heap, axis=0) for heap in heaps], distance))
    return min(costs)


@given(st.lists(size, min_size=1, max_size=5), st.lists(size, min_size=1, max_size=5))
def test_shape_iou_is_the_iou_of_boxes_on_one_corner(first, second) -> None:
    a, b = ([(0, 0, w, h) for h, w in sizes] for sizes in (first, second))
    np.testing.assert_allclose(shape_iou(first, second), iou(a, b), rtol=1e-12)
    expected = np.mean([max(1 - naive_distance(s, t, "iou") for t in second) for s in first])
    assert mean_best_iou(first, second) == pytest.approx(expected)


@pytest.mark.parametrize("distance", ["iou", "euclidean"])
def test_two_heaps_are_found_and_smallest_comes_first(distance) -> None:
    fit = fit_anchors(TWO_HEAPS, 2, distance=distance)
    np.testing.assert_allclose(fit.anchors, [np.mean(TWO_HEAPS[:3], axis=0), np.mean(TWO_HEAPS[3:], axis=0)])
    assert fit.nearest.tolist() == [0, 0, 0, 1, 1, 1]
    assert fit.cost == pytest.approx(best_of_all_sharings(TWO_HEAPS, 2, distance))


@given(
    st.lists(size, min_size=3, max_size=6, unique=True),
    st.integers(1, 3),
    st.sampled_from(["iou", "euclidean"]),
)
def test_it_comes_as_near_as_it_says_to_the_best_of_all_sharings(sizes, k, distance) -> None:
    """Anchors are means of boxes, or the boxes it began with; the search over all of both finds none better."""
    fit = fit_anchors(sizes, k, distance=distance)
    assert fit.cost == pytest.approx(naive_cost(sizes, fit.anchors, distance))
    best = best_of_all_sharings(sizes, k, distance)
    from_boxes = min(naive_cost(sizes, chosen, distance) for chosen in itertools.combinations(sizes, k))
    assert fit.cost >= min(best, from_boxes) - 1e-9
    if distance == "euclidean":  # a fixed point: the mean of its own boxes
        for index, anchor in enumerate(fit.anchors):
            own = [box for box, nearest in zip(sizes, fit.nearest, strict=True) if nearest == index]
            np.testing.assert_allclose(anchor, np.mean(own, axis=0))
    assert fit.mean_best_iou == pytest.approx(mean_best_iou(sizes, fit.anchors))
    assert (np.diff(fit.anchors.prod(axis=1)) >= 0).all()


@pytest.mark.parametrize("distance", ["iou", "euclidean"])
def test_ten_starts_find_the_best_of_all_sharings_nearly_always(distance) -> None:
    found = []
    for seed in range(20):
        sizes = np.random.default_rng(seed).uniform(5, 300, (6, 2)).tolist()
        found.append(fit_anchors(sizes, 3, distance=distance).cost / best_of_all_sharings(sizes, 3, distance))
    assert sum(ratio < 1 + 1e-9 for ratio in found) >= 18
    assert max(found) < 1.1


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_euclid_s_runs_are_scikit_learn_s(seed: int, k: int) -> None:
    sizes = np.random.default_rng(seed).uniform(5, 300, (25, 2))
    fit = k_means(sizes, sizes[:k], "euclidean")
    reference = KMeans(k, init=sizes[:k], n_init=1, tol=0, algorithm="lloyd").fit(sizes)
    if not fit.refilled:
        assert fit.cost * len(sizes) == pytest.approx(reference.inertia_)
        order = np.argsort(reference.cluster_centers_.prod(axis=1))
        np.testing.assert_allclose(fit.anchors, reference.cluster_centers_[order])


@given(st.lists(size, min_size=1, max_size=12), st.sampled_from(["iou", "euclidean"]), st.data())
def test_every_run_ends_and_costs_no_more_than_its_start(sizes, distance, data) -> None:
    start = data.draw(st.lists(size, min_size=1, max_size=5))
    fit = k_means(sizes, start, distance)
    assert fit.cost <= naive_cost(sizes, start, distance) + 1e-12
    for box, index in zip(sizes, fit.nearest, strict=True):
        own = naive_distance(box, fit.anchors[index], distance)
        assert own <= min(naive_distance(box, anchor, distance) for anchor in fit.anchors) + 1e-9


def test_an_anchor_without_boxes_is_set_on_the_box_that_fits_worst() -> None:
    fit = k_means([(10, 10), (12, 12), (200, 200)], [(11, 11), (1e6, 1)], "iou")
    assert fit.refilled == 1
    np.testing.assert_array_equal(fit.path[1][1], (200, 200))
    np.testing.assert_allclose(fit.anchors, [(11, 11), (200, 200)])


def test_two_empty_anchors_are_set_on_different_sizes() -> None:
    sizes = [(10, 10), (200, 200), (200, 200), (50, 50)]
    fit = k_means(sizes, [(10, 10), (10, 10), (10, 10)], "euclidean")
    assert fit.refilled >= 2
    assert {tuple(anchor) for anchor in fit.path[1][1:]} == {(200, 200), (50, 50)}
    assert fit.cost == 0


def test_an_anchor_too_many_stays_where_it_was() -> None:
    fit = k_means([(10, 10), (20, 20)], [(10, 10), (20, 20), (90, 90)])
    np.testing.assert_array_equal(fit.anchors, [(10, 10), (20, 20), (90, 90)])
    assert fit.refilled == 0


def test_the_same_seed_gives_the_same_anchors() -> None:
    sizes = np.random.default_rng(1).uniform(5, 300, (60, 2))
    first, second = (fit_anchors(sizes, 5, seed=7) for _ in range(2))
    np.testing.assert_array_equal(first.anchors, second.anchors)


@given(st.lists(size, min_size=1, max_size=15), st.integers(0, 5))
def test_more_anchors_never_fit_worse_and_one_for_each_size_fits_perfectly(sizes, seed) -> None:
    fits = [by_iou for by_iou, _ in anchor_curve(sizes, seed=seed)]
    assert [len(fit.anchors) for fit in fits] == list(range(1, min(9, len(set(sizes))) + 1))
    ious = [fit.mean_best_iou for fit in fits]
    assert (np.diff(ious) >= -1e-12).all()
    if len(set(sizes)) <= 9:
        assert ious[-1] == pytest.approx(1)


def test_one_minus_iou_fits_small_boxes_where_euclid_spends_anchors_on_large_ones() -> None:
    """Many small boxes of different shapes and a few large ones: the case the paper makes."""
    generator = np.random.default_rng(0)
    small, large = generator.uniform(8, 60, (200, 2)), generator.uniform(150, 500, (50, 2))
    curve = anchor_curve(np.concatenate([small, large]))
    by_iou, by_euclid = curve[4]
    assert by_iou.mean_best_iou > by_euclid.mean_best_iou + 0.05
    assert (by_iou.anchors.prod(axis=1) < 3600).sum() > (by_euclid.anchors.prod(axis=1) < 3600).sum()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda: fit_anchors([(1, 2), (1, 2)], 2),
            "There must be 1 to 1 anchors, one for each different size, got 2.",
            id="more-anchors-than-sizes",
        ),
        pytest.param(
            lambda: fit_anchors([(1, 2)], 0),
            "There must be 1 to 1 anchors, one for each different size, got 0.",
            id="none",
        ),
        pytest.param(
            lambda: fit_anchors([], 1),
            "Sizes must be an array of n x 2 heights and widths, got shape (0,).",
            id="empty",
        ),
        pytest.param(
            lambda: fit_anchors([(0, 2)], 1),
            "A height or width must be from 1e-06 to 1e+09 pixels, got 0.",
            id="no-height",
        ),
        pytest.param(
            lambda: fit_anchors([(np.nan, 2)], 1),
            "A height or width must be from 1e-06 to 1e+09 pixels, got nan.",
            id="not-a-number",
        ),
        pytest.param(
            lambda: fit_anchors([(1, 2)], 1, distance="cosine"),
            'A distance must be "iou" or "euclidean", got cosine.',
            id="distance",
        ),
    ],
)
def test_what_has_no_anchors_is_said_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message
