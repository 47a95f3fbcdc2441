"""Training: what is frozen stays, what is cached is what would be computed, stopping keeps the best."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from core import networks
from core.augmentation.text import chain_from_text
from core.jobs import Tick
from core.networks.file_label import FileLabel, label_of, shown_at
from core.transfer.feed import Feed
from core.transfer.meter import Meter
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet, Sample
from core.transfer.schedule import factor_at
from core.transfer.split import Split
from core.transfer.squares import as_tensor, augmented, squares
from core.transfer.steps import Epoch, Trained
from core.transfer.student import Student, moving, student
from core.transfer.training import fine_tune
from core.transfer.updates import batches, optimiser_of, shuffled
from tests.core.transfer_sets import coloured, coloured_set, parted

SIDE = 48
QUICK = Recipe(size_px=SIDE, epochs=3, batch=4)
TUNE = replace(QUICK, approach="tune", stages=2)
FLIPS = chain_from_text("flip*0.5 rotate")
PHOTOS = coloured_set()
SPLIT = parted(PHOTOS, 12, 6)


def run(recipe: Recipe, photos: PhotoSet = PHOTOS, split: Split = SPLIT) -> tuple[list[Epoch], Trained]:
    steps = [step for step in fine_tune(photos, split, recipe) if not isinstance(step, Tick)]
    assert isinstance(steps[-1], Trained)
    return steps[:-1], steps[-1]  # type: ignore[return-value]


def same(one: Trained, two: Trained) -> bool:
    """Bit for bit."""
    first, second = load(one.weights), load(two.weights)
    return all(torch.equal(value, second[key]) for key, value in first.items())


def lite() -> dict[str, torch.Tensor]:
    return networks.load("tf_efficientnet_lite0").state_dict()


@pytest.mark.parametrize(
    "recipe",
    [
        QUICK,
        replace(QUICK, chain=FLIPS, passes=2),
        TUNE,
        replace(TUNE, stages=1, chain=FLIPS, batch_norm="batch"),
        replace(TUNE, optimiser="SGD", batch_norm="batch"),
    ],
    ids=[
        "head",
        "head, augmented",
        "tune",
        "tune, augmented, batch statistics",
        "tune, SGD, batch statistics",
    ],
)
def test_freezing_really_freezes(recipe: Recipe) -> None:
    """Bit for bit, buffers included; and what should move, moves."""
    _, trained = run(recipe)
    before, after = lite(), load(trained.weights)
    pupil = student(recipe, 3)
    assert set(after) == set(before)
    for key, value in after.items():
        if key.startswith("classifier."):
            continue
        if not moving(pupil, key):
            assert torch.equal(value, before[key]), key
        elif value.ndim > 1 and trained.best_epoch:  # a bias in front of batch statistics has no slope
            assert not torch.equal(value, before[key]), key
    frozen = [one for one in trained.moved if not moving(pupil, one.name)]
    assert frozen
    assert all(one.relative == 0 for one in frozen)
    statistics = [one for one in trained.moved if one.kind == "statistics" and one.relative]
    assert bool(statistics) == (recipe.approach == "tune" and recipe.batch_norm == "batch")


def test_the_shared_network_is_not_touched() -> None:
    before = {key: value.clone() for key, value in lite().items()}
    run(replace(TUNE, stages=99, batch_norm="batch", epochs=1))
    assert all(torch.equal(value, before[key]) for key, value in lite().items())
    assert not any(each.requires_grad for each in networks.load("tf_efficientnet_lite0").parameters())


def feeding(recipe: Recipe) -> tuple[Feed, Student]:
    pupil = student(recipe, 3)
    how = shown_at(networks.record(recipe.network).preprocessing, recipe.size_px)
    return Feed(PHOTOS, tuple(range(24)), pupil, recipe, how), pupil


@pytest.mark.parametrize(
    "recipe", [QUICK, TUNE, replace(TUNE, stages=5)], ids=["trunk", "front", "early front"]
)
def test_cached_is_what_would_be_computed(recipe: Recipe) -> None:
    feed, pupil = feeding(recipe)
    assert all(isinstance(step, Tick) for step in feed.fill(SPLIT.training, Meter(1)))
    assert feed.cached
    numbers = (7, 3, 20)
    with torch.inference_mode():
        found = feed.plain(numbers)
        found = found if feed.body is None else feed.body.eval()(found)
        how = shown_at(networks.record(recipe.network).preprocessing, SIDE)
        pixels = squares([PHOTOS.samples[i].photo for i in numbers], how)
        wanted = pupil.trunk.eval()(as_tensor(pixels, how))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_augmented_passes_are_those_of_their_epochs() -> None:
    recipe = replace(QUICK, chain=FLIPS, passes=2)
    feed, pupil = feeding(recipe)
    assert all(isinstance(step, Tick) for step in feed.fill(SPLIT.training, Meter(1)))
    how = shown_at(networks.record(recipe.network).preprocessing, SIDE)
    for epoch, of in ((1, 1), (2, 2), (3, 1)):
        photos = [PHOTOS.samples[i].photo for i in (2, 5)]
        with torch.inference_mode():
            pixels = augmented(photos, (2, 5), how, FLIPS, recipe.seed, of)
            wanted = pupil.trunk.eval()(as_tensor(pixels, how))
        torch.testing.assert_close(feed.training((2, 5), epoch), wanted, rtol=1e-4, atol=1e-4)
    whole = squares([each.photo for each in PHOTOS.samples], how)
    with torch.inference_mode():  # validation is never augmented
        plain = pupil.trunk(as_tensor(whole[[13]], how))
    torch.testing.assert_close(feed.plain((13,)), plain, rtol=1e-4, atol=1e-4)


def test_an_augmented_front_is_not_cached() -> None:
    feed, _ = feeding(replace(TUNE, chain=FLIPS))
    assert all(isinstance(step, Tick) for step in feed.fill(SPLIT.training, Meter(1)))
    assert not feed.cached


def test_a_cached_front_trains_as_the_whole_does(monkeypatch: pytest.MonkeyPatch) -> None:
    cached, trained = run(TUNE)
    monkeypatch.setattr(Feed, "_rest", lambda self: None)
    whole, other = run(TUNE)
    assert trained.cached
    assert not other.cached
    for one, two in zip(cached, whole, strict=True):
        assert one.validation_loss == pytest.approx(two.validation_loss, rel=1e-3)
        np.testing.assert_allclose(one.probabilities, two.probabilities, atol=1e-3)


@pytest.mark.parametrize(
    "recipe",
    [QUICK, TUNE, replace(TUNE, chain=FLIPS), replace(QUICK, approach="scratch", epochs=1)],
    ids=["head", "tune", "augmented", "scratch"],
)
def test_a_seed_gives_the_same_run(recipe: Recipe) -> None:
    (first, one), (second, two) = run(recipe), run(recipe)
    assert same(one, two)
    assert [step.training_loss for step in first] == [step.training_loss for step in second]
    _, other = run(replace(recipe, seed=1))
    assert not same(one, other)


def test_the_process_wide_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    run(replace(TUNE, epochs=1, dropout=0.5))
    assert torch.equal(torch.rand(3), wanted)


def test_it_learns() -> None:
    epochs, trained = run(replace(QUICK, epochs=12))
    assert epochs[0].number == epochs[0].updates == 0
    assert epochs[-1].training_loss < 0.5 * epochs[0].training_loss
    right = trained.test.argmax(1) == [PHOTOS.samples[i].label for i in SPLIT.test]
    assert right.mean() > 0.8
    assert trained.test.sum(1) == pytest.approx(1, abs=1e-5)
    assert (trained.trainable, trained.parameters) == (1281 * 3, 3_371_008 + 1281 * 3)


def test_the_best_epoch_is_put_back() -> None:
    epochs, trained = run(replace(TUNE, epochs=5, rate=0.03))
    losses = [step.validation_loss for step in epochs]
    assert trained.best_epoch == int(np.nanargmin(losses))
    np.testing.assert_allclose(trained.validation, epochs[trained.best_epoch].probabilities, atol=1e-5)


def test_early_stopping_waits_as_long_as_it_is_told() -> None:
    epochs, trained = run(replace(QUICK, epochs=200, rate=0.3, patience=2))
    losses = [step.validation_loss for step in epochs]
    assert len(epochs) < 201
    assert len(losses) - 1 - int(np.argmin(losses)) == 2
    assert trained.why == "No better validation loss for 2 epochs."


def test_stop_keeps_what_was_learnt() -> None:
    steps, work, told = [], fine_tune(PHOTOS, SPLIT, replace(QUICK, epochs=100)), False
    try:
        step = next(work)
        while True:
            steps.append(step)
            told = told or (isinstance(step, Epoch) and step.number == 4)
            step = work.send(told)
    except StopIteration:
        pass
    trained = steps[-1]
    assert isinstance(trained, Trained)
    assert trained.stopped
    assert sum(isinstance(step, Epoch) for step in steps) == 5  # it closed at once
    losses = [step.validation_loss for step in steps if isinstance(step, Epoch)]
    assert trained.best_epoch == int(np.argmin(losses))


def test_stop_before_anything_was_learnt_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Meter, "due", True)
    work = fine_tune(PHOTOS, SPLIT, QUICK)
    assert isinstance(next(work), Tick)
    with pytest.raises(StopIteration):
        work.send(True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"updates_most": 4}, "The budget of 4 updates is used up."),
        ({"seconds_most": 1e-9}, "The budget of 1e-09 s is used up."),
        ({}, "All 3 epochs are done."),
    ],
    ids=["updates", "seconds", "epochs"],
)
def test_a_budget_ends_it(change: dict, why: str) -> None:
    epochs, trained = run(replace(QUICK, **change))
    assert trained.why == why
    assert epochs[-1].updates == {"updates": 4}.get(
        next(iter(change), "").partition("_")[0], epochs[-1].updates
    )


def test_a_loss_that_is_no_number_ends_it() -> None:
    """Here the trunk itself gives none; a rate too large does the same to a network that nothing bounds."""
    tensors = load(run(QUICK)[1].weights)
    tensors["bn2.weight"] = torch.full_like(tensors["bn2.weight"], torch.nan)
    *_, trained = fine_tune(PHOTOS, SPLIT, TUNE, own=("tf_efficientnet_lite0", save(tensors)))
    assert trained.why == "The loss became nan in epoch 1: take a smaller learning rate."
    assert trained.best_epoch == 0


def test_a_broken_network_is_never_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no validation part says so: tensors that are no numbers are not kept."""
    from core.transfer import training

    real, count = training.update, iter(range(1000))

    def breaks(pupil: Student, *rest: object, **more: object) -> tuple[float, int]:
        found = real(pupil, *rest, **more)  # type: ignore[arg-type]
        if next(count) == 4:
            pupil.head.weight.data.fill_(torch.nan)
        return found

    monkeypatch.setattr(training, "update", breaks)
    _, trained = run(QUICK, split=Split(tuple(range(12)), (), ()))  # three updates an epoch
    assert trained.best_epoch == 1
    assert all(torch.isfinite(value).all() for value in load(trained.weights).values())


