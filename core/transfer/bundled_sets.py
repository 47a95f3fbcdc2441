"""Sets that need no download: digits, textures and faces, cut from what scikit-learn and scikit-image bring along.

Every set is the same on every machine: photos are drawn by a fixed seed. Sources and licences stand with each set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from jaxtyping import UInt8

from core.augmentation.digits import digit_pixels, digits
from core.photo import Photo, open_photo
from core.transfer.samples import PhotoSet, Sample

PATCH_PX = 64
FEWEST = 2
_SEED = 5
_TEXTURES = {
    "brick": "brick.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "tissue": "ihc.png",
    "galaxies": "hubble_deep_field.jpg",
}


@dataclass(frozen=True, slots=True)
class BundledSet:
    """What is known of a set.

    Args:
        title: for a list. said: what it is good for, a sentence or two.
        source: where the pictures come from, and their licence.
        classes: their names. most: photos of each class, at most. usual: how many are shown at first.
        side_px: of its square photos.
    """

    title: str
    said: str
    source: str
    classes: tuple[str, ...]
    most: int
    usual: int
    side_px: int


SETS = {
    "textures": BundledSet(
        "Textures",
        "Patches of five pictures, in grey so that colour gives nothing away. Patches of one picture are relatives: "
        "light, focus and scale are the same in training and validation, so the accuracy promises too much for other "
        "walls and lawns.",
        "scikit-image: brick and gravel by CC0Textures (CC0), grass by linolafett (CC0), tissue from the Center for "
        "Microscopy and Molecular Imaging (no known restrictions), galaxies by NASA (public domain)",
        tuple(_TEXTURES),
        60,
        30,
        PATCH_PX,
    ),
    "faces": BundledSet(
        "Faces or not",
        "Faces from news photos and pieces of their backgrounds, 25 × 25 pixels: far from the photos of ImageNet, yet "
        "easy.",
        "scikit-image's subset of Labeled Faces in the Wild (Huang, Mattar, Lee, Learned-Miller 2012)",
        ("face", "no face"),
        100,
        40,
        25,
    ),
    "digits": BundledSet(
        "Digits",
        "Handwritten digits of 8 × 8 pixels, shown four times as large: nothing like the photos of ImageNet.",
        "scikit-learn's copy of the UCI digits (Alpaydin and Kaynak 1998, CC BY 4.0)",
        tuple("0123456789"),
        100,
        20,
        32,
    ),
}
DEFAULT = next(iter(SETS))


@lru_cache(maxsize=4)
def bundled_set(name: str, each: int = 0) -> PhotoSet:
    """A set by its name in `SETS`, with `each` photos of every class; 0 for the usual number.

    The photos of a smaller set are among those of a larger one.

    Raises: ValueError naming the rule and the value found.
    """
    if name not in SETS:
        raise ValueError(f"A bundled set is one of {', '.join(SETS)}, got {name!r}.")
    known = SETS[name]
    each = each or known.usual
    if not FEWEST <= each <= known.most:
        raise ValueError(f"The set {name} has {FEWEST} to {known.most} photos of each class, got {each}.")
    return PhotoSet(
        known.classes,
        tuple(
            Sample(Photo.of(pixels, f"{title} {number}"), label)
            for label, title in enumerate(known.classes)
            for number, pixels in enumerate(_BUILDERS[name](label)[:each], 1)
        ),
    )


def _digit_class(label: int) -> list[UInt8[np.ndarray, "32 32 3"]]:
    numbers = np.flatnonzero(digits()[1] == label)
    chosen = np.random.default_rng([_SEED, label]).permutation(numbers)[: SETS["digits"].most]
    return [digit_pixels(int(number)) for number in chosen]


def _face_class(label: int) -> list[UInt8[np.ndarray, "25 25 3"]]:
    values = np.load(files("skimage") / "data" / "lfw_subset.npy")  # [200, 25, 25], 0 to 1; faces first
    grey = np.rint(values[100 * label : 100 * label + 100] * 255).astype(np.uint8)
    return [np.repeat(each[..., None], 3, axis=2) for each in grey]


def _texture_class(label: int) -> list[UInt8[np.ndarray, "64 64 3"]]:
    """Non-overlapping patches in a shuffled order, of a picture in grey (BT.601)."""
    file = _TEXTURES[SETS["textures"].classes[label]]
    colour = open_photo((files("skimage") / "data" / file).read_bytes(), file).pixels
    grey = np.rint(colour @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    rows, columns = grey.shape[0] // PATCH_PX, grey.shape[1] // PATCH_PX
    tiles = grey[: rows * PATCH_PX, : columns * PATCH_PX].reshape(rows, PATCH_PX, columns, PATCH_PX)
    patches = tiles.swapaxes(1, 2).reshape(-1, PATCH_PX, PATCH_PX)
    chosen = np.random.default_rng([_SEED, label]).permutation(len(patches))[: SETS["textures"].most]
    return [np.repeat(patches[number][..., None], 3, axis=2) for number in chosen]


_BUILDERS: dict[str, Callable[[int], list[np.ndarray]]] = {
    "textures": _texture_class,
    "faces": _face_class,
    "digits": _digit_class,
}
