"""Every storage mode becomes the RGB values that its format defines."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.photo import open_photo
from tests.core.picture_files import encoded, png, png_chunk, scene


def opened(data: bytes) -> np.ndarray:
    return open_photo(data).pixels.astype(int)


def grey_of(data: bytes) -> list[int]:
    """The first row of a picture that must be grey."""
    pixels = opened(data)
    assert (pixels == pixels[..., :1]).all()
    return pixels[0, :, 0].tolist()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_rgb_is_unchanged(kind):
    assert (opened(encoded(scene(), kind)) == scene()).all()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}], ids=str)
def test_jpeg_is_what_pillow_decodes(options):
    data = encoded(scene(), "JPEG", quality=95, **options)
    assert (opened(data) == np.asarray(Image.open(io.BytesIO(data)))).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_one_bit_is_black_and_white(kind):
    assert grey_of(encoded(np.array([[False, True, True, False]]), kind)) == [0, 255, 255, 0]


def test_eight_bit_grey_is_repeated():
    assert grey_of(encoded(np.arange(256, dtype=np.uint8)[None], "PNG")) == list(range(256))


RAMP = np.array([[0, 128, 129, 257, 32768, 65407, 65535]], np.uint16)
SCALED = [0, 0, 1, 1, 128, 255, 255]  # round(v / 257)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled(kind):
    assert grey_of(encoded(RAMP, kind)) == SCALED


def test_sixteen_bit_grey_big_endian():
    assert grey_of(tiff(RAMP.astype(">u2"), order=">")) == SCALED


def test_sixteen_bit_grey_with_white_zero():
    assert grey_of(tiff(RAMP, photometric=0)) == [255 - value for value in SCALED]


def test_compressed_sixteen_bit_grey():
    assert grey_of(encoded(RAMP, "TIFF", compression="tiff_lzw")) == SCALED


def tiff(values: np.ndarray, *, order: str = "<", photometric: int = 1, sample_format: int = 1) -> bytes:
    """An uncompressed TIFF of one row of grey values, written by hand."""
    bits, width = values.itemsize * 8, values.shape[1]
    tags = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 273: 8, 277: 1, 278: 1}
    tags |= {279: values.nbytes, 339: sample_format}
    entries = b"".join(struct.pack(order + "HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    start = 8 + values.nbytes
    mark = b"II*\0" if order == "<" else b"MM\0*"
    table = struct.pack(order + "H", len(tags)) + entries + bytes(4)
    return mark + struct.pack(order + "I", start) + values.tobytes() + table


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 128, 255]], np.int32), [0, 128, 255]),
        (np.array([[0, 257, 32768, 65535]], np.int32), [0, 1, 128, 255]),
        (np.array([[-100, 0, 100]], np.int32), [0, 128, 255]),
        (np.array([[-32768, 32767]], np.int16), [0, 255]),
        (np.array([[7, 7, 7]], np.int32) + 70_000, [0, 0, 0]),
    ],
    ids=["as bytes", "as 16 bits", "stretched", "signed 16 bits", "flat"],
)
def test_whole_numbers_are_scaled(values, expected):
    assert grey_of(tiff(values, sample_format=2)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.25, 0.5, 1], [0, 64, 128, 255]),
        ([-1, 0, 1], [0, 128, 255]),
        ([0, 5, 10], [0, 128, 255]),
        ([np.nan, 0, 1], [0, 0, 255]),
        ([np.nan, -np.inf, 0, 2, np.inf], [0, 0, 0, 255, 255]),
        ([np.nan, np.nan], [0, 0]),
    ],
    ids=["unit", "signed", "stretched", "nan", "infinite", "only nan"],
)
def test_floats_are_scaled(values, expected):
    assert grey_of(tiff(np.array([values], np.float32), sample_format=3)) == expected


def test_a_stretched_range_is_told():
    photo = open_photo(tiff(np.array([[-1.5, 2]], np.float32), sample_format=3))
    assert photo.notes == ("Its values from -1.5 to 2 are shown from black to white.",)


COLOURS = np.array([[[255, 0, 0, 255], [255, 0, 0, 128], [0, 0, 255, 51], [9, 9, 9, 0]]], np.uint8)
OVER_WHITE = [[255, 0, 0], [255, 127, 127], [204, 204, 255], [255, 255, 255]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_alpha_lies_over_white(kind):
    assert opened(encoded(COLOURS, kind)).tolist() == [OVER_WHITE]


def test_lossless_webp_alpha_lies_over_white():
    assert opened(encoded(COLOURS, "WEBP", lossless=True, exact=True)).tolist() == [OVER_WHITE]


def test_alpha_over_white_for_every_pair_of_value_and_alpha():
    value, alpha = np.meshgrid(np.arange(256), np.arange(256))
    grey_alpha = np.stack([value, alpha], axis=-1).astype(np.uint8)
    expected = np.floor((value * alpha + 255 * (255 - alpha)) / 255 + 0.5)
    pixels = opened(encoded(Image.fromarray(grey_alpha, "LA"), "PNG"))
    assert (pixels == expected[..., None]).all()


def test_palette_with_alpha_entries():
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2])
    pixels = opened(encoded(image, "PNG", transparency=bytes([255, 0, 51])))
    assert pixels.tolist() == [[[255, 0, 0], [255, 255, 255], [204, 204, 255]]]


def test_palette_without_alpha():
    image = Image.new("P", (2, 1))
    image.putpalette([1, 2, 3, 250, 251, 252])
    image.putdata([1, 0])
    assert opened(encoded(image, "PNG")).tolist() == [[[250, 251, 252], [1, 2, 3]]]


def test_gif_transparent_colour_is_white():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 250, 0, 0])
    image.putdata([0, 1])
    assert opened(encoded(image, "GIF", transparency=0)).tolist() == [[[255, 255, 255], [250, 0, 0]]]


@pytest.mark.parametrize(
    ("depth", "colour", "row", "key", "expected"),
    [
        (8, 0, bytes([0, 7, 8]), b"\0\7", [[255] * 3, [8] * 3]),
        (8, 2, bytes([0, 1, 2, 3, 4, 5, 6]), b"\0\1\0\2\0\3", [[255] * 3, [4, 5, 6]]),
        (16, 0, bytes([0, 1, 0, 255, 255]), b"\1\0", [[255] * 3, [255] * 3]),
    ],
    ids=["grey", "rgb", "16-bit grey"],
)
def test_png_colour_key_is_white(depth, colour, row, key, expected):
    data = png((2, 1), depth, colour, row, png_chunk(b"tRNS", key))
    assert opened(data).tolist() == [expected]


def test_sixteen_bit_rgb_keeps_the_high_byte():
    assert opened(png((1, 1), 16, 2, bytes([0, 255, 255, 128, 0, 1, 2]))).tolist() == [[[255, 128, 1]]]


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk(kind):
    inks = np.zeros((8, 8, 4), np.uint8)
    inks[..., 1], inks[..., 2], inks[..., 3] = 255, 255, 51
    data = encoded(Image.fromarray(inks, "CMYK"), kind)
    assert np.abs(opened(data) - [204, 0, 0]).max() <= 1


def test_ycbcr_tiff():
    image = Image.fromarray(scene()).convert("YCbCr")
    assert np.abs(opened(encoded(image, "TIFF")) - scene()).max() <= 3


def test_lab_tiff_agrees_with_little_cms():
    stored = np.random.default_rng(0).integers([80, -15, -15], [200, 15, 15], (20, 20, 3)).astype(np.uint8)
    image = Image.fromarray(stored, "LAB")
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    expected = ImageCms.profileToProfile(
        image, lab, srgb, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"
    )
    difference = np.abs(opened(encoded(image, "TIFF")) - np.asarray(expected))
    assert difference.mean() < 0.7  # Little CMS reads Lab through a table of its own
    assert difference.max() <= 8
