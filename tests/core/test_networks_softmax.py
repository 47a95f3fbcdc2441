"""Softmax against PyTorch's."""

import numpy as np
import pytest
import torch

from core.networks.softmax import softmax


@pytest.mark.parametrize("shape", [(1,), (7,), (5, 3, 4)], ids=str)
@pytest.mark.parametrize("size", [1.0, 1e4], ids=["small", "large"])
def test_it_is_pytorch_s(shape: tuple[int, ...], size: float) -> None:
    values = np.random.default_rng(0).normal(0, size, shape)
    wanted = torch.from_numpy(values).softmax(0).numpy()
    np.testing.assert_allclose(softmax(values), wanted, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(softmax(values).sum(axis=0), 1)


def test_it_keeps_the_precision() -> None:
    assert softmax(np.zeros(3, np.float32)).dtype == np.float32
