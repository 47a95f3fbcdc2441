r"""Cut the wire: switch one channel off or amplify it, and run the rest of the network from there.

Beside the new answer stands what the linear prediction foretold, on which activation x gradient and Grad-CAM rely:
z_c(a + \Delta) \approx z_c(a) + \sum_k \partial z_c / \partial a_k \Delta_k. For a channel scaled by f this is
(f - 1) times activation x gradient (Olah et al. 2018, "The Building Blocks of Interpretability", Distill).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from core.features.circuit import Circuit, evaluate
from core.formula import Formula
from core.networks.softmax import softmax


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The outputs before the softmax, before and after a channel was scaled.

    Args:
        factor: what the channel was multiplied by; 0 switches it off.
        categories: those that lead afterwards, best first, then those that led before and do not any more.
        before, after, foretold: the output of each of these categories, and as the linear prediction has it.
        share_before, share_after: their softmax probabilities.
    """

    factor: float
    categories: tuple[int, ...]
    before: Float[np.ndarray, " categories"]
    after: Float[np.ndarray, " categories"]
    foretold: Float[np.ndarray, " categories"]
    share_before: Float[np.ndarray, " categories"]
    share_after: Float[np.ndarray, " categories"]

    @property
    def error(self) -> Float[np.ndarray, " categories"]:
        """Foretold minus what happened."""
        return self.foretold - self.after


def outputs(
    circuit: Circuit, values: Mapping[int, Any], index: int, channel: int = 0, factor: float = 1.0
) -> Float[np.ndarray, " outputs"]:
    """The outputs of the network after one channel of a map was scaled; the rest of it is run again.

    Args:
        values: results of `frontier(circuit, index)` (with the picture where it is among them) and of `index`.
        channel: of the map of `index`.
        factor: 0 switches it off, 1 leaves it.
    """
    import torch

    maps = values[index]
    if not 0 <= channel < maps.shape[1]:
        raise ValueError(f"The channel is a number from 0 to {maps.shape[1] - 1}, got {channel}.")
    changed = maps.clone()
    changed[:, channel] *= factor
    with torch.no_grad():
        return _rest(circuit, values, index, changed)[0].double().numpy()


def channel_effects(
    circuit: Circuit, values: Mapping[int, Any], index: int, categories: Sequence[int]
) -> Float[np.ndarray, "categories channels"]:
    """Activation x gradient of every channel, summed over places: what switching it off would take, linearly."""
    import torch

    maps = values[index].detach().clone().requires_grad_()
    found = _rest(circuit, values, index, maps)[0]
    rows = [torch.autograd.grad(found[category], maps, retain_graph=True)[0] for category in categories]
    return np.stack([(maps.detach() * row)[0].sum(dim=(1, 2)).double().numpy() for row in rows])


def leaders(before: Any, after: Any, count: int = 5) -> tuple[int, ...]:
    """The `count` categories that lead afterwards, then those that led before and do not any more."""
    ranks = (np.argsort(-each, kind="stable")[:count].tolist() for each in (after, before))
    return tuple(dict.fromkeys(category for rank in ranks for category in rank))


def compare(
    before: Float[np.ndarray, " outputs"],
    after: Float[np.ndarray, " outputs"],
    categories: Sequence[int],
    effects: Float[np.ndarray, " categories"],
    factor: float,
) -> Cut:
    """Put what happened beside what was foretold.

    Args:
        categories: as `leaders` gives them.
        effects: activation x gradient of the scaled channel for each of them.
    """
    rows = list(categories)
    return Cut(
        factor,
        tuple(rows),
        before[rows],
        after[rows],
        before[rows] + (factor - 1) * effects,
        softmax(before)[rows],
        softmax(after)[rows],
    )


def _rest(circuit: Circuit, values: Mapping[int, Any], index: int, maps: Any) -> Any:
    return evaluate(circuit, {**values, index: maps}, (circuit.last,))[circuit.last]


def foretold_formula(cut: Cut, row: int) -> Formula:
    """The linear prediction of one of the cut's categories with its numbers."""
    before, factor = cut.before[row], cut.factor
    slope = (cut.foretold[row] - before) / (factor - 1) if factor != 1 else 0.0
    return Formula(
        "Output foretold by activation × gradient",
        r"z_c + (f - 1) \sum_{y,x} a_{k,y,x}\, \tfrac{\partial z_c}{\partial a_{k,y,x}}",
        rf"{before:.3f} + ({factor:g} - 1) \cdot ({slope:.3f})",
        round(float(cut.foretold[row]), 4),
        f"The network says {cut.after[row]:.3f}: the prediction is off by {cut.error[row]:+.3f}.",
    )
