"""A script that repeats a style transfer step by step; it leaves its answer in `result`.

It expects what a notebook has at hand: `features`, the convolutional part of a VGG (torchvision's, or the app's own
with the weights of `python -m core.networks fetch vgg16_hed`), and `photo` and `styles`, RGB [height, width, 3].
"""

from core.style.recipe import Recipe

_LOSSES = {
    "gatys": ("(f - p).square().sum() / 2", "(g - a).square().sum() / (4 * len(g) ** 2)"),
    "tutorial": ("(f - p).square().mean()", "(g - a).square().sum() / len(g) ** 4"),
    "johnson": ("(f - p).square().mean()", "(g - a).square().sum() / len(g) ** 2"),
}
_STARTS = {
    "photo": "picture = p",
    "noise": "picture = noise",
    "style": "picture = tensor(cv2.resize(styles[0], small.shape[1::-1], interpolation=cv2.INTER_AREA))",
    "mix": "picture = (p + noise) / 2",
}
_COLOURS_BEFORE = {
    "matched": """
def moments(pixels):  # the mean colour, and the Cholesky factor of the colours' covariance
    colours = pixels.reshape(-1, 3) / 255
    apart = colours - colours.mean(axis=0)
    return colours.mean(axis=0), np.linalg.cholesky(apart.T @ apart / len(apart) + 1e-5 * np.eye(3))

(wanted_mean, wanted_spread), recoloured = moments(photo), []
for each in styles:
    middle, spread = moments(each)
    turned = (each.reshape(-1, 3) / 255 - middle) @ (wanted_spread @ np.linalg.inv(spread)).T + wanted_mean
    recoloured.append(np.clip(255 * turned + 0.5, 0, 255).astype(np.uint8).reshape(each.shape))
styles = recoloured

""",
    "histogram": """
from skimage.exposure import match_histograms

styles = [match_histograms(each, photo, channel_axis=2) for each in styles]

""",
}
_LUMINANCE = """
yiq = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
new, old = result @ yiq.T, small @ yiq.T  # the result's brightness, the photo's colours
mixed = np.concatenate([new[..., :1], old[..., 1:]], axis=2) @ np.linalg.inv(yiq).T
result = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
"""
_STEPS = {
    "Adam": """chunk, judged = min(each, looks - done), False
        for _ in range(chunk):
            optimiser.step(look)""",
    "L-BFGS": """chunk, judged = 1 if fresh else min(each, looks - done), False
        # PyTorch divides the first step by the sum of the slope's lengths
        optimiser.param_groups[0].update(lr=first * z.numel() if fresh else 1, max_iter=chunk)
        optimiser.step(look)""",
}