@pytest.mark.parametrize(
    ("labels", "split", "found"),
    [
        ((0, 0, 0), Split((0, 1), (2,), ()), "got 1"),
        ((0, 1), Split((), (0, 1), ()), "got 0"),
    ],
    ids=["one class", "nothing to train on"],
)
def test_too_little_to_learn_from_is_a_sentence(labels: tuple[int, ...], split: Split, found: str) -> None:
    photos = PhotoSet(("a", "b"), tuple(Sample(coloured(label, i), label) for i, label in enumerate(labels)))
    with pytest.raises(ValueError, match=f"at least two classes.*{found}"):
        next(fine_tune(photos, split, QUICK))


@pytest.mark.parametrize(
    "recipe", [QUICK, replace(TUNE, batch_norm="batch")], ids=["head", "batch statistics"]
)
def test_odd_sets_are_trained_on(recipe: Recipe) -> None:
    """A class without photos, no validation part, a batch larger than the set, a last photo alone."""
    photos = PhotoSet(("red", "green", "none"), tuple(Sample(coloured(i % 2, i), i % 2) for i in range(5)))
    epochs, trained = run(replace(recipe, batch=2), photos, Split((0, 1, 2, 3, 4), (), ()))
    assert math.isnan(epochs[-1].validation_loss)
    assert trained.best_epoch == 3  # nothing to choose by: the last
    assert trained.validation.shape == (0, 3)
    two = run(replace(recipe, batch=64), photos, Split((0, 1), (2, 3), (4,)))[1]
    assert two.test.shape == (1, 3)


