"""Throwing the dice: parameters from a generator, apart from applying them.

Every function takes its own `numpy.random.Generator`; the same seed gives the same draw bit for bit, alone or among
other threads. Lengths are drawn in pixels of the photo as it is at that point of the chain.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from core.augmentation.catalogue import transform
from core.augmentation.chain import Chain, Draw, Drawn, OneOf, Options, Step, Value
from core.augmentation.geometry import output_hw
from core.augmentation.policies import policy_operations

Hw = tuple[int, int]
Parameters = dict[str, Value]


def draw(chain: Chain, hw: Hw, generator: np.random.Generator) -> Draw:
    """Draw everything random in a chain for a photo of `hw` = (height, width) pixels.

    Args:
        chain: what to draw from.
        hw: height and width of the photo, at least 1.
        generator: the caller's own; it is advanced.

    Raises: ValueError for a photo without pixels.
    """
    if min(hw) < 1:
        raise ValueError(f"A photo has at least one pixel, got height and width {hw}.")
    size, drawn = hw, []
    for place, each in enumerate(chain.steps):
        found, size = _element(each, size, generator, place)
        drawn.append(found)
    return Draw(chain, hw, tuple(drawn))


def draw_singly(chain: Chain, hw: Hw, seeds: Sequence[Sequence[int]]) -> Draw:
    """As `draw`, but each step has a generator of its own seed: a step throws the same dice wherever it stands.

    Raises: ValueError unless there is one seed for each step.
    """
    if len(seeds) != len(chain.steps):
        raise ValueError(f"There is one seed for each step, got {len(seeds)} for {len(chain.steps)}.")
    size, drawn = hw, []
    for place, (each, seed) in enumerate(zip(chain.steps, seeds, strict=True)):
        found, size = _element(each, size, np.random.default_rng(seed), place)
        drawn.append(found)
    return Draw(chain, hw, tuple(drawn))


def draw_variant(chain: Chain, hw: Hw, seed: int, number: int) -> Draw:
    """Variant `number` (from 0) of `seed`: the same however many others are drawn.

    Its generator is `numpy.random.default_rng([seed, number])`.

    Raises: ValueError for a negative seed or number.
    """
    if seed < 0 or number < 0:
        raise ValueError(f"A seed and a number are 0 or more, got {seed} and {number}.")
    found = draw(chain, hw, np.random.default_rng([seed, number]))
    return Draw(chain, hw, found.steps, seed=seed, number=number)


def fixed(
    name: str, strength: float, hw: Hw, options: Options | dict = (), *, seed: int = 0, **settings
) -> Draw:
    """One transform at one strength for sure; whatever else it draws comes from `seed`.

    Args:
        name: one of `core.augmentation.NAMES`.
        strength: in the transform's unit.
        hw: height and width of the photo.
        options: of the transform.
        settings: border, fill and interpolation, as `Chain` takes them.

    Raises: ValueError as `Step`.
    """
    return draw_variant(Chain((Step(name, strength, strength, options=options),), **settings), hw, seed, 0)


def _element(each: Step | OneOf, hw: Hw, generator: np.random.Generator, place: int) -> tuple[Drawn, Hw]:
    if isinstance(each, OneOf):
        return _group(each, hw, generator, place)
    return _step(each, hw, generator, (place, 0), each.probability)


def _group(group: OneOf, hw: Hw, generator: np.random.Generator, place: int) -> tuple[Drawn, Hw]:
    taken = generator.random() < group.probability
    at = generator.random()
    choice = min(int(np.searchsorted(np.cumsum(group.shares), at, side="right")), len(group.steps) - 1)
    return _step(group.steps[choice], hw, generator, (place, choice), 1.0 if taken else 0.0)


def _step(
    step: Step, hw: Hw, generator: np.random.Generator, place: tuple[int, int], probability: float
) -> tuple[Drawn, Hw]:
    if probability < 1 and not generator.random() < probability:
        return Drawn(step.transform, False, place=place), hw
    kind = transform(step.transform)
    if kind.kind == "policy":
        return _policy(step, hw, generator, place)
    strength = _strength(step, kind.whole, generator)
    parameters = (
        _DRAW[step.transform](strength, dict(step.options), hw, generator) if step.transform in _DRAW else {}
    )
    strength = parameters.pop("strength", strength)
    drawn = Drawn(step.transform, True, strength, tuple(parameters.items()), place)
    return drawn, output_hw(drawn, hw)


def _strength(step: Step, whole: bool, generator: np.random.Generator) -> float:
    """Evenly between the ends; the share of a second photo after a Beta distribution stretched between them."""
    low, high = step.low, step.high
    if low == high:
        return low
    if transform(step.transform).kind == "mix":
        alpha = step.option("alpha")
        return low + (high - low) * generator.beta(alpha, alpha)
    return int(generator.integers(low, high + 1)) if whole else low + (high - low) * generator.random()


def _policy(step: Step, hw: Hw, generator: np.random.Generator, place: tuple[int, int]) -> tuple[Drawn, Hw]:
    magnitude = _strength(step, True, generator)
    inner, names = [], []
    for operation in policy_operations(step.transform, dict(step.options), magnitude, hw, generator):
        names.append(operation.name)
        if operation.step is not None:
            found, hw = _step(operation.step, hw, generator, place, 1.0)
            inner.append(found)
    parameters = (("operations", ", ".join(names) or "none"),)
    return Drawn(step.transform, True, magnitude, parameters, place, tuple(inner)), hw


def _crop(share: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    """Sides height √(share / a) and width √(share a), so no shape is ever refused."""
    reach = min(math.log(options["aspect"]), -math.log(share))
    a = math.exp(reach * (2 * generator.random() - 1))
    sides = [max(1, round(n * math.sqrt(share * f))) for n, f in zip(hw, (1 / a, a), strict=True)]
    return {"box": _placed(sides[0], sides[1], hw, generator)}


def _resized_crop(share: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    """Ten attempts and then the middle, as torchvision's RandomResizedCrop.get_params."""
    size, reach = options["size"], math.log(options["aspect"])
    for _ in range(10):
        ratio = math.exp(reach * (2 * generator.random() - 1))
        area = share * hw[0] * hw[1]
        width, height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < width <= hw[1] and 0 < height <= hw[0]:
            return {"box": _placed(height, width, hw, generator), "size": size}
    height, width = hw
    shape = min(max(width / height, 1 / options["aspect"]), options["aspect"])
    if width > height * shape:
        width = max(1, round(height * shape))
    else:
        height = max(1, min(height, round(width / shape)))
    top, left = (hw[0] - height) // 2, (hw[1] - width) // 2
    return {"box": (left, top, left + width, top + height), "size": size}


