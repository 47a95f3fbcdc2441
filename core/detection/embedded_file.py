"""The embedded detector's weights: float16 in a `.safetensors` file of the project."""

from functools import lru_cache
from pathlib import Path

import torch

from core import networks
from core.detection.embedded import EmbeddedDetector
from core.networks.building import skeleton

FILE = Path(__file__).parents[2] / "assets" / "weights" / "embedded_detector.safetensors"


def save(detector: EmbeddedDetector, path: Path) -> None:
    """Write its tensors in half precision; counts of batches are left out, nothing reads them."""
    from safetensors.torch import save_file

    tensors = {
        name: each.detach().cpu().half().contiguous()
        for name, each in detector.state_dict().items()
        if each.is_floating_point()
    }
    save_file(tensors, path, metadata={"detector": "embedded", "layout": "YOLOX, 80 COCO classes"})


def fresh(path: Path) -> EmbeddedDetector:
    """A detector of its own with a file's tensors, in float32.

    Raises: ValueError for a file of another network.
    """
    from safetensors.torch import load_file

    detector = EmbeddedDetector(skeleton(networks.DEFAULT))
    tensors = {name: each.float() for name, each in load_file(path).items()}
    missing, unexpected = detector.load_state_dict(
        tensors, strict=False, assign=True
    )  # the trunk has no values yet
    wrong = [name for name in missing if not name.endswith("num_batches_tracked")] + list(unexpected)
    if wrong:
        raise ValueError(
            f"The file holds another network: {len(wrong)} tensors do not fit, the first is {wrong[0]}."
        )
    for part in detector.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.num_batches_tracked = torch.zeros((), dtype=torch.long)
    return detector


@lru_cache(maxsize=1)
def embedded_detector(path: Path = FILE) -> EmbeddedDetector:
    """The detector as it ships, in evaluation mode; shared and never changed."""
    return fresh(path).eval().requires_grad_(False).to(memory_format=torch.channels_last)
