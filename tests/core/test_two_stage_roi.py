"""RoIPool and RoIAlign against torchvision's, and by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision import ops

from core.two_stage.roi import roi_align, roi_pool, rounded, sampled


def maps(seed: int, channels: int = 3, height: int = 9, width: int = 11) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(channels, height, width))


def a_box(seed: int) -> tuple[float, ...]:
    """In pixels of a picture of 176 x 144, some beyond its edges."""
    dice = np.random.default_rng(seed)
    x, y = np.sort(dice.uniform(-40, 220, 2)), np.sort(dice.uniform(-40, 190, 2))
    return float(x[0]), float(y[0]), float(x[1]), float(y[1])


def torch_roi(box: tuple) -> torch.Tensor:
    return torch.tensor([[0, *box]], dtype=torch.float64)


@given(st.integers(0, 2000), st.sampled_from([1, 2, 3, 7]), st.sampled_from([1 / 16, 1 / 8, 1.0]))
def test_roi_pool_is_torchvision_s(seed: int, bins: int, scale: float) -> None:
    values, box = maps(seed), a_box(seed)
    wanted = ops.roi_pool(torch.from_numpy(values)[None].float(), torch_roi(box).float(), bins, scale)[0]
    found = roi_pool(
        values.astype(np.float32), tuple(np.float32(each) for each in box), np.float32(scale), bins
    )
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-6)


@given(
    st.integers(0, 2000),
    st.sampled_from([1, 2, 7]),
    st.sampled_from([1 / 16, 1.0]),
    st.sampled_from([0, 1, 2, 3]),
    st.booleans(),
)
def test_roi_align_is_torchvision_s(seed: int, bins: int, scale: float, ratio: int, aligned: bool) -> None:
    values, box = maps(seed), a_box(seed)
    wanted = ops.roi_align(torch.from_numpy(values)[None], torch_roi(box), bins, scale, ratio, aligned)[0]
    np.testing.assert_allclose(
        roi_align(values, box, scale, bins, ratio, aligned=aligned), wanted.numpy(), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(
    "box",
    [
        (32.0, 32.0, 32.0, 32.0),
        (300.0, 300.0, 400.0, 400.0),
        (-90.0, -90.0, -50.0, -50.0),
        (0.0, 0.0, 176.0, 144.0),
    ],
    ids=["point", "beyond", "before", "whole"],
)
@pytest.mark.parametrize("aligned", [True, False])
def test_odd_regions(box: tuple, aligned: bool) -> None:
    values = maps(0)
    pooled = ops.roi_pool(torch.from_numpy(values)[None], torch_roi(box), 2, 1 / 16)[0].numpy()
    np.testing.assert_array_equal(roi_pool(values, box, 1 / 16, 2), pooled)
    for ratio in (0, 2):
        wanted = ops.roi_align(torch.from_numpy(values)[None], torch_roi(box), 2, 1 / 16, ratio, aligned)[0]
        np.testing.assert_allclose(
            roi_align(values, box, 1 / 16, 2, ratio, aligned=aligned), wanted.numpy(), rtol=1e-9, atol=1e-12
        )


def test_what_rounding_costs() -> None:
    """A region from 20 to 90 pixels at 16 pixels a cell: 1.25 to 5.625 cells become the cells 1 to 6."""
    found = rounded((20, 20, 90, 90), 1 / 16, (9, 11), 2)
    assert found.exact == (1.25, 1.25, 5.625, 5.625)
    assert found.edges == (1, 1, 6, 6)
    assert found.lost == pytest.approx(1.375)  # cell 6 is in, so it ends at 7
    assert found.columns.tolist() == [[1, 4], [4, 7]]


def test_where_points_lie() -> None:
    rows, columns, down, across = sampled((16, 16, 48, 48), 1 / 16, 2, 2)
    assert (down, across) == (2, 2)
    np.testing.assert_allclose(rows, [0.75, 1.25, 1.75, 2.25])
    np.testing.assert_allclose(columns, rows)


def test_a_constant_map_stays_constant() -> None:
    values = np.full((2, 6, 6), 3.5)
    np.testing.assert_allclose(roi_align(values, (10, 20, 60, 70), 1 / 16, 3), 3.5)
    np.testing.assert_array_equal(roi_pool(values, (10, 20, 60, 70), 1 / 16, 3), 3.5)
