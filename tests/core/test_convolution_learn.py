"""Learning a kernel: the loss and its gradient against autograd, the bottom of the bowl against least squares."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.bundled import NAMES, bundled
from core.convolution import convolve
from core.convolution.kernels import PRESETS
from core.convolution.learn import (
    CLOSE_ENOUGH,
    INPUTS,
    METHODS,
    Step,
    bowl,
    keyframes,
    learn,
    recover,
    start,
)
from core.convolution.photo_layer import MIXES, planes
from core.snippets import convolution_photo as snippets

VALUES = {one.name: one.values for one in PRESETS}


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (height, width))


def grey(name: str, side: int = 200) -> np.ndarray:
    return np.tensordot(np.array(MIXES["Luminance"]), planes(bundled(name).pixels[:side, :side]), axes=1)


def loss_by_torch(image: np.ndarray, target: np.ndarray, kernel: torch.Tensor, centred: bool) -> torch.Tensor:
    answer = F.conv2d(torch.tensor(image)[None, None], kernel[None, None])[0, 0]
    error = answer - torch.tensor(target)
    return ((error - error.mean()) ** 2).mean() if centred else (error**2).mean()


@given(st.integers(1, 4), st.integers(1, 4), st.booleans(), st.integers(0, 50))
@settings(deadline=None, max_examples=40)
def test_loss_and_gradient_are_those_of_autograd(kh: int, kw: int, centred: bool, seed: int) -> None:
    image, target = noise(9, 11, seed), noise(9 - kh + 1, 11 - kw + 1, seed + 1)
    kernel = torch.tensor(start((kh, kw), seed).reshape(kh, kw), requires_grad=True)
    loss = loss_by_torch(image, target, kernel, centred)
    (gradient,) = torch.autograd.grad(loss, kernel)
    ours = bowl(image, target, (kh, kw), centred=centred)
    weights = kernel.detach().numpy().ravel()
    assert ours.loss(weights) == pytest.approx(loss.item(), rel=1e-9)
    np.testing.assert_allclose(ours.gradient(weights), gradient.numpy().ravel(), rtol=1e-8, atol=1e-6)
    assert ours.loss_formula(weights.reshape(kh, kw)).value == pytest.approx(loss.item(), rel=1e-9)


@pytest.mark.parametrize("centred", [False, True])
def test_the_bottom_is_the_least_squares_solution(centred: bool) -> None:
    image, target = grey("Coffee"), noise(198, 198)
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3)).reshape(-1, 9)
    columns = (
        np.column_stack([windows, np.ones(len(windows))]) if centred else windows
    )  # a bias beside the kernel
    expected = np.linalg.lstsq(columns, target.ravel(), rcond=None)[0][:9]
    ours = bowl(image, target, (3, 3), centred=centred)
    np.testing.assert_allclose(ours.best().ravel(), expected, rtol=1e-6, atol=1e-9)
    *_, last = learn(ours, inputs="centred" if centred else "as they are")
    np.testing.assert_allclose(last.kernel.ravel(), expected, atol=1.5 * CLOSE_ENOUGH)


@pytest.mark.parametrize("name", NAMES)
def test_a_kernel_is_recovered_from_every_bundled_photo(name: str) -> None:
    target = VALUES["sobel_x"]
    descent = recover(grey(name, 160), target)
    assert descent.reached
    assert np.abs(descent.frames[-1].kernel - target).max() < 1e-3


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kernel", ["scharr_y", "gaussian", "laplacian"])
def test_every_way_arrives_on_lively_pixels(inputs: str, method: str, kernel: str) -> None:
    target = VALUES[kernel]
    descent = recover(grey("Grass", 120), target, inputs=inputs, method=method, seed=3)
    assert descent.reached
    assert np.abs(descent.frames[-1].kernel - target).max() < 1e-3


def test_a_rectangular_own_kernel_is_recovered() -> None:
    target = np.array([[1.0, -2.0, 0.5, 3.0], [0.0, 4.0, -1.0, 2.0]])
    descent = recover(grey("Temple"), target)
    assert np.abs(descent.frames[-1].kernel - target).max() < 1e-3


def test_whitened_values_need_one_step() -> None:
    descent = recover(grey("Retina"), VALUES["sobel_y"], inputs="whitened")
    assert descent.frames[-1].iteration == 1


def test_gradient_descent_only_goes_down_and_momentum_is_quicker() -> None:
    image, target = grey("Temple"), VALUES["sobel_x"]
    goal = convolve(image[None], target[None, None])[0]
    valley = bowl(image, goal, (3, 3))
    plain = list(learn(valley, method="gradient descent"))
    losses = np.array([step.loss for step in plain])
    assert (np.diff(losses) < 1e-9).all()
    assert len(list(learn(valley, method="momentum"))) < len(plain) / 3


def test_the_rate_is_the_promised_one() -> None:
    """Along every direction of the bowl, gradient descent shrinks the error by |1 - 2 rate l| <= (k - 1) / (k + 1)."""
    image = grey("Grass", 60)
    goal = convolve(image[None], VALUES["emboss"][None, None])[0]
    valley = bowl(image, goal, (3, 3))
    promised = 1 - 2 / (valley.condition_formula().value + 1)
    steps = list(learn(valley, method="gradient descent"))
    away = [np.linalg.norm(step.kernel - VALUES["emboss"]) for step in steps[:40]]
    assert all(after <= before * promised + 1e-9 for before, after in pairwise(away))


def test_the_seed_decides_the_start() -> None:
    assert start((3, 3), 1).tolist() == start((3, 3), 1).tolist()
    assert start((3, 3), 1).tolist() != start((3, 3), 2).tolist()
    first = recover(grey("Cat", 60), np.eye(3), seed=4).frames[0]
    assert first.iteration == 0
    assert first.kernel.ravel().tolist() == start((3, 3), 4).tolist()


def test_an_even_photo_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="one flat colour"):
        recover(np.full((20, 20), 80.0), np.eye(3))


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 2)], ids=str)
def test_photos_smaller_than_the_kernel_get_a_sentence(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="must fit on the photo"):
        recover(noise(*shape), np.eye(3))


def test_a_target_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must have the size \(8, 8\)"):
        bowl(noise(10, 10), noise(10, 10), (3, 3))


def test_too_few_windows_leave_flat_directions() -> None:
    target = np.random.default_rng(0).normal(size=(7, 7))
    descent = recover(noise(8, 8), target)  # four windows for 49 weights
    assert descent.bowl.flat >= 49 - 4
    assert descent.frames[-1].loss < 1e-3 * descent.frames[0].loss


@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 1000])
def test_keyframes_keep_both_ends(count: int) -> None:
    steps = tuple(Step(place, 1.0, np.zeros((1, 1)), 1.0) for place in range(count))
    frames = keyframes(steps, most=32)
    places = [frame.iteration for frame in frames]
    assert places[0] == 0
    assert places[-1] == count - 1
    assert places == sorted(set(places))
    assert len(places) <= 32


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("method", METHODS)
def test_the_snippet_learns_the_same_kernel(
    inputs: str, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = bundled("Grass").pixels[:50, :60]
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    mix, target = MIXES["Luminance"], VALUES["sobel_x"]
    plane = np.tensordot(np.array(mix), planes(pixels).astype(float), axes=1)
    last = recover(plane, target, inputs=inputs, method=method, seed=2).frames[-1]
    kernel = tuple(map(tuple, target.tolist()))
    names: dict = {}
    exec(snippets.learn(kernel, mix, inputs, method, 2, last.iteration), names)
    np.testing.assert_allclose(names["result"], last.kernel, atol=1e-6)
