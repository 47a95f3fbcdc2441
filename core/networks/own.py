"""Your own network: a state dict for an architecture and a number of classes, or a sentence about why it is not.

It comes as bytes, or from the folder "own" in the folder of weights (CONVNET_EXPLORER_WEIGHTS), where larger files may
lie. `bring` gives it a name under which `core.networks.load` and `record` know it until its last holder lets it go.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.networks import guests, shelf
from core.networks.checkpoint import read_checkpoint
from core.networks.file_label import label_of, trained_on
from core.networks.limits import FILE_BYTES_MOST, FOLDER_BYTES_MOST, CheckpointError, too_large
from core.networks.pickled import HOW_TO_SAVE
from core.networks.record import NetworkRecord, Weights
from core.networks.registry import NAMES, record
from core.networks.store import FOLDER
from core.networks.titles import title_of
from core.receptive_field.catalogue import NETWORKS

CLASSES_MOST = 21_843  # ImageNet-21k

_ENDINGS = (".safetensors", ".pt", ".pth")
_ALIKE = 0.5  # of the tensors' names and shapes


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """A network with weights of your own.

    Args:
        network: as `core.networks.load` gives them, but yours alone.
        record: that of the architecture, with your categories and without its published accuracy.
        notes: sentences for a person: values that are not numbers, another precision.
    """

    network: Any
    record: NetworkRecord
    notes: tuple[str, ...]


def bring(
    data: bytes,
    architecture: str,
    classes: int,
    categories: Sequence[str] = (),
    file_name: str = "",
    *,
    most: int = FILE_BYTES_MOST,
) -> str:
    """As `own_network`; returns the name under which the network is known from now on. Let it go with `let_go`.

    It is asked once, about a grey picture: what does not answer with numbers is not taken in.

    Whoever brings the same again holds the same network.

    Raises: CheckpointError, also if the networks of all visitors would take too much memory; ValueError.
    """
    said = "\n".join((architecture, str(classes), file_name, *categories))
    digest = hashlib.sha256(said.encode() + b"\0" + hashlib.sha256(data).digest()).hexdigest()
    name = guests.hold(digest)
    if name:
        return name
    guests.check_room(len(data))
    own = own_network(data, architecture, classes, categories, file_name, most=most)
    _check_answer(own)
    size = sum(each.numel() * each.element_size() for each in own.network.state_dict().values())
    guests.check_room(size)  # half precision grows
    return guests.admit(digest, own.network, own.record, own.notes, size)


def _check_answer(own: OwnNetwork) -> None:
    """It says something about a picture of one grey: the mean of what it was trained on.

    Raises: CheckpointError.
    """
    import torch

    side = own.record.input_px
    with torch.inference_mode():
        outputs = own.network(torch.zeros(1, 3, side, side))
    if not bool(outputs.isfinite().all()):
        raise CheckpointError(
            f"This is a {own.record.title.partition(',')[0]}, but its outputs should be numbers and are infinite or"
            f" not a number even for a grey picture. {' '.join(own.notes)}".strip()
        )


def let_go(name: str) -> None:
    """One holder less; with the last one the network is freed."""
    network = guests.let_go(name)
    if network is not None:
        shelf.forget(name, network)


def packed(name: str) -> bytes:
    """A visitor's network as a `.safetensors` file, for another process.

    Raises: ValueError if it is not here any more.
    """
    from safetensors.torch import save

    tensors = guests.network_of(name).state_dict()
    return save({key: value.contiguous() for key, value in tensors.items()})


def folder_files() -> tuple[str, ...]:
    """The names of the checkpoints in the folder "own" of the folder of weights."""
    folder = _own_folder()
    if folder is None or not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if path.suffix in _ENDINGS and path.is_file()))


def from_folder(file_name: str) -> bytes:
    """The bytes of one of `folder_files`.

    Raises: CheckpointError if it is too large, gone or not readable.
    """
    folder = _own_folder()
    if folder is None or file_name not in folder_files():
        raise CheckpointError(
            f"The file is one of those in the folder own of {FOLDER}, got {file_name[:80]!r}."
        )
    path = folder / file_name
    try:
        if path.stat().st_size > FOLDER_BYTES_MOST:
            raise too_large(path.stat().st_size, FOLDER_BYTES_MOST)
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"The file {file_name} cannot be read: {error.strerror}.") from error


def _own_folder() -> Path | None:
    named = os.environ.get(FOLDER)
    return Path(named) / "own" if named else None


def own_network(
    data: bytes,
    architecture: str,
    classes: int,
    categories: Sequence[str] = (),
    file_name: str = "",
    *,
    most: int = FILE_BYTES_MOST,
) -> OwnNetwork:
    """The network of a `.safetensors` or `.pt` file with a state dict; nothing of the file is executed.

    Args:
        architecture: one of `core.receptive_field.NETWORKS`.
        classes: number of outputs, 1 to `CLASSES_MOST`.
        categories: their names in order; "class 0", "class 1", ... where none are given.
        most: bytes of the file.

    Raises:
        CheckpointError: a sentence that says what was expected and what was found.
        ValueError: no such architecture, or another number of names than classes.
    """
    if architecture not in NETWORKS:
        raise ValueError(f"The architecture is one of core.receptive_field.NETWORKS, got {architecture!r}.")
    if not 1 <= classes <= CLASSES_MOST:
        raise ValueError(f"The number of classes is 1 to {CLASSES_MOST:,}, got {classes}.")
    if categories and len(categories) != classes:
        raise ValueError(f"There is one name for each of the {classes} classes, got {len(categories)}.")
    from core.networks.building import filled, shapes_of, skeleton

    checkpoint = read_checkpoint(data, most)
    found = shapes_of(checkpoint.tensors)
    network = skeleton(architecture, classes=classes)
    _check_fit(found, shapes_of(network.state_dict()), architecture, classes)
    shared = shelf.introduce(filled(network, checkpoint.tensors), architecture)
    names = tuple(categories) or tuple(f"class {i}" for i in range(classes))
    known, label = record(architecture), label_of(data)
    if label is not None and label.architecture == architecture:
        known = trained_on(known, label.side_px)
    mine = replace(
        known,
        weights=Weights("own", file_name, trained_on="your own data"),
        categories=names,
        accuracy=None,
        parameters=sum(each.numel() for each in shared.parameters()),
        title=f"{known.title}, your own",
    )
    return OwnNetwork(shared, mine, checkpoint.notes)


def _check_fit(
    found: dict[str, tuple[int, ...]], wanted: dict[str, tuple[int, ...]], architecture: str, classes: int
) -> None:
    from core.networks.building import classifier_name, mismatches

    problems = mismatches(wanted, found)
    if not problems:
        return
    title, head = title_of(architecture), classifier_name(architecture)
    others = {key: shape for key, shape in found.items() if not key.startswith(f"{head}.")}
    others_wanted = {key: shape for key, shape in wanted.items() if not key.startswith(f"{head}.")}
    outputs = found.get(f"{head}.weight", (0,))[:1]
    if not mismatches(others_wanted, others) and outputs not in ((), (0,), (classes,)):
        raise CheckpointError(
            f"This is a {title} with {outputs[0]:,} classes instead of {classes:,}: set the number of classes to "
            f"{outputs[0]:,}, or choose another file."
        )
    like = looks_like(found)
    if like not in ("", architecture):
        raise CheckpointError(
            f"This file looks like {title_of(like)} ({like}) and not like {title} ({architecture}): choose that "
            "architecture, or another file."
        )
    raise CheckpointError(
        f"This file does not fit {title}: {problems[0][:160]}"
        f"{f' and {len(problems) - 1} more differences' if len(problems) > 1 else ''}; save the whole network's state "
        f"dict with {HOW_TO_SAVE}."
    )


def looks_like(shapes: dict[str, tuple[int, ...]]) -> str:
    """The architecture that shares most tensors (by name and shape) with `shapes`, or "" if none shares half."""
    pairs = {(key, shape) for key, shape in shapes.items() if not key.endswith("num_batches_tracked")}
    names = [name for name in NAMES if name in NETWORKS]

    def alike(name: str) -> float:
        other = _pairs(name)
        return len(pairs & other) / len(pairs | other)

    best = max(names, key=alike)
    return best if alike(best) >= _ALIKE else ""


@lru_cache(maxsize=len(NETWORKS))
def _pairs(architecture: str) -> frozenset[tuple[str, tuple[int, ...]]]:
    from core.networks.building import shapes_of
    from core.receptive_field.catalogue import build

    shapes = shapes_of(build(architecture).state_dict())
    return frozenset((key, shape) for key, shape in shapes.items() if not key.endswith("num_batches_tracked"))
