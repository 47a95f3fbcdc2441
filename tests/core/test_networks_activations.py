"""All activations without hooks: the same numbers as hooks on a copy, and no thread sees another's."""

import copy
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch

from core.networks import HED, activations, layer_names, load

ALL = (
    "resnet18",
    "alexnet",
    "vgg16",
    "googlenet",
    "squeezenet1_1",
    "mobilenet_v2",
    "densenet121",
    "tf_efficientnet_lite0",
    "shufflenet_v2_x1_0",
    "convnext_tiny",
    "regnet_y_400mf",
    "mobilenet_v3_small",
)


def pictures(count=1, side=96, seed=0):
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", ALL)
def test_every_layer_is_what_a_hook_on_a_copy_sees(name):
    network = load(name, "untrained")
    x = pictures(2, 128)
    names = layer_names(network, (128, 128))
    found = activations(network, x, names)
    seen = {}

    def keep(path, _module, _inputs, out):
        seen.setdefault(path, out.clone())  # a hook that returns something would replace the result

    watched = copy.deepcopy(network)
    for path, module in watched.named_modules():
        if path in found and type(module).__module__.startswith("torch.nn."):
            module.register_forward_hook(partial(keep, path))
    torch.testing.assert_close(found[names[-1]], watched(x), rtol=0, atol=0)
    assert len(seen) > 10
    for path, out in seen.items():
        assert torch.equal(found[path], out), path


@pytest.mark.parametrize("name", ["resnet18", "tf_efficientnet_lite0", "densenet121"])
def test_asking_for_few_gives_the_same_as_asking_for_all(name):
    network = load(name, "untrained")
    x = pictures()
    names = layer_names(network, (96, 96))
    everything = activations(network, x, names)
    for layer in names[:: len(names) // 12]:
        assert torch.equal(activations(network, x, [layer])[layer], everything[layer]), layer


def test_the_name_of_a_block_stands_for_its_last_layer():
    network = load("resnet18", "untrained")
    found = activations(network, pictures(), ["layer1", "layer1.1.relu_1", "layer1.1.bn2"])
    assert torch.equal(found["layer1"], found["layer1.1.relu_1"])
    assert found["layer1.1.bn2"].min() < 0


def test_going_on_from_a_map_and_gradients_of_it():
    network = load("resnet18", "untrained")
    x = pictures()
    last = layer_names(network)[-1]
    parts = activations(network, x, ["layer3", last])
    middle = parts["layer3"].clone().requires_grad_()
    logits = activations(network, middle, [last], after="layer3", input_hw=(96, 96))[last]
    torch.testing.assert_close(logits, parts[last])
    (gradient,) = torch.autograd.grad(logits[0, 0], middle)
    assert gradient.shape == middle.shape
    assert gradient.abs().sum() > 0
    assert all(each.grad is None for each in network.parameters())
    with pytest.raises(ValueError, match="alone"):
        activations(network, middle, ["layer1.1.relu_1"], after="layer1.1.conv1")


def test_the_picture_is_not_written_to_and_unknown_layers_are_named():
    network = load(HED, "untrained")
    x = pictures()
    before = x.clone()
    found = activations(network, x, ["features.0", "features.28", "features.30"])
    assert found["features.30"].shape == (1, 512, 3, 3)
    assert torch.equal(x, before)
    assert torch.equal(network(x), found["features.30"])
    for unknown in ("features.99", "classifier.0", ""):
        with pytest.raises(ValueError, match="The layer is one of"):
            activations(network, x, [unknown])


def test_no_thread_sees_anothers_activations_and_no_hooks_are_left():
    network = load("tf_efficientnet_lite0")
    layers = ("conv_stem", "blocks.2", "blocks.6")
    inputs = [pictures(side=64, seed=seed) for seed in range(4)]
    expected = [activations(network, x, layers) for x in inputs]
    logits = [network(x) for x in inputs]

    def visit(thread):
        wrong = 0
        for turn in range(100):
            which = (thread + turn) % 4
            found = activations(network, inputs[which], layers)
            wrong += any(not torch.equal(found[layer], expected[which][layer]) for layer in layers)
            if turn % 10 == thread:
                wrong += not torch.equal(network(inputs[which]), logits[which])
        return wrong

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(visit, range(4))) == 0
    for module in network.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
        assert not module.training


def test_one_instance_serves_all_threads():
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: load("squeezenet1_1", "untrained", seed=77), range(16)))
    assert len({id(each) for each in found}) == 1
