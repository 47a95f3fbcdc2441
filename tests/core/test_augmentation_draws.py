"""Draws: seeds, ranges, groups, policies, what a chain refuses, and that no shared generator is touched."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.transforms.v2 import AutoAugment, AutoAugmentPolicy, RandAugment, TrivialAugmentWide

from core.augmentation import (
    CATALOGUE,
    NAMES,
    Chain,
    OneOf,
    Step,
    apply,
    describe,
    draw,
    draw_variant,
    fixed,
    mixed_label,
    mixed_vector,
    strengths,
    transform,
    variants,
)
from core.augmentation.policies import AUTO, OPERATIONS, RAND, TABLES, TRIVIAL, operation
from core.bundled import bundled
from tests.core.augmentation_strategy import chains

PHOTO = bundled("Cat").pixels
HW = PHOTO.shape[:2]


@given(chains(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_seed_gives_the_same_bits_again(chain, seed):
    first, second = draw_variant(chain, (40, 50), seed, 3), draw_variant(chain, (40, 50), seed, 3)
    assert first == second
    small = PHOTO[:40, :50]
    assert np.array_equal(apply(first, small, PHOTO), apply(second, small, PHOTO))


def test_the_same_variant_alone_or_among_others_and_in_any_thread():
    chain = Chain(tuple(Step(name, probability=0.7) for name in NAMES[:20]))
    many = variants(chain, PHOTO, 6, seed=5, second=PHOTO)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda i: apply(draw_variant(chain, HW, 5, i), PHOTO, PHOTO), range(6)))
    for variant, other in zip(many, again, strict=True):
        assert np.array_equal(variant.pixels, other)
    assert many[0].draw != many[1].draw
    assert variants(chain, PHOTO, 2, seed=5, second=PHOTO)[1].draw == many[1].draw


def test_no_shared_generator_is_read_or_seeded():
    before = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    for name in NAMES:
        apply(fixed(name, CATALOGUE[name].default[1], HW), PHOTO, PHOTO)
    assert random.getstate() == before[0]
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[2])


@given(chains(), st.integers(0, 1000), st.tuples(st.integers(1, 90), st.integers(1, 90)))
@settings(max_examples=100, deadline=None)
def test_everything_drawn_lies_in_its_range(chain, seed, hw):
    found = draw_variant(chain, hw, seed, 0)
    assert len(found.steps) == len(chain.steps)
    for drawn, setting in zip(found.steps, chain.steps, strict=True):
        step = setting.steps[drawn.place[1]] if isinstance(setting, OneOf) else setting
        assert drawn.transform == step.transform
        if not drawn.applied:
            assert not drawn.parameters and not drawn.inner
            continue
        assert step.low <= drawn.strength <= step.high
        assert describe(drawn).startswith(transform(step.transform).title)


@pytest.mark.parametrize(
    ("name", "strength", "words"),
    [
        ("rotate", -13.84, "Rotate −13.8°"),
        ("rotate", 12.3, "Rotate +12.3°"),
        ("zoom", 1.2, "Zoom ×1.2"),
        ("jpeg", 30, "JPEG quality 30"),
        ("translate_x", -0.1, "Shift sideways −10 % of the width"),
    ],
    ids=["left", "right", "factor", "quality", "share"],
)
def test_a_draw_in_words(name, strength, words):
    (drawn,) = fixed(name, strength, HW).steps
    assert describe(drawn).partition(", box")[0] == words


def test_strengths_are_even_and_whole_ones_reach_both_ends():
    values = [
        draw_variant(Chain((Step("rotate", -10, 30),)), HW, 0, i).steps[0].strength for i in range(2000)
    ]
    assert np.mean(values) == pytest.approx(10, abs=0.8) and np.std(values) == pytest.approx(
        40 / 12**0.5, rel=0.05
    )
    bits = {draw_variant(Chain((Step("posterize", 3, 5),)), HW, 0, i).steps[0].strength for i in range(60)}
    assert bits == {3, 4, 5}


def test_a_group_takes_one_step_by_weight():
    group = OneOf((Step("flip", probability=0.6), Step("blur", probability=0.2)), 0.5)
    found = [draw_variant(Chain((group,)), HW, 1, i).steps[0] for i in range(3000)]
    assert group.shares == pytest.approx((0.75, 0.25))
    assert np.mean([each.applied for each in found]) == pytest.approx(0.5, abs=0.03)
    taken = [each.transform for each in found if each.applied]
    assert taken.count("flip") / len(taken) == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("share", [0.08, 0.5, 1.0])
@pytest.mark.parametrize("hw", [(1, 1), (200, 4000), (300, 451), (5, 1)])
def test_crops_lie_inside(share, hw):
    for seed in range(20):
        for name, options in (("crop", {"aspect": 3}), ("resized_crop", {}), ("erasing", {}), ("cutmix", {})):
            strength = min(share, transform(name).high)
            left, top, right, bottom = fixed(name, strength, hw, options, seed=seed).steps[0]["box"]
            assert 0 <= left <= right <= hw[1] and 0 <= top <= bottom <= hw[0]
            assert name in ("erasing", "cutmix") or (left < right and top < bottom)


def test_autoaugment_has_the_published_tables():
    for name, policy in zip(TABLES, AutoAugmentPolicy, strict=True):
        assert policy.value == name
        assert list(TABLES[name]) == AutoAugment(policy)._policies


@pytest.mark.parametrize(
    ("space", "theirs"),
    [
        (AUTO, AutoAugment._AUGMENTATION_SPACE),
        (RAND, RandAugment._AUGMENTATION_SPACE),
        (TRIVIAL, TrivialAugmentWide._AUGMENTATION_SPACE),
    ],
    ids=["auto", "rand", "trivial"],
)
def test_magnitudes_mean_what_torchvision_makes_of_them(space, theirs):
    assert set(OPERATIONS) >= set(theirs) - {"Invert"}
    factors = {"Brightness", "Color", "Contrast", "Sharpness"}
    for name, (magnitudes, signed) in theirs.items():
        table = magnitudes(space.bins, 200, 300)
        for level in range(space.bins):
            step = operation(name, level, 1, space, (200, 300)).step
            if table is None:
                assert step is None or transform(step.transform).switch
                continue
            expected, found = float(table[level]), step.low
            assert operation(name, level, -1, space, (200, 300)).step.low == pytest.approx(
                2 - found if name in factors else -found if signed else found
            )
            found = {
                "ShearX": lambda v: np.tan(np.radians(v)),
                "ShearY": lambda v: np.tan(np.radians(v)),
                "TranslateX": lambda v: v * 300,
                "TranslateY": lambda v: v * 200,
                "Solarize": lambda v: v / 255,
            }.get(name, lambda v, name=name: v - 1 if name in factors else v)(found)
            near = 1 if name.startswith("Translate") else 1e-5  # torchvision shifts by whole pixels
            assert found == pytest.approx(expected, abs=near), (name, level)


def test_randaugment_draws_as_many_operations_as_it_is_told():
    chain = Chain((Step("randaugment", 9, 9, options={"operations": 3}),))
    for number in range(20):
        found = draw_variant(chain, HW, 0, number).steps[0]
        assert len(found["operations"].split(", ")) == 3
        assert len(found.inner) == 3 - found["operations"].split(", ").count("Identity")


def test_mixing_mixes_the_label():
    first, second = np.full((50, 60, 3), 200, np.uint8), np.full((90, 31, 3), 100, np.uint8)
    blended = fixed("mixup", 0.3, (50, 60))
    assert apply(blended, first, second).ravel() == pytest.approx(170)
    assert mixed_label(blended) == pytest.approx((0.7, 0.3))
    assert mixed_vector(blended, [1, 0, 0], [0, 0, 1]) == pytest.approx([0.7, 0, 0.3])
    for seed in range(20):
        pasted = fixed("cutmix", 0.4, (50, 60), seed=seed)
        assert mixed_label(pasted)[1] == pytest.approx((apply(pasted, first, second) == 100).mean())
    with pytest.raises(ValueError, match="second photo, got none"):
        apply(blended, first)


def test_mixup_draws_from_a_beta_distribution():
    chain = Chain((Step("mixup", options={"alpha": 0.2}),))
    found = np.array([draw_variant(chain, HW, 0, i).steps[0].strength for i in range(1500)])
    assert found.mean() == pytest.approx(0.5, abs=0.04)
    assert found.var() == pytest.approx(1 / (4 * (2 * 0.2 + 1)), rel=0.06)


@pytest.mark.parametrize("name", NAMES)
def test_a_strip_goes_from_the_weakest_to_the_strongest(name):
    found = strengths(name, 7)
    kind = transform(name)
    assert found[0] == kind.weakest and found[-1] == kind.strongest
    assert all(kind.low <= value <= kind.high for value in (*found, *kind.default))
    assert kind.identity is None or kind.low <= kind.identity <= kind.high
    Step(name)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: Step("rotat"), "A transform is one of .*, got 'rotat'"),
        (lambda: Step("rotate", -200), "low end of rotate is -180 to 180, got -200"),
        (lambda: Step("rotate", float("nan")), "got nan"),
        (lambda: Step("rotate", "a"), "got 'a'"),
        (lambda: Step("rotate", 10, 5), "at most its high end 5, got 10"),
        (lambda: Step("posterize", 2.5), "whole number, got 2.5"),
        (lambda: Step("flip", probability=1.5), "probability of flip is 0 to 1, got 1.5"),
        (lambda: Step("flip", options={"size": 3}), "options of flip are none, got 'size'"),
        (lambda: Step("resized_crop", options={"size": 0}), "size is a whole number from 1 to 1024, got 0"),
        (lambda: Step("autoaugment", options={"table": "x"}), "table is one of imagenet, .* got 'x'"),
        (lambda: OneOf(()), "1 to 8 steps, got 0"),
        (lambda: OneOf((Step("flip", probability=0),)), "weight above 0, got only zeros"),
        (lambda: OneOf((OneOf((Step("flip"),)),)), "steps only, got OneOf"),
        (lambda: Chain((Step("flip"),) * 21), "at most 20 steps, got 21"),
        (lambda: Chain(("flip",)), "holds steps and one-of groups, got str"),
        (lambda: Chain(border="wrap"), "border is one of constant, reflect, edge, got 'wrap'"),
        (lambda: Chain(fill=256), "whole number from 0 to 255, got 256"),
        (lambda: draw(Chain(), (0, 5), np.random.default_rng(0)), "at least one pixel, got .*0, 5"),
        (lambda: draw_variant(Chain(), (5, 5), -1, 0), "0 or more, got -1"),
        (lambda: strengths("rotate", 1), "at least 2 strengths, got 1"),
    ],
)
def test_what_is_refused_and_how(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        wrong()
