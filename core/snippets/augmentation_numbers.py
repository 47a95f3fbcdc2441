"""Code to take home for the numbers of the page: each snippet leaves its own in `result`."""

from core.augmentation import Draw
from core.augmentation.geometry import output_hw

Box = tuple[float, float, float, float]


def box_growth(box: Box, angle: float, hw: tuple[int, int]) -> str:
    """The box around the turned corners of a box, and how many times its area that has."""
    height, width = hw
    return f"""import math
import torch

left, top, right, bottom = {", ".join(f"{edge:g}" for edge in box)}
corners = torch.tensor([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=torch.float64)
alpha = math.radians({angle:g})  # counter-clockwise, y points down
turn = torch.tensor([[math.cos(alpha), math.sin(alpha)], [-math.sin(alpha), math.cos(alpha)]], dtype=torch.float64)
centre = torch.tensor([{width} / 2, {height} / 2], dtype=torch.float64)
turned = (corners - centre) @ turn.T + centre
sides = turned.amax(0) - turned.amin(0)
result = (sides.prod() / ((right - left) * (bottom - top))).item()
"""


def first_share(draw: Draw) -> str:
    """The share of the first photo's label after the MixUp and CutMix steps of a draw."""
    lines, hw = [], draw.input_hw
    for drawn in draw.applied:
        if drawn.transform == "mixup":
            lines.append(f"share *= 1 - {drawn.strength!r}  # MixUp: strength drawn from Beta(alpha, alpha)")
        elif drawn.transform == "cutmix":
            left, top, right, bottom = drawn["box"]
            lines.append(
                f"share *= 1 - ({right} - {left}) * ({bottom} - {top}) / ({hw[0]} * {hw[1]})  # CutMix: the box"
            )
        hw = output_hw(drawn, hw)
    steps = "\n".join(lines)
    return f"""import torch

share = 1.0
{steps}
label = torch.tensor([share, 1 - share])  # of the first photo and of the second
result = share
"""


def iou_lost(found: Box, right_one: Box) -> str:
    """1 - IoU of two boxes (left, top, right, bottom)."""
    return f"""import torch
from torchvision.ops import box_iou

found = torch.tensor([{list(found)}], dtype=torch.float64)
right_one = torch.tensor([{list(right_one)}], dtype=torch.float64)
result = 1 - box_iou(found, right_one).item()
"""
