"""The network as a strip of stages: of each, how much goes on where, and its shape."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

from core.features.maps import Stage
from core.figures.encoding import encode
from core.figures.palette import MAGNITUDE_LUT
from core.figures.tiles import Line, Tile


def stage_tiles(
    stages: Sequence[Stage], faces: Sequence[Float[np.ndarray, "height width"]], chosen: int
) -> list[Tile]:
    """The network as a strip: of each stage how much goes on where, pixel by pixel in its own range, and its shape."""
    return [
        Tile(
            picture=encode(MAGNITUDE_LUT[_spread(face)]),
            alt=f"Stage {stage.number + 1}: mean magnitude of {stage.face.name}",
            title=f"{stage.hw[0]}×{stage.hw[1]}",
            lines=(Line(f"× {channel_words(stage)}"),),
            state="picked" if stage.number == chosen else "",
        )
        for stage, face in zip(stages, faces, strict=True)
    ]


def _spread(face: Float[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width"]:
    """From its smallest to its largest value, 0 to 255."""
    low, high = float(face.min()), float(face.max())
    return np.rint((face - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)


def channel_words(stage: Stage) -> str:
    """How many channels a stage's layers have: "64", or "32–96" where they differ."""
    fewest, most = (pick(layer.channels for layer in stage.layers) for pick in (min, max))
    return f"{fewest}" if fewest == most else f"{fewest}–{most}"
