"""The odds of a chain against every path written out, and against draws; and what the order of two steps changes."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings

from core.augmentation import Chain, OneOf, Step, apply, check_odds, odds, order_effect
from core.augmentation.order import seen_outline
from core.augmentation.outlines import area
from core.bundled import bundled
from tests.core.augmentation_strategy import chains


def written_out(chain):
    """Every combination of outcomes: its probability, and how many transforms it has."""
    levels = []
    for each in chain.steps:
        steps = each.steps if isinstance(each, OneOf) else (each,)
        total = sum(step.probability for step in steps) if isinstance(each, OneOf) else 1
        weights = [step.probability / total for step in steps] if isinstance(each, OneOf) else [1]
        levels.append([(each.probability * weight, 1) for weight in weights] + [(1 - each.probability, 0)])
    for combination in itertools.product(*levels):
        yield np.prod([p for p, _ in combination]), sum(count for _, count in combination)


@given(chains(most=4))
@settings(max_examples=80, deadline=None)
def test_the_tree_is_every_path_written_out(chain):
    found, paths = odds(chain), list(written_out(chain))
    assert found.untouched == pytest.approx(sum(p for p, count in paths if count == 0))
    assert found.expected == pytest.approx(sum(p * count for p, count in paths))
    assert sum(found.counts) == pytest.approx(1) and found.counts[0] == pytest.approx(found.untouched)
    for count, share in enumerate(found.counts):
        assert share == pytest.approx(sum(p for p, n in paths if n == count), abs=1e-12)
    possible = sorted((p for p, _ in paths if p > 1e-12), reverse=True)
    walked = [path.probability for path in found.paths if path.probability > 1e-12]
    assert walked == pytest.approx(possible[:64])
    assert found.covered == pytest.approx(sum(possible[:64]))
    assert [each.value for each in found.formulas] == [found.untouched, found.expected]


def test_an_example_by_hand():
    chain = Chain(
        (
            Step("flip", probability=0.5),
            OneOf((Step("blur", probability=0.75), Step("noise", probability=0.25)), 0.4),
        )
    )
    found = odds(chain)
    assert found.untouched == pytest.approx(0.3) and found.expected == pytest.approx(0.9)
    assert found.paths[0].probability == pytest.approx(0.3)
    assert {path.titles: round(path.probability, 3) for path in found.paths} == {
        (): 0.3,
        ("Flip left and right",): 0.3,
        ("Blur",): 0.15,
        ("Noise",): 0.05,
        ("Flip left and right", "Blur"): 0.15,
        ("Flip left and right", "Noise"): 0.05,
    }
    assert found.formulas[0].filled == r"(1 - 0.5) \cdot (1 - 0.4)"


def test_a_thousand_draws_agree():
    chain = Chain(
        (
            Step("flip", probability=0.5),
            OneOf((Step("blur"), Step("noise")), 0.3),
            Step("rotate", probability=0.9),
        )
    )
    exact, counted = odds(chain), check_odds(chain, seed=0)
    assert counted.draws == 1000 and sum(counted.counts) == pytest.approx(1)
    assert abs(counted.untouched - exact.untouched) < 3 * counted.untouched_error
    assert abs(counted.expected - exact.expected) < 3 * counted.expected_error
    assert check_odds(chain, seed=0) == counted


def test_an_empty_chain_and_the_longest():
    nothing = odds(Chain())
    assert (nothing.untouched, nothing.expected, nothing.counts, nothing.covered) == (1, 0, (1.0,), 1)
    assert nothing.formulas[0].filled == "1" and check_odds(Chain(), 0, 5).untouched == 1
    longest = odds(Chain((OneOf(tuple(Step("flip") for _ in range(8)), 0.5),) * 20))
    assert len(longest.paths) == 64 and longest.expected == 10
    with pytest.raises(ValueError, match="1 to 100,000, got 0"):
        check_odds(Chain(), 0, 0)


def test_crop_then_resize_is_not_resize_then_crop():
    photo = bundled("Coffee").pixels  # [400, 600, 3]
    crop, resize = Step("crop", 0.25, 0.25), Step("resize", 100, 100)
    cropped, resized = order_effect(crop, resize, photo.shape[:2], seed=1)
    assert cropped.hw == (100, 150) and resized.hw == (50, 75)
    assert cropped.seen == pytest.approx(0.25) and resized.seen == pytest.approx(0.25)
    assert cropped.scale == pytest.approx(0.5) and resized.scale == pytest.approx(0.25)
    for each in (cropped, resized):
        assert apply(each.draw, photo).shape[:2] == each.hw
    boxes = [np.array(each.draw.steps[i]["box"]) for i, each in enumerate((cropped, resized))]
    assert boxes[0] / 4 == pytest.approx(boxes[1], abs=1)  # the same dice, one photo a quarter of the other


def test_what_is_seen_after_a_rotation():
    upright, turned = order_effect(Step("zoom", 0.5, 0.5), Step("rotate", 45, 45), (100, 100), 0)
    assert upright.seen == pytest.approx(1)
    assert area(seen_outline(upright.draw)) == pytest.approx(100 * 100)
    assert turned.seen == pytest.approx(
        2 * (2**0.5 - 1)
    )  # the octagon that a square keeps when turned by 45 degrees
