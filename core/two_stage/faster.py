"""torchvision's detectors with published weights: Faster R-CNN (two stages) and SSDLite (one), built without drawing.

The constructors would draw first weights from the generator that all threads share; here they get shapes alone, and the
published tensors are put in. Nothing is downloaded: a file that is not there is a sentence.
"""

from functools import lru_cache
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from core.networks import DETECTORS, WeightsDamaged
from core.networks.store import checked, is_here, located
from core.two_stage.faster_anchors import DESIGNS

CLASSES = 91
"""COCO's numbers of classes run to 90, ten of them unused; 0 is the background."""
FASTER = tuple(DESIGNS)
SSDLITE = "ssdlite320_mobilenet_v3_large"
BUILT = (*FASTER, SSDLITE)
_EPS_OF_OLD_WEIGHTS = 0.0


def empty(name: str) -> Any:
    """The network with shapes and no values, in evaluation mode.

    Raises: ValueError for another name.
    """
    if name not in BUILT:
        raise ValueError(f"The network is one of {', '.join(BUILT)}, got {name!r}.")
    from torch.nn import BatchNorm2d
    from torchvision.models import get_model

    from core.receptive_field.weightless import Weightless

    with Weightless():
        network = get_model(name, weights=None, weights_backbone=None, num_classes=CLASSES)
    if (
        name == "fasterrcnn_resnet50_fpn"
    ):  # its weights were trained with a frozen normalisation without epsilon
        for module in network.modules():
            if isinstance(module, BatchNorm2d):
                module.eps = _EPS_OF_OLD_WEIGHTS
    return network.eval()


def network(name: str) -> Any:
    """The network with the published weights, shared by all who ask; read it, never change it.

    Raises: WeightsMissing; WeightsDamaged for a file that is not what was published.
    """
    path = located(name)
    return _loaded(name, path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _loaded(name: str, path: Path, _changed: int) -> Any:
    import torch

    from core.networks.building import filled

    damaged = (
        f"{path.name} does not hold the weights of {DETECTORS[name].title}; delete {path} and fetch it again."
    )
    checked(DETECTORS[name], path)
    try:
        with torch.inference_mode(False):
            return filled(empty(name), torch.load(path, weights_only=True, map_location="cpu"))
    except (UnpicklingError, ValueError, RuntimeError, OSError, EOFError, AttributeError) as error:
        raise WeightsDamaged(damaged) from error


def here(names: tuple[str, ...] = FASTER) -> tuple[str, ...]:
    """Those whose weights are on this computer."""
    return tuple(name for name in names if is_here(name))


@lru_cache(maxsize=1)
def class_names() -> tuple[str, ...]:
    """COCO's classes by number; 0 is "__background__"."""
    from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights

    return tuple(FasterRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"])


def as_tensor(pixels: Any) -> Any:
    """A photo [height, width, 3] of uint8 as torchvision's detectors take it: [3, height, width], 0 to 1."""
    import torch

    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255
