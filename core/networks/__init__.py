"""The networks of the app: what is known of each, where its weights are, and what it computes on a photo.

Importing it loads no PyTorch; the functions that build or run a network import it when they are called.
"""

from typing import TYPE_CHECKING, Any

from core.networks.detectors import DETECTORS, DetectorRecord
from core.networks.guests import hold_again, is_guest, is_present, notes_of
from core.networks.limits import FILE_BYTES_MOST, FOLDER_BYTES_MOST, CheckpointError
from core.networks.own import (
    CLASSES_MOST,
    OwnNetwork,
    bring,
    folder_files,
    from_folder,
    let_go,
    own_network,
    packed,
)
from core.networks.preparing import Prepared, classify, prepare, ranked
from core.networks.record import Accuracy, NetworkRecord, Preprocessing, Weights
from core.networks.registry import DEFAULT, HED, NAMES, record
from core.networks.shelf import introduce, load
from core.networks.store import (
    FetchFailed,
    Progress,
    WeightsDamaged,
    WeightsMissing,
    fetch,
    is_here,
    missing_sentence,
)
from core.networks.titles import title_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def activations(
    network: Any,
    tensor: Any,
    layers: "Sequence[str]",
    *,
    after: str = "",
    input_hw: tuple[int, int] = (224, 224),
) -> dict[str, Any]:
    """As `core.networks.replaying.activations`, which see; PyTorch is loaded on the first call."""
    from core.networks.replaying import activations as run

    return run(network, tensor, layers, after=after, input_hw=input_hw)


def layer_names(network: Any, input_hw: tuple[int, int] = (224, 224)) -> tuple[str, ...]:
    """The names of all layers in execution order, as `activations` takes them."""
    from core.networks.replaying import layer_names as names

    return names(network, input_hw)


__all__ = [
    "CLASSES_MOST",
    "DEFAULT",
    "DETECTORS",
    "FILE_BYTES_MOST",
    "FOLDER_BYTES_MOST",
    "HED",
    "NAMES",
    "Accuracy",
    "CheckpointError",
    "DetectorRecord",
    "FetchFailed",
    "NetworkRecord",
    "OwnNetwork",
    "Prepared",
    "Preprocessing",
    "Progress",
    "Weights",
    "WeightsDamaged",
    "WeightsMissing",
    "activations",
    "bring",
    "classify",
    "fetch",
    "folder_files",
    "from_folder",
    "hold_again",
    "introduce",
    "is_guest",
    "is_here",
    "is_present",
    "layer_names",
    "let_go",
    "load",
    "missing_sentence",
    "notes_of",
    "own_network",
    "packed",
    "prepare",
    "ranked",
    "record",
    "title_of",
]
