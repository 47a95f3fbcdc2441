"""Targets drawn: boxes, masks and keypoints on variants, and three kinds of box after a rotation."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import UInt8

from core.augmentation import (
    BoxKinds,
    Chain,
    Draw,
    Followed,
    Targets,
    apply,
    box_kinds,
    describe,
    fixed,
    follow,
    reduced,
    variants,
)
from core.augmentation.geometry import stages
from core.augmentation.marks import Marks, Stroke
from core.augmentation.outlines import ellipse, rectangle
from core.augmentation.targets import Outline
from core.augmentation.warping import warp
from core.figures.augmentation import small
from core.figures.encoding import Encoded, encode
from core.figures.palette import MASK_ALPHA, MASK_RGB
from core.figures.tiles import Line, Mark, Point, Role, Tile
from core.formula import Formula

Pixels = UInt8[np.ndarray, "height width 3"]
Mask = UInt8[np.ndarray, "height width"]
Box = tuple[float, float, float, float]
TILE_PX, MASK_PX, KINDS_PX = 360, 240, 640
KINDS: dict[str, Role] = {"corners": "primary", "ellipse": "third", "mask": "second"}
EXAMPLES = {
    "Cat": "b90,20,810,960 cat; k377,385 right eye; k707,455 left eye; k573,815 nose;"
    "m150 240,245 600,245 660,400 560,735 400,650 240,245 450,450",
    "Flower": "b258,195,702,840 flower; k480,518 middle; m213 480,518",
    "Coffee": "b285,40,680,755 cup; k380,650 handle; m130 420,260 550,260 560,400 490,540 420,400 420,260",
    "Astronaut": "b300,30,590,365 face; k210,520 right shoulder; k640,520 left shoulder; m140 440,170 450,225",
}
ANY_PHOTO = (
    "b250,200,750,800 object; k380,450 left; k620,450 right; m150 400,350 600,350 600,650 400,650 400,350"
)


def example(photo: str) -> str:
    """Marks that fit a bundled photo; for any other one a box in the middle."""
    return EXAMPLES.get(photo, ANY_PHOTO)


def pen_marks(marks: Marks) -> dict:
    """The marks as the pen takes them."""
    return {
        "boxes": [{"edges": box, "name": name} for box, name in zip(marks.boxes, marks.names, strict=True)],
        "points": [
            {"at": at, "name": name} for at, name in zip(marks.keypoints, marks.keypoint_names, strict=True)
        ],
        "strokes": [
            {"radius": each.radius, "places": each.places, "erases": each.erases} for each in marks.strokes
        ],
    }


def marks_from_edit(edit: Mapping) -> Marks:
    """The marks that the pen sent back; ValueError where they are none."""
    try:
        return Marks(
            tuple(tuple(each["edges"]) for each in edit["boxes"]),
            tuple(_name(each) for each in edit["boxes"]),
            tuple(tuple(each["at"]) for each in edit["points"]),
            tuple(_name(each) for each in edit["points"]),
            tuple(
                Stroke(each["radius"], tuple(map(tuple, each["places"])), bool(each["erases"]))
                for each in edit["strokes"]
            ),
        )
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError("The pen sent no marks.") from error


def _name(each: Mapping) -> str:
    """On one line; text cannot tell a digit at the beginning from a place."""
    return " ".join(str(each["name"]).split()).lstrip("0123456789, ")


def target_tiles(
    chain: Chain,
    pixels: Pixels,
    count: int,
    seed: int,
    targets: Targets,
    second: Pixels | None = None,
    *,
    min_visible: float = 0.1,
    outline: Outline = "corners",
) -> tuple[Tile, ...]:
    """Variants with their targets: kept boxes full, dropped ones broken, keypoints with their names, the mask."""
    found = variants(chain, pixels, count, seed, second, longest_px=TILE_PX)
    mask, bare = _reduced_mask(targets.mask, MASK_PX), replace(targets, mask=None)
    return tuple(
        _target_tile(
            number,
            each.draw,
            small(each.pixels),
            follow(each.draw, bare, min_visible=min_visible, outline=outline),
            mask,
        )
        for number, each in enumerate(found, start=1)
    )


def _target_tile(number: int, draw: Draw, picture: Encoded, followed: Followed, mask: Mask | None) -> Tile:
    lines = [
        Line(f"{box.name or 'box'}: {_share(box.visible)} visible{'' if box.kept else ', dropped'}", "strong")
        for box in followed.boxes
    ]
    steps = " · ".join(describe(drawn).partition(", box")[0] for drawn in draw.applied)
    lines.append(Line(steps or "nothing was changed"))
    return Tile(
        picture,
        f"Variant {number}: {'; '.join(line.text for line in lines)}",
        f"{number}",
        tuple(lines),
        marks=_marks(followed),
        size=(followed.hw[1], followed.hw[0]),
        mask=None if mask is None else _moved_overlay(draw, mask),
    )


def _reduced_mask(mask: Mask | None, longest_px: int) -> Mask | None:
    """A smaller copy by the nearest pixel: moving it takes a tenth of the time, and a tile shows no more."""
    if mask is None:
        return None
    height, width = mask.shape
    scale = min(1.0, longest_px / max(height, width))
    rows, columns = (
        ((np.arange(max(1, round(n * scale))) + 0.5) * n / max(1, round(n * scale))).astype(int)
        for n in (height, width)
    )
    return np.ascontiguousarray(mask[rows][:, columns])


def _moved_overlay(draw: Draw, mask: Mask) -> Encoded:
    for stage in stages(draw):
        mask = warp(stage, mask, interpolation="nearest")
    return overlay(mask, MASK_PX)


def _share(value: float) -> str:
    return f"{value:.0%}".replace("%", " %")


def _marks(followed: Followed) -> tuple[Mark, ...]:
    boxes = [
        Mark(
            frame(each.box),
            label=f"{each.name or 'box'}{'' if each.kept else ' dropped'}",
            role="primary" if each.kept else "muted",
            dashed=not each.kept,
        )
        for each in followed.boxes
        if each.box[0] < each.box[2]
    ]
    points = [
        Mark(point=each.point, label=each.name, role="third") for each in followed.keypoints if each.inside
    ]
    return (*boxes, *points)


def frame(box: Box) -> tuple[Point, ...]:
    """The four corners of a box, clockwise."""
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def overlay(mask: Mask, longest_px: int) -> Encoded:
    """A mask as a transparent picture, reduced by the nearest pixel."""
    step = max(1, math.ceil(max(mask.shape) / longest_px))
    rgba = np.zeros((*mask[::step, ::step].shape, 4), np.uint8)
    rgba[mask[::step, ::step] > 0] = (*MASK_RGB, MASK_ALPHA)
    return encode(rgba)


def own_mask(mask: Mask | None, box: Box) -> Mask | None:
    """The part of a mask inside a box: of one object alone; None where nothing is painted there."""
    if mask is None:
        return None
    own = np.zeros_like(mask)
    left, top, right, bottom = (round(edge) for edge in box)
    own[top:bottom, left:right] = mask[top:bottom, left:right]
    return own if own.any() else None


def kinds_of(pixels: Pixels, targets: Targets, index: int, angle: float) -> BoxKinds:
    """The three boxes of one object after a rotation by `angle` degrees."""
    box = targets.boxes[index]
    return box_kinds(_turn(pixels, angle), box, own_mask(targets.mask, box))


def kind_tiles(pixels: Pixels, targets: Targets, index: int, angle: float) -> tuple[Tile, Tile]:
    """The photo with a box, its ellipse and its mask; and turned, with the three boxes around them."""
    box, draw = targets.boxes[index], _turn(pixels, angle)
    mask, shown = own_mask(targets.mask, box), reduced(pixels, KINDS_PX)
    size = (pixels.shape[1], pixels.shape[0])
    shapes = {"corners": rectangle(box), "ellipse": ellipse(box)}
    before = [Mark(_points(shape), role=KINDS[kind]) for kind, shape in shapes.items()]
    after = []
    for kind, shape in shapes.items():
        for stage in stages(draw):
            shape = stage.forward(shape)
        after.append(Mark(_points(shape), role=KINDS[kind], dashed=True))
    found = kinds_of(pixels, targets, index, angle)
    around = {"corners": found.corners, "ellipse": found.ellipse, "mask": found.mask}
    after += [Mark(frame(each), label=kind, role=KINDS[kind]) for kind, each in around.items() if each]
    turned = None if mask is None else follow(draw, Targets(mask=mask)).mask
    return (
        Tile(small(shown), "The photo with a box, the ellipse in it and the mask", "Box, ellipse and mask",
             marks=tuple(before), size=size, mask=None if mask is None else overlay(mask, KINDS_PX)),
        Tile(small(apply(draw, shown)), f"Turned by {angle:g}°, with a box around each", f"Turned by {angle:g}°",
             marks=tuple(after), size=size, mask=None if turned is None else overlay(turned, KINDS_PX)),
    )  # fmt: skip


def _turn(pixels: Pixels, angle: float) -> Draw:
    return fixed("rotate", angle, pixels.shape[:2])


def _points(shape: np.ndarray) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in shape[:: max(1, len(shape) // 90)])


def growth(box: Box, angle: float) -> Formula:
    """How many times its area a box has after a rotation, around its turned corners and before it is clipped."""
    width, height = box[2] - box[0], box[3] - box[1]
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    wide, high = width * cos + height * sin, width * sin + height * cos
    return Formula(
        "growth of the box around the turned corners",
        r"\frac{w' h'}{w\, h}",
        rf"\frac{{{wide:.4g} \cdot {high:.4g}}}{{{width:.4g} \cdot {height:.4g}}}",
        wide * high / (width * height),
        "w′ = w |cos α| + h |sin α|, h′ = w |sin α| + h |cos α|, before the photo's edges cut it.",
    )
