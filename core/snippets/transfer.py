"""Lines of PyTorch that do what the transfer page does; pasted into a notebook they give a number as `result`."""

from core.transfer.recipe import Recipe

_OPTIMISERS = {
    "SGD": "torch.optim.SGD(groups, momentum=0.9)",
    "Adam": "torch.optim.Adam(groups)",
    "AdamW": "torch.optim.AdamW(groups)",
    "RMSprop": "torch.optim.RMSprop(groups)",
}


def training(recipe: Recipe, classes: tuple[str, ...]) -> str:
    """How such a training is written in PyTorch, on a small network and random tensors in the place of photos.

    Schedule, dropout, augmentation and the choice of the best epoch are left out.
    """
    trunk = {
        "features": "trained = []  # the trunk is frozen",
        "scratch": "trained = stages  # everything",
        "tune": f"trained = stages[-{recipe.stages}:]  # the last stages",
    }[recipe.approach]
    factor = 1.0 if recipe.approach == "scratch" else recipe.trunk_factor
    side = min(recipe.size_px, 64)
    return f"""import torch
import torchvision

classes = {list(classes)!r}
network = torchvision.models.mobilenet_v3_small(weights={"None" if recipe.approach == "scratch" else '"DEFAULT"'})
stages = list(network.features)
network.classifier[-1] = torch.nn.Linear(network.classifier[-1].in_features, len(classes))  # a new head

{trunk}
network.requires_grad_(False).eval()  # eval: or batch normalisation would move although it is frozen
for part in (*trained, network.classifier[-1]):
    part.requires_grad_(True)
groups = [
    {{"params": [p for part in trained for p in part.parameters()], "lr": {recipe.rate:g} * {factor:g}}},
    {{"params": list(network.classifier[-1].parameters()), "lr": {recipe.rate:g}}},
]
groups = [group | {{"weight_decay": {recipe.weight_decay:g}}} for group in groups if group["params"]]
optimiser = {_OPTIMISERS[recipe.optimiser]}

photos = torch.rand({min(recipe.batch, 8)}, 3, {side}, {side})  # a batch of yours, normalised
targets = torch.arange(len(photos)) % len(classes)
for _ in range(3):
    loss = torch.nn.functional.cross_entropy(network(photos), targets, label_smoothing={recipe.label_smoothing:g})
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
result = sum(p.numel() for p in network.parameters() if p.requires_grad)  # parameters that train
"""


def frozen_statistics() -> str:
    """The running mean of a frozen layer after ten batches, in training and in evaluation mode."""
    return """import torch

result = []
for training in (True, False):
    layer = torch.nn.BatchNorm2d(3).requires_grad_(False).train(training)  # frozen, you would think
    for _ in range(10):
        layer(torch.full((4, 3, 8, 8), 2.0) + torch.zeros(4, 1, 8, 8))
    result.append(layer.running_mean[0].item())  # 2 (1 - 0.9 ** 10) in training mode, 0 in evaluation mode
"""


def wilson(right: int, of: int) -> str:
    """The interval of a share of right answers."""
    return f"""from math import sqrt

right, n, z = {right}, {of}, 1.959964  # 95 %
p = right / n
middle = p + z**2 / (2 * n)
reach = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
result = ((middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n))
"""
