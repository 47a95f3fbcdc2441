"""What every method gives: a map over the picture, as it was computed, and how it is to be read."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """How much each place of the picture speaks for a category.

    Args:
        method: name of the method in `core.features.explanations.methods.METHODS`.
        values: the map before any ReLU and normalisation, as large as the method makes it.
        signed: below zero means "speaks against" and is shown; otherwise only what is above zero counts.
        details: numbers for the formulas, by name.
    """

    method: str
    values: Float[np.ndarray, "height width"]
    signed: bool = False
    details: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or not np.isfinite(self.values).all():
            raise ValueError(f"A map is height x width of finite numbers, got {self.values.shape}.")

    @property
    def smallest(self) -> float:
        """The smallest value before the ReLU."""
        return float(self.values.min())

    @property
    def largest(self) -> float:
        """The largest value."""
        return float(self.values.max())

    @property
    def strength(self) -> Float[np.ndarray, "height width"]:
        """max(value, 0), or |value| for a signed map: what its picture shows as strong."""
        return np.abs(self.values) if self.signed else np.maximum(self.values, 0)

    @property
    def empty(self) -> bool:
        """Nothing speaks for the category."""
        return not self.strength.any()

    def heat(self, hw: tuple[int, int]) -> Float[np.ndarray, "height width"]:
        """max(value, 0) over the whole picture, divided by its largest value: 0 to 1, or 0 everywhere."""
        grown = np.maximum(enlarged(np.maximum(self.values, 0), hw), 0)
        return grown / (float(grown.max()) or 1.0)

    def over(self, hw: tuple[int, int]) -> Float[np.ndarray, "height width"]:
        """The values over the whole picture."""
        return enlarged(self.values, hw)


def enlarged(
    values: Float[np.ndarray, "height width"], hw: tuple[int, int]
) -> Float[np.ndarray, "new_height new_width"]:
    """Bilinear, the cells of the small map covering equal parts of the picture (align_corners=False)."""
    if values.shape == hw:
        return values
    import cv2

    return cv2.resize(np.ascontiguousarray(values), (hw[1], hw[0]), interpolation=cv2.INTER_LINEAR)
