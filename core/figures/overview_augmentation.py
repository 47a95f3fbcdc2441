"""The first page's pictures of augmentation: variants of the visitor's photo, a box that follows, every transform."""

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from core.augmentation import CATALOGUE, Targets, apply, fixed, follow, variants
from core.augmentation.text import chain_from_text
from core.figures.overview import HEIGHT, WIDTH, wide
from core.figures.palette import BRIGHT

Pixels = UInt8[np.ndarray, "height width 3"]
Picture = UInt8[np.ndarray, "432 768 3"]
CHAIN = "zoom rotate contrast hue flip*0.5 border=reflect"
SHOWN = ("rotate", "perspective", "hue", "posterize", "elastic", "blur", "solarize", "erasing")
STRONG = {"rotate": 40, "hue": 140, "posterize": 2, "blur": 6, "solarize": 120, "erasing": 0.2}
ANGLE = 20
GAP = 2


def variant_grid(pixels: Pixels) -> Picture:
    """Six variants of the photo, three in a row."""
    found = variants(chain_from_text(CHAIN), wide(pixels), 6, 3)
    return _grid([each.pixels for each in found], 3)


def every_transform(pixels: Pixels) -> Picture:
    """Eight transforms of the photo, strong, four in a row."""
    photo = wide(pixels)
    return _grid([apply(_strong(name), photo) for name in SHOWN], 4)


def _strong(name: str):
    return fixed(name, STRONG.get(name, CATALOGUE[name].strongest), (HEIGHT, WIDTH))


def following_box(pixels: Pixels) -> Picture:
    """The photo turned, with the box that turned along (white) and the box around it (yellow)."""
    draw = fixed("rotate", ANGLE, (HEIGHT, WIDTH), border="reflect")
    box = (WIDTH * 0.3, HEIGHT * 0.25, WIDTH * 0.7, HEIGHT * 0.75)
    corners = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
    followed = follow(draw, Targets((box,), (), None, corners))
    picture = Image.fromarray(apply(draw, wide(pixels)))
    pen = ImageDraw.Draw(picture)
    turned = [each.point for each in followed.keypoints]
    for colour, width in (("#000000", 9), (BRIGHT[0], 4)):
        pen.line([*turned, *turned[:2]], fill=colour, width=width, joint="curve")
    edges = followed.boxes[0].box
    for colour, width, rim in (("#000000", 10, 3), (BRIGHT[4], 5, 0)):
        pen.rectangle(
            (edges[0] - rim, edges[1] - rim, edges[2] + rim, edges[3] + rim), outline=colour, width=width
        )
    return np.asarray(picture)


def _grid(pictures: list[Pixels], columns: int) -> Picture:
    """Pictures in rows with a white line between them, each reduced and its middle cut to the cell's shape."""
    rows = len(pictures) // columns
    high, across = HEIGHT // rows, WIDTH // columns
    out = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for place, pixels in enumerate(pictures):
        y, x = place // columns * high, place % columns * across
        tall, broad = pixels.shape[:2]
        side = min(tall / high, broad / across)
        left, top = (broad - across * side) / 2, (tall - high * side) / 2
        small = Image.fromarray(pixels).resize(
            (across - GAP, high - GAP),
            Image.Resampling.BILINEAR,
            (left, top, left + across * side, top + high * side),
        )
        out[y : y + high - GAP, x : x + across - GAP] = np.asarray(small)
    return out
