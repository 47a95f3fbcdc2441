"""The door of a set: a file becomes a photo in a class, as small as a network needs it, and the set stays bounded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.photo import WORKING_PX, Photo, PhotoError, open_photo
from core.photo.containers import READERS, kind_of
from core.transfer.samples import CLASSES_MOST, NAME_LETTERS, PhotoSet, Sample

SHORTER_PX, SHORTER_PX_FULL = 256, 160
"""The shorter side of a photo in a set, at most; the second for all of them once the set passes `PIXEL_BYTES_MOST`."""
PHOTOS_MOST = 2000
PIXEL_BYTES_MOST = 256_000_000
UNNAMED = "unnamed"
_ANGLES = str.maketrans("<>", "‹›")  # charts read tags


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that did not become a photo, and why: one sentence."""

    name: str
    reason: str


def intake(data: bytes, name: str = "", *, shorter_px: int = SHORTER_PX) -> Photo:
    """The photo in a file, its shorter side at most `shorter_px` and its longer one at most 1,024 pixels.

    Raises: PhotoError, as `core.photo.open_photo`.
    """
    return open_photo(data, name, longest_px=_longest(_header_size(data), shorter_px))


def class_name(text: str) -> str:
    """A name as a class may carry it: one line of at most 60 printable letters, without tags; "unnamed" for none."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:NAME_LETTERS].strip().translate(_ANGLES) or UNNAMED


class Gathering:
    """Files join a set one by one; what does not fit is listed.

    Args:
        photos: the set that they join.
    """

    def __init__(self, photos: PhotoSet | None = None) -> None:
        start = photos or PhotoSet()
        self._classes = list(start.classes)
        self._samples = list(start.samples)
        self._bytes = start.size_bytes
        self.skipped: list[Skipped] = []
        self.reduced = False

    @property
    def photos(self) -> PhotoSet:
        """The set as it is now."""
        return PhotoSet(tuple(self._classes), tuple(self._samples))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to all photos, a sentence each."""
        return (
            (
                f"The set has more than {PIXEL_BYTES_MOST / 1e6:g} MB of pixels: all photos were reduced to "
                f"{SHORTER_PX_FULL} pixels on their shorter side.",
            )
            if self.reduced
            else ()
        )

    def take(self, label: str, name: str, read: Callable[[], bytes]) -> None:
        """A file joins the class of this name, which is made if it is new; `read` is called only if there is room."""
        try:
            self._check_room(label)
            photo = intake(read(), name, shorter_px=SHORTER_PX_FULL if self.reduced else SHORTER_PX)
            photo = self._fitted(photo)
        except PhotoError as error:
            self.skipped.append(Skipped(name, str(error)))
            return
        if label not in self._classes:
            self._classes.append(label)
        self._samples.append(Sample(photo, self._classes.index(label)))
        self._bytes += photo.pixels.nbytes

    def _check_room(self, label: str) -> None:
        if len(self._samples) >= PHOTOS_MOST:
            raise PhotoError(f"The set is full: it holds {PHOTOS_MOST:,} photos.")
        if label not in self._classes and len(self._classes) >= CLASSES_MOST:
            raise PhotoError(f"The set has {CLASSES_MOST} classes, which is the most.")

    def _fitted(self, photo: Photo) -> Photo:
        """The photo as it joins: all are reduced once if it would be too much, and it is refused if that is in vain."""
        if self._bytes + photo.pixels.nbytes > PIXEL_BYTES_MOST and not self.reduced:
            self.reduced = True
            for place, sample in enumerate(self._samples):  # one by one: each frees the larger one
                self._samples[place] = Sample(reduced(sample.photo, SHORTER_PX_FULL), sample.label)
            self._bytes = sum(sample.photo.pixels.nbytes for sample in self._samples)
            photo = reduced(photo, SHORTER_PX_FULL)
        if self._bytes + photo.pixels.nbytes > PIXEL_BYTES_MOST:
            raise PhotoError(f"The set is full: its pixels take {self._bytes / 1e6:.0f} MB.")
        return photo


def gathered(photos: PhotoSet, label: str, files: Iterable[tuple[str, bytes]]) -> Gathering:
    """Files by name join a class of a set."""
    gathering = Gathering(photos)
    for name, data in files:
        gathering.take(label, name, lambda data=data: data)
    return gathering


def reduced(photo: Photo, shorter_px: int) -> Photo:
    """The photo with a shorter side of at most `shorter_px`; itself if it is that small."""
    height, width = photo.pixels.shape[:2]
    if min(height, width) <= shorter_px:
        return photo
    size = (round(width * shorter_px / min(height, width)), round(height * shorter_px / min(height, width)))
    pixels = np.asarray(
        Image.fromarray(photo.pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    )
    return Photo.of(pixels, photo.name, photo.notes, photo.original_hw)


def _header_size(data: bytes) -> tuple[int, int]:
    """Width and height that the file's header says; a square where it cannot be read: the door will say why."""
    try:
        return READERS[kind_of(data)](data).size
    except Exception:  # noqa: BLE001 any damage at all: `open_photo` examines the file again, and words it
        return (1, 1)


def _longest(size: tuple[int, int], shorter_px: int) -> int:
    width, height = (max(1, side) for side in size)
    return min(WORKING_PX, max(1, round(shorter_px * max(width, height) / min(width, height))))
