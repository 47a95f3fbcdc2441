"""Lines that compute average precision of one class from boxes; the answer is left in `result`.

They expect `boxes` [n, 4], `scores` [n] and `pictures` [n] of the detections of the class, and `objects` [m, 4] and
`theirs` [m], the pictures of the objects; all tensors.
"""

_MATCH = """import torch
from torchvision.ops import box_iou

# boxes [n, 4], scores [n], pictures [n]: detections of one class; objects [m, 4], theirs [m]: the truth
free = torch.ones(len(objects), dtype=torch.bool)
hits = []
for i in scores.argsort(descending=True, stable=True).tolist():
    overlap = box_iou(boxes[[i]], objects)[0]
    overlap[(theirs != pictures[i]) | ~free] = -1.0
    best = len(objects) - 1 - int(overlap.flip(0).argmax())  # of equals the last, as in pycocotools
    hit = bool(overlap[best] >= {threshold:g})
    free[best] &= not hit
    hits.append(hit)
tp = torch.tensor(hits, dtype=torch.float64).cumsum(0)
recall = tp / len(objects)
precision = tp / torch.arange(1, len(hits) + 1)
envelope = precision.flip(0).cummax(0).values.flip(0)
"""
_READ = {
    "11-point": """points = torch.arange(11, dtype=torch.float64) / 10
heights = torch.cat([envelope, torch.zeros(1, dtype=torch.float64)])
result = heights[torch.searchsorted(recall, points)].mean().item()
""",
    "coco": """points = torch.arange(101, dtype=torch.float64) * 0.01  # as COCO's: linspace rounds some the other way
heights = torch.cat([envelope, torch.zeros(1, dtype=torch.float64)])
result = heights[torch.searchsorted(recall, points)].mean().item()
""",
    "all-point": """steps = torch.diff(recall, prepend=torch.zeros(1, dtype=torch.float64))
result = (steps * envelope).sum().item()
""",
}


def precision(iou_threshold: float, interpolation: str) -> str:
    """AP of one class; at least one detection and one object."""
    return _MATCH.format(threshold=iou_threshold) + _READ[interpolation]
