"""The snippets of the maps view, run as a student would, give what core gives; the embedded network is at hand."""

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.features import scene as scenes
from core.features import wire
from core.features.scene import Look
from core.features.similarity import linear_cka
from core.snippets import features as snippets

EMBEDDED = Look("tf_efficientnet_lite0")


@pytest.fixture(scope="module")
def seen():
    return scenes.scene(EMBEDDED, bundled("Cat"))


def run(code, **names):
    """`result` after executing the snippet with what a notebook has at hand."""
    exec(compile(code, "snippet", "exec"), names)
    return names["result"]


def fresh_network():
    """A network of the student's own, with the trained weights: nothing of it is shared."""
    from copy import deepcopy

    from core import networks

    return deepcopy(networks.load(EMBEDDED.network))


def test_the_embedded_network_sees_a_cat(seen):
    best = scenes.predictions(seen)
    assert len(best) == 5 and {"tiger cat", "tabby", "Egyptian cat"} == {name for name, _ in best[:3]}
    from core import networks

    for ours, theirs in zip(best, networks.classify(EMBEDDED.network, bundled("Cat")), strict=True):
        assert ours[0] == theirs[0] and ours[1] == pytest.approx(theirs[1], abs=1e-4)


def test_the_maps_of_a_layer(seen):
    found = run(snippets.shown_maps("blocks.2.0.bn1.act"), network=fresh_network(), picture=seen.tensor)
    assert np.allclose(found, scenes.layer_maps(seen, "blocks.2.0.bn1.act").mean(axis=(1, 2)), atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "channel", "factor"), [("blocks.2.0.bn1.act", 20, 0.0), ("conv_head", 3, 2.0)]
)
def test_the_cut_wire(seen, layer, channel, factor):
    values = scenes.cut_values(seen, layer)
    before, after = (scenes.cut_outputs(seen, values, layer, channel, each) for each in (1.0, factor))
    categories = wire.leaders(before, after)
    effects = scenes.cut_effects(seen, values, layer, categories)
    cut = wire.compare(before, after, categories, effects[:, channel], factor)
    code = snippets.cut_wire(layer, channel, factor, categories[0])
    after_there, foretold_there = run(code, network=fresh_network(), picture=seen.tensor)
    assert after_there == pytest.approx(cut.after[0], abs=1e-3)
    assert foretold_there == pytest.approx(cut.foretold[0], abs=1e-3)


def test_sums_of_the_embedded_network(seen):
    for layer in ("conv_stem", "blocks.1.0.conv_dw", "blocks.2.0.bn1.act", "blocks.5.1.add", "bn2.act"):
        shape = scenes.layer_maps(seen, layer).shape
        unit = (shape[0] // 2, shape[1] - 1, shape[2] // 3)
        found = scenes.unit_sum(seen, layer, unit)
        assert found.total == pytest.approx(found.value, rel=1e-4, abs=1e-4), layer


def test_cka(seen):
    other = scenes.scene(EMBEDDED, bundled("Coffee"))
    first, second = (scenes.layer_maps(each, "blocks.4.2.bn2.act") for each in (seen, other))
    found = run(snippets.linear_cka(), first=torch.from_numpy(first), second=torch.from_numpy(second))
    assert found == pytest.approx(
        linear_cka(*(each.reshape(len(each), -1).T for each in (first, second))), abs=1e-4
    )
    same = scenes.likenesses(seen, seen)
    assert all(found.in_place == pytest.approx(1, abs=1e-4) for _, found in same)
