"""PyTorch lines that give the numbers of the cost view again.

The layers are built on the "meta" device, which keeps shapes and no numbers: even a layer of three thousand
million weights costs nothing to count.
"""

from dataclasses import replace

from core.convolution.cost import ConvLayer, separable


def parameters(*layers: ConvLayer) -> str:
    """Count weights and biases."""
    return _network(layers) + "result = sum(p.numel() for p in network.parameters())\n"


def macs(*layers: ConvLayer) -> str:
    """Count multiply-adds; PyTorch's counter gives FLOPs, two for each."""
    return (
        "from torch.utils.flop_counter import FlopCounterMode\n"
        + _network(layers)
        + _picture(layers)
        + "with FlopCounterMode(display=False) as counter:\n"
        "    network(x)\n"
        "result = counter.get_total_flops() // 2\n"
    )


def flops(*layers: ConvLayer) -> str:
    """Count multiplications and additions apart, as PyTorch's counter does."""
    return macs(*layers).replace(" // 2", "")


def activations(*layers: ConvLayer) -> str:
    """Count the numbers in the output of every layer."""
    return (
        _network(layers)
        + _picture(layers)
        + "result = 0\nfor layer in network:\n    x = layer(x)\n    result += x.numel()\n"
    )


def inference_bytes(*layers: ConvLayer, batch: int = 1) -> str:
    """Bytes of the parameters and of the largest input and output that exist at once."""
    return (
        _network(layers) + _picture(layers, batch) + "maps = 0\n"
        "for layer in network:\n"
        "    y = layer(x)\n"
        "    maps, x = max(maps, x.nbytes + y.nbytes), y\n"
        "result = maps + sum(p.nbytes for p in network.parameters())\n"
    )


def training_bytes(*layers: ConvLayer, batch: int = 1, optimiser: str = "Adam") -> str:
    """Bytes of parameters, gradients, the optimiser's numbers, and every map with its gradient."""
    make = {
        "SGD": "torch.optim.SGD(network.parameters(), lr=0.1)",
        "momentum": "torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)",
        "Adam": "torch.optim.Adam(network.parameters())",
    }[optimiser]
    return (
        _network(layers) + _picture(layers, batch) + f"optimizer = {make}\n"
        "maps = [x.requires_grad_()]\n"
        "for layer in network:\n"
        "    maps.append(layer(maps[-1]))\n"
        "    maps[-1].retain_grad()\n"
        "maps[-1].sum().backward()\n"
        "optimizer.step()\n"
        "tensors = [*network.parameters(), *maps]\n"
        "result = sum(t.nbytes + t.grad.nbytes for t in tensors)\n"
        "for p, state in optimizer.state.items():  # without Adam's step counter\n"
        "    result += sum(s.nbytes for s in state.values() if s is not None and s.shape == p.shape)\n"
    )


def separable_ratio(layer: ConvLayer) -> str:
    """Multiply-adds of depthwise + pointwise over those of the standard layer."""
    standard = replace(layer, groups=1)
    return (
        macs(standard) + "standard = result\n" + macs(*separable(standard)) + "result = result / standard\n"
    )


def dense_as_convolution(seed: int) -> str:
    """A dense layer and the convolution with the same weights: the largest difference."""
    return (
        "import torch\n"
        f"numbers = torch.Generator().manual_seed({seed})\n"
        "x = torch.randint(-9, 10, (1, 3, 4, 5), generator=numbers).float()\n"
        "dense = torch.nn.Linear(3 * 4 * 5, 6)\n"
        "conv = torch.nn.Conv2d(3, 6, kernel_size=(4, 5))\n"
        "with torch.no_grad():\n"
        "    dense.weight.copy_(torch.randint(-9, 10, dense.weight.shape, generator=numbers))\n"
        "    dense.bias.copy_(torch.randint(-9, 10, dense.bias.shape, generator=numbers))\n"
        "    conv.weight.copy_(dense.weight.reshape(6, 3, 4, 5))  # the same weights in another shape\n"
        "    conv.bias.copy_(dense.bias)\n"
        "    result = (dense(x.flatten(1)) - conv(x).flatten(1)).abs().max().item()\n"
    )


def _network(layers: tuple[ConvLayer, ...]) -> str:
    lines = "".join(f"        {_conv(layer)},  # {layer.name}\n" for layer in layers)
    return (
        "import torch\n"
        "from torch import nn\n"
        'with torch.device("meta"):  # shapes without numbers\n'
        f"    network = nn.Sequential(\n{lines}    )\n"
    )


def _conv(layer: ConvLayer) -> str:
    extras = {
        "stride": (layer.stride, (1, 1)),
        "padding": (layer.padding, (0, 0)),
        "dilation": (layer.dilation, (1, 1)),
        "groups": (layer.groups, 1),
        "bias": (layer.bias, True),
    }
    given = "".join(f", {name}={value}" for name, (value, usual) in extras.items() if value != usual)
    return f"nn.Conv2d({layer.in_channels}, {layer.filters}, {layer.kernel}{given})"


def _picture(layers: tuple[ConvLayer, ...], batch: int = 1) -> str:
    height, width = layers[0].input_hw
    return f'x = torch.randn({batch}, {layers[0].in_channels}, {height}, {width}, device="meta")\n'
