"""Boxes, masks and keypoints go where the photo goes.

A box is followed as a shape: its outline is moved, cut where a step cuts the picture, and boxed again only at the end,
so that a chain does not loosen it step by step. Three outlines can be followed: the box's four corners, the ellipse
inside it, or the object's own mask. Steps that move nothing (photometric ones, erasing, MixUp and CutMix) leave
targets as they are. Sources: Albumentations issues 746 and 1203 (loose boxes after rotation; the ellipse); Sutherland
and Hodgman 1974 (cutting).
"""

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float, UInt8

from core.augmentation.chain import Draw
from core.augmentation.geometry import Hw, MatrixStage, Stage, stages
from core.augmentation.outlines import area, bounds, clipped, ellipse, rectangle
from core.augmentation.warping import warp

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Outline = Literal["corners", "ellipse"]
_SIDES = re.compile(r"(?<![a-z])(left|right)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What is marked on a photo, in its pixels.

    Args:
        boxes: left, top, right, bottom each.
        names: one for each box, or none at all.
        mask: uint8 [height, width], 0 for background and any number for an object; None where there is none.
        keypoints: x, y each; the centre of the top left pixel is 0.5, 0.5.
        keypoint_names: one for each keypoint, or none at all; "left" and "right" swap when the photo is mirrored.

    Raises: ValueError naming the rule and the value found.
    """

    boxes: tuple[Box, ...] = ()
    names: tuple[str, ...] = ()
    mask: np.ndarray | None = None
    keypoints: tuple[Point, ...] = ()
    keypoint_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for box in self.boxes:
            if len(box) != 4 or not np.isfinite(box).all() or not (box[0] < box[2] and box[1] < box[3]):
                raise ValueError(f"A box is left < right and top < bottom, got {box}.")
        for point in self.keypoints:
            if len(point) != 2 or not np.isfinite(point).all():
                raise ValueError(f"A keypoint is two finite numbers, got {point}.")
        for what, names, count in (
            ("box", self.names, len(self.boxes)),
            ("keypoint", self.keypoint_names, len(self.keypoints)),
        ):
            if names and len(names) != count:
                raise ValueError(f"There is one name for each {what}, got {len(names)} for {count}.")
        if self.mask is not None and (self.mask.dtype != np.uint8 or self.mask.ndim != 2):
            raise ValueError(
                f"A mask is uint8 [height, width], got {self.mask.dtype} {list(self.mask.shape)}."
            )


@dataclass(frozen=True, slots=True)
class FollowedBox:
    """A box after a draw.

    Args:
        index: of the box in the targets.
        name: its name, or "".
        box: clipped to the picture; the empty box 0, 0, 0, 0 where nothing is left.
        visible: share of the moved outline's area that is still inside the picture, 0 to 1.
        kept: `visible` is at least the wanted share and something is left.
    """

    index: int
    name: str
    box: Box
    visible: float
    kept: bool


@dataclass(frozen=True, slots=True)
class FollowedPoint:
    """A keypoint after a draw: its name (left and right swapped if mirrored), its place, and whether it is inside."""

    index: int
    name: str
    point: Point
    inside: bool


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """All targets after a draw, in pixels of the full-size result.

    Args:
        hw: height and width of the result.
        boxes: all of them; those that are dropped have `kept` False.
        mask: by the nearest pixel, background beyond the edge; None where there was none.
        keypoints: all of them.
        mirrored: the photo is seen in a mirror.
    """

    hw: Hw
    boxes: tuple[FollowedBox, ...] = ()
    mask: UInt8[np.ndarray, "height width"] | None = None
    keypoints: tuple[FollowedPoint, ...] = ()
    mirrored: bool = field(default=False)


def follow(
    draw: Draw, targets: Targets, *, min_visible: float = 0.1, outline: Outline = "corners"
) -> Followed:
    """The targets after a draw.

    Args:
        draw: for the photo that the targets are marked on.
        targets: in its pixels.
        min_visible: boxes of which a smaller share is left are dropped, 0 to 1.
        outline: what is followed of a box: its "corners", or the "ellipse" inside it.

    Raises: ValueError for another share, or a mask of another size than the photo.
    """
    if not 0 <= min_visible <= 1:
        raise ValueError(f"The visible share is 0 to 1, got {min_visible}.")
    way = stages(draw)
    hw = way[-1].output_hw if way else draw.input_hw
    mirrored = is_mirrored(way)
    return Followed(
        hw,
        tuple(_box(i, targets, way, draw.input_hw, min_visible, outline) for i in range(len(targets.boxes))),
        None if targets.mask is None else follow_mask(draw, targets.mask),
        _points(targets, way, hw, mirrored),
        mirrored,
    )


def follow_mask(draw: Draw, mask: UInt8[np.ndarray, "height width"]) -> UInt8[np.ndarray, "h w"]:
    """A mask after a draw: by the nearest pixel, 0 beyond the edge; ValueError for another size than the photo's."""
    if mask.shape != draw.input_hw:
        raise ValueError(f"A mask has the photo's height and width {draw.input_hw}, got {mask.shape}.")
    for stage in stages(draw):
        mask = warp(stage, mask, interpolation="nearest")
    return mask


def is_mirrored(way: tuple[Stage, ...]) -> bool:
    """An odd number of reflections: the determinant of the linear part is negative."""
    matrices = [stage.matrix for stage in way if isinstance(stage, MatrixStage)]
    turned = [a for a in matrices if a[0, 0] * a[1, 1] < a[0, 1] * a[1, 0]]
    return len(turned) % 2 == 1


def swapped_sides(name: str) -> str:
    """The name with left and right exchanged: "left eye" becomes "right eye", "R_Left-2" "R_Right-2"."""
    return _SIDES.sub(
        lambda found: _as_written(found[0], "right" if found[0].lower() == "left" else "left"), name
    )


def _as_written(before: str, word: str) -> str:
    if before.isupper():
        return word.upper()
    return word.capitalize() if before[0].isupper() else word


def moved_outline(
    way: tuple[Stage, ...], shape: Float[np.ndarray, "n 2"], hw: Hw
) -> tuple[Float[np.ndarray, "m 2"], float]:
    """An outline after all stages, cut by every picture on the way, and the share of its area that is left."""
    before = area(shape)
    shape = clipped(shape, hw)
    share = area(shape) / before if before else 0.0
    for stage in way:
        moved = stage.forward(shape)
        whole = area(moved)
        shape = clipped(moved, stage.output_hw)
        share *= area(shape) / whole if whole else 0.0
    return shape, share


def _box(
    index: int, targets: Targets, way: tuple[Stage, ...], hw: Hw, min_visible: float, outline: Outline
) -> FollowedBox:
    box = targets.boxes[index]
    shape = ellipse(box) if outline == "ellipse" else rectangle(box)
    left, share = moved_outline(way, shape, hw)
    found = bounds(left)
    kept = share >= min_visible and share > 0 and found is not None
    name = targets.names[index] if targets.names else ""
    return FollowedBox(index, name, found or (0.0, 0.0, 0.0, 0.0), min(share, 1.0), kept)


def _points(targets: Targets, way: tuple[Stage, ...], hw: Hw, mirrored: bool) -> tuple[FollowedPoint, ...]:
    if not targets.keypoints:
        return ()
    points = np.array(targets.keypoints, float)
    inside = _within(points, way[0].input_hw if way else hw)
    for stage in way:
        points = stage.forward(points)
        inside &= _within(points, stage.output_hw)
    names = targets.keypoint_names or ("",) * len(points)
    return tuple(
        FollowedPoint(i, swapped_sides(name) if mirrored else name, (float(x), float(y)), bool(seen))
        for i, (name, (x, y), seen) in enumerate(zip(names, points, inside, strict=True))
    )


def _within(points: Float[np.ndarray, "n 2"], hw: Hw) -> np.ndarray:
    return (points >= 0).all(axis=1) & (points[:, 0] <= hw[1]) & (points[:, 1] <= hw[0])
