"""Small sets of photos whose classes a network can tell: squares of one colour on noise."""

import numpy as np

from core.photo import Photo
from core.transfer.samples import PhotoSet, Sample
from core.transfer.split import Split

NAMES = ("red", "green", "blue")


def coloured(label: int, seed: int, hw: tuple[int, int] = (40, 44)) -> Photo:
    """A photo of a class."""
    dice = np.random.default_rng([label, seed])
    pixels = dice.integers(0, 110, (*hw, 3)).astype(np.uint8)
    pixels[hw[0] // 4 : -hw[0] // 4, hw[1] // 4 : -hw[1] // 4, label] = dice.integers(170, 255)
    return Photo.of(pixels, f"{NAMES[label]} {seed}")


def coloured_set(each: int = 8, classes: int = 3) -> PhotoSet:
    """So many photos of each class, one class after the other in turn."""
    samples = tuple(Sample(coloured(i % classes, i), i % classes) for i in range(each * classes))
    return PhotoSet(NAMES[:classes], samples)


def parted(photos: PhotoSet, training: int, validation: int) -> Split:
    """The first so many train, the next choose, the rest judge."""
    numbers = tuple(range(len(photos.samples)))
    return Split(
        numbers[:training], numbers[training : training + validation], numbers[training + validation :]
    )
