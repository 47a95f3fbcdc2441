"""Picture files made for the tests, good ones and bombs, without anything from disk."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def encoded(image: Image.Image | np.ndarray, kind: str, **options: object) -> bytes:
    """The bytes that Pillow writes for a picture."""
    stream = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(stream, kind, **options)
    return stream.getvalue()


def scene(height: int = 40, width: int = 60) -> np.ndarray:
    """A smooth RGB picture uint8 [height, width, 3] whose four corners differ."""
    rows, columns = np.mgrid[0:height, 0:width]
    red, green = 255 * rows // max(height - 1, 1), 255 * columns // max(width - 1, 1)
    return np.stack([red, green, (red + green) // 3], axis=-1).astype(np.uint8)


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def png(size: tuple[int, int], depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG file from its unfiltered rows (each begins with a zero byte), with extra chunks before its data."""
    return _png_file(size, depth, colour, zlib.compress(rows, 1), *extra)


def _png_file(size: tuple[int, int], depth: int, colour: int, packed: bytes, *extra: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0))
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", header, *extra, png_chunk(b"IDAT", packed), png_chunk(b"IEND", b"")]
    )


def flat_png(width: int, height: int, colour: int = 2) -> bytes:
    """A black PNG of any size, in few bytes and little memory."""
    row = bytes(1 + width * {0: 1, 2: 3, 6: 4}[colour])
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return _png_file((width, height), 8, colour, packed)


def claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size in its frame header."""
    at = next(i for i in range(len(jpeg)) if jpeg[i] == 0xFF and jpeg[i + 1] in (0xC0, 0xC2))
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def bmp(width: int, height: int, compression: int, bits: int, body: bytes) -> bytes:
    """A BMP file with a palette of 256 greys."""
    palette = b"".join(bytes((grey, grey, grey, 0)) for grey in range(256))
    start = 54 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(body), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + palette + body


def small_files() -> dict[str, bytes]:
    """One small good file for each format and storage kind, by name."""
    rgb = scene()
    grey = rgb[..., 0]
    alpha = np.dstack([rgb, 255 - grey])
    frames = {"save_all": True, "append_images": [Image.fromarray(rgb[::-1].copy())]}
    return {
        "baseline.jpg": encoded(rgb, "JPEG", quality=95, exif=_exif(6)),
        "progressive.jpg": encoded(rgb, "JPEG", quality=95, progressive=True),
        "cmyk.jpg": encoded(Image.fromarray(rgb).convert("CMYK"), "JPEG", quality=95),
        "rgb.png": encoded(rgb, "PNG", exif=_exif(3)),
        "alpha.png": encoded(alpha, "PNG"),
        "palette.png": encoded(Image.fromarray(rgb).quantize(16), "PNG"),
        "deep.png": encoded(grey.astype(np.uint16) * 257, "PNG"),
        "animated.png": encoded(rgb, "PNG", **frames),
        "still.gif": encoded(rgb, "GIF"),
        "animated.gif": encoded(rgb, "GIF", **frames),
        "lossy.webp": encoded(rgb, "WEBP", exif=_exif(8)),
        "lossless.webp": encoded(alpha, "WEBP", lossless=True),
        "animated.webp": encoded(rgb, "WEBP", **frames),
        "plain.bmp": encoded(rgb, "BMP"),
        "rle8.bmp": bmp(16, 4, 1, 8, b"\x10\x55\0\0" * 4 + b"\0\1"),
        "rle4.bmp": bmp(16, 4, 2, 4, b"\x10\x12\0\0" * 4 + b"\0\1"),
        "plain.tif": encoded(rgb, "TIFF"),
        "lzw.tif": encoded(rgb, "TIFF", compression="tiff_lzw"),
        "deflate.tif": encoded(alpha, "TIFF", compression="tiff_adobe_deflate"),
        "jpeg.tif": encoded(rgb, "TIFF", compression="jpeg"),
        "fax.tif": encoded(Image.fromarray(grey).convert("1"), "TIFF", compression="group4"),
        "float.tif": encoded(grey.astype(np.float32) / 255, "TIFF"),
        "pages.tif": encoded(rgb, "TIFF", **frames),
        "big.tif": encoded(rgb, "TIFF", big_tiff=True),
        "still.avif": encoded(rgb, "AVIF", speed=10, exif=_exif(6)),
        "animated.avif": encoded(rgb, "AVIF", speed=10, **frames),
    }


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def exif(orientation: int) -> bytes:
    """EXIF data with an orientation, as it stands in a file."""
    return _exif(orientation).tobytes()
