"""Training live: repeatable from its seed, stopped within a step, measured rightly, and good within its time."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.detection.evaluation import evaluate
from core.detection.live_training import (
    BATCH,
    HELD_OUT,
    RATE,
    SHOWN,
    STEP,
    LiveEpoch,
    LiveSettings,
    held_out,
    learning_rate,
    live_order,
    train_live,
)
from core.detection.scenes import SceneSettings, truths
from core.detection.small_yolo import detections, raw_of, said
from core.jobs import Job, Tick
from core.jobs.declared import found
from core.snippets.detection_training import rivals, training

TINY = LiveSettings(epochs=2, per_epoch=64)
EMPTY = SceneSettings(least=0, most=0)


def carried_out(settings: LiveSettings) -> Job:
    """The job after all its steps, as an engine leaves it."""
    asked = live_order(settings)
    job = Job("me", "live", asked)
    for step in found(asked.work)(**asked.arguments):
        job._take(step)
    return job


def alike(one: LiveEpoch, other: LiveEpoch) -> bool:
    return np.array_equal(one.raw, other.raw) and all(
        np.array_equal(one.weights[name], other.weights[name]) for name in one.weights
    )


@pytest.mark.parametrize("rule", ["centre", "around", "simota"])
def test_a_seed_gives_the_same_training(rule: str) -> None:
    asked = replace(TINY, rule=rule)
    job, again = carried_out(asked), carried_out(asked)
    other = carried_out(replace(asked, seed=1))
    assert [each.number for each in job.results] == [0, 1, 2]
    for one, same, different in zip(job.results, again.results, other.results, strict=True):
        assert alike(one, same)
        assert not alike(one, different)
        assert repr(one.parts) == repr(same.parts)
    assert (job.tick.done, job.tick.total, job.tick.photos, job.tick.updates) == (16, 16, 128, 16)
    assert [each.seen for each in job.results] == [0, 64, 128]
    assert job.results[1].seconds > 0 and job.results[1].pace > 0


def test_an_epoch_tells_what_its_weights_say() -> None:
    last = carried_out(TINY).results[-1]
    drawn = held_out(TINY)
    raw = raw_of(last.weights, [each.pixels for each in drawn])
    assert len(drawn) == HELD_OUT and last.raw.shape == (SHOWN, 144, 8)
    np.testing.assert_allclose(raw[:SHOWN], last.raw, atol=1e-5)
    measured = evaluate(detections(raw), truths(drawn))
    assert (last.ap50, last.ap) == pytest.approx((measured.at(0.5), measured.mean), abs=1e-6)


@pytest.mark.parametrize(("after", "number", "whole"), [(1, 1, False), (2, 1, True), (3, 2, False)])
def test_it_stops_within_a_step_and_keeps_what_it_learned(after: int, number: int, whole: bool) -> None:
    steps = train_live(TINY)
    untrained = next(steps)
    ticks = 0
    while ticks < after:
        ticks += isinstance(steps.send(False), Tick)
    last = steps.send(True)
    assert isinstance(last, LiveEpoch)
    assert (last.number, last.whole, last.seen) == (number, whole, BATCH * STEP * after)
    assert not alike(last, untrained)
    with pytest.raises(StopIteration):
        steps.send(True)


def test_stopped_before_it_began_it_has_the_untrained_network() -> None:
    steps = train_live(TINY)
    assert next(steps).number == 0
    with pytest.raises(StopIteration):
        steps.send(True)


@pytest.mark.parametrize("rule", ["centre", "around", "simota"])
def test_scenes_without_objects_are_learned_as_empty(rule: str) -> None:
    job = carried_out(replace(TINY, scenes=EMPTY, rule=rule))
    last = job.results[-1]
    assert math.isnan(last.ap50) and math.isnan(last.ap)
    assert last.parts.box == last.parts.classes == 0
    assert last.parts.objectness < job.results[1].parts.objectness


def test_objects_as_large_as_the_scene_are_trained_on() -> None:
    large = SceneSettings(smallest=96, largest=96, most=1)
    assert np.isfinite(carried_out(replace(TINY, scenes=large)).results[-1].raw).all()


@pytest.mark.slow
def test_circles_are_found_after_a_few_epochs() -> None:
    asked = LiveSettings(SceneSettings("circles"), epochs=4, per_epoch=256)
    curve = [each.ap50 for each in carried_out(asked).results]
    assert curve[-1] > 0.6 > 0.1 > curve[0]


def test_the_rate_rises_and_falls() -> None:
    rates = [learning_rate(update, 100) for update in range(100)]
    assert rates[:10] == pytest.approx([RATE * (i + 1) / 10 for i in range(10)])
    assert rates[9] == rates[10] == max(rates) == RATE
    assert rates[55] == pytest.approx(RATE / 2)
    assert sorted(rates[10:], reverse=True) == rates[10:]
    assert 0 < rates[-1] < RATE / 1000
    assert learning_rate(0, 1) == RATE


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"rule": "best"}, "rule is one of centre, around, simota, got 'best'"),
        ({"stride": 4}, "stride is one of 8, 16, got 4"),
        ({"epochs": 0}, "1 to 40, got 0"),
        ({"epochs": 41}, "1 to 40, got 41"),
        ({"per_epoch": 12}, "batches of 8, got 12"),
        ({"per_epoch": 0}, "got 0"),
        ({"seed": -1}, "number from 0, got -1"),
    ],
    ids=str,
)
def test_impossible_trainings_are_a_sentence(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        LiveSettings(**wrong)


@pytest.mark.parametrize("rule", ["centre", "around", "simota"])
@pytest.mark.parametrize("stride", [8, 16])
def test_the_code_to_take_home_trains_the_same(rule: str, stride: int) -> None:
    crowded = SceneSettings(most=8, overlap=0.8)
    asked = LiveSettings(crowded, rule=rule, stride=stride, epochs=3, per_epoch=16, seed=4)
    names: dict[str, Any] = {}
    exec(compile(training(asked, 2), "snippet", "exec"), names)
    wanted = [each.parts.total for each in carried_out(asked).results[1:3]]
    first, second = names["result"]
    assert first == pytest.approx(wanted[0], rel=1e-5)
    assert second == pytest.approx(wanted[1], rel=1e-2)  # AdamW's first steps make much of rounding


def test_the_code_of_two_rivals_gives_their_numbers() -> None:
    from core.detection.boxes import overlap

    raw = np.random.default_rng(0).normal(0, 0.5, (144, 8)).astype(np.float32)
    one, cells = said(raw), (30, 31)
    names: dict[str, Any] = {}
    numbers = tuple(tuple(raw[cell].tolist()) for cell in cells)
    exec(compile(rivals(numbers, cells, 12, 8), "snippet", "exec"), names)
    shared = overlap(one.boxes[30], one.boxes[31]).iou
    assert names["result"] == pytest.approx((*one.scores[list(cells)], shared), rel=1e-4)
