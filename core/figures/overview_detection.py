"""The first page's pictures of detection: the boxes on the photo, the candidates before, and what the cells say."""

import cv2
import numpy as np
from jaxtyping import UInt8

from core.detection.detector import Seen, candidates, look
from core.detection.suppression import keep
from core.figures.detection import cell_map
from core.figures.overview import HEIGHT, WIDTH
from core.photo import Photo

Picture = UInt8[np.ndarray, "432 768 3"]
_OVER, _FEW, _DOUBLE = 0.3, 0.02, 0.5
_GRID = 16
_YELLOW, _WHITE, _DARK = (255, 217, 47), (255, 255, 255), (20, 24, 30)


def seen_by_default(photo: Photo) -> Seen:
    """The embedded detector in front of the photo."""
    return look(photo.pixels)


def boxes_picture(photo: Photo, seen: Seen) -> Picture:
    """What is left after suppression."""
    found = candidates(seen, _OVER)
    return _drawn(photo, found.boxes[keep(found.boxes, found.scores, _DOUBLE, found.labels)], _YELLOW)


def candidates_picture(photo: Photo, seen: Seen) -> Picture:
    """Every candidate over a low threshold."""
    return _drawn(photo, candidates(seen, _FEW).boxes[::-1], _WHITE)


def cells_picture(photo: Photo, seen: Seen) -> Picture:
    """The objectness of one grid over the photo, as bright as its root: small values show, too."""
    used = tuple(round(edge * seen.box.scale) for edge in seen.box.size)
    coloured = cell_map(np.sqrt(seen.score_map(_GRID, "objectness")), used, seen.side)[:, :, :3]
    size = photo.pixels.shape[1], photo.pixels.shape[0]
    over = cv2.resize(coloured, size, interpolation=cv2.INTER_NEAREST)
    return _fitted(cv2.addWeighted(photo.pixels, 0.45, over, 0.55, 0))


def _drawn(photo: Photo, boxes: np.ndarray, colour: tuple[int, int, int]) -> Picture:
    shown = photo.pixels.copy()
    thick = max(2, round(max(shown.shape[:2]) / 160))
    for box in boxes:
        corners = [(int(box[i]), int(box[i + 1])) for i in (0, 2)]
        for ink, width in ((_DARK, 2 * thick), (colour, thick)):
            cv2.rectangle(shown, *corners, ink, width)
    return _fitted(shown)


def _fitted(picture: UInt8[np.ndarray, "height width 3"]) -> Picture:
    """The whole picture in the card's shape, on white."""
    scale = min(HEIGHT / picture.shape[0], WIDTH / picture.shape[1])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    out = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    out[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return out
