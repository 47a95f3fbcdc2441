"""The race: one split, one seed, two budgets, and a verdict on the same photos."""

import numpy as np
import pytest
from safetensors.torch import load

from core.jobs import Tick
from core.transfer.race import race, race_result
from core.transfer.recipe import Recipe
from core.transfer.steps import Epoch, Trained
from tests.core.transfer_sets import coloured_set, parted

PHOTOS = coloured_set()
SPLIT = parted(PHOTOS, 12, 6)
HEAD = Recipe(size_px=48, batch=4)
LANES = (HEAD, Recipe(size_px=48, batch=4, approach="tune", stages=1))


def run(**budget: float) -> list:
    return list(race(PHOTOS, SPLIT, LANES, **({"updates": 7} | budget)))  # type: ignore[arg-type]


def test_every_lane_has_the_same_updates_and_photos() -> None:
    steps = run()
    trained = [step for step in steps if isinstance(step, Trained)]
    assert [each.lane for each in trained] == [0, 1]
    last = [[step for step in steps if isinstance(step, Epoch) and step.lane == lane][-1] for lane in (0, 1)]
    assert [step.updates for step in last] == [7, 7]
    assert [each.why for each in trained] == ["The budget of 7 updates is used up."] * 2
    starts = [
        next(step for step in steps if isinstance(step, Epoch) and step.lane == lane) for lane in (0, 1)
    ]
    np.testing.assert_allclose(starts[0].probabilities, starts[1].probabilities, atol=1e-4)  # the same head


def test_it_is_reproducible() -> None:
    first, second = ([step for step in run() if isinstance(step, Trained)] for _ in range(2))
    for one, two in zip(first, second, strict=True):
        other = load(two.weights)
        assert all((value == other[key]).all() for key, value in load(one.weights).items())


def test_a_budget_of_time_ends_a_lane() -> None:
    trained = [step for step in run(updates=10_000, seconds=0.2) if isinstance(step, Trained)]
    assert [each.why for each in trained] == ["The budget of 0.2 s is used up."] * 2
    assert all(0.2 <= each.seconds < 2 for each in trained)


def test_ticks_rise_over_all_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.transfer.meter import Meter

    monkeypatch.setattr(Meter, "due", True)
    shares = [step.done / step.total for step in run() if isinstance(step, Tick)]
    assert len(shares) > 4
    assert shares == sorted(shares)
    assert max(shares) > 0.5


def test_stopped_it_closes_the_lane_and_ends() -> None:
    work, steps, told = race(PHOTOS, SPLIT, LANES, updates=1000), [], False
    step = next(work)
    try:
        while True:
            steps.append(step)
            told = told or (isinstance(step, Epoch) and step.number == 2)
            step = work.send(told)
    except StopIteration:
        pass
    trained = [step for step in steps if isinstance(step, Trained)]
    assert [(each.lane, each.stopped) for each in trained] == [(0, True)]


@pytest.mark.parametrize(
    ("recipes", "updates", "found"),
    [
        ((HEAD,), 5, "at least two recipes"),
        ((HEAD, Recipe(seed=1)), 5, "one seed"),
        (LANES, 0, "at least 1 update"),
    ],
    ids=["one lane", "two seeds", "no budget"],
)
def test_a_race_has_its_rules(recipes: tuple[Recipe, ...], updates: int, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        next(race(PHOTOS, SPLIT, recipes, updates=updates))


def test_the_result_counts_and_compares() -> None:
    labels = np.arange(12) % 3
    right = np.eye(3, dtype=np.float32)[labels]
    wrong = np.eye(3, dtype=np.float32)[(labels + 1) % 3]
    found = race_result(("a", "b"), (right, wrong), labels)
    assert [(lane.right, lane.of) for lane in found.lanes] == [(12, 12), (0, 12)]
    assert found.compared[0].significant
    assert found.sentence.startswith("“a” (12 of 12) is better than “b”")
    assert found.lanes[1].interval[0] == 0
    with pytest.raises(ValueError, match="got 1 lanes"):
        race_result(("a",), (right,), labels)
