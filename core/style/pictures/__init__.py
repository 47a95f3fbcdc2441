"""Style pictures made by code: each a function of a side and a seed, with nothing but arithmetic and a pen.

They are drawn when they are needed; the same seed gives the same picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.style.pictures.canvas import Picture
from core.style.pictures.flowing import brush, ink, marbling, night, waves
from core.style.pictures.marked import hatching, points, woodcut
from core.style.pictures.tiled import circles, glass, gold, mosaic, truchet

__all__ = ["STYLES", "Style", "style_picture"]
SMALLEST, LARGEST = 16, 1024


@dataclass(frozen=True, slots=True)
class Style:
    """A style picture.

    Args:
        name: the word in links. title: for people. about: how it is made. draw: makes it of a side and a seed.
    """

    name: str
    title: str
    about: str
    draw: Callable[[int, int], Picture]


STYLES = {
    each.name: each
    for each in (
        Style("brush", "Brush", "Thick strokes that follow a flow, under a summer sky", brush),
        Style("marbling", "Marbling", "Drops of ink on water, drawn through with combs", marbling),
        Style("glass", "Stained glass", "A rose window: panes on rings, in lead", glass),
        Style("waves", "Waves", "Waves behind waves, striped, with foam", waves),
        Style("mosaic", "Mosaic", "Small stones in rings around several middles", mosaic),
        Style("points", "Pointillism", "A shore in dots of pure paint", points),
        Style("circles", "Circles", "Rings in squares, in wet colours", circles),
        Style("hatching", "Hatching", "Round bodies in crossing pen strokes", hatching),
        Style("truchet", "Truchet tiles", "Bands around corners, turned by chance", truchet),
        Style("ink", "Ink wash", "Mountains in the mist, in washes of ink", ink),
        Style("night", "Starry night", "Strokes that turn around the stars", night),
        Style("woodcut", "Woodcut", "Lines cut into wood, broad in the shade", woodcut),
        Style("gold", "Gold leaf", "Spirals, little windows and eyes on gold", gold),
    )
}


def style_picture(name: str, side: int = 384, seed: int = 0) -> Picture:
    """The picture of a style, RGB.

    Raises: ValueError for an unknown name, or a side that is not 16 to 1,024.
    """
    if name not in STYLES:
        raise ValueError(f"The style picture is one of {', '.join(STYLES)}, got {name!r}.")
    if not SMALLEST <= side <= LARGEST:
        raise ValueError(f"The side of a style picture is {SMALLEST} to {LARGEST:,} pixels, got {side}.")
    return STYLES[name].draw(side, seed)
