"""Intervals and tests against SciPy, and sentences that say when a difference is chance."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.transfer.significance import holm, mcnemar, pairs, photos_to_tell, verdict, wilson

COUNTS = st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(COUNTS)
def test_wilson_is_scipy_s(count: tuple[int, int]) -> None:
    right, of = count
    oracle = binomtest(right, of).proportion_ci(method="wilson")
    assert wilson(right, of) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    assert 0 <= wilson(right, of)[0] <= right / of <= wilson(right, of)[1] <= 1


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test(first: int, second: int) -> None:
    wanted = 1.0 if first + second == 0 else binomtest(first, first + second).pvalue
    assert mcnemar(first, second) == pytest.approx(wanted, rel=1e-9)
    assert mcnemar(first, second) == mcnemar(second, first)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([0.5, 0.9]) == pytest.approx((1.0, 1.0))
    assert holm([]) == ()


@pytest.mark.parametrize(("right", "of"), [(0, 0), (-1, 3), (4, 3)])
def test_a_share_has_its_rules(right: int, of: int) -> None:
    with pytest.raises(ValueError, match="got"):
        wilson(right, of)


def answers(*counts: int, of: int = 20) -> list[np.ndarray]:
    """Right answers of several networks, the first photos of each."""
    return [np.arange(of) < count for count in counts]


def test_a_small_difference_is_not_significant() -> None:
    said = verdict(("head", "all"), answers(16, 18))
    assert said.startswith("Not significant: “all” has most right (18 of 20)")


def test_a_large_difference_is() -> None:
    said = verdict(("scratch", "head", "all"), answers(5, 19, 20))
    assert said.startswith("“all” (20 of 20) is better than “scratch” (largest p ")
    assert said.endswith("Against the other it is not significant.")
    found = pairs(answers(5, 19, 20))
    assert [(pair.first, pair.second) for pair in found] == [(0, 1), (0, 2), (1, 2)]
    assert [pair.significant for pair in found] == [True, True, False]
    assert [(pair.only_first, pair.only_second) for pair in found] == [(0, 14), (0, 15), (0, 1)]


def test_the_best_may_be_unsure_where_two_others_differ() -> None:
    lanes = [np.zeros(100, bool) for _ in range(3)]
    lanes[0][20:50] = lanes[0][59:90] = True  # 61
    lanes[1][:59] = True  # 59
    lanes[2][:50] = True  # 50
    said = verdict(("a", "b", "c"), lanes)
    assert said.startswith("Not significant: “a” has most right (61 of 100)")
    assert "smallest p = 0.32" in said
    assert said.endswith("But “b” and “c” do differ (p = 0.012).")


def test_networks_that_agree_are_not_told_apart() -> None:
    assert "p = 1" in verdict(("a", "b"), answers(7, 7))


def test_how_many_photos_it_takes() -> None:
    assert photos_to_tell(0.8, 0.8) == math.inf
    assert photos_to_tell(0.9, 0.8) == pytest.approx(196.2, abs=0.1)  # (1.96 + 0.8416)^2 (0.09 + 0.16) / 0.01
    assert photos_to_tell(0, 1) == 4
    assert photos_to_tell(0.9, 0.85) > photos_to_tell(0.9, 0.8)
