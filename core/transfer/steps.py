"""What a training hands out on its way: how it stands, each epoch, and the trained network."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from core.transfer.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Epoch:
    """One pass over the training part; number 0 is the network before any update.

    Args:
        lane: which recipe of a race it belongs to, from 0.
        number: from 0. updates: optimiser steps so far. seconds: of training so far, without evaluation.
        training_loss, training_accuracy: over the batches of the epoch, as they were trained (dropout, augmentation, a
            network that changes meanwhile); for number 0 evaluated.
        validation_loss, validation_accuracy: of the network as it is now, in evaluation mode; NaN without photos.
        rate, trunk_rate: at the epoch's last update; the trunk's is 0 where nothing of it trains.
        photos: shown in training so far.
        probabilities: of the validation part, in the order of `Split.validation`.
    """

    lane: int
    number: int
    updates: int
    seconds: float
    training_loss: float
    training_accuracy: float
    validation_loss: float
    validation_accuracy: float
    rate: float
    trunk_rate: float
    photos: int
    probabilities: Float32[np.ndarray, "photos classes"]


@dataclass(frozen=True, slots=True)
class Moved:
    """How far training moved one tensor: |after - before| / |before| (Frobenius norms; NaN where before is all 0).

    Args:
        name: of the tensor. stage: its stage's number in `core.transfer.stages`, the head's is the last.
        kind: "weight" (weights and biases) or "statistics" (running mean and variance of batch normalisation).
        relative: 0 for what did not move at all.
        numbers: elements of the tensor.
    """

    name: str
    stage: int
    kind: str
    relative: float
    numbers: int


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The network of the best epoch, and what it says.

    Args:
        lane, recipe, classes: of which training.
        weights: a `.safetensors` file with all tensors; its metadata say architecture and classes.
        best_epoch: chosen by the validation loss (the last one without a validation part).
        stopped: by the visitor, before its end. why: a sentence why it ended ("All 20 epochs.", ...).
        validation, test: probabilities in the order of the split's numbers.
        moved: each tensor, against where this training began; the head against its random start.
        trainable, parameters: numbers that train, and all.
        seconds: of training, without evaluation; photos: shown in it.
        device: "cpu", "cuda (...)" or "mps". how: "channels last, float32", ...
        cached: the trunk's features were computed once.
    """

    lane: int
    recipe: Recipe
    classes: tuple[str, ...]
    weights: bytes
    best_epoch: int
    stopped: bool
    why: str
    validation: Float32[np.ndarray, "validation classes"]
    test: Float32[np.ndarray, "test classes"]
    moved: tuple[Moved, ...]
    trainable: int
    parameters: int
    seconds: float
    photos: int
    device: str
    how: str
    cached: bool
