"""How sure an accuracy is, and whether two networks differ: the interval and the test that small sets need."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.05
_Z = 1.959963984540054  # of the normal distribution at 97.5 %


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).

    Never beyond 0 and 1, and not of width 0 at 0 or all, as p -+ z sqrt(p(1-p)/n) is. Source: Wilson 1927, JASA 22.

    Raises: ValueError unless 0 <= right <= of and of is at least 1.
    """
    if not 0 <= right <= of or of < 1:
        raise ValueError(f"A share is some right of at least 1, got {right} of {of}.")
    p, z2 = right / of, _Z**2
    middle = p + z2 / (2 * of)
    reach = _Z * math.sqrt(p * (1 - p) / of + z2 / (4 * of**2))
    low, high = (middle - reach) / (1 + z2 / of), (middle + reach) / (1 + z2 / of)
    return (0.0 if right == 0 else max(0.0, low)), (1.0 if right == of else min(1.0, high))


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p: of the photos that only one of two networks got right, each was as likely the first's.

    2 sum_{k <= min} C(n, k) / 2^n, at most 1; 1 where they never differ. Source: McNemar 1947, Psychometrika 12, as a
    binomial test.
    """
    n, least = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return 1.0
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(least + 1)) / 2**n)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted for asking several questions at once, in the given order: the i-th smallest times the questions left.

    Source: Holm 1979, Scandinavian Journal of Statistics 6.
    """
    order = np.argsort(p_values, kind="stable")
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = largest
    return tuple(adjusted)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two networks asked about the same photos.

    Args:
        first, second: their numbers.
        only_first, only_second: photos that only one of them got right.
        p: exact McNemar, adjusted for the number of pairs.
    """

    first: int
    second: int
    only_first: int
    only_second: int
    p: float

    @property
    def significant(self) -> bool:
        """p below 5 %."""
        return self.p < LEVEL


def pairs(right: Sequence[np.ndarray]) -> tuple[Pair, ...]:
    """Every two networks compared.

    Args:
        right: for each network, which photos it got right [photos] bool, of the same photos in the same order.
    """
    chosen = [(i, j) for i in range(len(right)) for j in range(i + 1, len(right))]
    counts = [(int((right[i] & ~right[j]).sum()), int((right[j] & ~right[i]).sum())) for i, j in chosen]
    adjusted = holm([mcnemar(*count) for count in counts])
    return tuple(Pair(i, j, *count, p) for (i, j), count, p in zip(chosen, counts, adjusted, strict=True))


def small(p: float) -> str:
    """A p as it is written: "= 0.21", "< 0.001"."""
    return f"= {p:.2g}" if p >= 0.001 else "< 0.001"


def verdict(names: Sequence[str], right: Sequence[np.ndarray]) -> str:
    """Which network is better, or that it cannot be told, in a sentence with the numbers."""
    found, of = pairs(right), len(right[0])
    best = max(range(len(right)), key=lambda i: int(right[i].sum()))
    mine = [pair for pair in found if best in (pair.first, pair.second)]
    beaten = [pair for pair in mine if pair.significant]
    share = f"{int(right[best].sum())} of {of}"
    if beaten:
        losers = [names[pair.second if pair.first == best else pair.first] for pair in beaten]
        worst = max(pair.p for pair in beaten)
        others = len(names) - 1 - len(losers)
        rest = f" Against the other{'s' if others > 1 else ''} it is not significant." if others else ""
        return f"“{names[best]}” ({share}) is better than “{'” and “'.join(losers)}” (largest p {small(worst)}).{rest}"
    closest = min(mine, key=lambda pair: pair.p)
    tied = sum(int(each.sum()) == int(right[best].sum()) for each in right) > 1
    most = (
        f"the most right is {share}, more than once" if tied else f"“{names[best]}” has most right ({share})"
    )
    rest = "".join(
        f" But “{names[pair.first]}” and “{names[pair.second]}” do differ (p {small(pair.p)})."
        for pair in found
        if pair.significant
    )
    return (
        f"Not significant: {most}, but on {of} photos a difference like this comes by chance (smallest p "
        f"{small(closest.p)}).{rest}"
    )


def photos_to_tell(first: float, second: float) -> float:
    """Photos with which two shares would differ significantly four times in five, each network on photos of its own.

    n = (z_{a/2} + z_b)^2 (p1 (1 - p1) + p2 (1 - p2)) / (p1 - p2)^2 with 5 % and 80 %; infinite for equal shares. At
    least 4: with fewer, not even all against none is significant (Fisher's exact test: p = 0.03 with 4, 0.1 with 3).
    Source: Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, chapter 4.
    """
    if first == second:
        return math.inf
    power = 0.8416212335729143  # the normal distribution at 80 %
    spread = first * (1 - first) + second * (1 - second)
    return max(4.0, (_Z + power) ** 2 * spread / (first - second) ** 2)
