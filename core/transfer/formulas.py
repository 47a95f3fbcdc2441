"""The transfer page's numbers with their formulas."""

import math
from collections.abc import Sequence

from core.formula import Formula
from core.transfer.advice import Measured
from core.transfer.evaluation import Bin
from core.transfer.significance import Pair, mcnemar, small, wilson


def accuracy_formula(right: int, of: int, name: str) -> Formula:
    """A share of right answers with its Wilson interval; `of` at least 1."""
    low, high = wilson(right, of)
    return Formula(
        name,
        r"\text{accuracy} = \frac{\text{right}}{n}",
        rf"\frac{{{right}}}{{{of}}} = {right / of:.3f}",
        right / of,
        f"95 % interval (Wilson 1927): {low:.0%} to {high:.0%}. So much {of} photos can tell.",
    )


def calibration_formula(bins: Sequence[Bin], error: float) -> Formula:
    """The expected calibration error."""
    total = sum(each.count for each in bins)
    terms = " + ".join(
        rf"\tfrac{{{each.count}}}{{{total}}}|{each.accuracy:.2f} - {each.confidence:.2f}|"
        for each in bins[:1]
    )
    more = r" + \dots" if len(bins) > 1 else ""
    return Formula(
        "expected calibration error",
        r"\text{ECE} = \sum_b \tfrac{n_b}{n}\,|\text{acc}_b - \text{conf}_b|",
        f"{terms}{more} = {error:.3f}",
        error,
        "0 if it is right as often as it says it is (Guo et al. 2017).",
    )


def pair_formula(pair: Pair, first: str, second: str) -> Formula:
    """The exact McNemar test of two lanes."""
    n, least = pair.only_first + pair.only_second, min(pair.only_first, pair.only_second)
    p = mcnemar(pair.only_first, pair.only_second)
    return Formula(
        f"p, {first} against {second}",
        r"p = 2 \sum_{k \le \min(b, c)} \binom{b + c}{k} 2^{-(b + c)}",
        rf"\min\left(1,\, 2 \sum_{{k \le {least}}} \binom{{{n}}}{{k}} 2^{{-{n}}}\right) = {p:.3f}",
        round(p, 6),
        f"b = {pair.only_first} photos only “{first}” got right, c = {pair.only_second} only “{second}”. With Holm's "
        f"correction for all pairs p {small(pair.p)}.",
    )


def nearest_mean_formula(measured: Measured) -> Formula:
    """The leave-one-out accuracy of the nearest class mean."""
    return Formula(
        "similarity to ImageNet",
        r"\frac{1}{n} \sum_i [\arg\min_k \| f_i - \mu_k^{(-i)} \| = y_i]",
        rf"\frac{{{measured.right}}}{{{measured.photos}}} = {measured.accuracy:.3f}",
        measured.accuracy,
        f"Features of the untouched network; each photo is left out of its own class's mean. Chance: "
        f"{measured.chance:.0%}.",
    )


def smoothed_target(classes: int, smoothing: float) -> Formula:
    """What label smoothing asks of the true class."""
    value = 1 - smoothing + smoothing / classes
    return Formula(
        "target of the true class",
        r"1 - \varepsilon + \varepsilon / K",
        rf"1 - {smoothing:g} + {smoothing:g} / {classes} = {value:.3f}",
        value,
    )


def start_loss(classes: int) -> Formula:
    """The loss of a network that knows nothing."""
    return Formula(
        "loss of pure guessing",
        r"-\log \tfrac{1}{K} = \log K",
        rf"\log {classes} = {math.log(classes):.3f}",
        math.log(classes),
        "A training that does not get below it has learnt nothing.",
    )