def test_pictures_of_a_few_pixels_are_enlarged() -> None:
    tiny = PhotoSet(("a", "b"), tuple(Sample(coloured(i % 2, i, (8, 8)), i % 2) for i in range(8)))
    _, trained = run(QUICK, tiny, Split(tuple(range(6)), (6, 7), ()))
    assert np.isfinite(trained.validation).all()


@pytest.mark.parametrize("never_one", [False, True])
@pytest.mark.parametrize(("count", "size"), [(0, 4), (1, 4), (4, 4), (5, 4), (9, 4), (9, 1), (5, 2), (3, 64)])
def test_batches_hold_every_photo_once(count: int, size: int, never_one: bool) -> None:
    cut = batches(range(count), size, never_one=never_one)
    assert [number for batch in cut for number in batch] == list(range(count))
    assert all(len(batch) <= size + never_one for batch in cut)
    if never_one and count > 1 and size > 1:
        assert min(map(len, cut)) > 1


def test_every_epoch_has_its_own_order() -> None:
    orders = [shuffled(range(50), 3, epoch) for epoch in (1, 2)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == list(range(50))
    assert orders[0] == shuffled(range(50), 3, 1)


@pytest.mark.parametrize("optimiser", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_the_optimiser_holds_exactly_what_trains(optimiser: str) -> None:
    recipe = replace(TUNE, optimiser=optimiser, stages=3)
    pupil = student(recipe, 3)
    held = {id(each) for group in optimiser_of(pupil, recipe).param_groups for each in group["params"]}
    wanted = {
        id(each) for each in (*pupil.trunk.parameters(), *pupil.head.parameters()) if each.requires_grad
    }
    inside = {
        id(each)
        for key, each in pupil.trunk.named_parameters()
        if any(s.holds(key) for s in pupil.stages[-3:])
    }
    assert held == wanted == inside | {id(each) for each in pupil.head.parameters()}
    for group in optimiser_of(pupil, recipe).param_groups:
        assert group["weight_decay"] == (recipe.weight_decay if group["params"][0].ndim > 1 else 0)


def test_schedules_in_closed_form() -> None:
    assert [factor_at("constant", i, 10) for i in range(10)] == [1.0] * 10
    assert [factor_at("step", i, 20) for i in (0, 11, 12, 16, 17)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    assert [factor_at("cosine", i, 8) for i in (0, 4)] == pytest.approx([1, 0.5])
    warm = [factor_at("warm-up + cosine", i, 100) for i in range(100)]
    assert warm[:10] == pytest.approx([(i + 1) / 11 for i in range(10)])
    assert warm[10] == 1
    assert all(a > b for a, b in pairwise(warm[10:]))
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([parameter], lr=1.0)
    oracle = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 30)
    for update in range(30):
        assert factor_at("cosine", update, 30) == pytest.approx(optimiser.param_groups[0]["lr"])
        optimiser.step()
        oracle.step()
    with pytest.raises(ValueError, match="got 30"):
        factor_at("cosine", 30, 30)


def test_the_file_comes_back_as_the_same_network() -> None:
    _, trained = run(replace(QUICK, size_px=64))
    assert label_of(trained.weights) == FileLabel("tf_efficientnet_lite0", ("red", "green", "blue"), 64)
    name = networks.bring(trained.weights, "tf_efficientnet_lite0", 3, trained.classes)
    try:
        for number, shares in zip(SPLIT.test, trained.test, strict=True):
            said = dict(networks.classify(name, PHOTOS.samples[number].photo, top=3))
            assert [said[each] for each in trained.classes] == pytest.approx(shares.tolist(), abs=1e-4)
    finally:
        networks.let_go(name)


def test_a_visitor_s_network_is_trained_further() -> None:
    _, first = run(replace(QUICK, size_px=64))
    steps = list(fine_tune(PHOTOS, SPLIT, QUICK, own=("tf_efficientnet_lite0", first.weights)))
    after = load(steps[-1].weights)
    assert torch.equal(after["conv_stem.weight"], load(first.weights)["conv_stem.weight"])
    assert label_of(steps[-1].weights).side_px == SIDE  # type: ignore[union-attr]
