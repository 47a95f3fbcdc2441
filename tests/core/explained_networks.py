"""Networks in front of a small picture, for the tests of explanations: torchvision's with seeded weights, and Lite0.

`own_copy` gives the same weights in modules of one's own, for oracles that need hooks.
"""

import copy
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
import torch

from core.features.explanations import Subject, subject_of
from core.networks import load

LITE = "tf_efficientnet_lite0"
NETWORKS = (
    LITE,
    "resnet18",
    "vgg16",
    "mobilenet_v2",
    "squeezenet1_1",
    "densenet121",
    "shufflenet_v2_x1_0",
    "efficientnet_b0",
)
MODULES = {
    "resnet18": "layer4",
    "vgg16": "features.29",
    LITE: "bn2",
}  # whose output is the last map with places
SIDE = 96


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As in the app; two threads on a busy machine are many times slower."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network(name: str) -> torch.nn.Module:
    """The shared network: Lite0 as it was trained, others with weights drawn from a seed."""
    return load(name) if name == LITE else load(name, "untrained", seed=1)


def picture(side: int = SIDE) -> torch.Tensor:
    """A blurred random picture, normalised."""
    noise = torch.randn(1, 3, side // 8, side // 8, generator=torch.Generator().manual_seed(3))
    return torch.nn.functional.interpolate(noise, (side, side), mode="bicubic")


@cache
def subject(name: str, category: int = 7, side: int = SIDE, layer: str = "") -> Subject:
    """A category of a network for the picture."""
    return subject_of(network(name), picture(side), category, layer)


@cache
def own_copy(name: str) -> torch.nn.Module:
    """Modules of one's own around the same numbers; nothing works in place, so that hooks see what they should."""
    memo = {id(tensor): tensor for tensor in network(name).parameters()}  # these are only read
    made = copy.deepcopy(network(name), memo)
    for module in made.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    return made


@cache
def hooked(name: str, category: int = 7) -> tuple[np.ndarray, np.ndarray, float]:
    """Maps, gradients and output by a hook on modules of one's own: the textbook's way."""
    held = {}
    module = own_copy(name).get_submodule(MODULES[name])
    handle = module.register_forward_hook(lambda _module, _inputs, output: held.update(maps=output))
    output = own_copy(name)(picture().requires_grad_())[0, category]
    handle.remove()
    (slopes,) = torch.autograd.grad(output, held["maps"])
    return held["maps"].detach()[0].numpy(), slopes[0].numpy(), output.item()


def close(found: np.ndarray, expected: np.ndarray, share: float = 1e-4) -> bool:
    """Equal to a share of the largest value."""
    return np.allclose(found, expected, rtol=0, atol=share * float(np.abs(expected).max()))
