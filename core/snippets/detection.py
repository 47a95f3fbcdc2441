"""A few lines that reproduce the numbers of the detection page; each leaves its answer in `result`.

They expect what a notebook has at hand: `raw` [cells, 85], the output of YOLOX or of the embedded detector, and
`scale`, how much the photo was scaled to fit into its square.
"""

from core.detection.layout import SIDE, STRIDES


def _decode(side: int) -> str:
    count = sum((side // stride) ** 2 for stride in STRIDES)
    return f"""import torch
from torchvision.ops import batched_nms, nms

# raw: [{count}, 85], the detector's output; scale: input pixels per photo pixel
grids = [[(c, r, s) for r in range({side} // s) for c in range({side} // s)] for s in {STRIDES}]
cells = torch.tensor(sum(grids, []))  # column, row, stride
stride = cells[:, 2:]
centre = (cells[:, :2] + raw[:, :2]) * stride
half = raw[:, 2:4].exp() * stride / 2
boxes = torch.cat([centre - half, centre + half], dim=1) / scale  # left, top, right, bottom on the photo
probability, label = raw[:, 5:].max(dim=1)
score = raw[:, 4] * probability
"""


def boxes(threshold: float, overlap: float, *, per_class: bool, side: int = SIDE) -> str:
    """From the raw output to the last boxes: rows of the raw output, best first."""
    call = (
        f"batched_nms(boxes[over], score[over], label[over], {overlap:g})"
        if per_class
        else f"nms(boxes[over], score[over], {overlap:g})"
    )
    return f"""{_decode(side)}over = (score > {threshold:g}).nonzero()[:, 0]
result = over[{call}]
"""


def suppression(overlap: float) -> str:
    """Greedy suppression as a loop: the kept boxes, best first, and who was removed by whom."""
    return f"""from torchvision.ops import box_iou

# boxes: [n, 4] left, top, right, bottom; scores: [n]
left = scores.argsort(descending=True, stable=True).tolist()
kept, removed = [], []
while left:
    best = left.pop(0)
    kept.append(best)
    for other in list(left):
        iou = box_iou(boxes[[best]], boxes[[other]]).item()
        if iou > {overlap:g}:  # strictly, as in torchvision
            left.remove(other)
            removed.append((other, best, iou))
result = kept
"""


def cell(stride: int, column: int, row: int, side: int = SIDE) -> str:
    """The box of one cell, on the photo."""
    return f"""{_decode(side)}index = ((cells == torch.tensor([{column}, {row}, {stride}])).all(dim=1)).nonzero().item()
result = boxes[index]
"""


def pair(first: tuple[float, ...], second: tuple[float, ...]) -> str:
    """IoU, GIoU, DIoU and CIoU of two boxes, by torchvision."""
    return f"""import torch
from torchvision.ops import box_iou, complete_box_iou, distance_box_iou, generalized_box_iou

first = torch.tensor([{_edges(first)}], dtype=torch.float64)  # left, top, right, bottom
second = torch.tensor([{_edges(second)}], dtype=torch.float64)
measures = box_iou, generalized_box_iou, distance_box_iou, complete_box_iou
result = [measure(first, second).item() for measure in measures]
"""


def _edges(box: tuple[float, ...]) -> str:
    return f"[{', '.join(f'{edge:.6g}' for edge in box)}]"
