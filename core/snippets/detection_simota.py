"""Lines that assign cells by SimOTA; the object of each cell, -1 for none, is left in `result`.

They expect `overlaps` and `class_cost` [n, cells], `near` [n, cells] boolean, all tensors: IoU of every cell's
predicted box with every object, the cross-entropy of its classes, and whether its middle is near the object's centre.
"""


def simota() -> str:
    """Costs, dynamic k, and the cells that several objects want."""
    return """import torch

# overlaps, class_cost, near: [n, cells]
part = near.any(dim=0).nonzero()[:, 0]  # cells near the centre of any object
ious = overlaps[:, part]
cost = class_cost[:, part] - 3 * (ious + 1e-8).log() + 1e6 * ~near[:, part]
k = ious.topk(min(10, len(part)), dim=1).values.sum(dim=1).int().clamp(min=1)
matching = torch.zeros_like(cost)
for i in range(len(cost)):
    matching[i, cost[i].topk(int(k[i]), largest=False).indices] = 1
crowded = matching.sum(dim=0) > 1
matching[:, crowded] = 0
matching[cost[:, crowded].argmin(dim=0), crowded.nonzero()[:, 0]] = 1
result = torch.full((near.shape[1],), -1)
taken = matching.sum(dim=0) > 0
result[part[taken]] = matching[:, taken].argmax(dim=0)
result = result.tolist()
"""
