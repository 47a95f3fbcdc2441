"""Two trials of an explanation, method by method and step by step, so that a page can show them while they grow.

Does the network agree with it (Petsiuk et al. 2018: deletion and insertion), and does it depend on what was learned
(Adebayo et al. 2018: the sanity check)?
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.features.explanations import (
    CHANCE,
    METHODS,
    Effort,
    Explanation,
    Faithfulness,
    Subject,
    Trial,
    chance_order,
    deletion_insertion_steps,
    explain_steps,
    order_of,
    sanity_check_steps,
)

_MAP_SHARE = {False: 0.1, True: 0.7}  # of the work, by whether the method is slow; the rest are the curves


def faith_steps(subject: Subject, method: str, effort: Effort) -> Iterator[tuple[float, Faithfulness | None]]:
    """Explain by a method, or draw squares by `CHANCE`: the share that is done, and at the end both curves."""
    found, before = None, 0.0
    if method != CHANCE:
        before = _MAP_SHARE[METHODS[method].slow]
        for share, latest in explain_steps(method, subject, effort):
            yield share * before, None
            found = latest
    for share, curves in deletion_insertion_steps(subject, order_for(subject, found)):
        yield before + (1 - before) * share, curves


def cascade_steps(subject: Subject, method: str, seed: int = 0) -> Iterator[tuple[float, tuple[Trial, ...]]]:
    """Randomise part after part and explain again: the share that is done, and the trials so far."""
    trials: list[Trial] = []
    for share, trial in sanity_check_steps(subject, (method,), seed=seed):
        trials.append(
            replace(trial, found=replace(trial.found, details={}))
        )  # the numbers of formulas are large
        yield share, tuple(trials)


def order_for(subject: Subject, found: Explanation | None) -> np.ndarray:
    """The pixels in the order of an explanation, or in that of `CHANCE`."""
    return chance_order(subject.hw) if found is None else order_of(found, subject.hw)
