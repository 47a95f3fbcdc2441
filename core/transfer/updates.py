"""The updates of a training: which photos come together, in which order, and what the optimiser holds."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.transfer.recipe import Recipe
from core.transfer.student import Student


def batches(numbers: Sequence[int], size: int, *, never_one: bool) -> list[tuple[int, ...]]:
    """The numbers in their order, `size` at a time; `never_one`: a last one alone joins the batch before it.

    Batch normalisation takes the variance of a batch: of one photo's single place that is 0 or not a number.
    """
    cut = [tuple(numbers[first : first + size]) for first in range(0, len(numbers), size)]
    if never_one and len(cut) > 1 and len(cut[-1]) == 1:
        cut[-2:] = [cut[-2] + cut[-1]]
    return cut


def shuffled(numbers: Sequence[int], seed: int, epoch: int) -> list[int]:
    """The order in which an epoch's photos come; drawn from (seed, epoch) alone."""
    order = np.random.default_rng([seed, 17, epoch]).permutation(len(numbers))
    return [numbers[i] for i in order]


def optimiser_of(pupil: Student, recipe: Recipe) -> torch.optim.Optimizer:
    """Over exactly what trains; biases and normalisation are not decayed (groups: trunk and head, decayed or not)."""
    trunk, head = pupil.parameters()
    groups = [
        {"params": chosen, "lr": recipe.rate * times, "times": times, "weight_decay": decay}
        for each, times in (
            (trunk, 1.0 if recipe.approach == "scratch" else recipe.trunk_factor),
            (head, 1.0),
        )
        for chosen, decay in (
            ([one for one in each if one.ndim > 1], recipe.weight_decay),
            ([one for one in each if one.ndim <= 1], 0.0),
        )
        if chosen
    ]
    if recipe.optimiser == "SGD":
        return torch.optim.SGD(groups, lr=recipe.rate, momentum=0.9)
    kind = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW, "RMSprop": torch.optim.RMSprop}[
        recipe.optimiser
    ]
    return kind(groups, lr=recipe.rate)


def update(
    pupil: Student,
    body: nn.Module | None,
    optimiser: torch.optim.Optimizer,
    inputs: Tensor,
    targets: Tensor,
    *,
    rate: float,
    smoothing: float,
) -> tuple[float, int]:
    """One step of the optimiser; returns the loss before it, and how many photos it had right.

    Args:
        body: the part of the trunk that the inputs go through; None where they are features.
        rate: of the head. smoothing: of the labels.
    """
    for group in optimiser.param_groups:
        group["lr"] = rate * group["times"]
    if body is not None:
        alone = len(inputs) == 1  # the only photo there is: no statistics of one
        pupil.set_mode(body, training=not alone)
        inputs = body(inputs)
    logits = pupil.logits(inputs, dropping=True)
    loss = functional.cross_entropy(logits, targets, label_smoothing=smoothing)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss.detach()), int((logits.argmax(1) == targets).sum())
