"""The contact sheet of a set: all its photos in one picture, and where each lies in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from core.figures.encoding import Encoded, encode
from core.figures.palette import BLUE, ORANGE, TEAL
from core.photo import Photo
from core.transfer.samples import PhotoSet
from core.transfer.split import Split

CELL_PX, CELL_PX_MANY, MANY = 72, 48, 400
"""Side of a photo in the sheet; the second of more photos than the third."""
PARTS = (("Training", BLUE), ("Validation", ORANGE), ("Test", TEAL))
"""Name and colour of the parts of a split, in their order."""
_QUALITY = 86


@dataclass(frozen=True, slots=True)
class Cell:
    """One photo of a sheet.

    Args:
        number: in the set. part: 0 training, 1 validation, 2 test.
        group: of near-duplicates, from 1; 0 for none.
        alt: what it is, in words.
    """

    number: int
    part: int
    group: int
    alt: str


@dataclass(frozen=True, slots=True)
class ClassSheet:
    """One class of a sheet: its name, photos of each part, and its photos, training first."""

    name: str
    counts: tuple[int, int, int]
    cells: tuple[Cell, ...]


def sheet_columns(count: int) -> int:
    """Cells in a row of the sheet: it is nearly square."""
    return max(1, math.ceil(math.sqrt(count)))


def sheet(photos: Sequence[Photo]) -> Encoded:
    """All photos in one picture, each its middle square, in rows of `sheet_columns`.

    A square has `CELL_PX` pixels a side, of many photos `CELL_PX_MANY`. Photos of fewer pixels are
    enlarged pixel by pixel. The last row is filled with mid-grey.

    Raises: ValueError if there are none.
    """
    if not photos:
        raise ValueError("A contact sheet has at least one photo, got 0.")
    columns = sheet_columns(len(photos))
    rows = math.ceil(len(photos) / columns)
    side = CELL_PX if len(photos) <= MANY else CELL_PX_MANY
    page = np.full((rows * side, columns * side, 3), 128, np.uint8)
    for place, photo in enumerate(photos):
        top, left = (side * index for index in divmod(place, columns))
        page[top : top + side, left : left + side] = _cell(photo, side)
    return encode(page, lossless=False, quality=_QUALITY)


def _cell(photo: Photo, cell_px: int) -> UInt8[np.ndarray, "cell_px cell_px 3"]:
    height, width = photo.pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(photo.pixels[top : top + side, left : left + side])
    how = Image.Resampling.NEAREST if side < cell_px else Image.Resampling.BOX
    return np.asarray(square.resize((cell_px, cell_px), how))


def class_sheets(photos: PhotoSet, parts: Split, groups: Sequence[Sequence[int]]) -> tuple[ClassSheet, ...]:
    """The photos of each class by their parts, with the near-duplicates marked."""
    part_of = {
        number: part
        for part, numbers in enumerate((parts.training, parts.validation, parts.test))
        for number in numbers
    }
    group_of = {number: place for place, group in enumerate(groups, 1) for number in group}
    found = []
    for label, name in enumerate(photos.classes):
        numbers = [number for number, sample in enumerate(photos.samples) if sample.label == label]
        cells = [_described(photos, number, part_of[number], group_of.get(number, 0)) for number in numbers]
        cells.sort(key=lambda cell: cell.part)
        counts = tuple(sum(cell.part == part for cell in cells) for part in range(3))
        found.append(ClassSheet(name, counts, tuple(cells)))
    return tuple(found)


def _described(photos: PhotoSet, number: int, part: int, group: int) -> Cell:
    sample = photos.samples[number]
    height, width = sample.photo.original_hw
    words = [f"{sample.photo.name or 'Photo'}", f"{width} × {height} pixels", PARTS[part][0].lower()]
    return Cell(number, part, group, ", ".join([*words, *([f"near-duplicate {group}"] if group else [])]))


def sheet_alt(photos: PhotoSet) -> str:
    """What the sheet shows, in words."""
    named = ", ".join(
        f"{name} ({count})" for name, count in zip(photos.classes[:8], photos.counts[:8], strict=True)
    )
    more = f" and {len(photos.classes) - 8} more" if len(photos.classes) > 8 else ""
    return f"Contact sheets of {len(photos.samples)} photos in {len(photos.classes)} classes: {named}{more}"


def size_words(photos: PhotoSet) -> str:
    """How large the photos are: "64 × 64 pixels", or from the smallest to the largest."""
    sizes = sorted(
        {sample.photo.original_hw for sample in photos.samples}, key=lambda size: (size[0] * size[1], size)
    )
    if not sizes:
        return ""
    (low_h, low_w), (high_h, high_w) = sizes[0], sizes[-1]
    if len(sizes) == 1:
        return f"{low_w} × {low_h} pixels"
    return f"{low_w} × {low_h} to {high_w} × {high_h} pixels"
