"""A few lines of PyTorch that reproduce the numbers of the receptive field page; each leaves its answer in `result`."""

from collections.abc import Sequence

from core.receptive_field.layer import StackLayer


def recurrence(layers: Sequence[StackLayer]) -> str:
    """Size, jump and start of a stack's last map, for stacks without transposed layers."""
    rows = "\n".join(
        f"    ({each.kernel}, {each.stride}, {each.padding}, {each.dilation}),  # {each.words}"
        for each in layers
    )
    return f"""# kernel, stride, padding, dilation of each layer
layers = [
{rows}
]
size, jump, start = 1, 1, 0.5  # one pixel sees itself; pixel 0 has its centre at 0.5
for kernel, stride, padding, dilation in layers:
    reach = dilation * (kernel - 1)
    size += reach * jump  # the jump of the layers before
    start += (reach / 2 - padding) * jump
    jump *= stride
result = (size, jump, start)
"""


def measured_field(layers: Sequence[StackLayer], input_hw: tuple[int, int], unit: tuple[int, int]) -> str:
    """First and last row and column that move one unit, by gradient; max pools become average pools."""
    return f"""import torch
from torch import nn

net = nn.Sequential(
{_modules(layers, positive=True)}
).double()
for weight in net.parameters():
    nn.init.constant_(weight, 1 / weight[0].numel())  # positive, so that no path cancels another

image = torch.ones(1, 1, {input_hw[0]}, {input_hw[1]}, dtype=torch.float64, requires_grad=True)
unit = net(image)[0, 0, {unit[0]}, {unit[1]}]
(gradient,) = torch.autograd.grad(unit, image)
rows, columns = gradient[0, 0].nonzero(as_tuple=True)
result = (rows.min().item(), rows.max().item(), columns.min().item(), columns.max().item())
"""


def poked(
    layers: Sequence[StackLayer],
    input_hw: tuple[int, int],
    unit: tuple[int, int],
    pixel: tuple[int, int],
    seed: int = 0,
) -> str:
    """By how much one unit changes when one pixel does; exactly 0 outside its field."""
    return f"""import torch
from torch import nn

generator = torch.Generator().manual_seed({seed})
net = nn.Sequential(
{_modules(layers, positive=False)}
).double()
for weight in net.parameters():
    nn.init.normal_(weight, generator=generator)

image = torch.rand(1, 1, {input_hw[0]}, {input_hw[1]}, dtype=torch.float64, generator=generator)
poked = image.clone()
poked[0, 0, {pixel[0]}, {pixel[1]}] += 1
with torch.no_grad():
    before, after = net(image), net(poked)
result = (after - before)[0, 0, {unit[0]}, {unit[1]}].item()
"""


def coverage(layers: Sequence[StackLayer], size: int) -> str:
    """Paths from each pixel of the field to one unit: the gradient when all weights are 1."""
    plain = [StackLayer(each.kind, each.kernel, each.stride, 0, each.dilation, 1) for each in layers]
    return f"""import torch
from torch import nn

net = nn.Sequential(
{_modules(plain, positive=True)}
).double()
for weight in net.parameters():
    nn.init.ones_(weight)
field = torch.ones(1, 1, {size}, {size}, dtype=torch.float64, requires_grad=True)
(result,) = torch.autograd.grad(net(field)[0, 0, 0, 0], field)
result = result[0, 0]{_averages(layers)}  # ways from each pixel to the unit; 0 is a hole
"""


def network_field(name: str, layer: str, input_hw: tuple[int, int], unit: tuple[int, int]) -> str:
    """First and last picture row that moves one unit of a network of torchvision or timm, measured by gradient.

    Covers the layers whose name is a module; the network keeps its ReLUs, which positive weights never switch off.
    """
    library, made = _made(name)
    return f"""import {library}
import torch
from torch import nn

{made}
net = net.double().eval()
for module in list(net.modules()):
    for key, child in list(module.named_children()):
        if isinstance(child, nn.MaxPool2d):  # a max passes one path on, the average all
            setattr(module, key, nn.AvgPool2d(child.kernel_size, child.stride, child.padding, child.ceil_mode))
        elif isinstance(child, nn.ReLU6):  # it would cut off large values
            setattr(module, key, nn.ReLU())
        elif isinstance(child, nn.Conv2d):
            nn.init.constant_(child.weight, 1 / child.weight[0].numel()){_without_gates(name)}

seen = {{}}
net.get_submodule("{layer}").register_forward_hook(lambda module, inputs, output: seen.update(map=output))
image = torch.ones(1, 3, {input_hw[0]}, {input_hw[1]}, dtype=torch.float64, requires_grad=True)
net(image)
(gradient,) = torch.autograd.grad(seen["map"][0, 0, {unit[0]}, {unit[1]}], image)
rows = gradient[0].sum(dim=(0, 2)).nonzero()
result = (rows.min().item(), rows.max().item())
"""


def _made(name: str) -> tuple[str, str]:
    """The library that has the network, and the lines that make it."""
    if name.startswith("tf_"):
        return "timm", f'net = timm.create_model("{name}", pretrained=False)'
    if name != "resnet50_v1":
        return "torchvision", f'net = torchvision.models.get_model("{name}", weights=None)'
    return (
        "torchvision",
        """net = torchvision.models.resnet50(weights=None)
for stage in (net.layer2, net.layer3, net.layer4):  # the paper has the stride in the 1 x 1, torchvision in the 3 x 3
    stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)""",
    )


def _without_gates(name: str) -> str:
    """The lines that take out squeeze and excitation, which looks at the whole map and so has no field."""
    if not name.startswith(("efficientnet_", "mobilenet_v3_", "regnet_y_")):
        return ""
    return """
        elif isinstance(child, torchvision.ops.SqueezeExcitation):  # a gate that looks at the whole map
            setattr(module, key, nn.Identity())"""


def _modules(layers: Sequence[StackLayer], positive: bool) -> str:
    """One line per layer, one channel each; with `positive` the pools average and no ReLU is needed."""
    lines = []
    for each in layers:
        window = f"{each.kernel}, stride={each.stride}, padding={each.padding}"
        dilated = f"{window}, dilation={each.dilation}"
        if each.kind == "conv":
            lines.append(f"nn.Conv2d(1, 1, {dilated}, bias=False)")
        elif each.kind == "transposed":
            lines.append(
                f"nn.ConvTranspose2d(1, 1, {dilated}, output_padding={each.output_padding}, bias=False)"
            )
        elif each.kind == "max_pool" and not positive:
            lines.append(f"nn.MaxPool2d({dilated})")
        elif each.dilation > 1:
            lines.append(f"nn.Conv2d(1, 1, {dilated}, bias=False)")
        else:
            lines.append(f"nn.AvgPool2d({window})")
    return "\n".join(f"    {line}," for line in lines)


def _averages(layers: Sequence[StackLayer]) -> str:
    """What undoes the division of the average pools, so that paths are counted."""
    cells = 1
    for each in layers:
        if not each.has_weights and each.dilation == 1:
            cells *= each.kernel**2
    return f" * {cells}" if cells > 1 else ""
