"""A few lines of PyTorch that reproduce the numbers of the filters view; each leaves its answer in `result`.

They expect what a notebook has at hand: `network`, of your own and in evaluation mode, and where they say so `picture`,
normalised [1, 3, height, width], or the `mean` and `std` of the network's inputs.
"""

from core.features.dream import COLOURS, Recipe
from core.features.top_nine import MOST


def card(layer: str, index: int) -> str:
    """Norm, share of the best kernel, and frequency of the strongest wave of one filter."""
    return f"""import torch

# network: yours
w = network.get_submodule("{layer}").weight[{index}].detach()  # [channels, kh, kw]
u, s, v = torch.linalg.svd(w.flatten(1).double(), full_matrices=False)
kernel = v[0].reshape(w.shape[1:])  # the best single kernel; u[:, 0] * s[0] are its channels' weights
waves = torch.fft.fft2(kernel, (64, 64)).abs()
row, column = divmod(int(waves.argmax()), 64)
fy, fx = (place / 64 if place <= 32 else place / 64 - 1 for place in (row, column))
result = (w.norm().item(), (s[0] ** 2 / (s**2).sum()).item(), (fx**2 + fy**2) ** 0.5)
"""


def dream(recipe: Recipe, bgr: bool = False) -> str:
    """The score after all steps; `values` then holds the picture."""
    half = f"{recipe.side // 2 + 1}, 2" if recipe.fourier else f"{recipe.side}"
    picture = "\n".join(f"    {line}" for line in _picture(recipe))
    seen = "shaken(x)" if recipe.shaken else "x"
    sign = "-" if recipe.negative else ""
    network = "network" if recipe.goal == "class" else "trunk"
    flip = ".flip(1)" if bgr else ""
    return f"""import torch
import torch.nn.functional as F

# network: yours, in evaluation mode; mean, std: of its inputs, for values from 0 to 255, [1, 3, 1, 1]
network.requires_grad_(False)
draw = torch.Generator().manual_seed({recipe.seed})
{_trunk(recipe)}
def picture(values):  # from the values that are learned to RGB, 0 to 1
{picture}

{_shaken(recipe)}
def score(x):
    out = {network}((255 * x{flip} - mean) / std)[0]
    return {sign}{_SCORES[recipe.goal].format(index=recipe.index)}

values = (0.01 * torch.randn(3, {recipe.side}, {half}, generator=draw)).requires_grad_()
adam = torch.optim.Adam([values], lr=0.05)
for step in range({recipe.steps} + 1):
    x = picture(values)
    value = score({seen})
    (slope,) = torch.autograd.grad(-value, values)
    if step < {recipe.steps}:
        values.grad = slope
        adam.step()
result = {sign}value.item()
"""


def reconstruction(layer: str, unit: tuple[int, int, int], rule: str, sign: int = 1) -> str:
    """What in the picture made a unit answer, [3, height, width], by hooks on a network of your own."""
    change = {
        "guided": "slopes_in[0].clamp(min=0)",
        "deconvnet": "slopes_out[0].clamp(min=0)",
        "gradient": "slopes_in[0]",
    }[rule]
    channel, row, column = unit
    return f"""import torch

# network: yours alone (hooks change it), in evaluation mode; picture: normalised, [1, 3, height, width]
kept = {{}}

def at_relu(module, slopes_in, slopes_out):
    return ({change},)

for module in network.modules():
    if isinstance(module, (torch.nn.ReLU, torch.nn.ReLU6)):
        module.inplace = False
        module.register_full_backward_hook(at_relu)
layer = network.get_submodule("{layer}")
{_before_relu()}
x = picture.clone().requires_grad_()
network(x)
(slope,) = torch.autograd.grad({"-" if sign < 0 else ""}kept["maps"][0, {channel}, {row}, {column}], x)
result = slope[0]
"""


def top(layer: str, channel: int) -> str:
    """The photos with the largest value of a channel, best first."""
    return f"""import torch

# network: yours, in evaluation mode; pictures: a list of photos, each normalised, [1, 3, height, width]
kept = {{}}
layer = network.get_submodule("{layer}")
{_before_relu()}
peaks = []
with torch.no_grad():
    for picture in pictures:
        network(picture)
        peaks.append(kept["maps"][0, {channel}].max().item())
result = sorted(range(len(peaks)), key=lambda i: -peaks[i])[:{MOST}]
"""


def _before_relu() -> str:
    """timm puts a ReLU inside its batch normalisation: the value before it is what enters that ReLU."""
    return """act = getattr(layer, "act", None)  # timm: a ReLU inside the batch normalisation
if act is not None and not isinstance(act, torch.nn.Identity):
    act.register_forward_pre_hook(lambda module, inputs: kept.update(maps=inputs[0].clone()))
else:
    layer.register_forward_hook(lambda module, inputs, output: kept.update(maps=output.clone()))"""


_SCORES = {
    "channel": "out[{index}].mean()",
    "unit": "out[{index}, out.shape[1] // 2, out.shape[2] // 2]",
    "layer": "out.square().mean()",
    "class": "out[{index}]",
}


def _trunk(recipe: Recipe) -> str:
    if recipe.goal == "class":
        return ""
    return f"""kept = {{}}
layer = network.get_submodule("{recipe.layer}")
for module in network.modules():
    if hasattr(module, "inplace"):
        module.inplace = False
{_before_relu()}

def trunk(inputs):
    network(inputs)
    return kept["maps"]

"""


def _picture(recipe: Recipe) -> list[str]:
    lines = []
    if recipe.fourier:
        lines += [
            f"fy, fx = torch.fft.fftfreq({recipe.side})[:, None], torch.fft.rfftfreq({recipe.side})",
            f"decay = {recipe.side} / torch.hypot(fy, fx).clamp(min=1 / {recipe.side})",
            f"planes = torch.fft.irfft2(torch.view_as_complex(values) * decay, s=({recipe.side}, {recipe.side})) / 4",
        ]
    else:
        lines.append("planes = values")
    if recipe.colours:
        lines += [
            f"colours = torch.tensor({COLOURS.tolist()})",
            "planes = torch.einsum('rc,chw->rhw', colours / colours.norm(dim=0).max(), planes)",
        ]
    return [*lines, "return torch.sigmoid(planes)[None]"]


def _shaken(recipe: Recipe) -> str:
    if not recipe.shaken:
        return ""
    return """def shaken(x):  # scaled by up to 10 %, shifted by up to a sixteenth of the side
    scale = 0.9 + 0.2 * torch.rand(1, generator=draw)
    shift = (2 * torch.rand(2, generator=draw) - 1) / 8
    matrix = torch.cat([torch.diag(scale.expand(2)), shift[:, None]], dim=1)[None]
    grid = F.affine_grid(matrix, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)

"""
