"""Every snippet of the view "Why this class?" is run as a student would run it, and its result compared with core."""

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.features.explanations import (
    METHODS,
    Effort,
    Subject,
    curve,
    explain,
    order_of,
    rank_correlation,
    subject_of,
)
from core.networks import DEFAULT, load, prepare, record
from core.snippets import features_why as snippets

torch.set_num_threads(1)  # as the app does: two threads beside other work are many times slower
SMALL = Effort(channels=4, steps=3, window=112, stride=112)


@cache
def cat() -> Subject:
    return subject_of(load(DEFAULT), prepare(record(DEFAULT), bundled("Cat")).tensor, 282)


def result(snippet: str, **space: object) -> object:
    """Run it with a network of its own, as the snippets ask for."""
    space |= {"network": deepcopy(load(DEFAULT)), "picture": cat().tensor}
    exec(snippet, space)
    return space["result"]


@pytest.mark.parametrize("method", METHODS)
def test_the_map(method: str) -> None:
    expected = explain(method, cat(), SMALL).values
    found = result(snippets.explanation(method, cat().layer, 282, SMALL)).numpy()
    assert found.shape == expected.shape
    assert np.allclose(found, expected, atol=2e-3 * np.abs(expected).max())


def test_the_deletion_curve() -> None:
    found = explain("grad_cam", cat())
    expected = curve(cat(), order_of(found, cat().hw), "deletion", 6).area
    heat = torch.from_numpy(found.over(cat().hw))
    assert result(snippets.deletion(282, 6), heat=heat) == pytest.approx(expected, abs=1e-3)


def test_the_sanity_check() -> None:
    """Its random numbers are its own; the likeness must be that of core for the networks it compared."""
    kept = []

    def explanation(network: torch.nn.Module) -> torch.Tensor:
        x = cat().tensor.clone().requires_grad_()
        (slope,) = torch.autograd.grad(network(x)[0, 282], x)
        kept.append(slope[0].abs().amax(0))
        return kept[-1]

    found = result(snippets.sanity(), parts=("classifier", "bn2"), explain=explanation)
    before, after = (replace(explain("saliency", cat()), values=each.numpy()) for each in kept)
    assert found == pytest.approx(rank_correlation(before, after), abs=1e-3)
    assert found < 0.9