def script(
    recipe: Recipe,
    mean: tuple[float, ...],
    std: tuple[float, ...],
    *,
    bgr: bool,
    shares: tuple[float, ...] = (1.0,),
) -> str:
    """The run of a recipe, without a mask.

    Args:
        mean, std: of the channels as the network reads them, for values from 0 to 255. bgr: it reads blue first.
        shares: how much each style counts.
    """
    content, style = _LOSSES[recipe.normalisation]
    pool = "F.avg_pool2d(x, 2)" if recipe.pooling == "average" else "F.max_pool2d(x, 2)"
    order = "picture.flip(1)" if bgr else "picture"
    adam = f"torch.optim.Adam([z], lr={recipe.rate:g})"
    lbfgs = (
        "torch.optim.LBFGS([z], history_size=50 if side <= 256 else 20, tolerance_grad=0, tolerance_change=0)"
    )
    alike = f"""
    dice = torch.Generator().manual_seed({recipe.seed})  # each part pulls alike on a picture half photo, half noise
    middle = ((p + torch.rand(p.shape, generator=dice)) / 2).requires_grad_()
    slopes = {{k: torch.autograd.grad(v, middle, retain_graph=True)[0] for k, v in parts(middle).items()}}
    weights = {{k: FADERS[k] / slopes[k].norm().item() for k in FADERS}}"""
    return f"""import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

FADERS = {recipe.parts}
LEVELS = {recipe.levels}  # longer edge, looks at the picture
SHARES = {shares}  # of the styles
mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in ({mean}, {std}))
wanted = {{name.split()[1] for name in FADERS if " " in name}}

def maps(picture):
    x, found, block, i = (255 * {order} - mean) / std, {{}}, 1, 0
    for layer in features:
        if len(found) == len(wanted):
            break
        if isinstance(layer, nn.MaxPool2d):
            x, block, i = {pool}, block + 1, 0
        elif isinstance(layer, nn.Conv2d):
            x, i, name = layer(x), i + 1, f"conv{{block}}_{{i + 1}}"
        else:
            x, name = F.relu(x), f"relu{{block}}_{{i}}"
        if not isinstance(layer, nn.MaxPool2d) and name in wanted:
            found[name] = x
    return found

def gram(f):
    f = f.flatten(2)[0]
    return f @ f.T / f.shape[1]

def tensor(pixels):
    values = torch.from_numpy(np.ascontiguousarray(pixels)).float()
    values = values / 255 if pixels.dtype == np.uint8 else values
    return values.permute(2, 0, 1)[None].contiguous(memory_format=torch.channels_last)

def sized(pixels, side):
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = max(16, round(width * scale)), max(16, round(height * scale))
    smaller = size[0] * size[1] < width * height
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)

values = None
{_COLOURS_BEFORE.get(recipe.colours, "")}for side, looks in LEVELS:
    small = sized(photo, side)
    each = 5 if side <= 192 else 1  # looks between two pictures that may be the best
    p = tensor(small)
    with torch.no_grad():
        targets = {{f"content {{k}}": f for k, f in maps(p).items()}}
        for k in wanted:
            grams = [gram(maps(tensor(sized(each, side)))[k]) for each in styles]
            targets[f"style {{k}}"] = sum(g * (s / sum(SHARES)) for s, g in zip(SHARES, grams))

    def parts(picture):
        found, out = maps(picture), {{}}
        for name in FADERS:
            if name == "roughness":
                out[name] = (picture.diff(dim=2).square().sum() + picture.diff(dim=3).square().sum()) / picture.numel()
            elif name.startswith("content"):
                f, p = found[name.split()[1]], targets[name]
                out[name] = {content}
            else:
                g, a = gram(found[name.split()[1]]), targets[name]
                out[name] = {style}
        return out

    weights = dict(FADERS){alike if recipe.like else ""}
    noise = torch.rand(p.shape, generator=torch.Generator().manual_seed({recipe.seed}))
    {_STARTS[recipe.start]}
    if values is not None:
        picture = tensor(np.clip(cv2.resize(values, small.shape[1::-1], interpolation=cv2.INTER_CUBIC), 0, 1))
    done, restarts, began, best = 0, 0, None, (float("inf"), None)
    first = 0.1 if values is None else 0.1 / 16

    def begin(picture):
        global z, optimiser, scale, fresh
        z = torch.asin((2 * picture - 1).clamp(-0.99, 0.99)).clone(memory_format=torch.contiguous_format)
        z.requires_grad_()
        optimiser = {adam if recipe.optimiser == "Adam" else lbfgs}
        scale, fresh = None, True

    def look():
        global scale, done, judged, loss, best
        picture = (1 + torch.sin(z)) / 2
        total = sum(weights[k] * v for k, v in parts(picture).items())
        slope = torch.autograd.grad(total, z)[0]
        scale = scale or slope.abs().mean().item() / first  # the first step of an angle is so long on average
        z.grad = (slope / scale).contiguous()
        if not judged:
            loss = total.item()
            best = min(best, (loss, picture.detach()), key=lambda each: each[0])
        done, judged = done + 1, True
        return total.detach() / scale

    begin(picture)
    while done < looks:
        {_STEPS[recipe.optimiser]}
        began, fresh = began or loss, False
        if not loss <= 2 * began and restarts < 3:  # led astray: from the best with a shorter step
            restarts, first = restarts + 1, first / 4
            begin(best[1])
    with torch.no_grad():
        picture = (1 + torch.sin(z)) / 2
        total = sum(weights[k] * v for k, v in parts(picture).items()).item()
        best = min(best, (total, picture), key=lambda each: each[0])
    values = best[1][0].permute(1, 2, 0).contiguous().numpy()
result = (255 * values + 0.5).astype(np.uint8)
{_LUMINANCE if recipe.colours == "luminance" else ""}"""
