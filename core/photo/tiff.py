"""TIFF directories: the orientation that a camera wrote, and a TIFF file reduced to the tags its pixels need.

EXIF data is a small TIFF file, so one reader serves both. Of a TIFF picture only its first directory is kept, without
text, profiles, thumbnails and private tags, whose sizes and counts a hostile file chooses freely.
Source: TIFF 6.0, sections 2, 7 and 8; BigTIFF (Aware Systems); Exif 3.0, section 4.6.
"""

import struct
from dataclasses import dataclass

MAX_STRIPS = 100_000  # Pillow makes a Python object of each

_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_ORIENTATION = 274
_SINGLE = {256, 257, 259, 262, 266, 277, 278, 284, 292, 293, 317, 322, 323, 531}
_OFFSETS = {273, 279, 324, 325}
_SMALL = {
    258,
    320,
    338,
    339,
    347,
    529,
    530,
    532,
}  # bits, palette, extra samples, sample format, JPEG tables, YCbCr
_COMPRESSIONS = {1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50000}


class Unreadable(ValueError):
    """A picture file that breaks its format or one of our limits; the text says how: "it has no picture data"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag of a directory: `record` as it stands in the file, `start` where its values lie."""

    record: bytes
    type: int
    count: int
    start: int

    @property
    def size(self) -> int:
        return _TYPE_BYTES[self.type] * self.count


@dataclass(frozen=True, slots=True)
class Directory:
    """The first directory of a TIFF file; `more` tells whether another one follows."""

    order: str
    big: bool
    entries: dict[int, Entry]
    more: bool

    def integers(self, data: bytes, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The values of a tag of whole numbers; the default where it is missing or points beyond the file."""
        entry = self.entries.get(tag)
        if entry is None or entry.type not in _INTEGERS or entry.start + entry.size > len(data):
            return default
        return struct.unpack_from(f"{self.order}{entry.count}{_INTEGERS[entry.type]}", data, entry.start)

    def integer(self, data: bytes, tag: int, default: int) -> int:
        return (self.integers(data, tag) or (default,))[0]


@dataclass(frozen=True, slots=True)
class StrippedTiff:
    """A TIFF file of one directory with pixel tags only, and what these say."""

    data: bytes
    size: tuple[int, int]
    orientation: int
    frames: int
    strip_bytes: int
    unpacked: int
    bits: int
    white_is_zero: bool


def orientation_of(exif: bytes) -> int:
    """The EXIF orientation 1..8; 1 where the data is missing or broken, since the pixels are good without it."""
    tiff = exif.removeprefix(b"Exif\0\0")
    try:
        directory = read_directory(tiff)
        value = directory.integer(tiff, _ORIENTATION, 1)
    except (Unreadable, struct.error):
        return 1
    return value if 1 <= value <= 8 else 1


def read_directory(data: bytes) -> Directory:
    """The first directory of a TIFF or BigTIFF file; the first of two equal tags counts."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise Unreadable("it has no byte order")
    (version,) = struct.unpack_from(f"{order}H", data, 2)
    big = version == 43
    at, head, entry = (8, "Q", "HHQ8s") if big else (4, "I", "HHI4s")
    (position,) = struct.unpack_from(order + head, data, at)
    if position > len(data):
        raise Unreadable("its directory lies beyond the end of the file")
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, position)
    position += 8 if big else 2
    width = struct.calcsize(order + entry)
    entries: dict[int, Entry] = {}
    for start in range(position, position + min(count, 65_535) * width, width):
        tag, kind, values, _ = struct.unpack_from(order + entry, data, start)
        if kind in _TYPE_BYTES:
            inline = start + width - (8 if big else 4)
            fits = _TYPE_BYTES[kind] * values <= start + width - inline
            where = inline if fits else struct.unpack_from(order + head, data, inline)[0]
            entries.setdefault(tag, Entry(data[start : start + width], kind, values, where))
    following = data[position + count * width :][: struct.calcsize(head)]
    return Directory(order, big, entries, any(following))


def strip_tiff(data: bytes) -> StrippedTiff:
    """The file with its first directory rewritten at the end, holding only what decoding the pixels needs."""
    directory = read_directory(data)
    kept = {tag: e for tag, e in directory.entries.items() if tag in _SINGLE | _OFFSETS | _SMALL}
    for tag, entry in kept.items():
        _check_entry(tag, entry, len(data))
    compression = directory.integer(data, 259, 1)
    if compression not in _COMPRESSIONS:
        raise Unreadable(f"its compression {compression} is none of those that are read")
    width, height = (directory.integer(data, tag, 0) for tag in (256, 257))
    bits = directory.integers(data, 258, (1,))
    return StrippedTiff(
        _rewritten(data, directory, kept),
        (width, height),
        orientation_of(data),
        2 if directory.more else 1,
        _strip_bytes(directory, data, (width, height)),
        width * height * directory.integer(data, 277, 1) * max(bits) // 8,
        bits[0],
        directory.integer(data, 262, 0) == 0,
    )


def _check_entry(tag: int, entry: Entry, file_bytes: int) -> None:
    limit = 1 if tag in _SINGLE else MAX_STRIPS if tag in _OFFSETS else 2**16
    if not 1 <= entry.count <= limit:
        raise Unreadable(f"its tag {tag} has {entry.count:,} values, 1 to {limit:,} are read")
    if entry.start + entry.size > file_bytes:
        raise Unreadable(f"the values of tag {tag} lie beyond the end of the file")


def _strip_bytes(directory: Directory, data: bytes, size: tuple[int, int]) -> int:
    """Decoded bytes of one strip or tile: the buffer that libtiff needs."""
    width = directory.integer(data, 322, size[0])
    rows = directory.integer(data, 323, min(directory.integer(data, 278, size[1]), size[1]))
    samples = directory.integer(data, 277, 1)
    depth = max(directory.integers(data, 258, (1,)))
    return width * rows * max(4, samples * depth // 8)


def _rewritten(data: bytes, directory: Directory, kept: dict[int, Entry]) -> bytes:
    order, big = directory.order, directory.big
    offset, number = ("Q", "Q") if big else ("I", "H")
    at = 8 if big else 4
    where = len(data) + len(data) % 2
    header = data[:at] + struct.pack(order + offset, where)
    records = b"".join(kept[tag].record for tag in sorted(kept))
    table = struct.pack(order + number, len(kept)) + records + bytes(struct.calcsize(offset))
    return b"".join([header, memoryview(data)[len(header) :], bytes(where - len(data)), table])
