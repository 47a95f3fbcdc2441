"""What is marked on a photo, as one line of text for a link: boxes, keypoints and the strokes of a brush.

"b200,100,800,900 cat; k380,430 left eye; m60 300,300 500,420; e30 500,500" is a box, a keypoint, a stroke that paints
with a brush of radius 60, and one that erases. All lengths are thousandths of the photo's width and height (a brush's
of the longer one), so that the marks fit on every photo.
"""

import itertools
import re
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

from core.augmentation.targets import Targets

LONGEST = 4000
NOTHING = "none"
BOXES_MOST, POINTS_MOST, STROKES_MOST, NAME_MOST = 12, 24, 60, 40
_ITEM = re.compile(r"([bkme])\s*(\d{1,4}(?:[ ,]+\d{1,4})*)(?:\s+(\D.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke of the brush: its radius, the places (x, y) it goes through, and whether it erases."""

    radius: int
    places: tuple[tuple[int, int], ...]
    erases: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.radius <= 500 or not self.places:
            raise ValueError(f"A stroke has a radius of 1 to 500 and at least one place, got {self.radius}.")
        _checked(tuple(n for place in self.places for n in place))


@dataclass(frozen=True, slots=True)
class Marks:
    """Boxes (left, top, right, bottom), keypoints (x, y) and strokes in thousandths of the photo, 0 to 1000.

    Raises: ValueError naming the rule and the value found.
    """

    boxes: tuple[tuple[int, int, int, int], ...] = ()
    names: tuple[str, ...] = ()
    keypoints: tuple[tuple[int, int], ...] = ()
    keypoint_names: tuple[str, ...] = ()
    strokes: tuple[Stroke, ...] = ()

    def __post_init__(self) -> None:
        for what, found, most in (
            ("boxes", self.boxes, BOXES_MOST),
            ("keypoints", self.keypoints, POINTS_MOST),
            ("strokes", self.strokes, STROKES_MOST),
        ):
            if len(found) > most:
                raise ValueError(f"A photo has at most {most} {what}, got {len(found)}.")
        for box in self.boxes:
            _checked(box)
            if not (box[0] < box[2] and box[1] < box[3]):
                raise ValueError(f"A box is left < right and top < bottom, got {box}.")
        for point in self.keypoints:
            _checked(point)
        for name in (*self.names, *self.keypoint_names):
            if len(name) > NAME_MOST or ";" in name:
                raise ValueError(f'A name has at most {NAME_MOST} characters and no semicolon, got "{name}".')

    def targets(self, hw: tuple[int, int]) -> Targets:
        """The marks in pixels of a photo of `hw` = (height, width); a mask only where something was painted."""
        height, width = hw
        across, down = width / 1000, height / 1000
        return Targets(
            tuple((a * across, b * down, c * across, d * down) for a, b, c, d in self.boxes),
            self.names,
            self.mask(hw) if any(not stroke.erases for stroke in self.strokes) else None,
            tuple((x * across, y * down) for x, y in self.keypoints),
            self.keypoint_names,
        )

    def mask(self, hw: tuple[int, int]) -> UInt8[np.ndarray, "height width"]:
        """The strokes painted one after the other: 1 where the brush was and no eraser after it."""
        mask = np.zeros(hw, np.uint8)
        for stroke in self.strokes:
            scale = np.array([hw[1], hw[0]]) / 1000
            places = (np.array(stroke.places) * scale * 16 - 8).round().astype(np.int32)  # 4 bits of fraction
            thick = max(1, round(2 * stroke.radius * max(hw) / 1000))
            colour = 0 if stroke.erases else 1
            if len(places) == 1:
                centre = int(places[0][0]), int(places[0][1])
                cv2.circle(mask, centre, max(8, thick * 8), colour, cv2.FILLED, cv2.LINE_8, 4)
            else:
                for start, end in itertools.pairwise(places):
                    cv2.line(mask, start.tolist(), end.tolist(), colour, min(thick, 32_000), cv2.LINE_8, 4)
        return mask


def marks_from_text(text: str) -> Marks:
    """The marks of a text; "none" or nothing at all is no mark.

    Raises: ValueError naming the item that cannot be read, or the rule and the value.
    """
    if len(text) > LONGEST:
        raise ValueError(f"Marks have at most {LONGEST} characters as text, got {len(text)}.")
    boxes, points, strokes = [], [], []
    for item in filter(None, (each.strip() for each in text.split(";"))):
        if item == NOTHING:
            continue
        found = _ITEM.fullmatch(item)
        numbers = tuple(map(int, re.split(r"[ ,]+", found[2]))) if found else ()
        name = " ".join((found[3] or "").split()) if found else ""
        match found and found[1], numbers:
            case "b", (left, top, right, bottom):
                boxes.append(((left, top, right, bottom), name))
            case "k", (x, y):
                points.append(((x, y), name))
            case ("m" | "e") as kind, (radius, _, *rest) if len(rest) % 2 and not name:
                strokes.append(Stroke(radius, _pairs(numbers[1:]), kind == "e"))
            case _:
                raise ValueError(f'A mark is written like "b200,100,800,900 cat", got "{item[:60]}".')
    return Marks(
        tuple(box for box, _ in boxes),
        tuple(name for _, name in boxes),
        tuple(point for point, _ in points),
        tuple(name for _, name in points),
        tuple(strokes),
    )


def marks_to_text(marks: Marks) -> str:
    """The text that `marks_from_text` reads back to equal marks; ValueError where it is too long for a link."""
    items = [f"b{_list(box)} {name}" for box, name in zip(marks.boxes, marks.names, strict=True)]
    items += [f"k{_list(p)} {name}" for p, name in zip(marks.keypoints, marks.keypoint_names, strict=True)]
    items += [
        f"{'e' if stroke.erases else 'm'}{stroke.radius} {' '.join(map(_list, stroke.places))}"
        for stroke in marks.strokes
    ]
    text = "; ".join(item.strip() for item in items) or NOTHING
    if len(text) > LONGEST:
        raise ValueError(f"Marks have at most {LONGEST} characters as text, got {len(text)}.")
    return text


def _pairs(numbers: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _list(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _checked(numbers: tuple[int, ...]) -> None:
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= 1000:
            raise ValueError(f"A place is 0 to 1000 thousandths, got {number!r}.")
