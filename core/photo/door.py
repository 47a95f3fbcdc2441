"""The one door for pictures: bytes in, an upright RGB photo out, or one sentence why not.

The limits come before the work: what the header claims is checked, and the memory that decoding would take is
reckoned, before a decoder starts.
"""

import io
import math
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from PIL import Image

from core.photo.colour import DEEP_MODES, Tones, row_boxes, to_rgb, tones
from core.photo.containers import READERS, Container, kind_of
from core.photo.record import Photo, PhotoError
from core.photo.tiff import Unreadable, orientation_of

WORKING_PX = 1024
MAX_FILE_BYTES = 50_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE_PX = 20_000
MAX_UNPACKED_BYTES = 150_000_000  # three bytes for each of the most pixels: about two seconds
MAX_WORKING_BYTES = 390_000_000

_SHOWN_NAME = 60
_FORMATS = "JPEG, PNG, GIF, WebP, BMP, TIFF and AVIF"
# What Pillow's decoders were seen to raise on broken files, Warning for those who turn warnings into errors.
_DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    RuntimeError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)
_BYTES_A_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
# EXIF orientation: the upright array seen in the order in which the file stores its pixels.
_STORED_VIEW: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: np.rot90(upright, -1),
}


def open_photo(data: bytes, name: str = "", *, longest_px: int | None = None) -> Photo:
    """The picture in `data`, upright, RGB, with no side longer than `longest_px` when that is given.

    `name` is only for messages: the content decides the format. Of several frames the first is taken; grey deeper
    than eight bits is scaled, transparency lies over white. Raises PhotoError: empty, no picture, damaged, more
    than 50 MB, 50 megapixels or 20,000 pixels a side, or more than 390 MB of memory to decode.
    """
    if longest_px is not None and longest_px < 1:
        raise ValueError(f"The longest side is at least 1 pixel, got {longest_px}.")
    shown = _shown(name)
    container = _examined(data, shown)
    try:
        # No other format than the one that the content names is tried.
        with Image.open(io.BytesIO(container.data), formats=(container.kind,)) as image:
            return _read(image, container, shown, longest_px)
    except PhotoError:
        raise
    except _DECODER_ERRORS as error:
        raise _unreadable(shown, container.kind, _damage(data)) from error


