"""Activation maximisation: the picture that a channel, a unit, a layer or a class answers to most.

Gradient ascent on the picture itself, x <- x + rate * d score / d x. By itself it finds noise that no photo resembles;
three things make it look like something: the picture is parameterised by its Fourier coefficients, each divided by its
frequency; its colours by the directions in which colours of photos vary independently; and in every step it is
scaled and shifted a little, so that what counts must survive that.
Source: Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill 2017); DeepDream: Mordvintsev et al. (2015).
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float, UInt8

from core.formula import Formula
from core.networks.record import Preprocessing

if TYPE_CHECKING:
    from torch import Generator, Tensor

Goal = Literal["channel", "unit", "layer", "class"]
GOALS: tuple[Goal, ...] = ("channel", "unit", "layer", "class")
SIDES = (64, 256)
MOST_STEPS = 512
_RATE, _MOMENTUM, _SQUARES = 0.05, 0.9, 0.999  # Adam, Kingma and Ba 2015
_START = 0.01  # standard deviation of the coefficients at the start
_DAMPING = 4.0
_JITTER = 1 / 16  # of the side, each way
_SCALES = (0.9, 1.1)
_EDGE = 0.02  # a photo's black and white have no finite logit
# Square root of the covariance of ImageNet's colours, columns in order of variance (lucid, Olah et al. 2017).
COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]])


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is asked for, and how.

    Args:
        goal: "channel" (mean of its map), "unit" (the value in the middle of its map), "layer" (mean square of all its
            maps, which is DeepDream) or "class" (the output before the softmax).
        layer: name of the layer as in `core.networks.layer_names`; not used for a class.
        index: channel or class; not used for a layer.
        negative: look for the smallest score instead.
        side: of the picture, in pixels.
        steps: gradient steps.
        fourier, colours, shaken: each of the three regularisations: Fourier coefficients, decorrelated colours,
            jitter and scale.
        seed: of the noise at the start and of the jitter.
    """

    goal: Goal
    layer: str
    index: int = 0
    negative: bool = False
    side: int = 160
    steps: int = 128
    fourier: bool = True
    colours: bool = True
    shaken: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise ValueError(f"The goal is one of {GOALS}, got {self.goal!r}.")
        if not SIDES[0] <= self.side <= SIDES[1]:
            raise ValueError(f"The side is {SIDES[0]} to {SIDES[1]} pixels, got {self.side}.")
        if not 1 <= self.steps <= MOST_STEPS:
            raise ValueError(f"There are 1 to {MOST_STEPS} steps, got {self.steps}.")
        if self.index < 0 or self.seed < 0:
            raise ValueError(f"Numbers count from 0, got index {self.index} and seed {self.seed}.")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The picture after some steps.

    Args:
        step: steps taken, 0 at the start.
        pixels: the picture, RGB.
        score: what the network says to it, scaled and shifted as it was in this step.
        seconds: since the start.
        measured: shape of the layer that the score was read off: (channels, height, width), or (classes,).
    """

    step: int
    pixels: UInt8[np.ndarray, "side side 3"]
    score: float
    seconds: float
    measured: tuple[int, ...]


def dream(
    network: Any,
    preprocessing: Preprocessing,
    recipe: Recipe,
    start: UInt8[np.ndarray, "side side 3"] | None = None,
) -> Iterator[Frame]:
    """Climb; yields the start and then the picture after every step, recipe.steps + 1 frames.

    Args:
        network: from `core.networks.load`; it is read only.
        preprocessing: how the network wants its pictures.
        recipe: what to look for.
        start: the picture to begin with, of recipe.side; None begins with noise.

    Raises: ValueError if the network has no such layer, channel or class.
    """
    import torch

    draw = torch.Generator().manual_seed(recipe.seed)
    began = time.perf_counter()
    values = _encoded(start, recipe) if start is not None else _noise(recipe, draw)
    values.requires_grad_()
    mean, squares = torch.zeros_like(values), torch.zeros_like(values)
    for step in range(recipe.steps + 1):
        picture = _decoded(values, recipe)  # [1, 3, side, side], 0 to 1
        seen = _shaken(picture, draw) if recipe.shaken else picture
        score, measured = _score(network, normalised(seen, preprocessing), recipe)
        yield Frame(step, as_pixels(picture), float(score.detach()), time.perf_counter() - began, measured)
        if step == recipe.steps:
            return
        (slope,) = torch.autograd.grad(score if recipe.negative else -score, values)
        with torch.no_grad():
            mean.lerp_(slope, 1 - _MOMENTUM)
            squares.lerp_(slope.square(), 1 - _SQUARES)
            size = (squares / (1 - _SQUARES ** (step + 1))).sqrt_() + 1e-8
            values -= _RATE / (1 - _MOMENTUM ** (step + 1)) * mean / size


def normalised(picture: "Tensor", how: Preprocessing) -> "Tensor":
    """A picture [1, 3, h, w] with values 0 to 1, RGB, as the network wants it."""
    shape = (1, 3, 1, 1)
    inputs = picture.flip(1) if how.bgr else picture
    return (inputs * 255 - picture.new_tensor(how.mean).view(shape)) / picture.new_tensor(how.std).view(shape)


def as_pixels(picture: "Tensor") -> UInt8[np.ndarray, "h w 3"]:
    """A picture [1, 3, h, w] with values 0 to 1 as RGB bytes."""
    return (picture.detach()[0].permute(1, 2, 0) * 255).round().byte().numpy()


def score_formula(recipe: Recipe, frame: Frame) -> Formula:
    """The score of a frame, with the sizes of what it was read off."""
    shape = frame.measured
    if recipe.goal == "class":
        name, symbolic, filled = f"Output of class {recipe.index}", "z_k(x)", rf"z_{{{recipe.index}}}(x)"
    elif recipe.goal == "unit":
        row, column = (size // 2 for size in shape[1:])
        name = f"Unit of channel {recipe.index} at row {row}, column {column}"
        symbolic = r"a_{c,\,\lfloor H/2 \rfloor,\,\lfloor W/2 \rfloor}(x)"
        filled = rf"a_{{{recipe.index},\,{row},\,{column}}}(x)"
    else:
        many = shape if recipe.goal == "layer" else shape[1:]
        total = frame.score * math.prod(many)
        name = "Mean square of the layer" if recipe.goal == "layer" else f"Mean of channel {recipe.index}"
        symbolic = (
            r"\frac{1}{CHW} \sum_{c,i,j} a_{c,i,j}(x)^2"
            if recipe.goal == "layer"
            else r"\frac{1}{HW} \sum_{i,j} a_{c,i,j}(x)"
        )
        sizes = r" \cdot ".join(map(str, many))
        filled = rf"\frac{{1}}{{{sizes}}} \cdot {total:.5g}"
    note = "Of the picture as it was shaken in this step." if recipe.shaken else ""
    return Formula(f"{name}, step {frame.step}", symbolic, filled, frame.score, note)


def _score(network: Any, inputs: "Tensor", recipe: Recipe) -> "tuple[Tensor, tuple[int, ...]]":
    """The number that is climbed, and the shape of the layer that it is read off."""
    from core.networks import activations, layer_names

    if recipe.goal == "class":
        hw = (int(inputs.shape[2]), int(inputs.shape[3]))
        layer = layer_names(network, hw)[-1]
        outputs = activations(network, inputs, [layer])[layer]
        if outputs.ndim != 2:
            raise ValueError("The network has no classifier, so it has no class to look for.")
        return outputs[0, _checked(recipe.index, outputs.shape[1], "class")], tuple(outputs.shape[1:])
    maps = activations(network, inputs, [recipe.layer])[recipe.layer][0]
    shape = tuple(maps.shape)
    if recipe.goal == "layer":
        return maps.square().mean(), shape
    chosen = maps[_checked(recipe.index, len(maps), "channel")]
    return chosen.mean() if recipe.goal == "channel" else chosen[tuple(n // 2 for n in chosen.shape)], shape


def _checked(index: int, count: int, what: str) -> int:
    if index >= count:
        raise ValueError(f"The {what} is 0 to {count - 1}, got {index}.")
    return index


def _decay(side: int) -> Float[np.ndarray, "side half"]:
    """1 / frequency for every coefficient of a real Fourier transform: equal steps then give equal energy."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    return (1 / np.maximum(frequency, 1 / side)).astype(np.float32) * side  # [side, side // 2 + 1]


