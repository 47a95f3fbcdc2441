"""Activation maximisation: it climbs, a seed gives the same run, and the shared network stays as it was."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from core.features import dream as dreams
from core.features.dream import Frame, Recipe, dream, score_formula
from core.networks import activations, layer_names, load, record
from core.networks.record import Preprocessing

NAME = "shufflenet_v2_x0_5"
HOW = Preprocessing(64, 64, "bilinear", (127.0, 120.0, 110.0), (64.0, 65.0, 66.0))
SMALL = Recipe("channel", "conv1.0", 3, side=64, steps=6)


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    return load(NAME, "untrained", seed=1)


def run(network: torch.nn.Module, recipe: Recipe, start: np.ndarray | None = None) -> list[Frame]:
    return list(dream(network, HOW, recipe, start))


@pytest.mark.parametrize("goal", dreams.GOALS)
def test_every_goal_is_climbed_and_descended(network: torch.nn.Module, goal: dreams.Goal) -> None:
    recipe = replace(SMALL, goal=goal, shaken=False)
    rising = run(network, recipe)
    falling = run(network, replace(recipe, negative=True))
    assert rising[-1].score > rising[0].score
    assert falling[-1].score < falling[0].score
    assert rising[0].score == falling[0].score
    assert [frame.step for frame in rising] == list(range(7))


@pytest.mark.parametrize("plain", [{}, {"fourier": False}, {"colours": False}, {"shaken": False}], ids=str)
def test_a_seed_gives_the_same_run(network: torch.nn.Module, plain: dict) -> None:
    recipe = replace(SMALL, steps=4, **plain)
    state = torch.get_rng_state()
    first, second = run(network, recipe), run(network, recipe)
    other = run(network, replace(recipe, seed=1))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first, second, strict=True))
    assert [a.score for a in first] == [b.score for b in second]
    assert not np.array_equal(first[-1].pixels, other[-1].pixels)
    assert torch.equal(state, torch.get_rng_state())


def test_runs_beside_one_another_do_not_meet(network: torch.nn.Module) -> None:
    recipes = [replace(SMALL, steps=3, seed=seed) for seed in range(4)]
    alone = [run(network, recipe)[-1].pixels for recipe in recipes]
    with ThreadPoolExecutor(4) as pool:
        together = [frames[-1].pixels for frames in pool.map(lambda recipe: run(network, recipe), recipes)]
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_the_network_stays_as_it_was(network: torch.nn.Module) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    run(network, replace(SMALL, steps=2))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert not network.training
    assert all(each.grad is None and not each.requires_grad for each in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


@pytest.mark.parametrize("fourier", [True, False])
@pytest.mark.parametrize("colours", [True, False])
def test_a_photo_comes_back_at_the_start(network: torch.nn.Module, fourier: bool, colours: bool) -> None:
    photo = np.random.default_rng(0).integers(10, 245, (64, 64, 3), dtype=np.uint8)
    recipe = replace(SMALL, goal="layer", fourier=fourier, colours=colours)
    first = next(dream(network, HOW, recipe, photo))
    assert np.abs(first.pixels.astype(int) - photo).max() <= 1


def test_the_score_is_what_the_network_says(network: torch.nn.Module) -> None:
    frame = run(network, replace(SMALL, shaken=False, steps=5))[-1]
    picture = torch.from_numpy(frame.pixels / np.float32(255)).permute(2, 0, 1)[None]
    maps = activations(network, dreams.normalised(picture, HOW), [SMALL.layer])[SMALL.layer]
    assert frame.score == pytest.approx(float(maps[0, 3].mean()), rel=0.02)  # pixels are rounded


@pytest.mark.parametrize(
    ("goal", "index", "filled"),
    [
        ("channel", 3, r"\frac{1}{32 \cdot 32} \cdot "),
        ("layer", 0, r"\frac{1}{24 \cdot 32 \cdot 32} \cdot "),
        ("unit", 3, r"a_{3,\,16,\,16}(x)"),
        ("class", 7, r"z_{7}(x)"),
    ],
    ids=["channel", "layer", "unit", "class"],
)
def test_the_formula_of_the_score(network: torch.nn.Module, goal: str, index: int, filled: str) -> None:
    recipe = replace(SMALL, goal=goal, index=index, steps=1)
    photo = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    frame = next(dream(network, HOW, recipe, photo))
    found = score_formula(recipe, frame)
    assert found.value == frame.score
    assert found.filled.startswith(filled)
    if goal in ("channel", "layer"):
        total = float(found.filled.rpartition(" ")[2])
        assert total / math.prod(frame.measured[goal == "channel" :]) == pytest.approx(frame.score, rel=1e-4)


def test_the_start_has_the_fourier_spectrum_of_photos(network: torch.nn.Module) -> None:
    """Amplitude falls as 1 / frequency: eight times the frequency, an eighth of the amplitude."""
    planes = [
        dreams._decoded(
            dreams._noise(replace(SMALL, colours=False, side=128), draw),
            replace(SMALL, colours=False, side=128),
        )
        for draw in (torch.Generator().manual_seed(i) for i in range(8))
    ]
    amplitude = np.mean([torch.fft.rfft2(each[0]).abs().numpy() for each in planes], axis=(0, 1))
    assert amplitude[4, 0] / amplitude[32, 0] == pytest.approx(8, rel=0.5)


def test_blue_comes_first_where_the_network_wants_it() -> None:
    picture = torch.tensor([0.0, 0.5, 1.0]).view(1, 3, 1, 1)
    how = replace(HOW, mean=(1.0, 2.0, 3.0), std=(1.0, 1.0, 2.0), bgr=True)
    assert dreams.normalised(picture, how).flatten().tolist() == [254.0, 125.5, -1.5]


@pytest.mark.parametrize(
    "wrong",
    [{"goal": "neuron"}, {"side": 32}, {"steps": 0}, {"steps": 9999}, {"index": -1}, {"seed": -1}],
    ids=str,
)
def test_recipes_are_checked(wrong: dict) -> None:
    with pytest.raises(ValueError, match="got"):
        replace(SMALL, **wrong)


def test_what_is_not_there_gets_a_sentence(network: torch.nn.Module) -> None:
    for wrong in (replace(SMALL, index=5000), replace(SMALL, goal="class", index=1000)):
        with pytest.raises(ValueError, match="got"):
            next(dream(network, HOW, wrong))
    with pytest.raises(ValueError, match="64 pixels a side"):
        next(dream(network, HOW, SMALL, np.zeros((10, 10, 3), np.uint8)))


def test_the_packaged_network_finds_what_it_was_trained_on() -> None:
    """Dreaming of one class makes it the network's first guess; the last frame is that of a fresh forward."""
    name = "tf_efficientnet_lite0"
    network, how = load(name), record(name).preprocessing
    recipe = Recipe("class", "", 985, side=96, steps=12)  # daisy
    *_, last = dream(network, how, recipe)
    picture = torch.from_numpy(last.pixels / np.float32(255)).permute(2, 0, 1)[None]
    output = layer_names(network)[-1]
    logits = activations(network, dreams.normalised(picture, how), [output])[output][0]
    assert int(logits.argmax()) == 985


def test_a_run_can_be_left_at_any_step(network: torch.nn.Module) -> None:
    assert len(list(islice(dream(network, HOW, SMALL), 3))) == 3
