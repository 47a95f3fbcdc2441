"""Boxes and keypoints found in a photo by the detectors that come with OpenCV, to be corrected by hand.

Faces, cats' faces and eyes: cascades of boosted Haar features (Viola and Jones 2001). People who stand upright: a
linear classifier on histograms of oriented gradients (Dalal and Triggs 2005). They are quick, old and often wrong.
"""

import cv2
import numpy as np
from jaxtyping import UInt8

from core.augmentation.marks import BOXES_MOST, Marks

SIDE_PX = 640  # longest side that is searched: a face is then at least 24 px of it
_CASCADES = {
    "face": "haarcascade_frontalface_alt2.xml",
    "cat face": "haarcascade_frontalcatface_extended.xml",
}
_EYE = "haarcascade_eye.xml"
_FACE_LEAST, _SCALE, _NEIGHBOURS = 24, 1.05, 5
_PERSON_HW, _PERSON_SCORE = (
    (128, 64),
    0.7,
)  # the window that the people were learned in; distance to the hyperplane
_Box = tuple[float, float, float, float]


def find_marks(pixels: UInt8[np.ndarray, "height width 3"]) -> Marks:
    """What is found in an RGB photo: named boxes, the largest first, and the two eyes of faces as keypoints.

    An eye is left or right as its owner would say: the left one stands on the right. Nothing found gives no marks.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE_PX / max(height, width))
    small_hw = max(1, round(height * scale)), max(1, round(width * scale))
    small = cv2.resize(pixels, small_hw[::-1], interpolation=cv2.INTER_AREA)
    grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    found = [(name, box) for name in _CASCADES for box in _cascade(grey, _CASCADES[name], _FACE_LEAST)]
    found += [("person", box) for box in _people(small)]
    found.sort(key=lambda each: -(each[1][2] - each[1][0]) * (each[1][3] - each[1][1]))
    named = [(name, _thousandths(box, small_hw)) for name, box in found]
    named = [(name, box) for name, box in named if box[0] < box[2] and box[1] < box[3]][:BOXES_MOST]
    eyes = [eye for name, box in found[:BOXES_MOST] if name == "face" for eye in _eyes(grey, box)]
    points = [(name, _thousandths((*place, *place), small_hw)[:2]) for name, place in eyes]
    return Marks(
        tuple(box for _, box in named),  # type: ignore[misc]
        tuple(name for name, _ in named),
        tuple(place for _, place in points),  # type: ignore[misc]
        tuple(name for name, _ in points),
    )


def _cascade(grey: np.ndarray, file: str, least: int) -> list[_Box]:
    if min(grey.shape) < least:
        return []
    cascade = cv2.CascadeClassifier(
        cv2.data.haarcascades + file
    )  # its own each time: it cannot be shared by threads
    found = cascade.detectMultiScale(grey, _SCALE, _NEIGHBOURS, minSize=(least, least))
    return [_box(each) for each in found]


def _people(small: np.ndarray) -> list[_Box]:
    if small.shape[0] < _PERSON_HW[0] or small.shape[1] < _PERSON_HW[1]:
        return []
    detector = cv2.HOGDescriptor()
    detector.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
    found, scores = detector.detectMultiScale(small, winStride=(8, 8), scale=_SCALE)
    return [_box(each) for each, score in zip(found, np.ravel(scores), strict=True) if score >= _PERSON_SCORE]


def _eyes(grey: np.ndarray, face: _Box) -> list[tuple[str, tuple[float, float]]]:
    """The eyes of a face, if exactly two lie in its upper part."""
    left, top, right, bottom = (int(v) for v in face)
    upper = grey[top : top + (bottom - top) * 3 // 5, left:right]
    found = sorted(_cascade(np.ascontiguousarray(upper), _EYE, max(8, (right - left) // 8)))
    if len(found) != 2:
        return []
    centres = [(left + (a + c) / 2, top + (b + d) / 2) for a, b, c, d in found]
    return list(zip(("right eye", "left eye"), centres, strict=True))


def _box(found: np.ndarray) -> _Box:
    left, top, width, height = (float(v) for v in found)
    return left, top, left + width, top + height


def _thousandths(box: _Box, hw: tuple[int, int]) -> tuple[int, ...]:
    """Pixels as thousandths of the picture, cut off at its edges."""
    sizes = (hw[1], hw[0]) * 2
    return tuple(min(1000, max(0, round(1000 * v / size))) for v, size in zip(box, sizes, strict=True))
