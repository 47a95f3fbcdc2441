"""Lines that compute YOLOv1's loss of a whole grid; it is left in `result`.

They expect `has` [S, S], `target` [S, S, 4] and `onehot` [S, S, C], and `said` [S, S, B, 5] and `classes` [S, S, C]:
x, y in parts of the cell, the roots of w and h in parts of the photo, and the confidence; all float64, `has` boolean.
"""


def loss() -> str:
    """Equation 3 of the paper, for square and other grids."""
    return """import torch
from torchvision.ops import box_iou

# has [S, S]; target [S, S, 4]; onehot [S, S, C]; said [S, S, B, 5]; classes [S, S, C]
rows, columns = has.shape

def corners(box):  # x, y, roots of w and h -> corners in parts of the photo
    centre = box[..., :2] / torch.tensor([columns, rows])
    half = box[..., 2:4] ** 2 / 2
    return torch.cat([centre - half, centre + half], dim=-1)

result = 0.5 * (said[~has][..., 4] ** 2).sum()  # cells without an object: claim nothing
for row, column in has.nonzero().tolist():
    boxes, truth = said[row, column], target[row, column]
    overlap = box_iou(corners(boxes), corners(truth[None]))[:, 0]
    off = ((boxes[:, :4] - truth) ** 2).sum(dim=1)
    best = overlap.argmax() if overlap.max() > 0 else off.argmin()
    result = result + 5 * off[best] + (overlap[best] - boxes[best, 4]) ** 2
    result = result + 0.5 * ((boxes[:, 4] ** 2).sum() - boxes[best, 4] ** 2)
    result = result + ((classes[row, column] - onehot[row, column]) ** 2).sum()
result = result.item()
"""