def _noise(recipe: Recipe, draw: "Generator") -> "Tensor":
    import torch

    half = (recipe.side // 2 + 1, 2) if recipe.fourier else (recipe.side,)
    return _START * torch.randn((3, recipe.side, *half), generator=draw)


def _matrix(recipe: Recipe) -> "Tensor":
    """From the picture's three planes to red, green and blue."""
    import torch

    if not recipe.colours:
        return torch.eye(3)
    return torch.tensor(COLOURS / np.linalg.norm(COLOURS, axis=0).max(), dtype=torch.float32)


def _decoded(values: "Tensor", recipe: Recipe) -> "Tensor":
    """The picture that the values stand for, [1, 3, side, side] from 0 to 1."""
    import torch

    planes = values
    if recipe.fourier:
        spectrum = torch.view_as_complex(values) * torch.from_numpy(_decay(recipe.side))
        planes = torch.fft.irfft2(spectrum, s=(recipe.side, recipe.side)) / _DAMPING
    return torch.sigmoid(torch.einsum("rc,chw->rhw", _matrix(recipe), planes))[None]


def _encoded(start: UInt8[np.ndarray, "side side 3"], recipe: Recipe) -> "Tensor":
    """The values that stand for a picture: `_decoded` backwards, with black and white cut off a little."""
    import torch

    if start.shape != (recipe.side, recipe.side, 3):
        raise ValueError(f"The picture has {recipe.side} pixels a side, got {start.shape}.")
    share = torch.from_numpy(start.astype(np.float32) / 255).permute(2, 0, 1)
    colours = torch.logit(share, eps=_EDGE)
    planes = torch.einsum("cr,rhw->chw", torch.linalg.inv(_matrix(recipe)), colours)
    if not recipe.fourier:
        return planes.contiguous()
    spectrum = torch.fft.rfft2(planes * _DAMPING) / torch.from_numpy(_decay(recipe.side))
    return torch.view_as_real(spectrum).contiguous()


def _shaken(picture: "Tensor", draw: "Generator") -> "Tensor":
    """The picture scaled and shifted at random; what comes in from outside is mirrored."""
    import torch
    import torch.nn.functional as F

    low, high = _SCALES
    scale = low + (high - low) * torch.rand(1, generator=draw)
    shift = 2 * _JITTER * (2 * torch.rand(2, generator=draw) - 1)  # a side is 2 long here
    matrix = torch.cat([torch.diag(scale.expand(2)), shift[:, None]], dim=1)[None]
    grid = F.affine_grid(matrix, list(picture.shape), align_corners=False)
    return F.grid_sample(picture, grid, padding_mode="reflection", align_corners=False)
