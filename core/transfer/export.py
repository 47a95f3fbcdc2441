"""A trained network to take home: as safetensors, as ONNX, and with a script that sorts a folder of pictures.

The ONNX file holds the preprocessing behind the cut: it takes uint8 RGB squares [photos, side, side, 3] and gives
probabilities [photos, classes]. PyTorch's exporter traces the network and patches modules meanwhile, so it runs in a
worker and never in the web server.
"""

import io
import json
import zipfile
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from core.jobs import Tick, work
from core.networks.file_label import label_of, shown_at
from core.networks.record import NetworkRecord, Preprocessing

_FILES = ("network.safetensors", "network.onnx", "classify.py", "README.txt")


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """A zip archive with `network.safetensors`, `network.onnx`, `classify.py` and `README.txt`."""

    data: bytes


@work
def pack(weights: bytes, said: str) -> Generator[Any, bool | None, None]:
    """One `Package` of a trained network.

    Args:
        weights: a `.safetensors` file that the app has written.
        said: what the README says of it.

    Raises: ValueError for a file without its label.
    """
    known, how, classes = _known(weights)
    if (yield Tick(0, 2, "writing ONNX: PyTorch follows every operation")):
        return
    onnx = to_onnx(weights)
    if (yield Tick(1, 2, "packing")):
        return
    files = (weights, onnx, classify_script(known, how, classes).encode(), said.encode())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in zip(_FILES, files, strict=True):
            archive.writestr(zipfile.ZipInfo(name), data)  # no time of day in it
    yield Package(buffer.getvalue())


def _known(weights: bytes) -> tuple[NetworkRecord, Preprocessing, tuple[str, ...]]:
    from core import networks

    label = label_of(weights)
    if label is None:
        raise ValueError("A network is exported from a file that says what it is, got one without its label.")
    known = networks.record(label.architecture)
    return known, shown_at(known.preprocessing, label.side_px), label.classes


def to_onnx(weights: bytes) -> bytes:
    """The network as an ONNX file: "pixels" uint8 [photos, side, side, 3] to "probabilities" float32 [photos, classes].

    Raises: ValueError for a file without its label.
    """
    import torch

    from core.networks.building import filled, skeleton
    from core.networks.checkpoint import read_checkpoint

    known, how, classes = _known(weights)
    network = filled(skeleton(known.architecture, classes=len(classes)), read_checkpoint(weights).tensors)

    class FromPixels(torch.nn.Module):
        """The network with normalisation before it and a softmax behind it."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network
            self.register_buffer("mean", torch.tensor(how.mean).view(1, 3, 1, 1))
            self.register_buffer("std", torch.tensor(how.std).view(1, 3, 1, 1))

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            values = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std
            return self.network(values).softmax(1)

    example = torch.zeros(2, how.crop_px, how.crop_px, 3, dtype=torch.uint8)
    program = torch.onnx.export(
        FromPixels().eval(),
        (example,),
        dynamo=True,
        input_names=["pixels"],
        output_names=["probabilities"],
        dynamic_shapes=({0: torch.export.Dim("photos", min=1)},),
        verbose=False,
    )
    assert program is not None
    return program.model_proto.SerializeToString()


def classify_script(known: NetworkRecord, how: Preprocessing, classes: tuple[str, ...]) -> str:
    """A script that loads `network.safetensors` beside it and says of every picture of a folder what it is.

    It needs PyTorch, torchvision or timm, safetensors and Pillow, and nothing of this app.
    """
    # training aids of GoogLeNet and Inception that the app's networks come without
    aids = (
        ", aux_logits=False, init_weights=False"
        if known.architecture in ("googlenet", "inception_v3")
        else ""
    )
    build = (
        f"timm.create_model({known.architecture!r}, pretrained=False, num_classes=len(CLASSES))"
        if known.architecture.startswith("tf_")
        else f"torchvision.models.get_model({known.architecture!r}, weights=None, num_classes=len(CLASSES){aids})"
    )
    library = "timm" if known.architecture.startswith("tf_") else "torchvision"
    names = json.dumps(classes)  # names are data: quoted and escaped, never code
    return f'''"""Says of every picture in a folder which class it shows: python classify.py FOLDER"""

import sys
from pathlib import Path

import torch
import {library}
from PIL import Image, ImageOps
from safetensors.torch import load_file

CLASSES = {names}
RESIZE, SIDE = {how.resize_px}, {how.crop_px}
MEAN, STD = {how.mean}, {how.std}  # of 0 to 255, red, green, blue
HOW = Image.Resampling.{how.interpolation.upper()}

network = {build}
network.load_state_dict(load_file(Path(__file__).with_name("network.safetensors")))
network.eval()


def square(picture):
    """The shorter side to RESIZE, then the middle."""
    width, height = picture.size
    short, long = min(width, height), max(width, height)
    resized = {{short: RESIZE, long: RESIZE * long // short}}
    if short == long:
        resized = {{short: RESIZE}}
    edges = []
    for side in (width, height):
        first = round((resized[side] - SIDE) / 2)
        edges.append((first * side / resized[side], min(side, (first + SIDE) * side / resized[side])))
    (left, right), (top, bottom) = edges
    return picture.resize((SIDE, SIDE), HOW, box=(left, top, right, bottom))


for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    except OSError:
        continue  # no picture
    pixels = torch.frombuffer(bytearray(square(picture).tobytes()), dtype=torch.uint8)
    values = (pixels.view(SIDE, SIDE, 3).float() - torch.tensor(MEAN)) / torch.tensor(STD)
    with torch.inference_mode():
        shares = network(values.permute(2, 0, 1)[None]).softmax(1)[0]
    best = int(shares.argmax())
    print(f"{{path.name}}\\t{{CLASSES[best]}}\\t{{float(shares[best]):.6f}}")
'''
