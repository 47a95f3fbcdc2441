"""The sanity check: if the weights are replaced by random ones, does the explanation change?

Adebayo et al. 2018, "Sanity Checks for Saliency Maps" (arXiv 1810.03292): randomise the layers from the output down,
one after the other, and each time all that came before it. An explanation that stays the same cannot depend on what
those layers had learned.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from core.features.circuit import Circuit, weight_names
from core.features.explanations.agreement import Likeness, likeness
from core.features.explanations.explanation import Explanation
from core.features.explanations.methods import LEAST, METHODS, Effort, explain
from core.features.explanations.subject import Subject

STAGES_MOST = 8


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers that are randomised together.

    Args:
        title: name of the part of the network, or of the first and the last of several.
        names: of their parameters, and of what their batch normalisations counted.
    """

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One method's explanation after some of the layers were randomised.

    Args:
        method: name in `METHODS`.
        depth: number of stages that are random: 0 for the network as it is, 1 for its output layer, ...
        stage: title of the last stage that was randomised; "" at depth 0.
        found: the explanation.
        likeness: to the same method's explanation at depth 0.
    """

    method: str
    depth: int
    stage: str
    found: Explanation
    likeness: Likeness


@dataclass(frozen=True, slots=True, eq=False)
class Sanity:
    """The whole check.

    Args:
        stages: what was randomised, from the output down.
        trials: of every method at every depth from 0 to len(stages).
    """

    stages: tuple[Stage, ...]
    trials: tuple[Trial, ...]

    def of(self, method: str) -> tuple[Trial, ...]:
        """One method's trials, from the network as it is to the one that is random altogether."""
        return tuple(trial for trial in self.trials if trial.method == method)

    def kept(self, method: str) -> float:
        """Mean rank correlation over all depths but 0: near 1, what was learned leaves no trace; NaN if there is none.

        An empty map has none and is left out.
        """
        ranks = [trial.likeness.ranks for trial in self.of(method)[1:]]
        there = [each for each in ranks if not math.isnan(each)]
        return sum(there) / len(there) if there else math.nan


def sanity_check(
    subject: Subject,
    methods: Sequence[str] = tuple(METHODS),
    effort: Effort = LEAST,
    *,
    seed: int = 0,
    most: int = STAGES_MOST,
) -> Sanity:
    """Explain, randomise the next stage from the top, explain again, until every layer is random.

    Args:
        methods: names in `METHODS`.
        effort: of the slow ones.
        seed: of the random weights.
        most: stages at most.

    Raises: ValueError for a method that is unknown or not `usable` here.
    """
    trials = tuple(trial for _, trial in sanity_check_steps(subject, methods, effort, seed=seed, most=most))
    return Sanity(stages(subject.circuit, most), trials)


def sanity_check_steps(
    subject: Subject,
    methods: Sequence[str] = tuple(METHODS),
    effort: Effort = LEAST,
    *,
    seed: int = 0,
    most: int = STAGES_MOST,
) -> Iterator[tuple[float, Trial]]:
    """As `sanity_check`, trial by trial: the share of the work that is done, and what was found.

    The order is depth by depth, and at each depth method by method.
    """
    parts = stages(subject.circuit, most)
    first: dict[str, Explanation] = {}
    total, done = len(methods) * (len(parts) + 1), 0
    for depth in range(len(parts) + 1):
        if depth:
            subject = replace(subject, circuit=randomised(subject.circuit, parts[depth - 1 : depth], seed))
        for name in methods:
            found = explain(name, subject, effort)
            first.setdefault(name, found)
            done += 1
            title = parts[depth - 1].title if depth else ""
            yield done / total, Trial(name, depth, title, found, likeness(first[name], found))


def stages(circuit: Circuit, most: int = STAGES_MOST) -> tuple[Stage, ...]:
    """The parts of a network from the output down: the last layer alone, the rest in at most `most` - 1 parts."""
    parts: dict[str, list[str]] = {}
    names = [name for step in circuit.steps for name in weight_names(step)]
    long = _long_containers(names)
    output = list(weight_names(circuit.steps[_last_with_weights(circuit)]))
    for name in dict.fromkeys(names):
        if name not in output:
            parts.setdefault(_part(name, long), []).append(name)
    down = [Stage(part, tuple(found)) for part, found in reversed(parts.items())]
    title = output[0].rpartition(".")[0]
    return (Stage(title, tuple(output)), *_merged(down, most - 1))


def _last_with_weights(circuit: Circuit) -> int:
    return max(i for i, step in enumerate(circuit.steps) if weight_names(step))


def _part(name: str, long: frozenset[str]) -> str:
    first, _, rest = name.partition(".")
    return f"{first}.{rest.partition('.')[0]}" if first in long else first


def _long_containers(names: Iterable[str]) -> frozenset[str]:
    """Children that hold most of the network ("features", "blocks"): their own children are the parts."""
    every = list(names)
    held: dict[str, int] = {}
    for name in every:
        if re.match(r"[^.]+\.\w+\.", name):
            held[name.partition(".")[0]] = held.get(name.partition(".")[0], 0) + 1
    return frozenset(first for first, count in held.items() if 2 * count > len(every))


def _merged(down: list[Stage], most: int) -> list[Stage]:
    if len(down) <= most:
        return down
    cuts = [round(i * len(down) / most) for i in range(most + 1)]
    groups = [down[a:b] for a, b in pairwise(cuts)]
    return [
        Stage(
            f"{group[0].title} – {group[-1].title}" if len(group) > 1 else group[0].title,
            tuple(name for stage in group for name in stage.names),
        )
        for group in groups
    ]


def randomised(circuit: Circuit, parts: Iterable[Stage], seed: int = 0) -> Circuit:
    """The circuit with these parts as they are before any training; the network itself is left alone.

    Weights are drawn as those of an untrained network of `core.networks` (He et al. 2015), from a generator of their
    own; biases are 0, and batch normalisation forgets what it counted. With all parts, and the seed of an untrained
    network, it is that network.
    """
    from torch import channels_last, contiguous_format

    from core.networks.building import untrained_tensor

    new: dict[str, Any] = {}
    for name in (name for part in parts for name in part.names):
        held = circuit.tensors[name]
        memory = channels_last if held.ndim == 4 else contiguous_format
        new[name] = untrained_tensor(name, tuple(held.shape), seed).to(memory_format=memory)
    return Circuit(circuit.steps, {**circuit.tensors, **new})
