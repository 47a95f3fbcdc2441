"""What the cards of caution mean, as two small pictures side by side: before and after."""

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from core.augmentation.applying import apply, reduced
from core.augmentation.digits import digit_pixels, digits
from core.augmentation.drawing import fixed
from core.bundled import bundled
from core.figures.encoding import Encoded, encode
from core.figures.palette import BLUE

_SIX, _SIGN = "the 6", "a sign"
EXAMPLES = {  # card: photo, transform, strength
    "Mirrored text": (_SIGN, "flip", 1),
    "Left and right classes": ("Photographer", "flip", 1),
    "Medical laterality": ("Retina", "flip", 1),
    "6 and 9": (_SIX, "rotate", 180.0),
    "Up is up": ("Rocket", "rotate", 180.0),
    "Colour is the label": ("Flower", "hue", 150.0),
    "Size is the label": ("Coffee", "zoom", 2.0),
    "The object is gone": ("Cat", "translate_x", 0.5),
}
_SIDE, _GAP = 240, 10


def card_pictures(title: str) -> Encoded | None:
    """The example of a card before and after; None where it has none."""
    if title not in EXAMPLES:
        return None
    photo, name, strength = EXAMPLES[title]
    made = {_SIX: _digit, _SIGN: _sign}
    pixels = made[photo]() if photo in made else _middle(bundled(photo).pixels)
    after = apply(fixed(name, strength, pixels.shape[:2]), pixels)
    gap = np.zeros((_SIDE, _GAP, 4), np.uint8)
    return encode(np.concatenate([_opaque(pixels), gap, _opaque(after)], axis=1))


def _digit() -> UInt8[np.ndarray, "side side 3"]:
    """The first 6 of the digits."""
    six = digit_pixels(int(np.flatnonzero(digits()[1] == 6)[0]))
    return cv2.resize(six, (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)


def _sign() -> UInt8[np.ndarray, "side side 3"]:
    """A sign with a word on it."""
    image = Image.new("RGB", (_SIDE, _SIDE), BLUE)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((10, 10, _SIDE - 11, _SIDE - 11), 16, outline="white", width=6)
    draw.text((_SIDE / 2, _SIDE / 2), "EXIT", "white", ImageFont.load_default(88), anchor="mm")
    return np.asarray(image)


def _middle(pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "side side 3"]:
    side = min(pixels.shape[:2])
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    square = reduced(pixels[top : top + side, left : left + side], _SIDE)
    return np.pad(square, ((0, _SIDE - len(square)), (0, _SIDE - len(square)), (0, 0)), mode="edge")


def _opaque(pixels: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 4"]:
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
