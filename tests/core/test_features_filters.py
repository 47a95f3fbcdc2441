"""Filters taken apart: known kernels are recognised, and nothing of the network is touched."""

import numpy as np
import pytest
import torch
from torch import nn

from core.convolution.kernels import PRESETS
from core.features import filters
from core.features.filters import ALIKE, Bank

KERNELS = {preset.name: preset.values for preset in PRESETS}


def grating(side: int, degrees: float, frequency: float) -> np.ndarray:
    """Stripes whose crests run at `degrees`, counted against the clock from the horizontal."""
    y, x = np.mgrid[:side, :side].astype(float)
    angle = np.radians(degrees)
    across = x * np.sin(angle) + y * np.cos(angle)
    return np.sin(2 * np.pi * frequency * across + 0.3)


def bank_of(*kernels: np.ndarray) -> Bank:
    return Bank("conv", np.stack([np.stack([each] * 3) for each in kernels]).astype(np.float32), 1, True)


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 120, 165])
@pytest.mark.parametrize("frequency", [0.125, 0.25, 0.375])
def test_a_grating_has_its_own_direction_and_frequency(degrees: int, frequency: float) -> None:
    found = filters.wave(grating(15, degrees, frequency))
    assert found.edges is not None
    off = abs(found.edges - degrees) % 180
    assert min(off, 180 - off) < 5
    assert found.frequency == pytest.approx(frequency, abs=0.025)


@pytest.mark.parametrize("name", ["gaussian", "box"])
def test_a_blur_has_no_direction(name: str) -> None:
    assert filters.wave(KERNELS[name]).edges is None


@pytest.mark.parametrize(
    ("name", "words", "inverted"),
    [
        ("sobel_x", "Sobel, edge at 90°", False),
        ("sobel_y", "Sobel, edge at 0°", False),
        ("laplacian", "blob against its surround", True),
        ("gaussian", "blob (Gaussian", False),
        ("box", "box blur", False),
        ("identity", "single pixel", False),
    ],
)
def test_classic_kernels_are_recognised(name: str, words: str, inverted: bool) -> None:
    for factor in (3.0, -2.0):
        found = filters.likeness(factor * KERNELS[name])
        assert words in found.name
        assert found.inverted == (inverted != (factor < 0))
        assert found.cosine > 0.9


def test_a_product_of_mix_and_kernel_is_found_again() -> None:
    mix = np.array([0.3, -0.2, 0.9])
    kernel = KERNELS["sobel_x"] / np.linalg.norm(KERNELS["sobel_x"])
    found = filters.plane(mix[:, None, None] * kernel)
    assert found.share == pytest.approx(1)
    assert np.allclose(np.multiply.outer(found.mix, found.kernel), mix[:, None, None] * kernel)
    assert found.mix.sum() > 0


def test_the_product_is_the_best_there_is() -> None:
    weights = np.random.default_rng(0).normal(size=(3, 5, 5))
    found = filters.plane(weights)
    left = np.square(weights - np.multiply.outer(found.mix, found.kernel)).sum()
    assert left == pytest.approx((1 - found.share) * np.square(weights).sum())


def test_twins_are_the_filters_that_are_alike() -> None:
    rng = np.random.default_rng(1)
    first, other = rng.normal(size=(2, 5, 5))
    bank = bank_of(first, other, 2 * first, -first + 0.01 * other)
    assert {i for i, _ in filters.twins(bank, 0)} == {2, 3}
    cosines = dict(filters.twins(bank, 0))
    assert cosines[2] == pytest.approx(1)
    assert cosines[3] < -ALIKE


def test_a_dead_filter_is_called_dead() -> None:
    rng = np.random.default_rng(1)
    bank = bank_of(*rng.normal(size=(4, 3, 3)), 1e-6 * rng.normal(size=(3, 3)))
    assert [filters.card(bank, i).dead for i in range(5)] == [False] * 4 + [True]
    assert filters.card(bank, 4).likeness is None


def test_a_bank_is_a_copy_with_red_first() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=4)).requires_grad_(False)
    first, second = (filters.bank(network, name, bgr=True) for name in filters.convolutions(network))
    assert first.colour
    assert not second.colour
    assert np.array_equal(first.weight[:, ::-1], network[0].weight.numpy())
    assert [list(second.reads(i)) for i in (0, 1, 7)] == [[0, 1], [0, 1], [6, 7]]
    before = network[0].weight.clone()
    first.weight[:] = 0
    assert torch.equal(before, network[0].weight)
    with pytest.raises(ValueError, match="one of the network's convolutions"):
        filters.bank(network, "1")


def test_a_1_x_1_filter_has_no_direction() -> None:
    bank = Bank("conv", np.random.default_rng(0).normal(size=(4, 6, 1, 1)), 1, False)
    card = filters.card(bank, 0)
    assert card.wave is None
    assert card.norm == pytest.approx(filters.norm_formula(bank.weight[0]).value, rel=1e-4)
