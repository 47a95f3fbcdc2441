"""What a layer does on the whole: how much of it is zero, how its values spread, and who carries its energy."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from core.formula import Formula

_BINS = 60


@dataclass(frozen=True, slots=True, eq=False)
class LayerStatistics:
    """Numbers of one map [channels, height, width] for one picture.

    Args:
        zeros, values: how many values are exactly 0, and how many there are.
        silent, channels: channels whose values are all equal, and all channels.
        energy: per channel, its share of the sum of all squares; adds up to 1, or 0 everywhere.
        total: the sum of all squares.
        half: how many channels, strongest first, hold half of the energy.
        counts, edges: histogram of the values.
    """

    zeros: int
    values: int
    silent: int
    channels: int
    energy: Float[np.ndarray, " channels"]
    total: float
    half: int
    counts: np.ndarray
    edges: Float[np.ndarray, " edges"]

    @property
    def sparsity(self) -> float:
        """Share of values that are exactly 0."""
        return self.zeros / self.values


def layer_statistics(maps: Float[np.ndarray, "channels height width"]) -> LayerStatistics:
    """Count and measure a map."""
    flat = maps.reshape(len(maps), -1)
    squares = np.einsum("cp,cp->c", flat, flat, dtype=np.float64)
    energy = squares / (squares.sum() or 1.0)
    held = np.cumsum(np.sort(energy)[::-1])
    counts, edges = np.histogram(flat, bins=_BINS)
    return LayerStatistics(
        zeros=int(flat.size - np.count_nonzero(flat)),
        values=flat.size,
        silent=int((flat.max(axis=1) == flat.min(axis=1)).sum()),
        channels=len(maps),
        energy=energy,
        total=float(squares.sum()),
        half=int(np.searchsorted(held, 0.5 - 1e-12)) + 1 if held[-1] else 0,
        counts=counts,
        edges=edges,
    )


def statistics_formulas(found: LayerStatistics) -> tuple[Formula, Formula]:
    """Sparsity, and the energy of the strongest channel."""
    strongest = int(found.energy.argmax())
    return (
        Formula(
            "Sparsity: share of zeros",
            r"\frac{\#\{a = 0\}}{C\,H\,W}",
            rf"\frac{{{found.zeros}}}{{{found.values}}}",
            round(found.sparsity, 4),
        ),
        Formula(
            f"Energy of channel {strongest}",
            r"\frac{\sum_{y,x} a_{k,y,x}^2}{\sum_{c,y,x} a_{c,y,x}^2}",
            rf"\frac{{{found.energy[strongest] * found.total:.1f}}}{{{found.total:.1f}}}",
            round(float(found.energy[strongest]), 4),
            f"{found.half} of {found.channels} channels hold half of the energy.",
        ),
    )
