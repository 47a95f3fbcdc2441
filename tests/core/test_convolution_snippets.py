"""Every snippet is run as a student would run it, and its result compared with core."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.convolution import Layer, proof, run, same_layer
from core.snippets import convolution as snippets
from tests.core.layer_strategy import layers

GRID = np.random.default_rng(0).integers(-9, 10, (7, 8))
KERNEL = np.array([[1, 0, -1 / 3], [2.5, 0, -2], [1, 0, 4]])


def result(snippet):
    space = {}
    exec(snippet, space)
    return space["result"]


@given(case=layers(), seed=st.integers(0, 1000))
@settings(deadline=None)
def test_output(case, seed):
    layer, hw = case
    rng = np.random.default_rng(seed)
    grid, kernel = rng.integers(-9, 10, hw), None if layer.pools else rng.standard_normal(layer.kernel)
    found = result(snippets.output(layer, grid, kernel)).numpy()
    np.testing.assert_allclose(found, run(layer, grid, kernel), rtol=1e-10, atol=1e-10)


@given(case=layers())
@settings(deadline=None)
def test_output_size(case):
    layer, hw = case
    assert result(snippets.output_size(layer, hw)) == layer.output_hw(hw)


@pytest.mark.parametrize("operation", ["convolution", "transposed", "avg_pool"])
def test_matrix_proof(operation):
    layer = Layer(operation, stride=(2, 1))
    kernel = None if layer.pools else KERNEL
    snippet = snippets.matrix_proof(layer, GRID, kernel)
    assert result(snippet) == pytest.approx(0, abs=1e-12)
    assert result(snippet.replace("W @", "2 * W @")) > 1
    assert proof(layer, GRID, kernel) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_tensorflow_same(stride):
    layer = Layer(stride=stride, padding=(1, 1, 1, 1))
    expected = same_layer(layer, GRID, KERNEL)[-1]
    assert expected.name == "TensorFlow and Keras, SAME"
    np.testing.assert_allclose(
        result(snippets.tensorflow_same(layer, GRID, KERNEL)).numpy(), expected.values, rtol=1e-12
    )
