"""What are the odds: the exact probability tree of a chain, and a check by drawing.

Steps are independent, so the number of transforms is a sum of independent yes-or-no draws (a Poisson binomial
distribution), and the share of pictures that nothing happens to is a product. A policy counts as one transform, even
where it draws "identity".
"""

import heapq
import math
from dataclasses import dataclass

from core.augmentation.catalogue import transform
from core.augmentation.chain import Chain, OneOf, Step
from core.augmentation.drawing import draw_variant
from core.formula import Formula

PATHS_MOST = 64


@dataclass(frozen=True, slots=True)
class Branch:
    """One outcome of one step or group.

    Args:
        title: the transform's title, or "nothing".
        choice: number of the step in its group (0 outside one); -1 for nothing.
        probability: of this outcome, 0 to 1.
    """

    title: str
    choice: int
    probability: float


@dataclass(frozen=True, slots=True)
class Path:
    """One way through the tree: the choice at each step (-1: nothing), the transforms' titles, and its probability."""

    choices: tuple[int, ...]
    titles: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability tree of a chain.

    Args:
        levels: for each step in order, its possible outcomes; the tree is their product.
        paths: the most probable ways through it, at most 64, most probable first.
        covered: probability of all `paths` together; 1 when they are all there are.
        counts: probability that 0, 1, 2, ... transforms are carried out.
        untouched: probability that none is.
        expected: mean number of transforms.
        formulas: of `untouched` and `expected`.
    """

    levels: tuple[tuple[Branch, ...], ...]
    paths: tuple[Path, ...]
    covered: float
    counts: tuple[float, ...]
    untouched: float
    expected: float
    formulas: tuple[Formula, Formula]


@dataclass(frozen=True, slots=True)
class OddsCheck:
    """The same numbers counted in draws.

    Args:
        draws: how many.
        untouched: share of them in which nothing was carried out.
        expected: mean number of transforms.
        counts: share of draws with 0, 1, 2, ... transforms.
        untouched_error, expected_error: standard errors that the exact odds give for so many draws:
            sqrt(q (1 - q) / n) and sqrt(sum p (1 - p) / n).
    """

    draws: int
    untouched: float
    expected: float
    counts: tuple[float, ...]
    untouched_error: float
    expected_error: float


def odds(chain: Chain) -> Odds:
    """The exact probability tree of a chain; an empty one leaves every picture untouched."""
    levels = tuple(_branches(each) for each in chain.steps)
    chances = [each.probability for each in chain.steps]
    counts = _counts(chances)
    paths = _likeliest(levels)
    untouched, expected = math.prod(1 - p for p in chances), math.fsum(chances)
    return Odds(
        levels,
        paths,
        min(1.0, math.fsum(path.probability for path in paths)),
        counts,
        untouched,
        expected,
        _formulas(chances, untouched, expected),
    )


def check_odds(chain: Chain, seed: int, draws: int = 1000, hw: tuple[int, int] = (64, 64)) -> OddsCheck:
    """Draw a chain (variants 0 to draws - 1 of a seed) and count.

    Raises: ValueError for fewer than 1 or more than 100,000 draws.
    """
    if not 1 <= draws <= 100_000:
        raise ValueError(f"The number of draws is 1 to 100,000, got {draws}.")
    counts = [0] * (len(chain.steps) + 1)
    for number in range(draws):
        counts[sum(each.applied for each in draw_variant(chain, hw, seed, number).steps)] += 1
    exact = odds(chain)
    spread = math.fsum(each.probability * (1 - each.probability) for each in chain.steps)
    return OddsCheck(
        draws,
        counts[0] / draws,
        sum(i * count for i, count in enumerate(counts)) / draws,
        tuple(count / draws for count in counts),
        math.sqrt(exact.untouched * (1 - exact.untouched) / draws),
        math.sqrt(spread / draws),
    )


def _branches(each: Step | OneOf) -> tuple[Branch, ...]:
    steps, shares = (each.steps, each.shares) if isinstance(each, OneOf) else ((each,), (1.0,))
    taken = [
        Branch(transform(step.transform).title, i, each.probability * share)
        for i, (step, share) in enumerate(zip(steps, shares, strict=True))
    ]
    nothing = Branch("nothing", -1, 1 - each.probability)
    return tuple(branch for branch in (*taken, nothing) if branch.probability > 0)


def _counts(chances: list[float]) -> tuple[float, ...]:
    """Poisson binomial: P_n(k) = P_{n-1}(k) (1 - p) + P_{n-1}(k - 1) p."""
    found = [1.0]
    for p in chances:
        found = [a * (1 - p) + b * p for a, b in zip([*found, 0.0], [0.0, *found], strict=True)]
    return tuple(found)


def _likeliest(levels: tuple[tuple[Branch, ...], ...]) -> tuple[Path, ...]:
    """The most probable paths without walking them all: after each level only the best 64 can go on."""
    best: list[tuple[float, tuple[Branch, ...]]] = [(1.0, ())]
    for level in levels:
        longer = ((p * branch.probability, (*walked, branch)) for p, walked in best for branch in level)
        best = heapq.nlargest(PATHS_MOST, longer, key=lambda found: found[0])
    return tuple(
        Path(tuple(b.choice for b in walked), tuple(b.title for b in walked if b.choice >= 0), p)
        for p, walked in best
    )


def _formulas(chances: list[float], untouched: float, expected: float) -> tuple[Formula, Formula]:
    shown = [f"{p:g}" for p in chances]
    return (
        Formula(
            "share of pictures left untouched",
            r"\prod_i (1 - p_i)",
            r" \cdot ".join(f"(1 - {p})" for p in shown) or "1",
            untouched,
        ),
        Formula("expected number of transforms", r"\sum_i p_i", " + ".join(shown) or "0", expected),
    )
