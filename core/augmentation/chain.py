"""A chain of transforms as it is set: steps with a range and a probability, groups of which one is taken, an order.

Probabilities inside a one-of group are weights: they are divided by their sum, and the chosen step is carried out for
sure (as `albumentations.OneOf` does; `torchvision.transforms.v2.RandomChoice(p=...)`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.augmentation.catalogue import Transform, transform

Border = Literal["constant", "reflect", "edge"]
Interpolation = Literal["bilinear", "nearest"]
Options = tuple[tuple[str, float | str], ...]
STEPS_MOST = 20
CHOICES_MOST = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One transform of a chain; equal steps hash equally, so that a cache can tell chains apart.

    Args:
        transform: its name, one of `core.augmentation.NAMES`.
        low, high: the range that its strength is drawn from evenly, in the transform's unit; None: its default.
        probability: that it is carried out, 0 to 1; inside a one-of group its weight.
        options: further settings by name, as a mapping or as pairs; the rest have their defaults.

    Raises: ValueError naming the rule and the value found.
    """

    transform: str
    low: float = None  # type: ignore[assignment]  # None is replaced by the default
    high: float = None  # type: ignore[assignment]
    probability: float = 1.0
    options: Options | Mapping[str, float | str] = ()

    def __post_init__(self) -> None:
        kind = transform(self.transform)
        low = kind.default[0] if self.low is None else self.low
        high = kind.default[1] if self.high is None else self.high
        for name, value in (("low", low), ("high", high)):
            object.__setattr__(self, name, _strength(kind, name, value))
        if self.low > self.high:
            raise ValueError(f"The low end of {kind.name} is at most its high end {high:g}, got {low:g}.")
        object.__setattr__(
            self, "probability", _probability(f"The probability of {kind.name}", self.probability)
        )
        object.__setattr__(self, "options", _options(kind, self.options))

    def option(self, name: str) -> Any:
        """The value of an option; ValueError for a name that the transform does not have."""
        transform(self.transform).option(name)
        return dict(self.options)[name]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A group of which at most one step is taken.

    Args:
        steps: 1 to 8 steps; their probabilities are weights, of which at least one is above 0.
        probability: that one of them is taken, 0 to 1.

    Raises: ValueError naming the rule and the value found.
    """

    steps: tuple[Step, ...]
    probability: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        if not 1 <= len(self.steps) <= CHOICES_MOST:
            raise ValueError(f"A one-of group has 1 to {CHOICES_MOST} steps, got {len(self.steps)}.")
        for each in self.steps:
            if not isinstance(each, Step):
                raise ValueError(f"A one-of group holds steps only, got {type(each).__name__}.")
        if sum(each.probability for each in self.steps) <= 0:
            raise ValueError("A one-of group has a step with a weight above 0, got only zeros.")
        object.__setattr__(
            self, "probability", _probability("The probability of a one-of group", self.probability)
        )

    @property
    def shares(self) -> tuple[float, ...]:
        """Probability of each step, given that one is taken: its weight over the sum of the weights."""
        total = sum(each.probability for each in self.steps)
        return tuple(each.probability / total for each in self.steps)


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps and groups in the order in which they are carried out.

    Args:
        steps: up to 20; none leaves every photo as it is.
        border: what a geometric transform shows beyond the edge: `fill`, the mirrored photo, or its last pixel.
        fill: grey value 0 to 255 for the border "constant".
        interpolation: of pixels; masks always take the nearest.

    Raises: ValueError naming the rule and the value found.
    """

    steps: tuple[Step | OneOf, ...] = ()
    border: Border = "constant"
    fill: int = 0
    interpolation: Interpolation = "bilinear"

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        if len(self.steps) > STEPS_MOST:
            raise ValueError(f"A chain has at most {STEPS_MOST} steps, got {len(self.steps)}.")
        for each in self.steps:
            if not isinstance(each, Step | OneOf):
                raise ValueError(f"A chain holds steps and one-of groups, got {type(each).__name__}.")
        for name, value, words in (
            ("border", self.border, ("constant", "reflect", "edge")),
            ("interpolation", self.interpolation, ("bilinear", "nearest")),
        ):
            if value not in words:
                raise ValueError(f"The {name} is one of {', '.join(words)}, got {value!r}.")
        if isinstance(self.fill, bool) or not isinstance(self.fill, int) or not 0 <= self.fill <= 255:
            raise ValueError(f"The fill is a whole number from 0 to 255, got {self.fill!r}.")

    @property
    def mixes(self) -> bool:
        """A step needs a second photo."""
        return any(transform(each.transform).kind == "mix" for each in self.all_steps)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps, those of groups included."""
        return tuple(
            step for each in self.steps for step in (each.steps if isinstance(each, OneOf) else (each,))
        )


Value = float | int | str | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn for one step.

    Args:
        transform: its name.
        applied: False when the dice left the step (or this choice of a group) out; the rest is then empty.
        strength: in the transform's unit.
        parameters: everything else that was drawn, by name ("box": left, top, right, bottom in px; "seed"; ...).
        place: number of the step in the chain, and of the choice in its group (0 outside one).
        inner: what a policy drew.
    """

    transform: str
    applied: bool
    strength: float = 0.0
    parameters: tuple[tuple[str, Value], ...] = ()
    place: tuple[int, int] = (0, 0)
    inner: tuple["Drawn", ...] = ()

    def __getitem__(self, name: str) -> Any:
        return dict(self.parameters)[name]


@dataclass(frozen=True, slots=True)
class Draw:
    """One throw of the dice for a whole chain: all that is needed to make the variant again.

    Args:
        chain: what was drawn from.
        input_hw: (height, width) in px of the photo that it was drawn for; pixel lengths and boxes are in its pixels.
            Applied to a smaller copy of the photo, they shrink with it.
        steps: one for every step in order; of a group, the one that was chosen.
        seed, number: what the generator was made from; None if it was the caller's own.
    """

    chain: Chain
    input_hw: tuple[int, int]
    steps: tuple[Drawn, ...]
    seed: int | None = field(default=None, kw_only=True)
    number: int | None = field(default=None, kw_only=True)

    @property
    def applied(self) -> tuple[Drawn, ...]:
        """The steps that are carried out; a policy's own steps instead of the policy."""
        flat: list[Drawn] = []
        for each in self.steps:
            if each.applied:
                flat.extend(each.inner if transform(each.transform).kind == "policy" else (each,))
        return tuple(flat)


def _strength(kind: Transform, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not kind.low <= value <= kind.high:
        raise ValueError(f"The {name} end of {kind.name} is {kind.low:g} to {kind.high:g}, got {value!r}.")
    if kind.whole and value != int(value):
        raise ValueError(f"The {name} end of {kind.name} is a whole number, got {value!r}.")
    return int(value) if kind.whole else float(value)


def _probability(what: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{what} is 0 to 1, got {value!r}.")
    return float(value)


def _options(kind: Transform, given: object) -> Options:
    try:
        pairs = dict(given)  # type: ignore[call-overload]
    except (TypeError, ValueError) as error:
        raise ValueError(f"The options of {kind.name} are names with values, got {given!r}.") from error
    for name in pairs:
        kind.option(name)
    return tuple((each.name, each.checked(pairs.get(each.name, each.default))) for each in kind.options)
