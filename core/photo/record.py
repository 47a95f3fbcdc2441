"""What the door hands out: an upright RGB photo, or an error whose text is one sentence for a person."""

import hashlib
from dataclasses import dataclass, field

import numpy as np


class PhotoError(ValueError):
    """A picture that cannot be opened; its text is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Photo:
    """An upright picture: `pixels` uint8 [height, width, 3] RGB, read-only, and how it came to be.

    `digest` identifies the shape and the pixels, not the file: everything computed from a photo depends on those
    alone, so one picture saved twice is computed once, and one file opened at two sizes never shares a result.
    `original_hw` is the (height, width) before any reduction. Photos are equal when all but the array is equal.
    """

    pixels: np.ndarray = field(compare=False, repr=False)
    digest: str
    name: str
    notes: tuple[str, ...]
    original_hw: tuple[int, int]

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            got = f"{self.pixels.dtype} {list(self.pixels.shape)}"
            raise ValueError(f"A photo is uint8 [height, width, 3], got {got}.")
        if 0 in self.pixels.shape:
            raise ValueError(f"A photo has at least one pixel, got shape {list(self.pixels.shape)}.")
        self.pixels.setflags(write=False)

    @classmethod
    def of(
        cls,
        pixels: np.ndarray,
        name: str = "",
        notes: tuple[str, ...] = (),
        original_hw: tuple[int, int] | None = None,
    ) -> "Photo":
        """The photo of an array uint8 [height, width, 3], which becomes read-only; its digest is taken here."""
        pixels = np.ascontiguousarray(pixels)
        digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
        digest.update(pixels.data)
        height, width = pixels.shape[:2]
        return cls(pixels, digest.hexdigest(), name, notes, original_hw or (height, width))