def _shown(name: str) -> str:
    """A file name fit for a sentence: one line of printable characters, shortened in the middle."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    half = _SHOWN_NAME // 2
    return line if len(line) <= _SHOWN_NAME else f"{line[: half - 1]}…{line[-half:]}"


def _subject(shown: str) -> str:
    return f"“{shown}”" if shown else "This file"


def _unreadable(shown: str, kind: str, why: str) -> PhotoError:
    return PhotoError(f"{_subject(shown)} cannot be read as {kind}: {why}.")


def _damage(data: bytes) -> str:
    return f"its {len(data):,} bytes are damaged or incomplete"


def _examined(data: bytes, shown: str) -> Container:
    """The stripped file, once its size and its header have passed every limit."""
    if not data:
        raise PhotoError(f"{_subject(shown)} is empty: a picture has at least one byte, this file has 0.")
    if len(data) > MAX_FILE_BYTES:
        raise PhotoError(
            f"{_subject(shown)} is too large: files may have up to {MAX_FILE_BYTES / 1e6:g} MB, "
            f"this one has {len(data) / 1e6:.1f} MB."
        )
    kind = kind_of(data)
    if kind == "HEIC":  # the decoders there are for Python crash the whole process on damaged files
        raise PhotoError(f"{_subject(shown)} is a HEIC picture, which is not opened here: export it as JPEG.")
    if not kind:
        raise PhotoError(
            f"{_subject(shown)} is not a picture that can be opened ({_FORMATS}): "
            f"it starts with the bytes {data[:4].hex(' ')}."
        )
    try:
        container = READERS[kind](data)
    except Unreadable as error:
        raise _unreadable(shown, kind, str(error)) from error
    except (struct.error, LookupError, ValueError) as error:
        raise _unreadable(shown, kind, _damage(data)) from error
    _check_size(container, shown)
    return container


def _check_size(container: Container, shown: str) -> None:
    width, height = container.size
    if max(width, height) > MAX_SIDE_PX:
        raise PhotoError(
            f"{_subject(shown)} is too large: a side may have up to {MAX_SIDE_PX:,} pixels, "
            f"this picture is {width} × {height}."
        )
    if width * height > MAX_PIXELS:
        raise PhotoError(
            f"{_subject(shown)} is too large: a picture may have up to {MAX_PIXELS / 1e6:g} megapixels, "
            f"this one has {width * height / 1e6:.1f} ({width} × {height})."
        )
    if width * height == 0:
        raise _unreadable(shown, container.kind, f"it is {width} × {height} pixels")
    if container.unpacked > MAX_UNPACKED_BYTES:
        raise _unreadable(
            shown,
            container.kind,
            f"its pixels unpack to {container.unpacked / 1e6:.0f} MB, "
            f"up to {MAX_UNPACKED_BYTES / 1e6:g} MB are read",
        )


def _read(image: Image.Image, container: Container, shown: str, longest_px: int | None) -> Photo:
    """Decode, convert and turn the picture; its pixels are written once, into the upright array."""
    full = image.size  # what counts from here on; the decoder has agreed to the header or corrected it
    _check_size(replace(container, size=full), shown)
    orientation = _orientation(image, container)
    target = _fitted(full, longest_px)
    if target != full:
        image.draft("RGB", target)  # a JPEG decodes at 1/2, 1/4 or 1/8 at a fraction of the cost
    _check_memory(image, container, shown, target)
    image.load()
    levels = tones(image, container.bits) if image.mode in DEEP_MODES else None
    rows, columns = target if orientation >= 5 else target[::-1]
    pixels = np.empty((rows, columns, 3), np.uint8)
    stored = _STORED_VIEW[orientation](pixels)
    for box, piece in _pieces(image, target, levels, container.inverted):
        stored[box[1] : box[3]] = piece
    notes = _notes(image, container, levels, (columns, rows), full[::-1] if orientation >= 5 else full)
    return Photo.of(pixels, shown, notes, full if orientation >= 5 else full[::-1])


def _orientation(image: Image.Image, container: Container) -> int:
    if container.kind == "AVIF":  # Pillow words the format's own turning as an EXIF orientation
        return orientation_of(image.info.get("exif", b""))
    return container.orientation


def _fitted(size: tuple[int, int], longest_px: int | None) -> tuple[int, int]:
    """`size` shrunk in proportion until no side is longer than `longest_px`; no side vanishes."""
    longest = max(size)
    if longest_px is None or longest <= longest_px:
        return size
    width, height = (max(1, round(side * longest_px / longest)) for side in size)
    return width, height


def _check_memory(image: Image.Image, container: Container, shown: str, target: tuple[int, int]) -> None:
    """Refuse what would take more than the working memory: the decoded picture, and beside it either the decoder's
    scratch and the file, or the result."""
    decoded = image.width * image.height * _BYTES_A_PIXEL.get(image.mode, 4)
    beside = max(container.scratch + len(container.data), 3 * target[0] * target[1])
    if decoded + beside > MAX_WORKING_BYTES:
        width, height = container.size
        raise PhotoError(
            f"{_subject(shown)} would take {(decoded + beside) / 1e6:.0f} MB of memory to decode as {container.kind} "
            f"of {width} × {height} pixels, {MAX_WORKING_BYTES / 1e6:g} MB are allowed: save it smaller."
        )


def _pieces(
    image: Image.Image, target: tuple[int, int], levels: Tones | None, inverted: bool
) -> Iterator[tuple[tuple[int, int, int, int], np.ndarray]]:
    """The RGB rows of the picture at `target` size, piece by piece: (box in the target, pixels)."""
    if target == image.size:
        for box in row_boxes(image.size):
            yield box, np.asarray(to_rgb(image.crop(box), levels, inverted))
    else:
        yield (0, 0, *target), _reduced(image, target, levels, inverted)


def _reduced(image: Image.Image, target: tuple[int, int], levels: Tones | None, inverted: bool) -> np.ndarray:
    """Box-averaged by whole factors to at least twice the target, then resampled with a Lanczos window.

    That is Pillow's `resize(reducing_gap=2)`; what is not RGB yet is converted piece by piece on the way, so that
    no full-size copy is made.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return np.asarray(image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0))
    factor = tuple(max(1, int(side / goal / 2)) for side, goal in zip(image.size, target, strict=True))
    width, height = (math.ceil(side / by) for side, by in zip(image.size, factor, strict=True))
    smaller = Image.new("RGB", (width, height))
    for box in row_boxes(image.size, factor[1]):
        smaller.paste(to_rgb(image.crop(box), levels, inverted).reduce(factor), (0, box[1] // factor[1]))
    exact = image.width / factor[0], image.height / factor[1]
    return np.asarray(smaller.resize(target, Image.Resampling.LANCZOS, box=(0, 0, *exact)))


def _notes(
    image: Image.Image,
    container: Container,
    levels: Tones | None,
    size: tuple[int, int],
    full: tuple[int, int],
) -> tuple[str, ...]:
    """What was done to the picture that its viewer should know, a sentence each."""
    several = container.frames > 1 or (container.kind == "AVIF" and image.is_animated)
    notes = {
        "It holds more than one picture; this is the first.": several,
        levels.note if levels else "": levels is not None and levels.note != "",
        f"Reduced from {full[0]} × {full[1]} to {size[0]} × {size[1]} pixels.": size != full,
    }
    return tuple(note for note, holds in notes.items() if holds)
