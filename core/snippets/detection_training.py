"""Lines that train the small detector again, and lines for two cells that compete."""

from core.detection.live_loss import BOX_WEIGHT
from core.detection.live_training import BATCH, CLIP, DECAY, RATE, WARM, LiveSettings
from core.detection.small_yolo import BLOCKS, LOG_MOST, STRIDES, WIDTHS

_CELLS = {
    "centre": """def responsible(scene, raw):
    # the cell of the centre; the first object keeps a cell that two claim
    owner = {}
    for index, (left, top, right, bottom) in enumerate(scene.boxes.tolist()):
        owner.setdefault((int((top + bottom) / 2 / STRIDE), int((left + right) / 2 / STRIDE)), index)
    return owner
""",
    "around": """def responsible(scene, raw):
    # the cell of the centre and its neighbours; the smallest object gets a cell that several claim
    owner, area = {}, [(right - left) * (bottom - top) for left, top, right, bottom in scene.boxes.tolist()]
    for index in sorted(range(len(area)), key=lambda each: -area[each]):
        left, top, right, bottom = scene.boxes[index].tolist()
        row, column = int((top + bottom) / 2 / STRIDE), int((left + right) / 2 / STRIDE)
        for down in range(max(row - 1, 0), min(row + 2, CELLS)):
            for across in range(max(column - 1, 0), min(column + 2, CELLS)):
                owner[down, across] = index
    return owner
""",
    "simota": """from core.detection.grid import Grid
from core.detection.live_loss import assigned

def responsible(scene, raw):
    # SimOTA: the cells that predict the object best already
    found = assigned("simota", scene, Grid(CELLS, CELLS, (96, 96)), raw.detach().numpy())
    return {(claim.slot.row, claim.slot.column): claim.object for claim in found.responsible}
""",
}


def training(settings: LiveSettings, epochs: int | None = None) -> str:
    """The whole training in PyTorch; `result` is the mean loss of every epoch, as the page draws it.

    Args:
        epochs: stop after so many; None trains to the end.
    """
    widths = (*WIDTHS, *([WIDTHS[-1]] if settings.stride == STRIDES[1] else []))
    return f"""import math

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.ops import generalized_box_iou_loss

# The scenes come from this app: run it in the app's folder, or bring pictures of your own (pixels, boxes, labels).
from core.detection.scenes import SceneSettings, scenes

STRIDE, CELLS, CLASSES = {settings.stride}, {96 // settings.stride}, {len(settings.scenes.classes)}
UPDATES, PER_EPOCH = {settings.updates}, {settings.per_epoch // BATCH}
what = {settings.scenes!r}

def step(before, after, stride):
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())

class SmallYolo(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(*[step(a, b, 2) for a, b in {[*zip((3, *widths), widths, strict=False)]}])
        self.blocks = nn.ModuleList([step({widths[-1]}, {widths[-1]}, 1) for _ in range({BLOCKS})])
        self.head = nn.Conv2d({widths[-1]}, 5 + CLASSES, 1)

    def forward(self, pictures):
        seen = self.down(pictures * 2 - 1)
        for block in self.blocks:
            seen = seen + block(seen)
        return self.head(seen).flatten(2).transpose(1, 2)  # [n, cells, x y w h objectness classes]

network = SmallYolo()
dice = torch.Generator().manual_seed({settings.seed})
for each in network.modules():
    if isinstance(each, nn.Conv2d):
        nn.init.kaiming_normal_(each.weight, nonlinearity="relu", generator=dice)
with torch.no_grad():
    network.head.weight.mul_(0.1)
    network.head.bias.zero_()
    network.head.bias[4] = math.log(0.02 / 0.98)  # most cells are empty
    network.head.bias[2:4] = math.log(28 / STRIDE)  # the size of a usual object
network = network.to(memory_format=torch.channels_last)  # faster on processors

{_CELLS[settings.rule]}
def loss(raw, batch):
    box, classes, aims, count = 0.0, 0.0, torch.zeros(raw.shape[:2]), 0
    for index, scene in enumerate(batch):
        for (row, column), one in responsible(scene, raw[index]).items():
            numbers = raw[index, row * CELLS + column]
            middle = (torch.tensor([column, row]) + numbers[:2]) * STRIDE
            half = numbers[2:4].clamp_max({LOG_MOST}).exp() * STRIDE / 2
            truth = torch.tensor(scene.boxes[one], dtype=torch.float32)
            box = box + generalized_box_iou_loss(torch.cat([middle - half, middle + half]), truth)
            classes = classes + F.cross_entropy(numbers[5:], torch.tensor(scene.labels[one]))
            aims[index, row * CELLS + column] = 1.0
            count += 1
    objectness = F.binary_cross_entropy_with_logits(raw[..., 4], aims, reduction="sum")
    return ({BOX_WEIGHT} * box + objectness + classes) / max(count, 1)

adam = torch.optim.AdamW(network.parameters(), {RATE}, weight_decay={DECAY})
warm = max(1, round({WARM} * UPDATES))
losses = []
for update in range({(epochs or settings.epochs)} * PER_EPOCH):
    batch = scenes(what, "train", {settings.seed}, {BATCH} * update, {BATCH})
    pictures = torch.stack([torch.tensor(each.pixels) for each in batch]).permute(0, 3, 1, 2) / 255
    for group in adam.param_groups:  # up in a line, down along half a cosine
        falling = (1 + math.cos(math.pi * (update - warm) / max(1, UPDATES - warm))) / 2
        group["lr"] = {RATE} * ((update + 1) / warm if update < warm else falling)
    now = loss(network(pictures), batch)
    adam.zero_grad()
    now.backward()
    nn.utils.clip_grad_norm_(network.parameters(), {CLIP})
    adam.step()
    losses.append(now.item())
result = torch.tensor(losses).reshape(-1, PER_EPOCH).mean(1).tolist()
"""


def rivals(
    raw: tuple[tuple[float, ...], tuple[float, ...]], cells: tuple[int, int], side: int, stride: int
) -> str:
    """Scores and IoU of two cells from what the network says of them; `result` is (score, score, IoU).

    Args:
        raw: x, y, w', h', objectness and classes of both. cells: their numbers, row by row.
        side: cells in a row.
    """
    numbers = [[round(value, 6) for value in row] for row in raw]
    return f"""import torch
from torchvision.ops import box_iou

raw = torch.tensor({numbers})  # x, y, w', h', objectness, classes
cells = torch.tensor({list(cells)})
place = torch.stack([cells % {side}, cells // {side}], dim=1)
middle, half = (place + raw[:, :2]) * {stride}, raw[:, 2:4].exp() * {stride} / 2
boxes = torch.cat([middle - half, middle + half], dim=1)
scores = raw[:, 4].sigmoid() * raw[:, 5:].softmax(1).amax(1)
result = (*scores.tolist(), box_iou(boxes[:1], boxes[1:]).item())
"""
