"""A tile of a grid of pictures: the picture, what is marked on it, and the lines under it."""

from dataclasses import dataclass
from typing import Literal

from core.figures.encoding import Encoded

Role = Literal["primary", "second", "third", "muted"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line under a picture: plain, "strong", or "muted" for what did not happen."""

    text: str
    role: Literal["", "strong", "muted"] = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn over a picture, in pixels of `Tile.size`: an outline or a point, with a label."""

    outline: tuple[Point, ...] = ()
    point: Point | None = None
    label: str = ""
    role: Role = "primary"
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a grid.

    Args:
        picture: as it travels.
        alt: what it shows, in words.
        title: a line in bold under it.
        lines: further lines.
        state: "picked" for the chosen one, "inside" for those that belong together, "" else.
        shares: parts of a bar under the picture; they add up to 1.
        marks: drawn over it.
        size: width and height that the marks are given in; None: the picture's own.
        mask: a transparent picture of any size that is laid over it.
    """

    picture: Encoded
    alt: str
    title: str = ""
    lines: tuple[Line, ...] = ()
    state: Literal["", "picked", "inside"] = ""
    shares: tuple[float, ...] | None = None
    marks: tuple[Mark, ...] = ()
    size: tuple[float, float] | None = None
    mask: Encoded | None = None
