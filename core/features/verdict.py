"""What the numbers of the trials say, in one sentence each."""

import math
from collections.abc import Mapping, Sequence

from core.features.explanations import CHANCE, METHODS, Explanation, Faithfulness, Trial
from core.features.probe import half_lies_on

SAME = 0.9  # a rank correlation above it: hardly a difference
ALIKE = 0.5  # a rank correlation above it: the explanation is still recognisable


def map_verdict(found: Explanation, hw: tuple[int, int], name: str) -> str:
    """How small a part of the crop carries half of a map."""
    if found.empty:
        return f"{METHODS[found.method].title} is 0 everywhere: nothing here speaks for {name}."
    return f"Half of what speaks for {name} lies on {half_lies_on(found, hw):.0%} of the crop."


def pair_verdict(ranks: float, one: str, other: str) -> str:
    """Do two categories get the same map?"""
    if math.isnan(ranks):
        return f"One of the two maps is empty: nothing here speaks for {one} or for {other}."
    words = (
        "almost the same places"
        if ranks > 0.9
        else "much the same places"
        if ranks > ALIKE
        else "partly other places"
        if ranks > 0
        else "opposite places"
    )
    return f"{words.capitalize()} speak for {one} and for {other}: their rank correlation is {ranks:.2f}."


def gain(found: Faithfulness) -> float:
    """Insertion less deletion: large is good (both areas between 0 and 1)."""
    return found.insertion.area - found.deletion.area


def ranking(found: Mapping[str, Faithfulness]) -> list[str]:
    """The methods, the most faithful first; chance is among them."""
    return sorted(found, key=lambda name: -gain(found[name]))


def faith_verdict(found: Mapping[str, Faithfulness]) -> str:
    """Which order of the pixels the network agrees with most, and which are no better than chance."""
    names = [name for name in ranking(found) if name != CHANCE]
    if not names:
        return ""
    best = names[0]
    if CHANCE in found and gain(found[best]) <= gain(found[CHANCE]):
        return (
            "No method does better here than squares in random order, which spoil the whole crop at once: "
            f"the best, {METHODS[best].title}, has {gain(found[best]):+.3f} (insertion − deletion), "
            f"they have {gain(found[CHANCE]):+.3f}."
        )
    areas = found[best].deletion.area, found[best].insertion.area
    text = (
        f"{METHODS[best].title} agrees best with the network here: area {areas[0]:.3f} when its pixels are taken away, "
        f"{areas[1]:.3f} when they are brought back."
    )
    if CHANCE not in found:
        return text
    beaten = [METHODS[name].title for name in names if gain(found[name]) <= gain(found[CHANCE])]
    if not beaten:
        return f"{text} Every method does better than chance."
    return f"{text} No better than chance: {_listed(beaten)}."


def withstood(trials: Sequence[Trial], above: float = ALIKE) -> int:
    """The number of parts that can be random while the map is still alike (rank correlation above one half)."""
    count = 0
    for trial in trials[1:]:
        if not trial.likeness.ranks > above:  # an empty map has no rank correlation: it is gone
            break
        count = trial.depth
    return count


def stubborn(found: Mapping[str, Sequence[Trial]]) -> list[str]:
    """The methods, those first that stay alike longest, then by their mean rank correlation."""
    return sorted(found, key=lambda name: (-withstood(found[name]), -_mean(found[name])))


def sanity_verdict(found: Mapping[str, Sequence[Trial]]) -> str:
    """Which explanation stays although what was learned is gone, and which are gone at once."""
    order = stubborn(found)
    if not order:
        return ""
    most, parts = order[0], len(found[order[0]]) - 1
    kept = withstood(found[most], SAME) or withstood(found[most])
    gone = [METHODS[name].title for name in reversed(order) if withstood(found[name]) == 0]
    if not kept:
        return "Every explanation is another one as soon as the last layer is random: all pass the test."
    likeness = found[most][kept].likeness.ranks
    words = "hardly notices" if likeness > SAME else "stays alike longest"
    text = (
        f"{METHODS[most].title} {words}: with {kept} of {parts} parts random its map still has a rank "
        f"correlation of {likeness:.2f} with the first one."
    )
    return f"{text} {_listed(gone)} changed with the last layer alone." if gone else text


def _mean(trials: Sequence[Trial]) -> float:
    values = [0.0 if math.isnan(each.likeness.ranks) else each.likeness.ranks for each in trials]
    return sum(values) / len(values)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
