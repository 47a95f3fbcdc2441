"""A few lines of PyTorch that reproduce the numbers of the view "Why this class?"; each leaves its answer in `result`.

They expect what a notebook has at hand: `network`, yours alone and in evaluation mode, and `picture`, normalised
[1, 3, height, width].
"""

from core.features.explanations import Effort

_START = """import torch
import torch.nn.functional as F

# network: yours alone, in evaluation mode; picture: normalised, [1, 3, height, width]
"""

_SUMS = {
    "grad_cam": """weights = slopes.mean(dim=(1, 2))  # alpha: one per map
result = (weights[:, None, None] * maps).sum(0)  # before the ReLU""",
    "grad_cam_pp": """shares = slopes**2 / (2 * slopes**2 + maps.sum(dim=(1, 2), keepdim=True) * slopes**3 + 1e-6)
weights = (shares * slopes.clamp(min=0)).sum(dim=(1, 2))
result = (weights[:, None, None] * maps).sum(0)  # before the ReLU""",
    "layer_cam": "result = (slopes.clamp(min=0) * maps).sum(0)",
    "eigen_cam": """places = maps.flatten(1).T.double()  # one row per place; no slope and no category in it
centred = places - places.mean(0)
along = centred @ torch.linalg.svd(centred, full_matrices=False).Vh[0]
along = along * torch.sign(along @ places.mean(1))  # the direction that grows with the activations
result = along.view(maps.shape[1:])""",
}


def explanation(method: str, layer: str, category: int, effort: Effort) -> str:
    """The map of a method, before any ReLU, as large as the method makes it."""
    match method:
        case "score_cam":
            return _score_cam(layer, category, effort.channels)
        case "occlusion":
            return _occlusion(category, effort.window, effort.stride)
        case "integrated_gradients":
            return _integrated(category, effort.steps)
        case "saliency" | "guided_backprop":
            return _slopes(category, guided=method == "guided_backprop")
        case _:
            return _START + _kept(layer, category) + _SUMS[method] + "\n"


def _kept(layer: str, category: int) -> str:
    """The maps of a layer and the slopes there."""
    return f"""kept = {{}}
for module in network.modules():
    if hasattr(module, "inplace"):
        module.inplace = False

def keep(module, inputs, output):
    kept["maps"] = output.detach().clone().requires_grad_()
    return kept["maps"]

hook = network.get_submodule("{layer}").register_forward_hook(keep)
z = network(picture)[0, {category}]  # before the softmax
hook.remove()
maps, slopes = kept["maps"].detach()[0], torch.autograd.grad(z, kept["maps"])[0][0]
"""


def _score_cam(layer: str, category: int, most: int) -> str:
    return f"""{_START}{_kept(layer, category)}strongest = maps.amax(dim=(1, 2)).argsort(descending=True, stable=True)
lively = maps.flatten(1).amax(1) > maps.flatten(1).amin(1)
strongest = strongest[lively[strongest]][:{most}]
scores = []
with torch.no_grad():
    for plane in maps[strongest]:
        mask = F.interpolate(plane[None, None], picture.shape[2:], mode="bilinear")
        mask = (mask - mask.min()) / (mask.max() - mask.min() + 1e-8)
        scores.append(network(picture * mask)[0, {category}])
weights = torch.stack(scores).softmax(0)
result = (weights[:, None, None] * maps[strongest]).sum(0)
"""


def _occlusion(category: int, side: int, stride: int) -> str:
    return f"""{_START}height, width = picture.shape[2:]
total, times = torch.zeros(height, width), torch.zeros(height, width)
with torch.no_grad():
    before = network(picture)[0, {category}]
    for top in range(0, height - {side} + {stride}, {stride}):
        for left in range(0, width - {side} + {stride}, {stride}):
            place = slice(top, top + {side}), slice(left, left + {side})
            covered = picture.clone()
            covered[0, :, place[0], place[1]] = 0  # the mean colour of the training pictures
            total[place] += before - network(covered)[0, {category}]
            times[place] += 1
result = total / times  # the mean fall of the output over the windows that cover a pixel
"""


def _integrated(category: int, steps: int) -> str:
    return f"""{_START}total = torch.zeros_like(picture)
for j in range({steps}):  # from grey, which is 0, to the picture
    x = ((j + 0.5) / {steps} * picture).requires_grad_()
    total += torch.autograd.grad(network(x)[0, {category}], x)[0]
result = (picture * total / {steps})[0].sum(0)  # they add up to z(picture) - z(grey)
"""


def _slopes(category: int, *, guided: bool) -> str:
    rule = """
for module in network.modules():
    if hasattr(module, "inplace"):
        module.inplace = False
    if isinstance(module, (torch.nn.ReLU, torch.nn.ReLU6)):  # no ReLU lets a negative slope back
        module.register_full_backward_hook(lambda module, back, _: (back[0].clamp(min=0),))
"""
    return f"""{_START}{rule if guided else ""}x = picture.clone().requires_grad_()
(slope,) = torch.autograd.grad(network(x)[0, {category}], x)
result = slope[0].abs().amax(0)  # the largest of the three colours
"""


def deletion(category: int, steps: int) -> str:
    """The deletion curve of a map over the whole picture called `heat`, and the area under it."""
    return f"""{_START}# heat: a map over the whole picture, [height, width]
order = heat.flatten().argsort(descending=True, stable=True)
shares = []
with torch.no_grad():
    for step in range({steps} + 1):
        less = picture.clone()
        less.flatten(2)[:, :, order[: round(step / {steps} * len(order))]] = 0  # grey
        shares.append(network(less).softmax(1)[0, {category}])
result = torch.trapezoid(torch.stack(shares), dx=1 / {steps}).item()
"""


def sanity() -> str:
    """A network with random numbers in some of its layers: `parts` are the beginnings of their names."""
    return f"""{_START}# parts: beginnings of names of parameters, such as ("classifier",)
# explain: a function that gives the map for a network
from copy import deepcopy

before = explain(network)
changed, draw = deepcopy(network), torch.Generator().manual_seed(0)
with torch.no_grad():
    for name, numbers in changed.named_parameters():
        if name.startswith(tuple(parts)):  # the same mean and deviation, but nothing that was learned
            deviation = numbers.std() if numbers.numel() > 1 else 0
            numbers.copy_(numbers.mean() + deviation * torch.randn(numbers.shape, generator=draw))
after = explain(changed)
ranks = [F.relu(each).flatten().argsort().argsort().double() for each in (before, after)]
result = torch.corrcoef(torch.stack(ranks))[0, 1].item()  # Spearman's rank correlation
"""
