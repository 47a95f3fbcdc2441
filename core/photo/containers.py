"""What is inside a picture file, found without decoding it, and the file stripped to what its pixels need.

Content decides, never the file's name. Text, thumbnails, profiles and later frames are left out before a decoder
sees the file: that is where decompression bombs hide, and where broken metadata would lose a good picture.
Sources: ITU-T T.81 (JPEG), W3C PNG third edition, GIF89a, RFC 9649 (WebP), ISO/IEC 14496-12 and 23008-12 (AVIF).
"""

import re
import struct
import zlib
from dataclasses import dataclass

from core.photo.tiff import Unreadable, orientation_of, strip_tiff

SCAN_BUDGET = 1_000_000_000  # pixels times scans of one progressive JPEG: about a second of decoding
RLE_BMP_PIXELS = 2_000_000  # Pillow unpacks run-length-coded BMP in Python, pixel by pixel
RLE_BMP_BYTES = 1_000_000
MAX_CHUNKS = 100_000  # of a PNG or WebP file
MAX_BLOCKS = 1_000_000  # of a GIF file, at most 255 bytes each

_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_BOXES = 2**16  # where the boxes that describe an AVIF picture are looked for
_WEBP_SCRATCH = 12  # bytes a pixel, measured: two canvases and a copy
_AVIF_SCRATCH = 10  # bytes a pixel, for ten bits without chroma subsampling


@dataclass(frozen=True, slots=True)
class Container:
    """A stripped picture file and what its header says: `size` (width, height) in pixels before turning.

    `scratch` are the bytes that its decoder needs beside the decoded pixels and the file, `unpacked` those that it
    decompresses; `bits` and `inverted` (zero is white) matter for grey deeper than eight bits only.
    """

    kind: str
    data: bytes
    size: tuple[int, int]
    orientation: int = 1
    frames: int = 1
    scratch: int = 0
    unpacked: int = 0
    bits: int = 16
    inverted: bool = False


