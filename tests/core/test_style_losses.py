"""Gram matrices, losses and the trunk against loops, closed forms and PyTorch itself."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from core import networks
from core.style.gram_matrix import difference, gram, mean_gram
from core.style.losses import NORMALISATIONS, content_loss, roughness, style_loss
from core.style.trunk import Trunk, layer_names


def maps(seed: int, channels: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(channels, height, width))


def looped(features: np.ndarray) -> np.ndarray:
    channels, height, width = features.shape
    found = np.zeros((channels, channels))
    for i in range(channels):
        for j in range(channels):
            for y in range(height):
                for x in range(width):
                    found[i, j] += features[i, y, x] * features[j, y, x]
    return found


@given(st.integers(0, 99), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5))
def test_the_gram_matrix_is_the_loop(seed: int, channels: int, height: int, width: int) -> None:
    features = maps(seed, channels, height, width)
    np.testing.assert_allclose(gram(features), looped(features), rtol=1e-12, atol=1e-12)
    mean = mean_gram(torch.from_numpy(features)[None]).numpy()
    np.testing.assert_allclose(mean, looped(features) / (height * width), rtol=1e-12, atol=1e-12)


@given(st.integers(0, 99))
def test_places_do_not_count(seed: int) -> None:
    features = maps(seed, 3, 4, 5)
    order = np.random.default_rng(seed).permutation(20)
    shuffled = features.reshape(3, 20)[:, order].reshape(3, 4, 5)
    np.testing.assert_allclose(gram(shuffled), gram(features), rtol=1e-12, atol=1e-12)


def test_a_mask_counts_positions() -> None:
    features = torch.from_numpy(maps(1, 3, 4, 6))[None]
    mask = torch.zeros(1, 1, 4, 6, dtype=torch.float64)
    mask[..., :2] = 1
    torch.testing.assert_close(mean_gram(features, mask), mean_gram(features[..., :2]))
    torch.testing.assert_close(mean_gram(features, torch.ones_like(mask)), mean_gram(features))
    assert not mean_gram(features, torch.zeros_like(mask)).any()


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4, 5), (3, 0, 4)], ids=str)
def test_what_is_no_map_is_refused(shape: tuple) -> None:
    with pytest.raises(ValueError, match="channels, height, width"):
        gram(np.zeros(shape))


def test_distances_of_gram_matrices() -> None:
    assert difference(np.eye(2), np.eye(2)) == 0
    assert difference(2 * np.eye(2), np.eye(2)) == pytest.approx(1)
    assert difference(np.zeros((2, 2)), np.zeros((2, 2))) == 0
    assert difference(np.eye(2), np.zeros((2, 2))) == float("inf")


@given(st.integers(0, 99))
def test_the_losses_are_those_of_their_sources(seed: int) -> None:
    """Gatys: equations 1 and 4 with sums; the tutorial: its code; Johnson: section 3.2."""
    n, h, w = 4, 3, 5
    m = h * w
    f, p = (torch.from_numpy(maps(seed + i, n, h, w))[None] for i in (0, 1))
    g, a = gram(f[0].numpy()), gram(p[0].numpy())
    means = mean_gram(f), mean_gram(p)
    sums = ((g - a) ** 2).sum()
    assert style_loss(*means, "gatys").item() == pytest.approx(sums / (4 * n**2 * m**2))
    tutorial = functional.mse_loss(torch.from_numpy(g / (n * m)), torch.from_numpy(a / (n * m)))
    assert style_loss(*means, "tutorial").item() == pytest.approx(tutorial.item())
    assert style_loss(*means, "johnson").item() == pytest.approx(sums / (n * m) ** 2)
    assert content_loss(f, p, "gatys").item() == pytest.approx(((f - p) ** 2).sum().item() / 2)
    for name in ("tutorial", "johnson"):
        assert content_loss(f, p, name).item() == pytest.approx(functional.mse_loss(f, p).item())


def test_the_tutorial_weighs_narrow_layers_more() -> None:
    """64 channels against 512: 64 times more, compared with the paper."""
    ratio = {}
    for name in ("gatys", "tutorial"):
        narrow, wide = (
            style_loss(torch.ones(n, n), torch.zeros(n, n), name).item() / n**2 for n in (64, 512)
        )
        ratio[name] = narrow / wide
    assert ratio["tutorial"] / ratio["gatys"] == pytest.approx(64)


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_what_is_reached_costs_nothing(name: str) -> None:
    f = torch.from_numpy(maps(0, 3, 4, 4))[None]
    assert content_loss(f, f, name) == 0
    assert style_loss(mean_gram(f), mean_gram(f), name) == 0


def test_roughness_is_the_loop() -> None:
    picture = np.random.default_rng(0).random((3, 4, 5))
    total = 0.0
    for c in range(3):
        for y in range(4):
            for x in range(5):
                if y < 3:
                    total += (picture[c, y + 1, x] - picture[c, y, x]) ** 2
                if x < 4:
                    total += (picture[c, y, x + 1] - picture[c, y, x]) ** 2
    assert roughness(torch.from_numpy(picture)[None]).item() == pytest.approx(total / picture.size)
    assert roughness(torch.zeros(1, 3, 1, 1)) == 0


def test_the_names_are_the_papers() -> None:
    names = layer_names("vgg19")
    assert len(names) == 2 * 16
    assert names[:4] == ("conv1_1", "relu1_1", "conv1_2", "relu1_2")
    assert names[-1] == "relu5_4"
    with pytest.raises(ValueError, match="vgg16_hed, vgg16, vgg19, got 'resnet18'"):
        layer_names("resnet18")


def test_the_trunk_computes_what_the_network_computes() -> None:
    """With max pooling, against the network's own Sequential fed with what its record says."""
    picture = torch.rand(1, 3, 40, 48, generator=torch.Generator().manual_seed(0))
    how = networks.record("vgg16_hed").preprocessing
    trunk = Trunk("vgg16_hed", layer_names("vgg16_hed"), "max", "untrained", 3)
    features = networks.load("vgg16_hed", "untrained", seed=3).features
    with torch.inference_mode():
        found = trunk(picture)
        x = (255 * picture.flip(1) - torch.tensor(how.mean).view(1, 3, 1, 1)) / torch.tensor(how.std).view(
            1, 3, 1, 1
        )
        wanted = []
        for step in features:
            x = functional.relu(x) if isinstance(step, nn.ReLU) else step(x)
            wanted += [x] if isinstance(step, (nn.Conv2d, nn.ReLU)) else []
    assert list(found) == list(layer_names("vgg16_hed"))
    for name, values in zip(found, wanted, strict=True):
        torch.testing.assert_close(
            found[name], values, rtol=1e-5, atol=1e-5 * float(values.abs().max()), msg=name
        )


def test_the_trunk_ends_where_it_is_not_looked_at_any_more() -> None:
    trunk = Trunk("vgg16_hed", ("relu2_1", "conv1_2"), weights="untrained")
    assert [name for name, _ in trunk._steps] == [
        "conv1_1",
        "relu1_1",
        "conv1_2",
        "relu1_2",
        "pool1",
        "conv2_1",
        "relu2_1",
    ]
    assert trunk.smallest == 2
    assert not any(each.requires_grad for each in trunk.parameters())
    with pytest.raises(ValueError, match="at least 2 pixels on each side, got 5 x 1"):
        trunk(torch.zeros(1, 3, 1, 5))


@pytest.mark.parametrize(
    ("layers", "pooling", "message"),
    [
        ((), "max", "got none"),
        (("relu9_1",), "max", "relu9_1"),
        (("relu1_1",), "sum", "average, max, got 'sum'"),
    ],
    ids=["no layer", "unknown layer", "unknown pooling"],
)
def test_a_trunk_that_cannot_be_is_refused(layers: tuple, pooling: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Trunk("vgg16_hed", layers, pooling, "untrained")
