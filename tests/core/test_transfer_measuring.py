"""Features, rate finder, learning curve, map and drift: against closed forms and loops, stopped, and on odd sets."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core import networks
from core.jobs import Tick
from core.networks.file_label import shown_at
from core.transfer import features
from core.transfer.drift import DriftStep, _relative, batch_norm_drift
from core.transfer.features import trunk_features
from core.transfer.learning_curve import CurvePoint, learning_curve, sizes
from core.transfer.meter import Meter
from core.transfer.photo_map import PhotoMap, laid_out, map_photos, principal
from core.transfer.rate_finder import (
    HIGHEST,
    LOWEST,
    UPDATES,
    RateAdvice,
    RatePoint,
    advice,
    find_rate,
    rate_at,
    smooth,
)
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split
from core.transfer.squares import as_tensor, squares
from core.transfer.steps import Trained
from core.transfer.training import fine_tune
from tests.core.transfer_sets import coloured_set, parted

LITE, SIDE = "tf_efficientnet_lite0", 48
PHOTOS = coloured_set()
SPLIT = parted(PHOTOS, 15, 5)


def results(work: Iterator[Any]) -> list[Any]:
    return [step for step in work if not isinstance(step, Tick)]


def last_value(work: Any) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture(autouse=True)
def forgetful() -> None:
    features._kept.clear()


def test_features_and_answers_are_those_of_the_network() -> None:
    pictures = [sample.photo for sample in PHOTOS.samples]
    found = last_value(trunk_features(pictures, LITE, SIDE))
    how = shown_at(networks.record(LITE).preprocessing, SIDE)
    with torch.inference_mode():
        wanted = networks.load(LITE)(as_tensor(squares(pictures, how), how))
    np.testing.assert_allclose(found.logits, wanted.numpy(), rtol=1e-3, atol=1e-3)
    assert found.values.shape == (24, 1280)
    assert last_value(trunk_features(pictures, LITE, SIDE)) is found  # kept
    assert last_value(trunk_features(pictures[::-1], LITE, SIDE)) is not found


def test_features_of_a_trained_network_are_its_own() -> None:
    trained = results(fine_tune(PHOTOS, SPLIT, Recipe(size_px=SIDE, epochs=2, approach="tune", stages=1)))[-1]
    assert isinstance(trained, Trained)
    pictures = [PHOTOS.samples[number].photo for number in SPLIT.test]
    found = last_value(trunk_features(pictures, LITE, SIDE, weights=trained.weights))
    shares = torch.from_numpy(found.logits).softmax(1).numpy()
    np.testing.assert_allclose(shares, trained.test, atol=1e-4)


def test_features_stop_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Meter, "due", True)
    work = trunk_features([sample.photo for sample in PHOTOS.samples], LITE, SIDE)
    next(work)
    with pytest.raises(StopIteration) as end:
        work.send(True)
    assert end.value.value is None


def test_features_of_nothing_are_refused_and_few_answers_are_kept() -> None:
    with pytest.raises(ValueError, match="got none"):
        next(trunk_features([], LITE, SIDE))
    for side in range(32, 32 + features._KEPT + 2):
        last_value(trunk_features([PHOTOS.samples[0].photo], LITE, side))
    assert len(features._kept) == features._KEPT


@pytest.mark.parametrize(
    "work",
    [
        lambda: batch_norm_drift(PHOTOS, LITE, size_px=SIDE, batches=5),
        lambda: learning_curve(PHOTOS, SPLIT, LITE, size_px=SIDE),
        lambda: find_rate(PHOTOS, SPLIT, Recipe(size_px=SIDE)),
    ],
    ids=["drift", "curve", "rate"],
)
def test_told_to_stop_it_closes_at_once(work: Any) -> None:
    running = work()
    step = next(running)
    while isinstance(step, Tick):
        step = next(running)
    after = []
    try:
        after.append(running.send(True))
        while True:
            after.append(running.send(True))
    except StopIteration:
        pass
    assert after == [] or (
        [type(each) for each in after] == [RateAdvice] and after[0].why.startswith("Stopped before")
    )


def test_rates_rise_evenly_and_smoothing_is_the_weighted_mean() -> None:
    rates = [rate_at(i) for i in range(UPDATES)]
    assert (rates[0], rates[-1]) == (LOWEST, pytest.approx(HIGHEST))
    assert np.ptp(np.diff(np.log(rates))) == pytest.approx(0, abs=1e-9)
    losses = [3.0, 1.0, 4.0, 1.5]
    for count in range(1, 5):
        weights = 0.8 ** np.arange(count)[::-1]
        assert smooth(losses)[count - 1] == pytest.approx(np.average(losses[:count], weights=weights))


def test_the_advice_is_where_the_loss_falls_most() -> None:
    rates = np.logspace(-6, 0, 61)
    fall = 2 - 1 / (1 + np.exp(-4 * (np.log10(rates) + 3))) + 10 * np.maximum(np.log10(rates) + 1, 0) ** 2
    found = advice([RatePoint(float(r), float(v), float(v)) for r, v in zip(rates, fall, strict=True)])
    assert found.rate == pytest.approx(1e-3, rel=0.3)
    rising = [RatePoint(float(r), float(i), float(i)) for i, r in enumerate(rates)]
    assert math.isnan(advice(rising).rate)
    assert math.isnan(advice(rising[:2]).rate)


def test_the_rate_finder_finds_one_and_changes_nothing() -> None:
    before = networks.load(LITE).state_dict()["conv_stem.weight"].clone()
    found = results(find_rate(PHOTOS, SPLIT, Recipe(size_px=SIDE, batch=8)))
    assert isinstance(found[-1], RateAdvice)
    points = found[:-1]
    assert [each.rate for each in points] == pytest.approx([rate_at(i) for i in range(len(points))])
    assert 1e-5 < found[-1].rate < 1
    assert torch.equal(networks.load(LITE).state_dict()["conv_stem.weight"], before)


def test_a_curve_doubles_and_is_the_same_again() -> None:
    assert sizes(1) == (1,)
    assert sizes(8) == (1, 2, 4, 8)
    assert sizes(9) == (1, 2, 4, 8, 9)
    found = results(learning_curve(PHOTOS, SPLIT, LITE, size_px=SIDE, repeats=3))
    assert [each.per_class for each in found] == [1, 2, 4, 5]
    assert all(isinstance(each, CurvePoint) and len(each.accuracies) == 3 for each in found)
    assert found[-1].accuracies == (found[-1].accuracies[0],) * 3  # all the photos: nothing is drawn
    assert np.mean(found[-1].accuracies) > np.mean(found[0].accuracies) - 0.1
    again = results(learning_curve(PHOTOS, SPLIT, LITE, size_px=SIDE, repeats=3))
    assert again == found


@pytest.mark.parametrize(
    ("split", "found"),
    [(Split((0, 3), (1,), ()), "got 1 and 1"), (Split((0, 1), (), ()), "got 2 and 0")],
    ids=["one class", "nothing to judge with"],
)
def test_a_curve_has_its_rules(split: Split, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        results(learning_curve(PHOTOS, split, LITE, size_px=SIDE))


def test_components_are_scikit_learn_s_up_to_their_sign() -> None:
    from sklearn.decomposition import PCA

    values = np.random.default_rng(0).normal(size=(20, 7)) * [5, 3, 1, 1, 1, 1, 1]
    np.testing.assert_allclose(np.abs(principal(values)), np.abs(PCA(2).fit_transform(values)), atol=1e-9)


@pytest.mark.parametrize("photos", [1, 2, 3, 7, 8, 9, 30])
def test_any_number_of_photos_has_its_places(photos: int) -> None:
    values = np.random.default_rng(1).normal(size=(photos, 5)).astype(np.float32)
    found = laid_out(values, 0)
    assert found.shape == (photos, 2)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, laid_out(values, 0))
    assert np.isfinite(laid_out(np.ones((photos, 5), np.float32), 0)).all()


def test_fine_tuning_moves_the_photos_apart() -> None:
    recipe = Recipe(size_px=SIDE, epochs=4, batch=5, approach="tune", stages=3)
    trained = results(fine_tune(PHOTOS, SPLIT, recipe))[-1]
    found = results(map_photos(PHOTOS, LITE, trained.weights, size_px=SIDE))[-1]
    assert isinstance(found, PhotoMap)
    assert found.before.shape == found.after.shape == (24, 2)
    assert 1 >= found.separation_after >= found.separation_before > 1 / 3
    frozen = results(fine_tune(PHOTOS, SPLIT, replace(recipe, approach="features", epochs=1)))[-1]
    same = results(map_photos(PHOTOS, LITE, frozen.weights, size_px=SIDE))[-1]
    assert same.separation_after == same.separation_before
    with pytest.raises(ValueError, match="got none"):
        next(map_photos(PhotoSet(), LITE, b"", size_px=SIDE))


def test_a_frozen_network_moves_in_training_mode_only() -> None:
    still = results(batch_norm_drift(PHOTOS, LITE, size_px=SIDE, batches=2, mode="eval"))
    assert still == [DriftStep(i, 0.0, 0.0) for i in range(3)]
    moved = results(batch_norm_drift(PHOTOS, LITE, size_px=SIDE, batches=3))
    assert moved[0] == DriftStep(0, 0.0, 0.0)
    assert 0 < moved[1].statistics < moved[3].statistics
    assert moved[3].outputs > 0.01
    other = results(batch_norm_drift(PHOTOS, LITE, size_px=SIDE, batches=3, seed=5))
    assert other[3].statistics != moved[3].statistics


def test_equal_batches_pull_the_mean_as_the_formula_says() -> None:
    """r_k = b + (1 - m)^k (r_0 - b)."""
    norm = torch.nn.BatchNorm2d(3, momentum=0.1).train()
    batch = torch.rand(4, 3, 5, 5, generator=torch.Generator().manual_seed(0)) + 2
    for _ in range(7):
        norm(batch)
    wanted = batch.mean((0, 2, 3)) * (1 - 0.9**7)
    torch.testing.assert_close(norm.running_mean, wanted)


@pytest.mark.parametrize(
    ("change", "found"),
    [({"mode": "off"}, "'off'"), ({"network": "vgg11"}, "vgg11 has none"), ({"photos": PhotoSet()}, "got 0")],
    ids=["mode", "network", "photos"],
)
def test_drift_has_its_rules(change: dict, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "load", lambda name: networks.shelf.load(name, "untrained"))
    given = {"photos": PHOTOS, "network": LITE, "size_px": SIDE} | change
    with pytest.raises(ValueError, match=found):
        next(batch_norm_drift(**given))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [([0, 0], [0, 0], 0.0), ([3, 4], [3, 4], 0.0), ([3, 4], [3, 9], 1.0)],
    ids=["dead", "still", "moved"],
)
def test_what_moved_is_relative_and_a_dead_output_has_not_moved(
    before: list[float], after: list[float], expected: float
) -> None:
    assert (
        _relative(torch.tensor(before, dtype=torch.float32), torch.tensor(after, dtype=torch.float32))
        == expected
    )