def _placed(height: int, width: int, hw: Hw, generator: np.random.Generator) -> tuple[int, int, int, int]:
    """A box of this size at a place drawn evenly among whole pixels."""
    top = int(generator.integers(0, hw[0] - height + 1))
    left = int(generator.integers(0, hw[1] - width + 1))
    return left, top, left + width, top + height


def _perspective(strength: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    """How far each corner moves in, in px: up to strength times half a side (top left first, clockwise)."""
    parts = strength * generator.random(8)
    inwards = parts * np.array([hw[1], hw[0]] * 4) / 2
    right, bottom = hw[1], hw[0]
    corners = np.array([0, 0, right, 0, right, bottom, 0, bottom], float)
    signs = np.array([1, 1, -1, 1, -1, -1, 1, -1])
    return {"corners": tuple(float(v) for v in corners + signs * inwards)}


def _elastic(strength: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    """The largest displacement in px, and the seed of the control points."""
    return {"reach": strength * min(hw), "seed": int(generator.integers(2**31))}


def _seeded(strength: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    return {"seed": int(generator.integers(2**31))}


def _erasing(share: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    reach = math.log(options["aspect"])
    ratio = math.exp(reach * (2 * generator.random() - 1))  # width / height
    area = share * hw[0] * hw[1]
    # A box that would not fit becomes as wide (or high) as the picture and keeps its area.
    width = min(math.sqrt(area * ratio), hw[1])
    height = min(area / width, hw[0]) if width else 0.0
    width = min(area / height, hw[1]) if height else 0.0
    box = _placed(min(round(height), hw[0]), min(round(width), hw[1]), hw, generator)
    return {"box": box, "value": options["value"]}


def _cutmix(share: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    """A box of width · √share x height · √share about a centre drawn evenly, clipped (Yun et al. 2019, equation 2)."""
    root = math.sqrt(share)
    width, height = hw[1] * root, hw[0] * root
    x, y = generator.random() * hw[1], generator.random() * hw[0]
    left, right = (min(max(round(v), 0), hw[1]) for v in (x - width / 2, x + width / 2))
    top, bottom = (min(max(round(v), 0), hw[0]) for v in (y - height / 2, y + height / 2))
    return {"box": (left, top, right, bottom)}


def _corner(strength: float, options: dict, hw: Hw, generator: np.random.Generator) -> Parameters:
    return {"corner": options["corner"]}


_DRAW: dict[str, Callable[[float, dict, Hw, np.random.Generator], Parameters]] = {
    "crop": _crop,
    "resized_crop": _resized_crop,
    "perspective": _perspective,
    "elastic": _elastic,
    "shear_x": _corner,
    "shear_y": _corner,
    "noise": _seeded,
    "erasing": _erasing,
    "cutmix": _cutmix,
}
