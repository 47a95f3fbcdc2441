"""Style pictures that are made by code: the same for a seed, different between seeds, rich, and quick."""

import time

import numpy as np
import pytest

from core.style.pictures import STYLES, style_picture
from core.style.pictures.canvas import drawn_by_chance, nearest_two, noise, paths, spread


def test_there_are_ten_and_more() -> None:
    assert len(STYLES) >= 10
    assert len({style.title for style in STYLES.values()}) == len(STYLES)
    assert all(name == style.name and style.about for name, style in STYLES.items())


@pytest.mark.parametrize("name", STYLES)
def test_a_style_picture_is_its_seed_s(name: str) -> None:
    one, again, other = style_picture(name, 96), style_picture(name, 96), style_picture(name, 96, 1)
    assert one.shape == (96, 96, 3)
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.3


@pytest.mark.parametrize("name", STYLES)
def test_a_style_picture_is_rich(name: str) -> None:
    picture = style_picture(name, 192).astype(float)
    assert picture.std() > 30
    steps = np.abs(np.diff(picture, axis=0)).mean() + np.abs(np.diff(picture, axis=1)).mean()
    assert steps > 8  # texture: neighbours differ
    coarse = (picture // 32) @ (1, 8, 64)
    assert len(np.unique(coarse)) > 20  # colours


@pytest.mark.parametrize("side", [16, 33, 150])
@pytest.mark.parametrize("name", STYLES)
def test_any_side_is_drawn(name: str, side: int) -> None:
    assert style_picture(name, side).shape == (side, side, 3)


@pytest.mark.parametrize("name", STYLES)
def test_a_larger_one_is_the_same_picture(name: str) -> None:
    """What is drawn depends on the side no more than its fine grain does."""
    small, large = (style_picture(name, side).astype(float) for side in (128, 256))
    blocks = [
        each.reshape(8, len(each) // 8, 8, len(each) // 8, 3).mean(axis=(1, 3)).ravel()
        for each in (small, large)
    ]
    assert np.corrcoef(*blocks)[0, 1] > 0.6


def test_all_are_drawn_in_seconds() -> None:
    start = time.process_time()
    for name in STYLES:
        style_picture(name, 384)
    assert time.process_time() - start < 1.5 * len(STYLES)  # about 0.25 s each on an idle processor


@pytest.mark.parametrize(
    ("name", "side", "message"),
    [
        ("monet", 384, "one of brush, marbling"),
        ("brush", 5000, "16 to 1,024 pixels, got 5000"),
        ("ink", 8, "got 8"),
    ],
)
def test_what_is_no_style_picture_is_refused(name: str, side: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        style_picture(name, side)


def test_the_nearest_two_are_those_of_all_distances() -> None:
    side = 24
    points = np.random.default_rng(3).random((9, 2)).astype(np.float32)
    who, far, border = nearest_two(side, points)
    line = (np.arange(side) + 0.5) / side
    places = np.stack(np.meshgrid(line, line, indexing="ij"), axis=2)
    every = np.linalg.norm(places[:, :, None] - points, axis=3)
    order = every.argsort(axis=2)
    np.testing.assert_array_equal(who, order[..., 0])
    np.testing.assert_allclose(far, every.min(axis=2), atol=1e-5)
    first, second = points[order[..., 0]], points[order[..., 1]]
    middle, way = (
        (first + second) / 2,
        (second - first) / np.linalg.norm(second - first, axis=2, keepdims=True),
    )
    np.testing.assert_allclose(border, ((middle - places) * way).sum(axis=2), atol=1e-4)


def test_chance_is_even_and_repeats() -> None:
    rows, columns = np.mgrid[:200, :200]
    found = drawn_by_chance(4, rows, columns)
    np.testing.assert_array_equal(found, drawn_by_chance(4, rows, columns))
    assert 0 <= found.min() < 0.01 < 0.99 < found.max() < 1
    assert np.abs(np.histogram(found, 10, (0, 1))[0] / found.size - 0.1).max() < 0.01
    assert abs(np.corrcoef(found[:-1].ravel(), found[1:].ravel())[0, 1]) < 0.02
    assert (found != drawn_by_chance(5, rows, columns)).mean() > 0.99


def test_noise_has_its_mean_and_its_size() -> None:
    found = noise(128, np.random.default_rng(0), 4)
    assert abs(found.mean()) < 1e-5
    assert found.std() == pytest.approx(1 / 2.2, rel=1e-4)


def test_points_keep_their_distance() -> None:
    def least(points: np.ndarray) -> float:
        far = np.linalg.norm(points[:, None] - points, axis=2)
        return far[~np.eye(len(points), dtype=bool)].min()

    assert least(spread(np.random.default_rng(1), 20)) > 2 * least(np.random.default_rng(1).random((20, 2)))


def test_a_path_follows_its_direction() -> None:
    angle = np.full((50, 50), np.pi / 2, np.float32)
    (way,) = paths(angle, np.array([[0.5, 0.4]]), 0.2, 4)
    np.testing.assert_allclose(way, [[20, 20], [20, 22.5], [20, 25], [20, 27.5], [20, 30]], atol=1e-4)
