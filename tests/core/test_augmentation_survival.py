"""The label over the strength, the digit network, the leak, and feature space."""

import numpy as np
import pytest
import torch

from core import networks
from core.augmentation import CATALOGUE, Chain, Step, apply, fixed
from core.augmentation.cautions import CARDS, cards, digit_meaning
from core.augmentation.digits import (
    as_input,
    clearest,
    digit_curve,
    digit_pixels,
    digits,
    trained,
    trained_digits,
)
from core.augmentation.embedding import embedding_map, embedding_shift, principal_plane, stage_layers
from core.augmentation.leak import LeakRun, leak_summary, simulate_leak
from core.augmentation.survival import curve, survival_curve
from core.bundled import bundled
from core.photo import Photo


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """As in the server: two threads of PyTorch beside one busy process are ten times slower."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_curve_is_what_the_network_says_of_each_picture():
    photo = bundled("Coffee")
    found = survival_curve(photo, "brightness", 5)
    assert found.label == "espresso" and found.baseline == pytest.approx(0.959, abs=0.002)
    assert found.strengths == tuple(sorted(found.strengths)) and 1 in found.strengths
    assert found.probabilities[found.strengths.index(1)] == pytest.approx(found.baseline, abs=1e-5)
    for i in (0, 3):
        pixels = apply(fixed("brightness", found.strengths[i], photo.pixels.shape[:2]), photo.pixels)
        (name, share), *_ = networks.classify("tf_efficientnet_lite0", Photo.of(pixels))
        assert found.top[i][0] == name and found.top[i][1] == pytest.approx(share, abs=1e-4)
    low, high = found.safe
    assert low <= 1 <= high and found.top[0][0] != "espresso" and low > 0  # black is no espresso


def test_safe_ranges_and_turns_by_hand():
    probabilities = np.array([[0.6, 0.4], [0.2, 0.8], [0.9, 0.1], [0.7, 0.3], [0.4, 0.6]])
    values = (-180.0, -90.0, 0.0, 90.0, 180.0)
    found = curve("rotate", values, probabilities, ("cat", "dog"), untouched=np.array([0.9, 0.1]))
    assert found.label == "cat" and found.safe == (0.0, 90.0)
    assert [(turn.below, turn.above, turn.before, turn.after) for turn in found.turns] == [
        (-180, -90, "cat", "dog"),
        (-90, 0, "dog", "cat"),
        (90, 180, "cat", "dog"),
    ]
    other = curve("rotate", values, probabilities, ("cat", "dog"), untouched=np.array([0.9, 0.1]), label=1)
    assert other.safe is None and other.baseline == pytest.approx(0.1)


def test_a_digit_reaches_the_network_unchanged():
    values, labels = digits()
    assert values.shape == (1797, 8, 8) and set(labels) == set(range(10))
    assert as_input(digit_pixels(5)) * 255 == pytest.approx(values[5])


def test_the_digit_network_learns_and_six_turns_into_nine():
    network = trained_digits(0)
    assert network.accuracy > 0.97 and len(network.held_out) == 397
    six = clearest(network, 6)
    found = digit_curve(network, "rotate", six)
    upright, turned = (found.top[found.strengths.index(v)][0] for v in (0, 180))
    assert (found.label, upright, turned) == ("6", "6", "9")
    assert found.safe[0] < 0 < found.safe[1] and found.probabilities[-1] < 0.1
    with pytest.raises(ValueError, match="leaves their size as it is, got resize"):
        digit_curve(network, "resize", six, 3)
    with pytest.raises(ValueError, match="0 to 9, got 10"):
        clearest(network, 10)


def test_a_seed_trains_the_same_network_and_no_shared_generator_is_touched():
    values, labels = digits()
    inputs, before = values[:100].astype(np.float32) / 255, torch.get_rng_state()
    first, second, other = (trained(inputs, labels[:100], seed, epochs=2) for seed in (3, 3, 4))
    assert all(torch.equal(first.weights[name], second.weights[name]) for name in first.weights)
    assert not torch.equal(first.weights["first"], other.weights["first"])
    assert torch.equal(before, torch.get_rng_state())
    with pytest.raises(ValueError, match="1 to 100, got 0"):
        trained(inputs, labels[:100], 0, epochs=0)


@pytest.mark.slow
def test_the_leak_gains_what_is_not_real_and_the_split_does_not():
    runs = list(simulate_leak([0, 1, 2, 3]))
    assert [run.way for run in runs[:3]] == ["split", "leak", "augmented validation"]
    split, leak, augmented = leak_summary(runs)
    assert all(run.shared == 0 for run in runs if run.way != "leak")
    assert all(run.shared > 40 for run in runs if run.way == "leak")
    assert leak.unreal > 0.1 and leak.unreal > 4 * leak.unreal_error
    assert all(abs(each.unreal) < 3 * each.unreal_error for each in (split, augmented))
    assert (
        augmented.clean == split.clean and augmented.reported < split.reported
    )  # the same network, a harder question
    assert [run.validation for run in runs[:3]] == [30, 150, 150]
    assert list(simulate_leak([1])) == runs[3:6]


def test_a_summary_by_hand_and_limits():
    runs = [LeakRun("leak", seed, 0.9, real, 0.8, 10, 10, 5) for seed, real in ((0, 0.7), (1, 0.8))]
    (found,) = leak_summary(runs)
    assert (found.runs, found.reported, found.clean) == (2, 0.9, 0.8)
    assert found.unreal == pytest.approx(0.15) and found.unreal_error == pytest.approx(0.05)
    for wrong, sentence in (
        ({"seeds": []}, "1 to 20 seeds, got 0"),
        ({"seeds": [0], "originals": 41}, "even, 40 to 900, got 41"),
        ({"seeds": [0], "copies": 0}, "1 to 10, got 0"),
    ):
        with pytest.raises(ValueError, match=sentence):
            simulate_leak(**wrong)


def test_cards_name_transforms_that_exist_and_digits_have_meanings():
    assert all(name in CATALOGUE for card in CARDS for name in card.transforms)
    assert {card.title for card in cards("flip")} >= {
        "Mirrored text",
        "Left and right classes",
        "Medical laterality",
    }
    assert [digit_meaning(6, "rotate", v) for v in (10, 90, -180)] == [6, None, 9]
    assert (
        digit_meaning(8, "rotate", 180) == 8
        and digit_meaning(4, "flip", 1) is None
        and digit_meaning(4, "blur", 3) == 4
    )


def test_distances_in_feature_space():
    layers = stage_layers()
    found = embedding_shift(bundled("Cat"), ["brightness", "blur"], count=2)
    assert (
        found.distances.shape == (2, len(layers)) and found.layers == layers and (found.distances > 0).all()
    )
    photo = bundled("Cat")
    still = embedding_map(photo, Chain((Step("rotate", 0, 0),)), 3)
    assert still.distances == pytest.approx(0, abs=1e-5)
    with pytest.raises(ValueError, match="needs no second one, got mixup"):
        embedding_shift(photo, ["mixup"])
    with pytest.raises(ValueError, match="At most 200 variants"):
        embedding_map(photo, Chain(), 201)


def test_the_map_keeps_what_a_plane_can_keep():
    found = embedding_map(bundled("Cat"), Chain((Step("rotate"), Step("brightness"))), 12, seed=3)
    assert (
        found.points.shape == (12, 2) and 0 < sum(found.explained) <= 1 and found.layer == stage_layers()[-1]
    )
    from sklearn.decomposition import PCA

    points = np.random.default_rng(0).normal(size=(30, 9)) * np.arange(1, 10)
    plane, explained = principal_plane(points)
    theirs = PCA(2).fit(points)
    assert np.abs(plane) == pytest.approx(np.abs(theirs.transform(points)))
    assert explained == pytest.approx(tuple(theirs.explained_variance_ratio_))
    assert principal_plane(np.ones((3, 4)))[0] == pytest.approx(np.zeros((3, 2)))
