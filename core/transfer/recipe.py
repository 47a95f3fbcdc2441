"""How a network is trained on a set: which part of it, and with which settings."""

from dataclasses import dataclass, field
from typing import Literal

from core.augmentation.chain import Chain
from core.networks.registry import DEFAULT

Approach = Literal["scratch", "features", "tune"]
Optimiser = Literal["SGD", "Adam", "AdamW", "RMSprop"]
Schedule = Literal["constant", "step", "cosine", "warm-up + cosine"]
BatchNorm = Literal["frozen", "batch"]
APPROACHES: tuple[Approach, ...] = ("scratch", "features", "tune")
OPTIMISERS: tuple[Optimiser, ...] = ("SGD", "Adam", "AdamW", "RMSprop")
SCHEDULES: tuple[Schedule, ...] = ("constant", "step", "cosine", "warm-up + cosine")
BATCH_NORMS: tuple[BatchNorm, ...] = ("frozen", "batch")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training.

    Args:
        network: a name for `core.networks.load`.
        approach: "scratch": random weights, everything trains; "features": ImageNet weights, the trunk is frozen and
            a new head trains; "tune": ImageNet weights, a new head and the last stages of the trunk train.
        stages: for "tune", how many of the trunk's stages train, counted from the end, 1 or more
            (`core.transfer.stages`); more than there are means all.
        size_px: side of the square that the network is shown, 32 to 320, or that of a small network of its own.
        optimiser, schedule: as named; "step" divides the rate by 10 after 60 % and 85 % of the updates.
        rate: the head's learning rate, above 0 to 10.
        trunk_factor: the trunk's rate divided by the head's, above 0 to 1.
        batch: photos in an update, 1 to 256.
        epochs: passes over the training part, 1 to 500.
        weight_decay: 0 to 1. label_smoothing: 0 to below 1. dropout: before the head, 0 to below 1.
        patience: epochs without a better validation loss after which it stops; 0 for never.
        batch_norm: of the part that trains: "frozen" keeps ImageNet's statistics, "batch" uses and updates each
            batch's. Frozen parts always keep theirs.
        chain: how the training part is augmented; empty for not at all.
        passes: for "features" with a chain: so many augmented passes are cached, 1 to 20.
        seed: of the head, the batches and the augmentation.
        updates_most, seconds_most: the budget; 0 for none.

    Raises: ValueError naming the rule and the value found.
    """

    network: str = DEFAULT
    approach: Approach = "features"
    stages: int = 1
    size_px: int = 224
    optimiser: Optimiser = "AdamW"
    rate: float = 1e-3
    trunk_factor: float = 0.1
    schedule: Schedule = "cosine"
    batch: int = 16
    epochs: int = 20
    weight_decay: float = 1e-2
    label_smoothing: float = 0.0
    dropout: float = 0.2
    patience: int = 0
    batch_norm: BatchNorm = "frozen"
    chain: Chain = field(default_factory=Chain)
    passes: int = 1
    seed: int = 0
    updates_most: int = 0
    seconds_most: float = 0.0

    def __post_init__(self) -> None:
        _one_of("approach", self.approach, APPROACHES)
        _one_of("optimiser", self.optimiser, OPTIMISERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("batch normalisation mode", self.batch_norm, BATCH_NORMS)
        for name, value, low, high in (
            ("number of stages that train", self.stages, 1, 1000),
            ("side of the picture", self.size_px, 8, 320),
            ("batch", self.batch, 1, 256),
            ("number of epochs", self.epochs, 1, 500),
            ("patience", self.patience, 0, 500),
            ("number of cached passes", self.passes, 1, 20),
            ("weight decay", self.weight_decay, 0, 1),
            ("seed", self.seed, 0, 2**31 - 1),
            ("budget of updates", self.updates_most, 0, 10**6),
            ("budget of seconds", self.seconds_most, 0, 86_400),
        ):
            if not low <= value <= high:
                raise ValueError(f"The {name} is {low:,} to {high:,}, got {value}.")
        for name, value, high in (
            ("learning rate", self.rate, 10),
            ("trunk's share of it", self.trunk_factor, 1),
        ):
            if not 0 < value <= high:
                raise ValueError(f"The {name} is above 0 and at most {high}, got {value}.")
        for name, value in (("label smoothing", self.label_smoothing), ("dropout", self.dropout)):
            if not 0 <= value < 1:
                raise ValueError(f"The {name} is 0 to below 1, got {value}.")
        if self.chain.mixes:
            raise ValueError(
                "A training chain does not mix two photos (MixUp, CutMix): labels are whole here."
            )


def _one_of(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"The {what} is one of {', '.join(known)}, got {value!r}.")