def kind_of(data: bytes) -> str:
    """The format that the first bytes name: a key of `READERS`, "HEIC", or "" for anything else."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brands = {data[at : at + 4] for at in (8, *range(16, min(int.from_bytes(data[:4]), 256), 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        return "HEIC" if brands & _HEIC_BRANDS else ""
    return ""


def _jpeg(data: bytes) -> Container:
    """Without application data but the two segments that tell the colour model; further pictures are ignored."""
    kept, exif, frame, position = [data[:2]], b"", b"", 2
    for _ in range(10_000):
        marker, segment, position = _jpeg_segment(data, position)
        if marker == 0xDA:
            break
        if marker in (0xC0, 0xC1, 0xC2):
            frame = segment
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0" and not exif:
            exif = segment[10:]
        if marker < 0xE0 or marker == 0xEE or segment[4:9] == b"JFIF\0":
            kept.append(segment)
    if sum(map(len, kept)) > 200_000 or marker != 0xDA:
        raise Unreadable("its tables do not end")
    if not frame:
        raise Unreadable("it is neither a baseline nor a progressive JPEG")
    scans = data.count(b"\xff\xda", position)
    return _jpeg_container(
        b"".join([*kept, memoryview(data)[position:]]), frame, scans, data[position + 4], exif
    )


def _jpeg_segment(data: bytes, position: int) -> tuple[int, bytes, int]:
    """The marker at or after `position`, its segment, and where the next one starts (a scan stays where it is)."""
    position = data.find(b"\xff", position)
    while position >= 0 and data[position + 1 : position + 2] == b"\xff":
        position += 1
    marker, length = struct.unpack_from(">xBH", data, max(position, 0))
    if position < 0 or length < 2:
        raise Unreadable("it has no picture data")
    end = position if marker == 0xDA else position + 2 + length
    return marker, data[position : position + 2 + length], end


def _jpeg_container(data: bytes, frame: bytes, scans: int, in_scan: int, exif: bytes) -> Container:
    marker, height, width, components = struct.unpack_from(">xBxxxHHB", frame)
    sampling = [divmod(frame[11 + 3 * index], 16) for index in range(components)]
    if not sampling or 0 in (factor for pair in sampling for factor in pair):
        raise Unreadable("it has no colour components")
    if scans > 20 and scans * width * height > SCAN_BUDGET:
        raise Unreadable(f"it repeats its {width} × {height} pixels in {scans:,} scans")
    finest = max(h for h, _ in sampling) * max(v for _, v in sampling)
    # A progressive or multi-scan JPEG is held as coefficients of two bytes until its last scan.
    held = 2 * sum(h * v for h, v in sampling) / finest if marker == 0xC2 or in_scan < components else 0
    return Container("JPEG", data, (width, height), orientation_of(exif), scratch=int(held * width * height))


def _png(data: bytes) -> Container:
    """Header, palette, transparency and one joined data chunk; an APNG's default picture."""
    kept: dict[bytes, bytes] = {}
    pixels, frames, exif, position = [], 1, b"", 8
    for _ in range(MAX_CHUNKS):
        if position >= len(data):
            break
        length, name = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + length]
        if name == b"IDAT":
            pixels.append(body)
        elif name in (b"IHDR", b"PLTE", b"tRNS"):
            kept.setdefault(name, body)
        elif name == b"eXIf":
            exif = exif or body
        elif name == b"acTL":
            frames = int.from_bytes(body[:4])
        elif name == b"IEND":
            break
        position += 12 + length
    else:
        raise Unreadable(f"it has more than {MAX_CHUNKS:,} chunks")
    width, height, depth, colour = struct.unpack_from(">IIBB", kept[b"IHDR"])
    unpacked = width * height * _PNG_CHANNELS[colour] * depth // 8
    kept[b"IDAT"] = b"".join(pixels)
    chunks = [_png_chunk(name, kept[name]) for name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT") if name in kept]
    return Container(
        "PNG",
        b"".join([data[:8], *chunks, _png_chunk(b"IEND", b"")]),
        (width, height),
        orientation_of(exif),
        frames,
        unpacked=unpacked,
    )


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def _gif(data: bytes) -> Container:
    """The screen, the last graphic control before the first picture, and that picture."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    screen = 13 + _gif_palette(flags)
    control, picture = _gif_extensions(data, screen)
    if data[picture : picture + 1] != b"\x2c":
        raise Unreadable("it has no picture data")
    end = _gif_blocks(data, picture + 11 + _gif_palette(data[picture + 9]))
    _, following = _gif_extensions(data, end)  # a further frame, or the trailer, or a cut-off end
    frames = 2 if data[following : following + 1] == b"\x2c" else 1
    return Container(
        "GIF", data[:screen] + control + data[picture:end] + b";", (width, height), frames=frames
    )


def _gif_palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_extensions(data: bytes, position: int) -> tuple[bytes, int]:
    """The last graphic control extension from `position` on, and where the extensions end."""
    control = b""
    for _ in range(MAX_CHUNKS):
        if data[position : position + 1] != b"\x21":
            return control, position
        end = _gif_blocks(data, position + 2)
        if data[position + 1 : position + 2] == b"\xf9":
            control = data[position:end]
        position = end
    raise Unreadable(f"it has more than {MAX_CHUNKS:,} extensions")


def _gif_blocks(data: bytes, position: int) -> int:
    """Where a chain of sub-blocks ends; the end of the file where it is cut off."""
    for _ in range(MAX_BLOCKS):
        if position >= len(data) or not data[position]:
            return min(position + 1, len(data))
        position += data[position] + 1
    raise Unreadable(f"it has more than {MAX_BLOCKS:,} blocks")


def _webp(data: bytes) -> Container:
    """As it is: libwebp reads pixels only. The size comes from the header, before any memory is taken."""
    first = data[12:16]
    if first == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif first == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    position, frames, exif = 12, 0, b""
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(data):
            break
        name, length = struct.unpack_from("<4sI", data, position)
        frames += name == b"ANMF"
        exif = exif or (data[position + 8 : position + 8 + length] if name == b"EXIF" else b"")
        position += 8 + length + length % 2
    return Container(
        "WEBP", data, (width, height), orientation_of(exif), max(frames, 1), _WEBP_SCRATCH * width * height
    )


def _avif(data: bytes) -> Container:
    """With its EXIF items renamed to padding: the format's own turning counts, and Pillow reports that.

    The size is the largest that any image item or track declares; libavif refuses a picture that differs from it.
    """
    head = data[:_BOXES]
    sizes = [struct.unpack_from(">II", head, found.end() + 4) for found in re.finditer(b"ispe", head)]
    for found in re.finditer(b"tkhd", head):
        (length,) = struct.unpack_from(">I", head, found.start() - 4)
        sizes.append(struct.unpack_from(">HxxHxx", head, found.start() - 4 + length - 8))
    if not sizes:
        raise Unreadable("it names no picture size")
    width, height = (max(side) for side in zip(*sizes, strict=True))
    stripped = re.sub(rb"(infe.{8})Exif", rb"\1free", head, flags=re.DOTALL) + data[_BOXES:]
    return Container("AVIF", stripped, (width, height), scratch=_AVIF_SCRATCH * width * height)


def _bmp(data: bytes) -> Container:
    """As it is, unless it is run-length-coded and large."""
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:
        return Container("BMP", data, struct.unpack_from("<HH", data, 18))
    width, height, compression = struct.unpack_from("<ii4xI", data, 18)
    size = abs(width), abs(height)
    if compression in (1, 2) and (size[0] * size[1] > RLE_BMP_PIXELS or len(data) > RLE_BMP_BYTES):
        raise Unreadable(
            f"run-length-coded BMP is read up to {RLE_BMP_PIXELS / 1e6:g} megapixels and "
            f"{RLE_BMP_BYTES / 1e6:g} MB, this one has {size[0] * size[1] / 1e6:.1f} and {len(data) / 1e6:.1f}"
        )
    return Container("BMP", data, size)


def _tiff(data: bytes) -> Container:
    """Its first directory, with the tags that describe pixels."""
    tiff = strip_tiff(data)
    return Container(
        "TIFF",
        tiff.data,
        tiff.size,
        tiff.orientation,
        tiff.frames,
        scratch=tiff.strip_bytes,
        unpacked=tiff.unpacked,
        bits=tiff.bits,
        inverted=tiff.white_is_zero,
    )


READERS = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WEBP": _webp,
    "BMP": _bmp,
    "TIFF": _tiff,
    "AVIF": _avif,
}
