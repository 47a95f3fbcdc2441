"""torchvision's detectors with published weights, built without drawing random ones and without a connection.

With published weights torchvision freezes the batch normalisations of a Faster R-CNN, and sets their epsilon to 0 in
the one with ResNet-50: other outputs, from the same file.
"""

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import nn
from torchvision.models import mobilenet_v3_large, resnet50
from torchvision.models.detection import FasterRCNN, ssdlite320_mobilenet_v3_large
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor, _resnet_fpn_extractor
from torchvision.ops import FrozenBatchNorm2d

from core.networks import DETECTORS, WeightsDamaged, store
from core.receptive_field.weightless import Weightless
from core.two_stage.anchors import DESIGNS

CLASSES = 91


def filled_detector(name: str, path: Path) -> Any:
    """A Faster R-CNN or SSDLite with the weights of a file, frozen and in evaluation mode.

    Raises: WeightsDamaged for a file with other tensors, or other bytes than were published.
    """
    store.checked(DETECTORS[name], path)
    try:
        tensors = torch.load(path, weights_only=True, map_location="cpu")
        with torch.inference_mode(False):
            network = skeleton(name)
            network.load_state_dict(tensors, assign=True)
    except (UnpicklingError, ValueError, RuntimeError, OSError, EOFError, AttributeError) as error:
        raise WeightsDamaged(
            f"{path.name} does not hold the weights of {DETECTORS[name].title}; delete {path} and fetch it again."
        ) from error
    return network.eval().requires_grad_(False)


def skeleton(name: str) -> nn.Module:
    """The network with shapes and no values.

    Raises: ValueError for a name that is none of them.
    """
    if name == "fasterrcnn_mobilenet_v3_large_fpn":
        return _faster_mobilenet()
    if name == "fasterrcnn_resnet50_fpn":
        return _faster_resnet()
    if name == "ssdlite320_mobilenet_v3_large":
        with Weightless():
            return ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=CLASSES)
    raise ValueError(f"The detector is one of {', '.join(DESIGNS)} or SSDLite's, got {name!r}.")


def _faster_mobilenet() -> nn.Module:
    anchors = _anchors("fasterrcnn_mobilenet_v3_large_fpn")
    with Weightless():
        trunk = mobilenet_v3_large(weights=None, norm_layer=FrozenBatchNorm2d)
        backbone = _mobilenet_extractor(trunk, True, 3)
        return FasterRCNN(backbone, CLASSES, rpn_anchor_generator=anchors, rpn_score_thresh=0.05)


def _faster_resnet() -> nn.Module:
    anchors = _anchors("fasterrcnn_resnet50_fpn")
    with Weightless():
        trunk = resnet50(weights=None, norm_layer=FrozenBatchNorm2d)
        network = FasterRCNN(_resnet_fpn_extractor(trunk, 3), CLASSES, rpn_anchor_generator=anchors)
    for each in network.modules():
        if isinstance(each, FrozenBatchNorm2d):
            each.eps = 0.0
    return network


def _anchors(name: str) -> AnchorGenerator:
    """Made where tensors have values."""
    design = DESIGNS[name]
    return AnchorGenerator(design.sizes, (design.ratios,) * len(design.sizes))
