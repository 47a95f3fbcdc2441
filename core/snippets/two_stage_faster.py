"""A few lines that reproduce the numbers of the Faster R-CNN view; each leaves its answer in `result`."""

_BUILDERS = {
    "fasterrcnn_mobilenet_v3_large_fpn": "fasterrcnn_mobilenet_v3_large_fpn",
    "fasterrcnn_resnet50_fpn": "fasterrcnn_resnet50_fpn",
}


def anchors(size: int, ratio: float, place: tuple[float, float], steps: tuple[float, ...]) -> str:
    """An anchor, and the box that four steps lead to: left, top, right, bottom in pixels of the input."""
    return f"""import math

import torch
from torchvision.models.detection._utils import BoxCoder

width, height = {size} / math.sqrt({ratio:g}), {size} * math.sqrt({ratio:g})
corners = (torch.tensor([-width, -height, width, height], dtype=torch.float64) / 2).round()
anchor = corners + torch.tensor([{place[0]:g}, {place[1]:g}] * 2, dtype=torch.float64)
steps = torch.tensor([{list(steps)}], dtype=torch.float64)  # t_x, t_y, t_w, t_h
result = BoxCoder((1.0, 1.0, 1.0, 1.0)).decode(steps, [anchor[None]])[0, 0]
"""


def detect(name: str) -> str:
    """The last boxes, by torchvision alone."""
    builder = _BUILDERS[name]
    return f"""import torch
from torchvision.models.detection import {builder}

# photo: [height, width, 3], uint8
network = {builder}(weights="DEFAULT").eval()  # is fetched
with torch.inference_mode():
    result = network([torch.from_numpy(photo).permute(2, 0, 1) / 255])[0]  # boxes, labels, scores
"""
