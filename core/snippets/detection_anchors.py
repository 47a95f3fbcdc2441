"""Lines that find anchors by k-means and say how well they fit; the mean best IoU is left in `result`.

They expect `sizes` [n, 2], heights and widths, and `start` [k, 2], both float64 tensors.
"""

_APART = {
    "iou": """def apart(sizes, anchors):  # 1 - IoU on one corner
    return 1 - shape_iou(sizes, anchors)
""",
    "euclidean": """def apart(sizes, anchors):  # squared distance in pixels
    return ((sizes[:, None] - anchors) ** 2).sum(dim=2)
""",
}


def anchors(distance: str) -> str:
    """k-means by "iou" or "euclidean", from a start."""
    return f"""import torch

# sizes: [n, 2] height and width of every box; start: [k, 2], k of them
def shape_iou(sizes, anchors):
    shared = torch.minimum(sizes[:, None], anchors).prod(dim=2)  # [n, k]
    return shared / (sizes.prod(dim=1)[:, None] + anchors.prod(dim=1) - shared)

{_APART[distance]}
anchors, best = start, (float("inf"), start)
for _ in range(50):
    cost, nearest = apart(sizes, anchors).min(dim=1)
    best = min(best, (cost.mean().item(), anchors), key=lambda each: each[0])
    anchors = torch.stack([
        sizes[nearest == k].mean(dim=0) if (nearest == k).any() else anchors[k] for k in range(len(anchors))
    ])
result = shape_iou(sizes, best[1]).max(dim=1).values.mean().item()
"""
