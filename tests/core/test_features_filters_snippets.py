"""Every snippet of the filters view is run as a student would run it, and its result compared with core."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.features import deconvnet, filters
from core.features.dream import GOALS, Recipe, dream
from core.features.top_nine import peaks, strongest
from core.networks import DEFAULT, load, prepare, record
from core.snippets import features_filters as snippets

LAYER = "blocks.1.0.bn1"
HOW = record(DEFAULT).preprocessing


def result(snippet: str, **space: object) -> object:
    """Run it with a network of its own, as the snippets ask for."""
    space["network"] = deepcopy(load(DEFAULT))
    for name in ("mean", "std"):
        space[name] = torch.tensor(getattr(HOW, name)).view(1, 3, 1, 1)
    exec(snippet, space)
    return space["result"]


@pytest.mark.parametrize(("layer", "index"), [("conv_stem", 21), ("blocks.2.0.conv_dw", 3)])
def test_the_card(layer: str, index: int) -> None:
    card = filters.card(filters.bank(load(DEFAULT), layer), index)
    expected = (card.norm, card.plane.share, card.wave.frequency)
    assert result(snippets.card(layer, index)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("plain", [False, True])
def test_the_dream(goal: str, plain: bool) -> None:
    # Adam moves a coefficient whose slope is nearly 0 by the whole rate, up or down as rounding has it. Of Fourier
    # coefficients many are such, and from the second step on every processor goes its own way; pixels have none.
    recipe = Recipe(goal, "" if goal == "class" else LAYER, 3, side=64, steps=4 if plain else 1, seed=2)
    if plain:
        recipe = replace(recipe, fourier=False, colours=False, shaken=False, negative=True)
    *_, last = dream(load(DEFAULT), HOW, recipe)
    assert result(snippets.dream(recipe)) == pytest.approx(last.score, rel=2e-2, abs=1e-3)


@pytest.mark.parametrize("rule", deconvnet.RULES)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_reconstruction(rule: deconvnet.Rule, sign: int) -> None:
    picture, unit = prepare(record(DEFAULT), bundled("Cat")).tensor, (5, 30, 30)
    expected = deconvnet.reconstruction(load(DEFAULT), picture, LAYER, unit, rule=rule, sign=sign)
    found = result(snippets.reconstruction(LAYER, unit, rule, sign), picture=picture).numpy()
    assert np.allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    assert np.abs(expected).max() > 0


def test_the_top_nine() -> None:
    pictures = [
        prepare(record(DEFAULT), bundled(name)).tensor for name in ("Cat", "Coffee", "Temple", "Grass")
    ]
    hits = strongest([peaks(load(DEFAULT), picture, LAYER) for picture in pictures], 8)
    assert result(snippets.top(LAYER, 8), pictures=pictures) == [hit.photo for hit in hits]
