"""The same faders in three codes: what each code's loss makes of one alpha and one beta, one beside the other.

    total = alpha content + beta sum of the style layers

The codes divide by different numbers (`core.style.losses`), so that a beta that is right in one is far off in another.
For a style layer of N channels and a content layer of N_c channels at M_c positions, the beta that balances that layer
against the content as beta does in the code of Gatys et al. is

    tutorial: beta N^2 / (2 N_c M_c)        Johnson et al.: beta / (2 N_c M_c)

The tutorial's differs from layer to layer, so no single number gives the paper's picture.

Source: as in `core.style.losses`; the factors follow from its table.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import torch

from core.jobs import Order, Tick, work
from core.jobs.device import best_device
from core.style.frames import Frame, Picture, Styled
from core.style.losses import NORMALISATIONS, TITLES, Normalisation, Pull
from core.style.objective import Objective
from core.style.pixels import as_tensor, sized
from core.style.recipe import Recipe
from core.style.stylize import stylize
from core.style.trunk import Trunk, width_of

ALIKE = "alike"
CODES: tuple[str, ...] = (*NORMALISATIONS, ALIKE)
CODE_TITLES = {**TITLES, ALIKE: "Faders as shares of the pull"}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One code.

    Args:
        code: of `CODES`. recipe: what it runs.
        pulls: how strongly each part pulls at a picture half photo, half noise, the same one for all codes.
        frame: the picture so far; None before its first step.
    """

    code: str
    recipe: Recipe
    pulls: tuple[Pull, ...]
    frame: Frame | None = None

    @property
    def balance(self) -> float:
        """How many times as strongly the style layers pull as the content; infinity where only they pull."""
        style = sum(pull.length for pull in self.pulls if pull.name.startswith("style"))
        content = sum(pull.length for pull in self.pulls if pull.name.startswith("content"))
        return style / content if content else float("inf") if style else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """All codes as they stand."""

    columns: tuple[Column, ...]


def recipes(base: Recipe) -> dict[str, Recipe]:
    """The three codes with the base's faders and bare losses, and the faders 1 and 1 as shares of the pull."""
    found = {name: replace(base, like=False, normalisation=name) for name in NORMALISATIONS}
    return found | {ALIKE: replace(base, like=True, content_weight=1.0, style_weight=1.0)}


def positions(layer: str, height: int, width: int) -> int:
    """How many positions a layer's map has: each block before it halves both sides, rounded down."""
    halvings = int(layer[4]) - 1
    return (height >> halvings) * (width >> halvings)


def same_balance(code: Normalisation, layer: str, content: str, content_positions: int) -> float:
    """What beta is multiplied with to balance a style layer against the content as the code of Gatys et al. does.

    Args:
        layer, content: names of the style and of the content layer. content_positions: of the content's map.
    """
    parts = width_of(content) * content_positions
    return {"gatys": 1.0, "tutorial": width_of(layer) ** 2 / (2 * parts), "johnson": 1 / (2 * parts)}[code]


def beside_order(photo: Picture, style: Picture, base: Recipe) -> Order:
    """The order for what `side_by_side` makes."""
    return Order("core.style.side_by_side:side_by_side", {"photo": photo, "style": style, "base": base})


@work
def side_by_side(photo: Picture, style: Picture, base: Recipe) -> Generator[Any, bool | None, None]:
    """Run all codes in turn, a few steps each; the ticks and the one result hold a `Beside`.

    Raises: ValueError as `core.style.stylize.stylize` does.
    """
    columns = {code: Column(code, each, _pulls(photo, style, each)) for code, each in recipes(base).items()}
    runs = {code: stylize(photo, (style,), column.recipe) for code, column in columns.items()}
    shares = dict.fromkeys(runs, 0.0)
    while runs:
        for code, run in tuple(runs.items()):
            step = _until(run, Tick, Styled)
            ended = isinstance(step, Styled)
            shares[code] = 1.0 if ended else step.done / step.total
            columns[code] = replace(columns[code], frame=step.best if ended else step.seen.frame)
            if ended:
                del runs[code]
            done = sum(shares.values()) / len(shares)
            stop = yield Tick(
                round(1000 * done), 1000, CODE_TITLES[code], seen=Beside(tuple(columns.values()))
            )
            if stop:
                for each in tuple(runs):
                    if columns[each].frame is not None:
                        runs[each].send(True)
                        columns[each] = replace(columns[each], frame=_until(runs[each], Styled).best)
                runs.clear()
                break
    yield Beside(tuple(columns.values()))


def _until(run: Generator[Any, bool | None, None], *kinds: type) -> Any:
    """The next step of some kinds; a run always ends with a `Styled`."""
    return next(step for step in run if isinstance(step, kinds))


def _pulls(photo: Picture, style: Picture, recipe: Recipe) -> tuple[Pull, ...]:
    """On a picture half photo, half noise."""
    trunk = Trunk(
        recipe.network,
        {*recipe.content_layers, *recipe.style_layers},
        recipe.pooling,
        recipe.weights,
        recipe.seed,
    ).to(best_device())
    small = as_tensor(sized(photo, recipe.side))
    objective = Objective(trunk, recipe, small, [(as_tensor(sized(style, recipe.side)), 1.0)])
    noise = torch.rand(small.shape, generator=torch.Generator().manual_seed(recipe.seed)).to(small)
    return objective.pulls((small + noise) / 2)
