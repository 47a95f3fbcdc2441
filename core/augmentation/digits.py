"""A digit network that is trained in seconds: for labels that an augmentation can break, and for the leak.

The pictures are scikit-learn's 1,797 digits of 8 x 8 (Alpaydin and Kaynak 1998, UCI). Transforms see them four times as
large; the network reads averages over 4 x 4 pixels, so that an untouched digit reaches it unchanged. Two convolutions,
one pooling, one linear layer; He initialisation and batches from generators of their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float, Int, UInt8

from core.augmentation.applying import apply
from core.augmentation.chain import Options
from core.augmentation.drawing import fixed
from core.augmentation.survival import SurvivalCurve, curve, curve_strengths

SIDE = 8
TIMES = 4
CATEGORIES = tuple("0123456789")
_SHAPES = {"first": (16, 1, 3, 3), "second": (32, 16, 3, 3), "last": (10, 32 * 16)}
_BATCH = 64
_RATE = 3e-3


@lru_cache(maxsize=1)
def digits() -> tuple[UInt8[np.ndarray, "n 8 8"], Int[np.ndarray, " n"]]:
    """All digits as grey values 0 to 255, white on black, and what they are; both read-only."""
    from sklearn.datasets import load_digits

    found = load_digits()
    values, labels = np.rint(found.images * (255 / 16)).astype(np.uint8), found.target.astype(np.int64)
    values.setflags(write=False)
    labels.setflags(write=False)
    return values, labels


def digit_pixels(index: int) -> UInt8[np.ndarray, "32 32 3"]:
    """A digit as a picture of 32 x 32 pixels, every value four by four times."""
    large = digits()[0][index].repeat(TIMES, axis=0).repeat(TIMES, axis=1)
    return np.repeat(large[..., None], 3, axis=2)


def as_input(pixels: UInt8[np.ndarray, "32 32 3"]) -> Float[np.ndarray, "8 8"]:
    """What the network reads of a picture: averages of 4 x 4 pixels, 0 to 1."""
    grey = pixels.mean(axis=2, dtype=np.float32)
    return grey.reshape(SIDE, TIMES, SIDE, TIMES).mean(axis=(1, 3)) / np.float32(255)


@dataclass(frozen=True, slots=True, eq=False)
class DigitNetwork:
    """A trained digit network.

    Args:
        weights: tensors by name; never changed.
        seed: of its initialisation, its split and its batches.
        accuracy: share of right answers on the digits that it did not train on, 0 to 1; NaN where there are none.
        held_out: numbers of those digits.
    """

    weights: dict[str, Any]
    seed: int
    accuracy: float
    held_out: tuple[int, ...]

    def answers(self, inputs: Float[np.ndarray, "n 8 8"]) -> Float[np.ndarray, "n 10"]:
        """Softmax probabilities of the ten digits."""
        import torch

        with torch.inference_mode():
            return _forward(self.weights, torch.from_numpy(inputs)[:, None]).softmax(1).double().numpy()


def training(
    inputs: Float[np.ndarray, "n 8 8"], labels: Int[np.ndarray, " n"], seed: int, epochs: int = 12
) -> Iterator[DigitNetwork]:
    """The network after each epoch: Adam at 0.003, batches of 64, cross-entropy.

    Raises: ValueError without digits, or for another number of epochs than 1 to 100.
    """
    import torch

    if not len(inputs) or len(inputs) != len(labels):
        raise ValueError(f"Training takes one label for each digit, got {len(labels)} for {len(inputs)}.")
    if not 1 <= epochs <= 100:
        raise ValueError(f"The number of epochs is 1 to 100, got {epochs}.")
    dice = torch.Generator().manual_seed(seed)
    weights = _initial(dice)
    adam = torch.optim.Adam(list(weights.values()), lr=_RATE)
    data, truth = torch.from_numpy(np.ascontiguousarray(inputs))[:, None], torch.from_numpy(np.array(labels))
    for _ in range(epochs):
        with torch.enable_grad():
            for rows in torch.randperm(len(data), generator=dice).split(_BATCH):
                adam.zero_grad()
                torch.nn.functional.cross_entropy(_forward(weights, data[rows]), truth[rows]).backward()
                adam.step()
        kept = {name: each.detach().clone() for name, each in weights.items()}
        yield DigitNetwork(kept, seed, float("nan"), ())


def trained(
    inputs: Float[np.ndarray, "n 8 8"], labels: Int[np.ndarray, " n"], seed: int, epochs: int = 12
) -> DigitNetwork:
    """The network after the last epoch of `training`, which see."""
    *_, last = training(inputs, labels, seed, epochs)
    return last


def training_digits(seed: int = 0) -> Iterator[DigitNetwork]:
    """Train on 1,400 digits without augmentation: after each epoch the network, with its accuracy on the other 397."""
    values, labels = digits()
    order = np.random.default_rng(seed).permutation(len(values))
    inputs = values.astype(np.float32) / np.float32(255)
    rest = order[1400:]
    held_out = tuple(int(i) for i in rest)
    for found in training(inputs[order[:1400]], labels[order[:1400]], seed):
        right = accuracy(found, inputs[rest], labels[rest])
        yield DigitNetwork(found.weights, seed, right, held_out)


@lru_cache(maxsize=8)
def trained_digits(seed: int = 0) -> DigitNetwork:
    """The network after the last epoch of `training_digits`."""
    *_, last = training_digits(seed)
    return last


def accuracy(
    network: DigitNetwork, inputs: Float[np.ndarray, "n 8 8"], labels: Int[np.ndarray, " n"]
) -> float:
    """Share of right answers, 0 to 1."""
    return float(np.mean(network.answers(inputs).argmax(axis=1) == labels))


def clearest(network: DigitNetwork, digit: int) -> int:
    """Number of the held-out digit of this kind that the network is surest of.

    Raises: ValueError for a digit that is not 0 to 9.
    """
    if digit not in range(10):
        raise ValueError(f"A digit is 0 to 9, got {digit!r}.")
    values, labels = digits()
    candidates = [i for i in network.held_out if labels[i] == digit]
    sure = network.answers(values[candidates].astype(np.float32) / np.float32(255))[:, digit]
    return candidates[int(sure.argmax())]


def digit_curve(
    network: DigitNetwork,
    name: str,
    index: int,
    count: int = 37,
    *,
    options: Options | dict = (),
    seed: int = 0,
) -> SurvivalCurve:
    """P(label) of one digit over the strength of a transform; the label is the digit that was written.

    Args:
        network: from `trained_digits`.
        name: of a transform that leaves the size as it is and needs no second photo.
        index: number of the digit.
        count: of strengths, 2 to 101.
        options, seed: as for `core.augmentation.fixed`.

    Raises: ValueError for a transform that changes the size.
    """
    pixels, values = digit_pixels(index), curve_strengths(name, count)
    shown = [apply(fixed(name, value, pixels.shape[:2], options, seed=seed), pixels) for value in values]
    if any(each.shape != pixels.shape for each in shown):
        raise ValueError(f"A transform of digits leaves their size as it is, got {name}.")
    found = network.answers(np.stack([as_input(each) for each in [pixels, *shown]]))
    label = int(digits()[1][index])
    return curve(name, values, found[1:], CATEGORIES, untouched=found[0], label=label)


def _initial(dice: Any) -> dict[str, Any]:
    import torch

    weights = {}
    for name, shape in _SHAPES.items():
        spread = (2 / int(np.prod(shape[1:]))) ** 0.5  # He et al. 2015
        weights[name] = (torch.randn(shape, generator=dice) * spread).requires_grad_()
        weights[f"{name}.bias"] = torch.zeros(shape[0], requires_grad=True)
    return weights


def _forward(weights: dict[str, Any], pictures: Any) -> Any:
    from torch.nn import functional as F

    maps = F.conv2d(pictures, weights["first"], weights["first.bias"], padding=1).relu()
    maps = F.conv2d(maps, weights["second"], weights["second.bias"], padding=1).relu()
    return F.linear(F.max_pool2d(maps, 2).flatten(1), weights["last"], weights["last.bias"])


def variants_as_inputs(indices: Sequence[int], draws: Sequence[Any]) -> Float[np.ndarray, "n 8 8"]:
    """What the network reads of these digits after one draw each."""
    return np.stack([as_input(apply(draw, digit_pixels(i))) for i, draw in zip(indices, draws, strict=True)])
