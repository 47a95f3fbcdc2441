"""PyTorch lines that give the photo view's numbers again; they read the photo from photo.png beside the notebook."""

from core.convolution.learn import METHODS, Inputs, Method
from core.convolution.photo_layer import Kernel, PhotoLayer
from core.convolution.shift import LONGEST_SHIFT

_PHOTO = """\
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

photo = np.array(Image.open("photo.png").convert("RGB"))
x = torch.from_numpy(photo).permute(2, 0, 1).double()  # [3, height, width], 0 to 255
"""
_PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def output(layer: PhotoLayer) -> str:
    """The layer's whole output, [maps, h, w]."""
    return f"{_PHOTO}{_layer(layer)}\nresult = layer(x)\n"


def output_shape(layer: PhotoLayer) -> str:
    """The shape of the layer's output as h x w x maps, the order in which the page writes it."""
    return f"{_PHOTO}{_layer(layer)}\nmaps, h, w = layer(x).shape\nresult = (h, w, maps)\n"


def channel_maps(layer: PhotoLayer) -> str:
    """What the filter makes of each colour channel, [3, h, w]; their sum plus the bias is the output."""
    return f"""{_PHOTO}{_weights(layer)}
w = w.reshape(3, 1, *w.shape[-2:])  # one slice per channel
p = {_padded(layer)}
result = F.conv2d(p, w, {_settings(layer)}, groups=3)[0]
# result.sum(0) + bias is the output
"""


def unit(layer: PhotoLayer, place: tuple[int, int]) -> str:
    """One output before ReLU and pooling, term by term; per channel when every channel is filtered by itself."""
    (kh, kw), (dv, dh) = layer.window.kernel, layer.window.dilation
    top, left = place[0] * layer.window.stride[0], place[1] * layer.window.stride[1]
    total = "(window * w[:, 0]).sum((1, 2))" if layer.mix is None else "(window * w[0]).sum()"
    return f"""{_PHOTO}{_weights(layer)}
p = {_padded(layer)}[0]
window = p[:, {top}:{top + dv * (kh - 1) + 1}:{dv}, {left}:{left + dh * (kw - 1) + 1}:{dh}]
result = {total} + bias
"""


def shift(layer: PhotoLayer, pixels: int) -> str:
    """The largest |f(T x) - T f(x)| for one shift, over the outputs that read no padding."""
    stride, before = layer.stride[1], layer.window.sides(1)[0]
    return f"""{_PHOTO}{_layer(layer)}
shift, stride = {pixels}, {stride}
width = x.shape[2] - {LONGEST_SHIFT}
still = layer(x[:, :, {LONGEST_SHIFT}:])
moved = layer(x[:, :, {LONGEST_SHIFT} - shift:{LONGEST_SHIFT} - shift + width])


def clear(n, outputs, before, step, span):
    first = np.arange(outputs) * step - before
    inside = np.flatnonzero((first >= 0) & (first + span <= n))
    return slice(inside[0], inside[-1] + 1)


rows = clear(x.shape[1], still.shape[1], {layer.window.sides(0)[0]}, {layer.stride[0]}, {_span(layer, 0)})
columns = clear(width, still.shape[2], {before}, stride, {_span(layer, 1)})
still, moved = still[:, rows, columns], moved[:, rows, columns]
changes = [(moved[:, :, c:] - still[:, :, :still.shape[2] - c]).abs() for c in {{shift // stride, -(-shift // stride)}}]
result = min(changes, key=lambda change: change.mean()).max()
"""


