"""A picture as the target: what can be made is found, and what cannot is the residual of least squares."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.bundled import bundled
from core.convolution.imitate import EFFECTS, SIZES, effect, imitate, scaled
from core.convolution.kernels import PRESETS
from core.convolution.learn import CLOSE_ENOUGH, INPUTS, METHODS
from core.convolution.photo_layer import MIXES, Layer, PhotoLayer, apply, planes
from core.figures import convolution_photo as figures
from core.snippets import convolution_photo as snippets

MIX = MIXES["Luminance"]
VALUES = {one.name: one.values for one in PRESETS}


def grey(pixels: np.ndarray) -> np.ndarray:
    return np.tensordot(np.array(MIX), planes(pixels).astype(float), axes=1)


def photo(name: str = "Coffee", side: int = 120) -> np.ndarray:
    return bundled(name).pixels[:side, : side + 7]


@pytest.mark.parametrize("name", ["sharpen", "gaussian", "emboss"])
@pytest.mark.parametrize("size", SIZES)
def test_the_output_of_a_kernel_is_made_by_it(name: str, size: int) -> None:
    kernel = VALUES[name]
    layer = PhotoLayer((tuple(map(tuple, kernel.tolist())),), Layer(padding=(1, 1, 1, 1)), mix=MIX)
    pixels = np.random.default_rng(0).integers(0, 256, (60, 70, 3), dtype=np.uint8)
    found = imitate(grey(pixels), apply(layer, planes(pixels))[0], size)
    border = (size - 3) // 2
    expected = np.pad(kernel, border)
    np.testing.assert_allclose(found.descent.frames[-1].kernel, expected, atol=2 * CLOSE_ENOUGH)
    assert found.made
    assert found.levels < 1e-3
    assert found.share_formula().value == pytest.approx(1)


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("size", [3, 5])
def test_what_no_kernel_makes_is_the_residual_of_least_squares(name: str, size: int, centred: bool) -> None:
    pixels = photo()
    plane, target = grey(pixels), grey(effect(name, pixels))
    found = imitate(plane, target, size, inputs="centred" if centred else "as they are")
    windows = np.lib.stride_tricks.sliding_window_view(plane, (size, size)).reshape(-1, size * size)
    border = size // 2
    y = target[border:-border, border:-border].ravel()
    x = np.column_stack([windows, np.ones(len(windows))]) if centred else windows
    best = np.linalg.lstsq(x, y, rcond=None)[0]
    rest = y - x @ best
    np.testing.assert_allclose(found.residual.ravel(), rest, atol=1e-5)
    assert found.rest_formula().value == pytest.approx(np.mean(rest**2), abs=1e-6)
    assert found.levels == pytest.approx(np.sqrt(np.mean(rest**2)), rel=1e-6, abs=1e-6)
    assert all(step.loss >= found.rest_formula().value - 1e-6 for step in found.descent.frames)
    whole = np.mean((y - y.mean()) ** 2) if centred else np.mean(y**2)
    assert found.share_formula().value == pytest.approx(1 - np.mean(rest**2) / whole, abs=1e-6)


def test_a_negative_is_a_kernel_with_a_bias_and_a_mirror_is_none() -> None:
    pixels = photo()
    negative = imitate(grey(pixels), grey(effect("negative", pixels)), 3)
    assert negative.made
    best = negative.descent.bowl.best()
    np.testing.assert_allclose(best, -np.eye(9)[4].reshape(3, 3), atol=1e-6)
    assert negative.descent.bowl.bias(best) == pytest.approx(255, abs=1e-3)
    assert not imitate(grey(pixels), grey(effect("negative", pixels)), 3, inputs="as they are").made
    assert not imitate(grey(pixels), grey(effect("mirrored", pixels)), 3).made


def test_a_larger_kernel_leaves_less_of_a_blur() -> None:
    pixels = photo("Grass")
    target = grey(effect("blurred, radius 2", pixels))
    rest = [imitate(grey(pixels), target, size).rest_formula().value for size in SIZES]
    assert rest[0] > 2 * rest[1] > 4 * rest[2]


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (9, 2), (6, 6)], ids=str)
def test_photos_smaller_than_the_kernel_get_a_sentence(shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(0).uniform(0, 255, shape)
    with pytest.raises(ValueError, match="must fit on the photo"):
        imitate(plane, plane, 7)


def test_a_flat_target_is_explained_by_its_bias() -> None:
    plane = grey(photo())
    found = imitate(plane, np.full(plane.shape, 80.0), 3)
    assert found.made
    assert found.share_formula().value == pytest.approx(1)


def test_pictures_of_another_size_are_scaled() -> None:
    pixels = photo()
    assert scaled(pixels, pixels.shape[:2]) is pixels
    assert scaled(pixels, (30, 50)).shape == (30, 50, 3)
    assert scaled(pixels[:1, :1], (8, 2)).shape == (8, 2, 3)


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (8, 8)], ids=str)
def test_effects_keep_the_size(name: str, shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert effect(name, pixels).shape == pixels.shape


def test_the_film_shows_what_the_kernel_makes_of_the_whole_photo() -> None:
    """The frames are the outputs at full size, made small; not outputs of a small photo."""
    pixels = bundled("Cat").pixels[:200, :444]
    plane = grey(pixels)
    found = imitate(plane, grey(effect("negative", pixels)), 3)
    film = figures.show_learning(plane, found.descent)
    assert len(film.frames) == len(found.descent.frames)
    shown = np.asarray(Image.open(io.BytesIO(film.frames[-1].data)))[..., 0].astype(float)
    goal = np.asarray(Image.open(io.BytesIO(film.goal.data)))[..., 0].astype(float)
    assert shown.shape == goal.shape
    assert np.abs(shown - goal).mean() < 4
    small = Image.fromarray(found.descent.target.astype(np.float32)).reduce(2)
    assert np.abs(goal - np.asarray(small)).mean() < 4


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("method", METHODS)
def test_the_snippet_learns_the_same_kernel(
    inputs: str, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = bundled("Grass").pixels[:50, :60]
    target = effect("median of 5 × 5", pixels)
    for name, picture in {"photo": pixels, "target": target}.items():
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    monkeypatch.chdir(tmp_path)
    descent = imitate(grey(pixels), grey(target), 3, inputs=inputs, method=method, seed=2).descent
    last = descent.frames[-1]
    names: dict = {}
    exec(snippets.learn(3, MIX, inputs, method, 2, last.iteration), names)
    np.testing.assert_allclose(names["result"], last.kernel, atol=1e-6)
