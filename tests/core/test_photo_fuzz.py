"""Any bytes give a photo or one sentence: cut, flipped and spliced files of every kind, and no other exception."""

import random
import struct

import numpy as np
import pytest

from core.photo import Photo, PhotoError, open_photo
from core.photo.containers import READERS
from tests.core.picture_files import encoded, png_chunk, scene, small_files

FILES = small_files()


def attempt(data: bytes) -> Photo | str:
    """The photo, or the sentence why not; anything else fails the test."""
    try:
        photo = open_photo(data, "f.bin", longest_px=32)
    except PhotoError as error:
        sentence = str(error)
        assert sentence.startswith("“f.bin” ")
        assert sentence.endswith(".")
        assert sentence.isprintable()
        return sentence
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.ndim == 3
    return photo


@pytest.mark.parametrize("name", FILES)
def test_cut_anywhere(name):
    data = FILES[name]
    chance = random.Random(name)
    for length in sorted(
        {*range(0, 64, 3), *(chance.randrange(len(data)) for _ in range(20)), len(data) - 1}
    ):
        attempt(data[:length])


@pytest.mark.parametrize("name", FILES)
def test_cut_in_the_middle_is_refused(name):
    data = FILES[name]
    if name in ("animated.png", "animated.gif", "animated.webp", "pages.tif"):
        data = data[: len(data) // 3]  # the first frame lies before the middle
    assert isinstance(attempt(data[: len(data) // 2]), str)


@pytest.mark.parametrize("name", FILES)
def test_flipped_bytes(name):
    chance = random.Random(name)
    for _ in range(40):
        data = bytearray(FILES[name])
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(min(len(data), chance.choice((64, 256, len(data)))))
            data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        attempt(bytes(data))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".tif")])
def test_far_offsets_in_a_tiff(name):
    for at in range(4, len(FILES[name]) - 8, 2 if len(FILES[name]) < 2000 else 97):
        for far in (b"\xff" * 8, b"\xff\xff\xff\x7f" * 2, b"\0\0\0\x10" * 2):
            attempt(FILES[name][:at] + far + FILES[name][at + 8 :])


def test_spliced_files():
    chance = random.Random(1)
    names = sorted(FILES)
    for _ in range(150):
        first, second = FILES[chance.choice(names)], FILES[chance.choice(names)]
        attempt(first[: chance.randrange(8, 80)] + second[chance.randrange(len(second)) :])


@pytest.mark.parametrize("kind", READERS)
def test_every_reader_survives_noise_behind_its_first_bytes(kind):
    starts = {
        "JPEG": b"\xff\xd8\xff",
        "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "GIF": b"GIF89a",
        "WEBP": b"RIFF\0\0\0\0WEBPVP8 ",
        "BMP": b"BM",
        "TIFF": b"II*\0\x08\0\0\0",
        "AVIF": b"\0\0\0\x20ftypavif",
    }
    chance = random.Random(kind)
    for length in (0, 1, 2, 5, 10, 20, 50, 200, 1000):
        assert isinstance(attempt(starts[kind] + chance.randbytes(length)), str)


def test_metadata_never_costs_the_picture():
    whole = encoded(scene(), "PNG")
    for chunk in (
        png_chunk(b"zTXt", b"a\0\0" + b"\xff" * 50),
        png_chunk(b"iCCP", b"a\0\0broken"),
        png_chunk(b"tEXt", b"x" * 2_000_000),
        png_chunk(b"acTL", b"\0"),
        png_chunk(b"pHYs", b""),
        struct.pack(">I4s", 3, b"tEXt") + b"abc" + b"\0\0\0\0",  # wrong check sum
    ):
        assert (open_photo(whole[:33] + chunk + whole[33:]).pixels == scene()).all()


def test_jpeg_metadata_never_costs_the_picture():
    whole = encoded(scene(), "JPEG")
    expected = open_photo(whole).pixels
    for marker, body in (
        (0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f"),
        (0xE2, b"MPF\0broken"),
        (0xE2, b"ICC_PROFILE\0"),
    ):
        segment = struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
        assert (open_photo(whole[:2] + segment + whole[2:]).pixels == expected).all()


def test_second_picture_in_a_jpeg_is_ignored():
    whole = encoded(scene(), "MPO", save_all=True, append_images=[])
    photo = open_photo(whole + encoded(scene()[::-1].copy(), "JPEG"))
    assert np.abs(photo.pixels - scene().astype(int)).mean() < 4
    assert photo.notes == ()


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + bytes(30),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"P6 1 1 255 abc",
        b"\x80\x04\x95",
        b"hello",
        b"\0",
    ],
    ids=["eps", "pdf", "zip", "svg", "ppm", "pickle", "text", "nul"],
)
def test_other_files_are_no_pictures(data):
    sentence = attempt(data)
    assert "is not a picture that can be opened (JPEG, PNG, GIF, WebP, BMP, TIFF and AVIF)" in sentence
    assert data[:4].hex(" ") in sentence
