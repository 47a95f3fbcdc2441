"""Grad-CAM against torchcam and pytorch-grad-cam; the other methods and the trials against their bare passes.

Run with `python -m benchmarks.features_why`. pytorch-grad-cam is needed for nothing else, so it is not pinned:
`pip install grad-cam==1.5.7`. Both are used as their documentation says, on a private copy of the same
weights in the same order in memory. One torch thread, as in the app; medians of both orders and their ratio.
"""

import copy
from collections.abc import Callable

import numpy as np
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn
from torchcam.methods import GradCAM as TorchGradCAM

from benchmarks.timing import compare, machine
from core import networks
from core.bundled import bundled
from core.features.explanations import (
    Effort,
    Subject,
    chance_order,
    deletion_insertion,
    enlarged,
    explain,
    sanity_check,
    subject_of,
)

CATEGORY = 281
REPEATS = 15


def main() -> None:
    torch.set_num_threads(1)
    print(machine())
    for name in ("resnet18", "resnet50"):
        against_libraries(name)
    against_bare_passes()


def against_libraries(name: str) -> None:
    """The same map three ways."""
    shared = networks.load(name, "untrained")
    tensor = networks.prepare(networks.record(name), bundled("Cat")).tensor
    asked = subject_of(shared, tensor, CATEGORY)
    own = copy.deepcopy(shared).requires_grad_()

    with TorchGradCAM(own, "layer4") as explainer:
        compare(
            f"Grad-CAM, {name}",
            lambda: explain("grad_cam", asked).strength,
            lambda: explainer(CATEGORY, own(tensor), normalized=False)[0][0].numpy(),
            named="torchcam",
            repeats=REPEATS,
        )
    with GradCAM(own, [own.layer4[-1]]) as explainer:
        theirs = explainer(tensor, [ClassifierOutputTarget(CATEGORY)])[0]
        print(f"largest difference to pytorch-grad-cam: {abs(stretched(asked) - theirs).max():.1e} of 1")
        compare(
            f"Grad-CAM over the picture, {name}",
            lambda: explain("grad_cam", asked).heat(asked.hw),
            lambda: explainer(tensor, [ClassifierOutputTarget(CATEGORY)])[0],
            named="pytorch-grad-cam",
            repeats=REPEATS,
        )


def stretched(asked: Subject) -> np.ndarray:
    """The picture as pytorch-grad-cam scales it: from the smallest to the largest value, before and after enlarging."""
    small = explain("grad_cam", asked).strength
    large = enlarged((small - small.min()) / np.ptp(small), asked.hw)
    return (large - large.min()) / np.ptp(large)


def against_bare_passes() -> None:
    """What takes long, against as many passes of the module, the same number of pictures at a time."""
    name = networks.DEFAULT
    shared = networks.load(name)
    tensor = networks.prepare(networks.record(name), bundled("Cat")).tensor
    asked = subject_of(shared, tensor, CATEGORY)
    for title, work, passes, at_once in long_ones(asked):
        compare(
            title,
            work,
            lambda passes=passes, at_once=at_once: forwards(shared, tensor, passes, at_once),
            named=f"{passes} bare passes",
            repeats=3,
        )


def long_ones(asked: Subject) -> list[tuple[str, Callable[[], object], int, int]]:
    """Each with the passes it takes, and how many pictures a pass has at most."""
    order = chance_order(asked.hw)
    return [
        ("Score-CAM, 64 channels", lambda: explain("score_cam", asked, Effort(channels=64)), 65, 8),
        ("occlusion, 49 windows", lambda: explain("occlusion", asked), 50, 8),
        ("deletion and insertion", lambda: deletion_insertion(asked, order), 30, 5),
        ("sanity check of Grad-CAM, 8 parts", lambda: sanity_check(asked, ("grad_cam",)), 9, 1),
    ]


def forwards(network: nn.Module, tensor: Tensor, passes: int, at_once: int) -> None:
    """Nothing but the network."""
    with torch.inference_mode():
        for first in range(0, passes, at_once):
            network(
                tensor.expand(min(at_once, passes - first), -1, -1, -1).contiguous(
                    memory_format=torch.channels_last
                )
            )


if __name__ == "__main__":
    main()
