"""Confusion, scores, mistakes and calibration against scikit-learn and loops."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from core.transfer.evaluation import by_class, calibration, confusion, cross_entropy, mistakes, right_of


def drawn(seed: int, photos: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    return dice.dirichlet(np.ones(classes), photos).astype(np.float32), dice.integers(0, classes, photos)


SETS = st.tuples(st.integers(0, 10**6), st.integers(1, 80), st.integers(2, 6))


@given(SETS)
def test_confusion_and_scores_are_scikit_learn_s(given_set: tuple[int, int, int]) -> None:
    shares, labels = drawn(*given_set)
    exact = shares.astype(np.float64) / shares.astype(np.float64).sum(1, keepdims=True)
    classes, said = shares.shape[1], shares.argmax(1)
    table = confusion(shares, labels)
    assert (table == metrics.confusion_matrix(labels, said, labels=range(classes))).all()
    assert table.sum() == len(labels)
    keys = {"labels": range(classes), "average": None, "zero_division": np.nan}
    found = by_class(table)
    np.testing.assert_allclose([each.recall for each in found], metrics.recall_score(labels, said, **keys))
    np.testing.assert_allclose(
        [each.precision for each in found], metrics.precision_score(labels, said, **keys)
    )
    wanted = metrics.log_loss(labels, exact, labels=range(classes))
    assert cross_entropy(shares, labels) == pytest.approx(wanted, rel=1e-4)


@given(SETS, st.integers(1, 20))
def test_calibration_is_that_of_a_loop(given_set: tuple[int, int, int], bins: int) -> None:
    shares, labels = drawn(*given_set)
    held: dict[int, list[tuple[float, bool]]] = {}
    for row, label in zip(shares, labels, strict=True):
        confidence = float(row.max())
        held.setdefault(min(int(confidence * bins), bins - 1), []).append((confidence, row.argmax() == label))
    error = sum(
        len(each) / len(labels) * abs(np.mean([r for _, r in each]) - np.mean([c for c, _ in each]))
        for each in held.values()
    )
    found = calibration(shares, labels, bins)
    assert found.error == pytest.approx(error, abs=1e-9)
    assert sum(each.count for each in found.bins) == len(labels)
    truth = np.eye(shares.shape[1])[labels]
    assert found.brier == pytest.approx(((shares - truth) ** 2).sum(1).mean())


def test_the_most_confident_mistake_comes_first() -> None:
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.45, 0.55], [0.6, 0.4]], np.float32)
    found = mistakes(shares, np.array([1, 1, 0, 0]))
    assert [(each.row, each.true, each.said) for each in found] == [(0, 1, 0), (2, 0, 1)]
    assert found[0].confidence == pytest.approx(0.9)
    assert right_of(shares, np.array([1, 1, 0, 0])).tolist() == [False, True, False, True]


def test_nothing_is_no_score() -> None:
    empty = np.zeros((0, 3), np.float32)
    assert math.isnan(cross_entropy(empty, []))
    assert confusion(empty, np.zeros(0, np.int64)).sum() == 0
    assert math.isnan(by_class(confusion(empty, np.zeros(0, np.int64)))[0].recall)
    with pytest.raises(ValueError, match="got 0"):
        calibration(empty, np.zeros(0, np.int64))
