"""Lines that slide a classifier over a photo; each leaves its answer in `result`.

They expect `network`, timm's tf_efficientnet_lite0 with its weights in evaluation mode, and `picture`, the photo
[1, 3, height, width] normalised, both sides whole multiples of 32.
"""

_HEAD = """import torch
from torch.nn import functional

# network: timm's tf_efficientnet_lite0; picture: [1, 3, height, width], sides are multiples of 32
with torch.inference_mode():
    features = network.forward_features(picture)            # [1, 1280, height / 32, width / 32]
    means = functional.avg_pool2d(features, 7, stride=1)    # a window of 224 pixels is 7 x 7 cells
    weight = network.classifier.weight[:, :, None, None]    # the linear layer as a 1 x 1 convolution
    logits = functional.conv2d(means, weight, network.classifier.bias)[0]
"""


def place(row: int, column: int) -> str:
    """The probabilities of one window."""
    return f"""{_HEAD}result = logits.softmax(dim=0)[:, {row}, {column}]
"""


def boxes(threshold: float, overlap: float) -> str:
    """The windows of one size that are left: left, top, right, bottom in pixels of the picture."""
    return f"""{_HEAD}from torchvision.ops import batched_nms

score, label = logits.softmax(dim=0).flatten(1).max(dim=0)
rows, columns = logits.shape[1:]
top, left = torch.meshgrid(torch.arange(rows) * 32, torch.arange(columns) * 32, indexing="ij")
corners = torch.stack([left, top, left + 224, top + 224], dim=-1).reshape(-1, 4).float()
over = (score > {threshold:g}).nonzero()[:, 0]
result = corners[over[batched_nms(corners[over], score[over], label[over], {overlap:g})]]
"""


def crop(row: int, column: int) -> str:
    """How far the one pass is from the classifier on the crop: the largest difference of a probability."""
    return f"""{_HEAD}with torch.inference_mode():
    crop = picture[:, :, {row * 32}:{row * 32 + 224}, {column * 32}:{column * 32 + 224}]
    alone = network(crop)[0].softmax(dim=0)
result = (alone - logits.softmax(dim=0)[:, {row}, {column}]).abs().max().item()
"""
