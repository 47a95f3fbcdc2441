"""A few lines of PyTorch that reproduce the numbers of the features page; each leaves its answer in `result`.

They expect what a notebook has at hand: `network`, in evaluation mode, and `picture`, normalised [1, 3, height, width].
"""


def shown_maps(layer: str) -> str:
    """Mean of every channel of a layer, from a hook on a network of your own."""
    return f"""import torch

# network: yours, in evaluation mode; picture: normalised, [1, 3, height, width]
found = {{}}
layer = network.get_submodule("{layer}")
# clone: an activation that works in place would overwrite the tensor
hook = layer.register_forward_hook(lambda module, inputs, output: found.update(maps=output.clone()))
with torch.no_grad():
    network(picture)
hook.remove()
result = found["maps"][0].mean(dim=(1, 2))  # one number per channel
"""


def cut_wire(layer: str, channel: int, factor: float, category: int) -> str:
    """One output after a channel was scaled, and as activation x gradient foretells it."""
    return f"""import torch

# network: yours, in evaluation mode; picture: normalised, [1, 3, height, width]
layer = network.get_submodule("{layer}")
kept = {{}}

def keep(module, inputs, output):
    kept["maps"] = output.clone().requires_grad_()
    return kept["maps"]

def scale(module, inputs, output):
    changed = output.clone()
    changed[:, {channel}] *= {factor:g}
    return changed

hook = layer.register_forward_hook(keep)
before = network(picture)[0, {category}]
hook.remove()
(gradient,) = torch.autograd.grad(before, kept["maps"])
slope = (kept["maps"] * gradient)[0, {channel}].sum()  # activation x gradient

hook = layer.register_forward_hook(scale)
after = network(picture)[0, {category}]
hook.remove()
result = (after.item(), (before + ({factor:g} - 1) * slope).item())
"""


def linear_cka() -> str:
    """Linear CKA of two maps [channels, height, width] called `first` and `second`."""
    return """import torch

# first, second: maps of one layer for two photos, [channels, height, width]
x, y = (maps.flatten(1).T.double() for maps in (first, second))  # one row per place
x, y = x - x.mean(0), y - y.mean(0)
cross = torch.linalg.norm(y.T @ x) ** 2
result = (cross / (torch.linalg.norm(x.T @ x) * torch.linalg.norm(y.T @ y))).item()
"""
