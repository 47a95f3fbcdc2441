"""Four made-up pictures whose objects are known, and a detector that is right as often as one likes.

The detector is made up too: it finds an object the more often, and the more exactly, the better it is; it doubles some
and sees some that are not there. So the curve of precision over recall has steps worth looking at.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

from core.detection.boxes import iou
from core.detection.evaluation import Detections, Truths

NAMES = ("disc", "square")
HEIGHT, WIDTH = 240, 320
_GROUND, _INKS = (46, 54, 66), ((231, 168, 92), (104, 178, 224))
_MOST, _APART = 6, 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """Pictures, their objects, and what was found on them; all boxes in pixels of their picture."""

    pictures: tuple[UInt8[np.ndarray, "height width 3"], ...]
    truths: Truths
    detections: Detections


def scenes(seed: int, skill: float = 0.6, count: int = 4) -> Scenes:
    """Draw pictures and detections.

    Args:
        seed: of the draws. skill: 0 (blind) to 1 (perfect). count: of pictures, 1 or more.

    Raises: ValueError for a skill outside 0 to 1, or no picture.
    """
    if not 0 <= skill <= 1:
        raise ValueError(f"The skill is 0 to 1, got {skill:g}.")
    if count < 1:
        raise ValueError(f"There is at least 1 picture, got {count}.")
    dice = np.random.default_rng(seed)
    rows, found = [], []
    for picture in range(count):
        boxes = _objects(dice)
        labels = dice.integers(0, len(NAMES), len(boxes))
        rows += [(picture, box, int(label)) for box, label in zip(boxes, labels, strict=True)]
    own = np.random.default_rng((seed, 1))  # the pictures stay as they are when the skill changes
    for picture, box, label in rows:
        found += _finds(own, picture, box, label, skill)
    for picture in range(count):
        found += _alarms(own, picture, skill)
    truths = Truths(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows], np.int64),
    )
    detections = Detections(
        np.array([row[0] for row in found], np.int64),
        np.array([row[1] for row in found], np.float64).reshape(-1, 4),
        np.array([row[2] for row in found], np.int64),
        np.array([row[3] for row in found], np.float64),
    )
    return Scenes(tuple(_drawn(truths, picture) for picture in range(count)), truths, detections)


def _objects(dice: np.random.Generator) -> np.ndarray:
    """2 to 6 boxes that hardly overlap: [n, 4]."""
    boxes = np.zeros((0, 4))
    wanted = int(dice.integers(2, _MOST + 1))
    for _ in range(200):
        width, height = dice.uniform(36, 96), dice.uniform(36, 96)
        left, top = dice.uniform(4, WIDTH - width - 4), dice.uniform(4, HEIGHT - height - 4)
        box = np.array([[left, top, left + width, top + height]])
        if not len(boxes) or iou(box, boxes).max() < _APART:
            boxes = np.concatenate([boxes, box])
        if len(boxes) == wanted:
            break
    return boxes


def _finds(dice: np.random.Generator, picture: int, box: np.ndarray, label: int, skill: float) -> list[tuple]:
    """No, one or two detections of one object. All dice are thrown, whatever the skill: it alone makes a change."""
    seen, double, wrong, score, second = dice.random(5)
    shakes = dice.normal(size=(2, 4))
    if seen > 0.3 + 0.7 * skill:
        return []
    said = 1 - label if wrong > 0.85 + 0.15 * skill else label
    off = 0.22 * (1 - skill)
    found = [(picture, _shaken(box, shakes[0] * off), said, 0.95 - (0.2 + 0.7 * (1 - skill)) * score)]
    if double > 0.55 + 0.45 * skill:
        found.append((picture, _shaken(box, shakes[1] * off * 1.4), said, 0.2 + 0.5 * second))
    return found


def _shaken(box: np.ndarray, shares: np.ndarray) -> np.ndarray:
    sides = np.tile(box[2:] - box[:2], 2)
    left, top, right, bottom = box + shares * sides
    return np.array([min(left, right - 1), min(top, bottom - 1), right, bottom]).clip(
        0, [WIDTH, HEIGHT, WIDTH, HEIGHT]
    )


def _alarms(dice: np.random.Generator, picture: int, skill: float) -> list[tuple]:
    """Boxes around nothing."""
    found = []
    for _ in range(3):
        there, across, down, wide, high, score = dice.random(6)
        label = int(dice.integers(0, len(NAMES)))
        if there < 0.9 * (1 - skill):
            left, top = across * (WIDTH - 90), down * (HEIGHT - 90)
            box = np.array([left, top, left + 30 + 60 * wide, top + 30 + 60 * high])
            found.append((picture, box, label, 0.1 + (0.85 - 0.4 * skill) * score))
    return found


def _drawn(truths: Truths, picture: int) -> UInt8[np.ndarray, "height width 3"]:
    shown = np.full((HEIGHT, WIDTH, 3), _GROUND, np.uint8)
    for box, label, where in zip(truths.boxes, truths.labels, truths.pictures, strict=True):
        if where != picture:
            continue
        left, top, right, bottom = (round(edge) for edge in box.tolist())
        if NAMES[label] == "disc":
            middle, axes = (
                ((left + right) // 2, (top + bottom) // 2),
                ((right - left) // 2, (bottom - top) // 2),
            )
            cv2.ellipse(shown, middle, axes, 0, 0, 360, _INKS[label], cv2.FILLED, cv2.LINE_AA)
        else:
            cv2.rectangle(shown, (left, top), (right - 1, bottom - 1), _INKS[label], cv2.FILLED)
    return shown
