"""Lines for the view One or two stages?; each leaves its answer in `result`."""


def found(score_first: bool = True) -> str:
    """How many objects a route finds: greedy matching from an IoU of 0.5 on, whatever the class.

    Args:
        score_first: the boxes are sorted by score already.
    """
    order = "range(len(boxes))" if score_first else "scores.argsort(descending=True, stable=True).tolist()"
    return f"""from torchvision.ops import box_iou

# boxes: [n, 4], what a route finds; objects: [m, 4], what is there
overlaps = box_iou(boxes, objects)
free, hits = set(range(len(objects))), {{}}
for row in {order}:
    best = max(free, key=lambda column: (overlaps[row, column], column), default=None)
    if best is not None and overlaps[row, best] >= 0.5:
        free.remove(best)
        hits[best] = row
area = (objects[:, 2:] - objects[:, :2]).prod(dim=1)
result = {{
    "small": sum(area[i] < 32**2 for i in hits),
    "medium": sum(32**2 <= area[i] < 96**2 for i in hits),
    "large": sum(area[i] >= 96**2 for i in hits),
}}
"""
