"""A convolution as a matrix: against PyTorch applied to unit grids, and its transpose."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from core.convolution import Layer, matrix, proof, run, transposed_partner, wire
from tests.core.layer_strategy import layers

linear = ("convolution", "transposed", "avg_pool")
seeds = st.integers(0, 2**32 - 1)


def kernel_for(layer, seed):
    return None if layer.pools else np.random.default_rng(seed).integers(-9, 10, layer.kernel)


@given(case=layers(operations=linear), seed=seeds)
@settings(deadline=None)
def test_columns_are_the_answers_to_unit_grids(case, seed):
    layer, hw = case
    kernel = kernel_for(layer, seed)
    found = matrix(wire(layer, hw), kernel)
    place = np.random.default_rng(seed).integers(hw[0] * hw[1])
    unit = np.zeros(hw)
    unit.ravel()[place] = 1
    np.testing.assert_allclose(found[:, place], run(layer, unit, kernel).ravel(), rtol=1e-12)


def test_the_matrix_of_pytorchs_convolution():
    kernel = np.arange(1.0, 10).reshape(3, 3)
    units = torch.eye(20, dtype=torch.float64).reshape(20, 1, 4, 5)
    expected = F.conv2d(units, torch.from_numpy(kernel)[None, None], stride=2, padding=1).flatten(1).T
    found = matrix(wire(Layer(stride=(2, 2), padding=(1, 1, 1, 1)), (4, 5)), kernel)
    np.testing.assert_array_equal(found, expected.numpy())


@given(case=layers(operations=("convolution", "transposed")), seed=seeds)
@settings(deadline=None)
def test_the_proof_is_exactly_zero_for_whole_numbers(case, seed):
    layer, hw = case
    grid = np.random.default_rng(seed).integers(-9, 10, hw)
    assert proof(layer, grid, kernel_for(layer, seed)) == 0


def test_the_proof_sees_a_wrong_kernel(monkeypatch):
    monkeypatch.setattr(
        "core.convolution.matrices.run", lambda layer, grid, kernel: run(layer, grid, kernel[::-1])
    )
    assert proof(Layer(), np.arange(25.0).reshape(5, 5), np.arange(9.0).reshape(3, 3)) > 0


@given(case=layers(operations=("convolution",), modes=("zeros",)), seed=seeds)
@settings(deadline=None)
def test_the_transpose_is_the_transposed_convolution(case, seed):
    layer, hw = case
    kernel, output_hw = kernel_for(layer, seed), layer.output_hw(hw)
    partner = transposed_partner(layer, hw)
    assert partner.output_hw(output_hw) == hw
    forward = matrix(wire(layer, hw), kernel)
    np.testing.assert_array_equal(matrix(wire(partner, output_hw), kernel), forward.T)
    there = np.random.default_rng(seed).integers(-9, 10, output_hw)
    np.testing.assert_array_equal(run(partner, there, kernel).ravel(), forward.T @ there.ravel())


def test_the_transposed_convolution_is_no_inverse():
    layer, grid, kernel = Layer(), np.arange(25.0).reshape(5, 5), np.ones((3, 3))
    back = run(transposed_partner(layer, (5, 5)), run(layer, grid, kernel), kernel)
    assert back.shape == grid.shape
    assert np.abs(back - grid).max() > 1


@pytest.mark.parametrize("layer", [Layer("transposed"), Layer(mode="reflect", padding=(1, 1, 1, 1))])
def test_other_layers_have_no_partner(layer):
    with pytest.raises(
        ValueError, match="Only a convolution padded with zeros has a transposed partner, got"
    ):
        transposed_partner(layer, (5, 5))


def test_a_maximum_is_no_matrix():
    with pytest.raises(ValueError, match="got a pooling that picks the largest value"):
        matrix(wire(Layer("max_pool"), (5, 5)))
