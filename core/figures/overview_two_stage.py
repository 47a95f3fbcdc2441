"""The first page's pictures of the two-stage family: merged regions, the same box twice, and anchors."""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from core.figures.overview import HEIGHT, WIDTH, wide
from core.figures.two_stage import regions_picture
from core.photo import Photo
from core.two_stage.faster_anchors import RESNET, levels
from core.two_stage.selective_search import Search, search

Picture = UInt8[np.ndarray, "432 768 3"]
_CROPS, _GAP = 6, 12
_INKS = ((255, 217, 47), (102, 194, 255), (252, 141, 98), (120, 220, 160), (231, 138, 195), (255, 255, 255))
_DARK = (20, 24, 30)
_LEFT = 30  # regions that are left of all when the picture is taken


def searched(photo: Photo) -> Search:
    """Selective search of the part of the photo that the cards show."""
    return search(wide(photo.pixels))


def regions_left(found: Search) -> Picture:
    """Selective search when only thirty regions are left, each in its mean colour."""
    merges = min(max(0, found.first - _LEFT), len(found.merges))
    return cv2.resize(regions_picture(found, merges, 1.0), (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)


def crops_beside(photo: Photo, found: Search) -> Picture:
    """The middle of the photo with six proposals, and each stretched to the square that R-CNN's network reads."""
    side = HEIGHT // 3
    across = WIDTH - 2 * side - _GAP
    start = (WIDTH - across) // 2
    whole = np.ascontiguousarray(wide(photo.pixels)[:, start : start + across])
    left, out = whole.copy(), np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    shifted = found.boxes - np.array([start, 0, start, 0])
    inside = shifted[(shifted[:, 0] >= 0) & (shifted[:, 2] <= across)]
    for place, (box, ink) in enumerate(zip(_apart(inside, _CROPS), _INKS, strict=False)):
        x0, y0, x1, y1 = (round(float(edge)) for edge in box)
        crop = whole[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        tile = cv2.resize(crop, (side - 6, side - 6), interpolation=cv2.INTER_AREA)
        tile = cv2.copyMakeBorder(tile, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=ink)
        row, column = divmod(place, 2)
        top, at = row * side, across + _GAP + column * side
        out[top : top + side, at : at + side] = tile
        _framed(left, box, ink)
    out[:, :across] = left
    return out


def anchors_of_a_place(photo: Photo) -> Picture:
    """All anchors of Faster R-CNN (ResNet-50 FPN) around the middle: five sizes in three shapes."""
    shown = wide(photo.pixels)
    out = cv2.resize(shown, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    out = cv2.addWeighted(out, 0.7, np.full_like(out, 255), 0.3, 0)
    scale = HEIGHT / 800  # the network sees the shorter side as 800 pixels
    for level, ink in zip(levels(RESNET, (HEIGHT, WIDTH)), _INKS, strict=False):
        for box in level.base:
            _framed(out, box * scale + np.array([WIDTH, HEIGHT] * 2) / 2, ink)
    return out


def _apart(boxes: Float[np.ndarray, "n 4"], count: int) -> Float[np.ndarray, "m 4"]:
    """The largest boxes below a third of the picture that do not lie mostly on one another."""
    if not len(boxes):
        return boxes
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    most = area.max() / 3
    found: list[np.ndarray] = []
    for i in np.argsort(-area, kind="stable"):
        if len(found) < count and area[i] <= most and all(_shared(boxes[i], other) < 0.5 for other in found):
            found.append(boxes[i])
    return np.array(found or boxes[:count])


def _shared(small: np.ndarray, large: np.ndarray) -> float:
    """The part of the first box that lies in the second."""
    width, height = np.minimum(small[2:], large[2:]) - np.maximum(small[:2], large[:2])
    return float(max(0, width) * max(0, height) / np.prod(small[2:] - small[:2]))


def _framed(picture: np.ndarray, box: np.ndarray, ink: tuple[int, int, int]) -> None:
    corners = [(round(float(box[i])), round(float(box[i + 1]))) for i in (0, 2)]
    for colour, thick in ((_DARK, 7), (ink, 3)):
        cv2.rectangle(picture, *corners, colour, thick)
