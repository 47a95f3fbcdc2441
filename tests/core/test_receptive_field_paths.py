"""Counts of paths, holes of dilated stacks, and goal seek."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.receptive_field import (
    PRESETS,
    StackLayer,
    coverage,
    path_histogram,
    propose,
    stack_from_text,
    trace_stack,
)
from core.receptive_field.paths import count_paths
from core.receptive_field.tape import record
from tests.core.naive_field import pixels_read, window_layers


def resnet18_by_enumeration():
    """Every choice of block or shortcut, each followed as a plain stack."""
    histogram = Counter()
    for choices in product((True, False), repeat=8):
        size, jump = 1 + 6 * 1 + 2 * 2, 4  # 7 x 7 stride 2, then pool 3 x 3 stride 2
        for block, through in enumerate(choices):
            stride = 2 if block in (2, 4, 6) else 1
            size += (2 * jump + 2 * jump * stride) if through else 0
            jump *= stride
        histogram[size] += 1
    return dict(sorted(histogram.items()))


def test_resnet18_is_a_mixture_of_256_paths():
    histogram = path_histogram("resnet18")
    assert histogram == resnet18_by_enumeration()
    assert sum(histogram.values()) == 2**8 and max(histogram) == 435


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("vgg16", 1),
        ("resnet34", 2**16),
        ("resnet50", 2**16),
        ("googlenet", 4**9),
        ("densenet121", 2**58),
        ("mobilenet_v2", 2**10),
        ("squeezenet1_1", 2**8),
    ],
)
def test_number_of_paths(name, paths):
    assert sum(path_histogram(name).values()) == paths


class Branches(nn.Module):
    """Blocks of two random branches, summed or concatenated."""

    def __init__(self, blocks):
        super().__init__()
        channels, parts, self.sums = 1, [], []
        for left, right, summed in blocks:
            parts.append(nn.ModuleList([self.branch(channels, left), self.branch(channels, right)]))
            self.sums.append(summed)
            channels = channels if summed else 2 * channels
        self.parts = nn.ModuleList(parts)

    @staticmethod
    def branch(channels, kernels):
        convolutions = [nn.Conv2d(channels, channels, k, padding=k // 2) for k in kernels]
        return nn.Sequential(*convolutions, nn.ReLU())

    def forward(self, x):
        for (left, right), summed in zip(self.parts, self.sums, strict=True):
            x = left(x) + right(x) if summed else torch.cat([left(x), right(x)], dim=1)
        return x


KERNELS = st.lists(st.sampled_from([1, 3, 5, 7]), max_size=3)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(KERNELS, KERNELS, st.booleans()), min_size=1, max_size=5))
def test_paths_of_random_branches_match_their_enumeration(blocks):
    steps = record(Branches(blocks), (64, 64), channels=1).steps
    expected = Counter()
    for choices in product((0, 1), repeat=len(blocks)):
        kernels = [k for block, choice in zip(blocks, choices, strict=True) for k in block[choice]]
        size = 1 + sum(k - 1 for k in kernels)
        expected[size, size] += 1
    assert count_paths(steps)[len(steps) - 1] == expected
    assert steps[-1].signal.sight.rows.size == max(size for size, _ in expected)


def test_paths_refuse_an_unknown_layer():
    with pytest.raises(ValueError, match="got 'layer9'"):
        path_histogram("resnet18", "layer9")


def test_dilations_2_2_2_leave_holes_and_1_2_3_with_the_same_field_do_not():
    gridded = coverage(stack_from_text(PRESETS["Dilations 2, 2, 2"]))
    filled = coverage(stack_from_text(PRESETS["Dilations 1, 2, 3"]))
    assert gridded.paths.shape == filled.paths.shape == (13, 13)
    assert (gridded.holes, filled.holes) == (13 * 13 - 7 * 7, 0)
    assert gridded.hole_share == pytest.approx(120 / 169)
    assert coverage(stack_from_text(PRESETS["Dilations 1, 2, 5"])).holes == 0


@settings(deadline=None, max_examples=60)
@given(st.lists(window_layers(("conv", "max_pool"), kernel=4), min_size=1, max_size=4))
def test_coverage_is_the_gradient_of_a_stack_of_ones(layers):
    result = coverage(layers)
    size = result.paths.shape[0]
    field = torch.ones(1, 1, size, size, dtype=torch.float64, requires_grad=True)
    maps = field
    for layer in layers:
        ones = torch.ones(1, 1, layer.kernel, layer.kernel, dtype=torch.float64)
        maps = nn.functional.conv2d(maps, ones, stride=layer.stride, dilation=layer.dilation)
    assert maps.shape == (1, 1, 1, 1)
    (gradient,) = torch.autograd.grad(maps.sum(), field)
    assert (gradient[0, 0].numpy() == result.paths).all()
    read = len(pixels_read(layers, 0))
    assert result.holes == size**2 - read**2


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("t2s2", "without transposed layers"),
        ("c64d16 c64d16", "at most 1024 pixels"),
        (" ".join(["c40"] * 20), "at most 2\\^62 paths"),
    ],
    ids=["transposed", "too large", "too many"],
)
def test_coverage_refuses_what_it_cannot_count(layers, message):
    with pytest.raises(ValueError, match=message):
        coverage(stack_from_text(layers))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 224), st.floats(0.001, 20))
def test_proposals_cover_the_object_within_the_budget(object_px, max_gmac):
    answer = propose(object_px, max_gmac)
    assert bool(answer.proposals) != bool(answer.sentence)
    for proposal in answer.proposals:
        rows = trace_stack(stack_from_text(proposal.text), (224, 224))
        assert rows[-1].size == proposal.size >= object_px
        assert sum(row.macs for row in rows) == proposal.macs <= max_gmac * 1e9
        assert proposal.rows == rows
    assert len({proposal.name for proposal in answer.proposals}) == len(answer.proposals)


def test_a_goal_has_several_ways():
    answer = propose(120, 1.0)
    assert 3 <= len(answer.proposals) <= 5
    assert answer == propose(120, 1.0)
    kinds = {layer.kind for proposal in answer.proposals for layer in stack_from_text(proposal.text)}
    assert kinds == {"conv", "max_pool"}


def test_a_goal_out_of_reach_gets_the_nearest_stack():
    answer = propose(120, 0.0001)
    assert answer.nearest is not None and answer.nearest.size >= 120
    assert f"{answer.nearest.macs / 1e9:.3g} billion" in answer.sentence
    assert propose(120, answer.nearest.macs / 1e9).proposals


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((225, 1.0), "1 to 224 pixels, as large as the picture, got 225"),
        ((0, 1.0), "got 0"),
        ((10, 0.0), "The budget is above 0, got 0"),
        ((10, float("nan")), "got nan"),
        ((10, 1.0, 31), "32 to 1024 pixels a side, got 31"),
    ],
    ids=["larger than the picture", "no object", "no budget", "not a number", "tiny picture"],
)
def test_impossible_goals_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        propose(*arguments)


def test_the_oracle_of_holes_knows_a_hole():
    assert pixels_read([StackLayer("conv", 3, dilation=2)], 0) == {0, 2, 4}
    assert np.array_equal(coverage([StackLayer("conv", 3, dilation=2)]).paths[0], [1, 0, 1, 0, 1])
