"""One instance of a network for all sessions, built once, bounded in memory, never changed after it is shared.

Whoever gets one reads it: no hooks, no `.train()`, no `.backward()`, no gradients of its parameters. What its layers
compute is asked of `core.networks.activations`.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from threading import Lock
from typing import Any, Literal
from weakref import WeakKeyDictionary

from core.networks import guests, store
from core.networks.record import NetworkRecord
from core.networks.registry import HED, record

WeightsChoice = Literal["trained", "untrained"]
BYTES_MOST = 1_500_000_000
"""Networks that are kept together; the one used longest ago goes first, the latest always stays."""

_DENSENET_KEYS = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")
_UNUSED_HEADS = ("aux1.", "aux2.", "AuxLogits.")  # training aids of GoogLeNet and Inception


@dataclass(frozen=True, slots=True)
class Known:
    """What the shelf knows of a network that it handed out: its layers' names, and its tensors by name."""

    architecture: str
    tensors: dict[str, Any]


@dataclass(slots=True)
class _Slot:
    lock: Any = field(default_factory=Lock)
    network: Any = None
    size: int = 0


_slots: OrderedDict[tuple[str, str, int], _Slot] = OrderedDict()
_known: WeakKeyDictionary[Any, Known] = WeakKeyDictionary()
_gate = Lock()


def load(name: str, weights: WeightsChoice = "trained", *, seed: int = 0) -> Any:
    """The network as a `torch.nn.Module` in evaluation mode without gradients, shared by all callers.

    Args:
        name: one of `core.networks.NAMES`, or what `core.networks.bring` returned.
        weights: "trained" (a visitor's own are called so too), or "untrained": He initialisation from `seed`.

    Raises:
        WeightsMissing: trained weights that are not on this computer; nothing is ever downloaded here.
        WeightsDamaged: a file that is not what was published.
        ValueError: no such name or choice.
    """
    if weights not in ("trained", "untrained"):
        raise ValueError(f'The weights are "trained" or "untrained", got {weights!r}.')
    network = record(name)
    if guests.is_guest(name) and weights == "trained":
        return guests.network_of(name)
    key = (name, weights, seed if weights == "untrained" else 0)
    with _gate:
        slot = _slots.setdefault(key, _Slot())
        _slots.move_to_end(key)
    with slot.lock:
        if slot.network is None:
            built = _built(network, weights, seed)
            slot.network, slot.size = introduce(built, network.architecture), _size(built)
            _make_room()
        return slot.network


def _built(network: NetworkRecord, weights: WeightsChoice, seed: int) -> Any:
    """The network for all who ask later, too: the first may be in inference mode, and others may want slopes."""
    import torch

    with torch.inference_mode(False):
        return _trained(network) if weights == "trained" else _untrained(network, seed)


def introduce(network: Any, architecture: str) -> Any:
    """Make a network known to `activations` as one whose layers are those of `architecture`; returns it."""
    tensors = dict(network.state_dict(keep_vars=True))
    with _gate:
        _known[network] = Known(architecture, tensors)
    return network


def known(network: Any) -> Known:
    """What was introduced.

    Raises: ValueError for a network that was not.
    """
    with _gate:
        found = _known.get(network)
    if found is None:
        raise ValueError(
            f"The network comes from core.networks.load or was introduced, got {type(network).__name__}."
        )
    return found


def forget(name: str, network: Any) -> None:
    """Let go of a network that nobody may use any more, and of its untrained twins.

    Whoever still holds what it was taken apart into (`core.features.circuit`) holds no tensors of it.
    """
    with _gate:
        found = _known.pop(network, None)
        if found is not None:
            found.tensors.clear()
        for key in [key for key in _slots if key[0] == name]:
            del _slots[key]


def clear() -> None:
    """Forget all networks; those in use stay with their users."""
    with _gate:
        _slots.clear()


def _make_room() -> None:
    with _gate:
        while len(_slots) > 1 and sum(slot.size for slot in _slots.values()) > BYTES_MOST:
            _slots.popitem(last=False)


def _size(network: Any) -> int:
    return sum(each.numel() * each.element_size() for each in network.state_dict().values())


def _untrained(network: NetworkRecord, seed: int) -> Any:
    from core.networks.building import untrained

    return untrained(network, seed)


def _trained(network: NetworkRecord) -> Any:
    from core.networks.building import filled, skeleton

    path = store.checked(network, store.located(network.name))
    empty = skeleton(network.architecture, trunk=network.trunk)
    try:
        return filled(empty, _read(network, path, list(empty.state_dict())))
    except store.WeightsDamaged:
        raise
    except (UnpicklingError, ValueError, RuntimeError, OSError, EOFError, AttributeError) as error:
        raise store.WeightsDamaged(
            f"{path.name} does not hold the weights of {network.title}; delete {path} and fetch it again."
        ) from error


def _read(network: NetworkRecord, path: Path, keys: list[str]) -> dict[str, Any]:
    """The published tensors under the names that the network has."""
    import torch

    if network.name == HED:
        return _safetensors(path)
    stored = torch.load(path, weights_only=True, map_location="cpu")
    if network.weights.kind == "packaged":  # other names, the same order
        return dict(zip(keys, stored.values(), strict=True))
    return {
        _DENSENET_KEYS.sub(r"\1\2", key): value
        for key, value in stored.items()
        if not key.startswith(_UNUSED_HEADS)
    }


def _safetensors(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise store.WeightsDamaged(f"{path.name} is damaged; delete {path} and fetch it again.") from error
