"""Lines that reproduce the numbers of the Faster R-CNN views; each leaves its answer in `result`."""

from core.two_stage.faster_anchors import Design

Four = tuple[float, float, float, float]


def anchors(design: Design, photo_hw: tuple[int, int]) -> str:
    """All anchors of one network for a photo, in pixels of the scaled photo."""
    return f"""import torch
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList

height, width = {photo_hw[0]}, {photo_hw[1]}
scale = min(800 / min(height, width), 1333 / max(height, width))
shown = int(height * scale), int(width * scale)
padded = [-(-side // 32) * 32 for side in shown]
maps = [torch.empty(1, 1, -(-padded[0] // s), -(-padded[1] // s)) for s in {design.strides}]
generator = AnchorGenerator({design.sizes}, ((0.5, 1.0, 2.0),) * {len(design.sizes)})
result = generator(ImageList(torch.empty(1, 3, *padded), [shown]), maps)[0]
"""


def taught(objects: tuple[Four, ...], design: Design, photo_hw: tuple[int, int]) -> str:
    """Which object each anchor is taught: -1 background, -2 neither."""
    rows = ", ".join(_edges(box) for box in objects)
    return f"""{anchors(design, photo_hw)}
from torchvision.models.detection._utils import Matcher
from torchvision.ops import box_iou

objects = torch.tensor([{rows}])  # in pixels of the scaled photo
matcher = Matcher(0.7, 0.3, allow_low_quality_matches=True)
result = matcher(box_iou(objects, result))
"""


def numbers(box: Four, anchor: Four, weights: Four) -> str:
    """The four numbers that turn an anchor or a proposal into a box."""
    return f"""import torch
from torchvision.models.detection._utils import BoxCoder

box = torch.tensor([{_edges(box)}], dtype=torch.float64)
anchor = torch.tensor([{_edges(anchor)}], dtype=torch.float64)
coder = BoxCoder({weights})
result = coder.encode_single(box, anchor)[0]
back = coder.decode_single(result[None], anchor)  # the box again
"""


def levels(boxes: tuple[Four, ...], k_least: int, k_most: int) -> str:
    """The level that each proposal is read from."""
    rows = ", ".join(_edges(box) for box in boxes)
    return f"""import torch

boxes = torch.tensor([{rows}], dtype=torch.float64)  # in pixels of the scaled photo
width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
k = torch.floor(4 + torch.log2((width * height).sqrt() / 224) + 1e-6)
result = k.clamp({k_least}, {k_most}).long()
"""


def funnel(name: str, score: float, overlap: float) -> str:
    """The last boxes by torchvision; the photo is `pixels` [height, width, 3] of uint8."""
    return f"""import torch
from torchvision.models.detection import {name}

network = {name}(weights="DEFAULT", box_score_thresh={score:g}, box_nms_thresh={overlap:g}).eval()
with torch.inference_mode():
    answer = network([torch.from_numpy(pixels).permute(2, 0, 1).float() / 255])[0]
result = answer["boxes"], answer["scores"], answer["labels"]
"""


def _edges(box: Four) -> str:
    return f"[{', '.join(f'{edge:.6g}' for edge in box)}]"