def learn(
    goal: Kernel | int,
    mix: tuple[float, float, float],
    inputs: Inputs,
    method: Method,
    seed: int,
    steps: int,
) -> str:
    """The kernel after so many steps of the descent.

    Args:
        goal: the kernel that makes the target; or the size of the kernel that imitates target.png.
    """
    kh, kw = (goal, goal) if isinstance(goal, int) else (len(goal), len(goal[0]))
    centring = "" if inputs == "as they are" else "X, y = X - X.mean(0), y - y.mean()\n"
    rate = "0.5 * torch.linalg.inv(A)" if inputs == "whitened" else _rate(method)
    momentum = (
        "0.0"
        if inputs == "whitened" or method == METHODS[0]
        else "(high**0.5 - low**0.5) / (high**0.5 + low**0.5)"
    )
    product = "rate @ gradient" if inputs == "whitened" else "rate * gradient"
    return f"""{_PHOTO}
mix = torch.tensor({list(mix)}, dtype=x.dtype)
plane = torch.tensordot(mix, x, dims=1)
X = F.unfold(plane[None, None], ({kh}, {kw}))[0].T  # [windows, {kh * kw}]
{_target(goal)}{centring}A, b = X.T @ X / len(X), X.T @ y / len(X)
low, high = torch.linalg.eigvalsh(A)[[0, -1]]
rate = {rate}
momentum = {momentum}
w = torch.from_numpy(np.random.default_rng({seed}).normal(0, {kh * kw}**-0.5, {kh * kw}))
velocity = torch.zeros_like(w)
for step in range({steps}):
    gradient = 2 * (A @ (w + momentum * velocity) - b)
    velocity = momentum * velocity - {product}
    w = w + velocity
result = w.reshape({kh}, {kw})
"""


def _target(goal: Kernel | int) -> str:
    if not isinstance(goal, int):
        return f"y = X @ torch.tensor({_rows(goal)}, dtype=x.dtype).flatten()\n"
    inside = f"{goal // 2}:-{goal // 2}"
    return (
        'target = np.array(Image.open("target.png").convert("RGB").resize(photo.shape[1::-1]))\n'
        "y = torch.tensordot(torch.from_numpy(target).double(), mix, dims=1)"
        f"[{inside}, {inside}].flatten()\n"
    )


def _rate(method: Method) -> str:
    return "1 / (low + high)" if method == METHODS[0] else "1 / (2 * high)"


def _layer(layer: PhotoLayer) -> str:
    """The layer as a function of x."""
    lines = [f"y = F.conv2d({_padded(layer)}, w, {_settings(layer)}, groups={layer.groups}) + bias"]
    if layer.relu:
        lines.append("y = F.relu(y)")
    if layer.pooling:
        call = "max_pool2d" if layer.pooling.operation == "max_pool" else "avg_pool2d"
        lines.append(f"y = F.{call}(y, {layer.pooling.kernel}, {layer.pooling.stride})")
    body = "\n".join(f"    {line}" for line in (*lines, "return y[0]"))
    return f"{_weights(layer)}\n\ndef layer(x):\n{body}\n\n"


def _weights(layer: PhotoLayer) -> str:
    kernels = ", ".join(_rows(kernel) for kernel in layer.kernels)
    lines = [f"kernels = torch.tensor([{kernels}], dtype=x.dtype)  # [filters, kh, kw]"]
    if layer.mix is None:
        lines.append("w = kernels[:, None].repeat(3, 1, 1, 1)  # every channel by itself")
    else:
        lines.append(f"mix = torch.tensor({list(layer.mix)}, dtype=x.dtype)  # of red, green, blue")
        lines.append("w = kernels[:, None] * mix[:, None, None]  # [filters, 3, kh, kw]")
    lines.append(f"bias = {layer.bias}")
    return "\n".join(lines) + "\n"


def _padded(layer: PhotoLayer) -> str:
    top, bottom, left, right = layer.window.padding
    return f'F.pad(x[None], ({left}, {right}, {top}, {bottom}), mode="{_PAD_MODES[layer.window.mode]}")'


def _settings(layer: PhotoLayer) -> str:
    return f"stride={layer.window.stride}, dilation={layer.window.dilation}"


def _span(layer: PhotoLayer, axis: int) -> int:
    reach = layer.window.dilation[axis] * (layer.window.kernel[axis] - 1) + 1
    return reach + (layer.pooling.kernel[axis] - 1) * layer.window.stride[axis] if layer.pooling else reach


def _rows(kernel: Kernel) -> str:
    return str([list(row) for row in kernel])
