"""Records, preparation and answers of the networks, against torchvision, timm and published numbers."""

import numpy as np
import pytest
import skimage.data
import torch
from PIL import Image
from torchvision.models import get_model, get_model_weights
from torchvision.transforms import functional

from core.networks import DEFAULT, HED, NAMES, activations, classify, load, prepare, ranked, record, title_of
from core.networks.building import filled
from core.networks.preparing import normalised
from core.photo import Photo
from core.receptive_field import NETWORKS

ARCHITECTURES = (
    "resnet18",
    "alexnet",
    "vgg16",
    "vgg19",
    "googlenet",
    "squeezenet1_1",
    "mobilenet_v2",
    "densenet121",
    "tf_efficientnet_lite0",
)


def photo(rows, columns, seed=0):
    return Photo.of(np.random.default_rng(seed).integers(0, 256, (rows, columns, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ("chelsea", {"tiger cat": 0.379, "Egyptian cat": 0.3755, "tabby": 0.168}),
        ("coffee", {"espresso": 0.9565}),
    ],
)
def test_the_packaged_network_knows_a_cat_and_a_coffee(picture, expected):
    answers = classify(DEFAULT, Photo.of(getattr(skimage.data, picture)()), top=len(expected))
    assert [name for name, _ in answers] == list(expected)
    assert [share for _, share in answers] == pytest.approx(list(expected.values()), abs=0.001)


def test_the_default_comes_first_and_every_architecture_is_there():
    assert NAMES[:2] == (DEFAULT, HED)
    assert set(NAMES) == {HED, *NETWORKS}
    assert len({title_of(name) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize(
    "name", ["alexnet", "vgg16", "resnet18", "squeezenet1_1", "mobilenet_v2", "densenet121"]
)
def test_counts_are_those_that_torchvision_publishes(name):
    published = get_model_weights(name).DEFAULT.meta
    found = record(name)
    assert found.parameters == published["num_params"]
    assert found.macs / 1e9 == pytest.approx(published["_ops"], abs=0.001)
    assert found.weights.size_bytes / 2**20 == pytest.approx(published["_file_size"], abs=0.001)
    assert found.accuracy.top1 == published["_metrics"]["ImageNet-1K"]["acc@1"]
    assert found.weights.source.startswith("https://download.pytorch.org/models/")
    assert found.weights.sha256
    assert len(found.categories) == 1000


@pytest.mark.parametrize("name", [*ARCHITECTURES, HED])
def test_the_parameters_of_the_record_are_those_of_the_network(name):
    network = load(name, "untrained")
    assert record(name).parameters == sum(each.numel() for each in network.parameters())
    assert not network.training
    assert not any(each.requires_grad for each in network.parameters())


def test_the_record_of_the_default_network():
    found = record(DEFAULT)
    assert (found.weights.kind, found.weights.licence, found.input_px) == ("packaged", "Apache-2.0", 224)
    assert found.parameters / 1e6 == pytest.approx(4.65, abs=0.01)  # published as 4.7 million
    assert found.macs / 1e6 == pytest.approx(385, abs=1)
    assert "tensorflow/tpu" in found.accuracy.reference


def test_the_trunk_has_thirteen_convolutions_and_no_classifier():
    found = record(HED)
    assert found.trunk
    assert found.parameters == 14_714_688
    assert found.categories == ()
    with pytest.raises(ValueError, match="has a classifier"):
        classify(HED, photo(9, 9), weights="untrained")


def test_nobody_publishes_some():
    assert not record("resnet50_v1").has_trained_weights
    with pytest.raises(ValueError, match=r"core\.networks\.NAMES"):
        record("resnet19")


@pytest.mark.parametrize("hw", [(300, 451), (17, 401), (224, 224), (600, 31), (1, 3), (640, 480)])
def test_the_crop_is_torchvisions(hw):
    shown = prepare(record("resnet18"), photo(*hw))
    transforms = get_model_weights("resnet18").DEFAULT.transforms()
    picture = Image.fromarray(photo(*hw).pixels)
    cropped = functional.center_crop(functional.resize(picture, transforms.resize_size), transforms.crop_size)
    assert np.abs(shown.pixels.astype(int) - np.asarray(cropped)).max() <= 1
    torch.testing.assert_close(shown.tensor[0], transforms(picture), atol=0.02, rtol=0)


@pytest.mark.parametrize("hw", [(1, 8000), (8000, 1), (1, 1), (8, 8)])
def test_odd_photos_have_a_crop_inside(hw):
    left, top, right, bottom = prepare(record(DEFAULT), photo(*hw)).box
    assert 0 <= left < right <= hw[1]
    assert 0 <= top < bottom <= hw[0]


def test_the_trunk_reads_blue_first_minus_the_caffe_mean():
    red = np.zeros((2, 2, 3), dtype=np.uint8)
    red[..., 0] = 200
    values = normalised(record(HED).preprocessing, red)[0, :, 0, 0].tolist()
    assert values == pytest.approx([-104.00699, -116.66877, 200 - 122.67892], abs=1e-4)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_rescaling_inside_the_network_is_part_of_its_preprocessing(name):
    """torchvision normalises twice; once with 0.5 is the same."""
    builder = get_model(name, weights=None, init_weights=False, aux_logits=False, transform_input=True)
    shown = get_model_weights(name).DEFAULT.transforms()
    picture = Image.fromarray(photo(350, 350).pixels)
    twice = builder._transform_input(shown(picture)[None])
    once = prepare(record(name), photo(350, 350)).tensor
    torch.testing.assert_close(once, twice, atol=0.02, rtol=0)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_untrained_networks_come_from_their_seed_and_leave_the_shared_generator_alone(name):
    state = torch.random.get_rng_state()
    first, again, other = (load(name, "untrained", seed=seed) for seed in (5, 5, 6))
    assert torch.equal(state, torch.random.get_rng_state())
    assert first is again
    assert not torch.equal(next(first.parameters()), next(other.parameters()))


def test_ranked_gives_probabilities_best_first():
    answers = ranked(load("squeezenet1_1", "untrained"), record("squeezenet1_1"), photo(50, 60), top=1000)
    shares = [share for _, share in answers]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    with pytest.raises(ValueError, match="1 to 1000, got 0"):
        ranked(load("squeezenet1_1", "untrained"), record("squeezenet1_1"), photo(5, 6), top=0)


def test_weights_that_do_not_fit_are_named():
    network = load("squeezenet1_1", "untrained")
    with pytest.raises(ValueError, match=r"features\.0\.bias is missing"):
        filled(network, {k: v for k, v in network.state_dict().items() if k != "features.0.bias"})


def test_wrong_choices():
    with pytest.raises(ValueError, match="trained"):
        load(DEFAULT, "pretrained")
    with pytest.raises(ValueError, match="introduced"):
        activations(torch.nn.Conv2d(3, 3, 1), torch.zeros(1, 3, 9, 9), ["a"])
