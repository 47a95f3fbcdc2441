"""The anchors of Faster R-CNN: at every place of every level a few boxes of fixed sizes, before any weight is known.

A level is a map of the feature pyramid. An anchor of size s and ratio r = height / width has the area s^2: its height
is s sqrt(r) and its width s / sqrt(r). All numbers follow torchvision's two networks; the anchors' middles lie on the
corners of the cells, not in their middles.

Sources: Ren et al., "Faster R-CNN", 2015, arXiv 1506.01497, section 3.1.1; Lin et al., "Feature Pyramid Networks",
2017, arXiv 1612.03144, section 4.1.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

RATIOS = (0.5, 1.0, 2.0)
SHORTER, LONGER, WHOLE = 800, 1333, 32
"""The photo is scaled until its shorter side has 800 pixels or its longer one 1,333, then padded to whole 32s."""


@dataclass(frozen=True, slots=True)
class Design:
    """How one network lays its anchors.

    Args:
        name: of `core.networks.DETECTORS`.
        strides: pixels between the cells of each level. levels: their names in the feature pyramid.
        sizes: sides of the square with an anchor's area, in pixels, for each level.
        roi_levels: the smallest and the largest k that a proposal can be read from, 2^k pixels between the cells.
        least_objectness: proposals below this probability are dropped before the second stage.
    """

    name: str
    strides: tuple[int, ...]
    levels: tuple[str, ...]
    sizes: tuple[tuple[int, ...], ...]
    roi_levels: tuple[int, int]
    least_objectness: float


RESNET = Design(
    "fasterrcnn_resnet50_fpn",
    (4, 8, 16, 32, 64),
    ("0", "1", "2", "3", "pool"),
    ((32,), (64,), (128,), (256,), (512,)),
    (2, 5),
    0.0,
)
MOBILENET = Design(
    "fasterrcnn_mobilenet_v3_large_fpn",
    (32, 32, 64),
    ("0", "1", "pool"),
    ((32, 64, 128, 256, 512),) * 3,
    (5, 5),  # both of its maps have 32 pixels between cells, and torchvision then reads the first one only
    0.05,
)
DESIGNS = {each.name: each for each in (MOBILENET, RESNET)}


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The anchors of one level.

    Args:
        name: in the feature pyramid. stride: pixels between its cells, in whole photos.
        rows, columns: of its map.
        step: (down, across) pixels between neighbouring anchors, as torchvision has it: padded side // cells.
        base: the anchors of one place around (0, 0), rounded to whole pixels; ratio by ratio, size by size.
        first: the number of its first anchor among those of all levels.
    """

    name: str
    stride: int
    rows: int
    columns: int
    step: tuple[int, int]
    base: Float32[np.ndarray, "kinds 4"]
    first: int

    @property
    def count(self) -> int:
        """How many anchors it has."""
        return self.rows * self.columns * len(self.base)

    def anchors(self) -> Float32[np.ndarray, "anchors 4"]:
        """All of them, row by row, column by column; left, top, right, bottom in pixels of the scaled photo."""
        across = np.arange(self.columns, dtype=np.float32) * self.step[1]
        down = np.arange(self.rows, dtype=np.float32) * self.step[0]
        x, y = np.meshgrid(across, down)
        places = np.stack([x, y, x, y], axis=-1).reshape(-1, 1, 4)
        return (places + self.base).reshape(-1, 4)

    def at(self, row: int, column: int) -> Float32[np.ndarray, "kinds 4"]:
        """The anchors of one place.

        Raises: ValueError for a place outside the map.
        """
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            raise ValueError(f"The level has {self.rows} x {self.columns} places, got {row}, {column}.")
        down, across = row * self.step[0], column * self.step[1]
        return self.base + np.array([across, down, across, down], np.float32)

    def nearest(self, y: float, x: float) -> tuple[int, int]:
        """Row and column of the place nearest to a point of the scaled photo, in pixels."""
        row, column = round(y / self.step[0]), round(x / self.step[1])
        return min(self.rows - 1, max(0, row)), min(self.columns - 1, max(0, column))


def shown_hw(photo_hw: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the scaled photo: floor(side x min(800 / shorter, 1333 / longer)).

    Raises: ValueError for a photo so thin that nothing would be left of its shorter side.
    """
    shorter, longer = min(photo_hw), max(photo_hw)
    scale = min(SHORTER / shorter, LONGER / longer) if shorter else 0.0
    height, width = (int(side * scale) for side in photo_hw)
    if min(height, width) < 1:
        raise ValueError(
            f"Faster R-CNN scales the longer side to at most {LONGER} pixels: of {photo_hw[1]} x {photo_hw[0]} "
            "nothing would be left."
        )
    return height, width


def padded_hw(shown: tuple[int, int]) -> tuple[int, int]:
    """Height and width after padding to whole multiples of 32."""
    return -(-shown[0] // WHOLE) * WHOLE, -(-shown[1] // WHOLE) * WHOLE


def base_anchors(
    sizes: tuple[int, ...], ratios: tuple[float, ...] = RATIOS
) -> Float32[np.ndarray, "kinds 4"]:
    """The anchors around (0, 0), each edge rounded to a whole pixel (halves to the even one)."""
    roots = np.sqrt(np.array(ratios, np.float32))
    scales = np.array(sizes, np.float32)
    heights, widths = (roots[:, None] * scales).ravel(), ((1 / roots)[:, None] * scales).ravel()
    return np.round(np.stack([-widths, -heights, widths, heights], axis=1) / 2)


def levels(design: Design, photo_hw: tuple[int, int]) -> tuple[Level, ...]:
    """The levels of a network for one photo.

    Raises: ValueError as `shown_hw` does.
    """
    padded = padded_hw(shown_hw(photo_hw))
    found: list[Level] = []
    for name, stride, sizes in zip(design.levels, design.strides, design.sizes, strict=True):
        rows, columns = -(-padded[0] // stride), -(-padded[1] // stride)
        first = found[-1].first + found[-1].count if found else 0
        step = padded[0] // rows, padded[1] // columns
        found.append(Level(name, stride, rows, columns, step, base_anchors(sizes), first))
    return tuple(found)


def all_anchors(of: tuple[Level, ...]) -> Float32[np.ndarray, "anchors 4"]:
    """The anchors of all levels, one after the other."""
    return np.concatenate([level.anchors() for level in of])
