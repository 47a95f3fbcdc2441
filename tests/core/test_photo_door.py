"""The door: upright, reduced once, first frame, one record out; and the bundled photos behind it."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageOps

from core import bundled
from core.photo import WORKING_PX, Photo, PhotoError, open_photo
from core.photo.tiff import orientation_of
from tests.core.picture_files import encoded, exif, scene, small_files

FILES = small_files()


@pytest.mark.parametrize("name", FILES)
def test_every_kind_opens_close_to_pillow(name):
    with Image.open(io.BytesIO(FILES[name])) as image:
        mode = image.mode
        expected = np.asarray(ImageOps.exif_transpose(image.convert("RGB") if mode != "F" else image))
    pixels = open_photo(FILES[name]).pixels
    assert pixels.shape[:2] == expected.shape[:2]
    if mode in ("RGB", "L", "P", "1"):
        assert (pixels == expected).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_orientation_is_applied(kind, orientation):
    options = {"JPEG": {"quality": 98}, "WEBP": {"lossless": True}, "AVIF": {"quality": 100, "speed": 10}}
    if kind == "TIFF":
        data = encoded(scene(), kind, tiffinfo={0x0112: orientation})
    else:
        data = encoded(scene(), kind, exif=exif(orientation), **options.get(kind, {}))
    marked = Image.fromarray(scene())
    marked.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(marked)).astype(int)
    assert np.abs(open_photo(data).pixels - expected).max() <= 8  # lossy formats round


@pytest.mark.parametrize("orientation", range(1, 9))
def test_reduction_is_the_same_in_every_orientation(orientation):
    photo = open_photo(encoded(scene(90, 120), "PNG", exif=exif(orientation)), longest_px=40)
    height, width = (40, 30) if orientation >= 5 else (30, 40)
    assert photo.pixels.shape[:2] == (height, width)
    assert photo.original_hw == (3 * height, 3 * width)
    assert photo.notes == (f"Reduced from {3 * width} × {3 * height} to {width} × {height} pixels.",)
    straight = open_photo(encoded(scene(90, 120), "PNG"), longest_px=40).pixels
    marked = Image.fromarray(straight)
    marked.getexif()[0x0112] = orientation
    assert (photo.pixels == np.asarray(ImageOps.exif_transpose(marked))).all()


@pytest.mark.parametrize(
    "broken",
    [b"", b"Exif\0\0", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\xff\xff\xff\xff", exif(6)[:-6], exif(9)],
    ids=["none", "empty", "no directory", "cut directory", "far directory", "cut entry", "unknown value"],
)
def test_broken_exif_loses_nothing(broken):
    assert orientation_of(broken) == 1
    for kind in ("JPEG", "PNG", "WEBP"):
        assert open_photo(encoded(scene(), kind, exif=broken)).pixels.shape[:2] == (40, 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "WEBP"])
def test_reduction_is_close_to_one_lanczos_step(kind):
    big = np.asarray(Image.fromarray(bundled.bundled("Coffee").pixels).resize((2400, 1600), Image.BICUBIC))
    data = encoded(big, kind, quality=95) if kind != "BMP" else encoded(big, kind)
    exact = Image.open(io.BytesIO(data)).convert("RGB").resize((1024, 683), Image.Resampling.LANCZOS)
    difference = np.abs(open_photo(data, longest_px=1024).pixels - np.asarray(exact).astype(int))
    assert difference.mean() < 1
    assert np.quantile(difference, 0.999) <= 8


def test_reduction_keeps_a_flat_colour_and_the_place():
    image = np.full((1000, 3000, 3), 77, np.uint8)
    image[:, 1500:] = 200
    pixels = open_photo(encoded(image, "PNG"), longest_px=300).pixels
    assert pixels.shape == (100, 300, 3)
    assert (pixels[:, :145] == 77).all()
    assert (pixels[:, 155:] == 200).all()


@pytest.mark.parametrize("hw", [(1, 1), (1, 8000), (8000, 1), (8, 8), (1025, 1), (3, 2000)], ids=str)
def test_odd_shapes(hw):
    full = open_photo(encoded(np.full((*hw, 3), 9, np.uint8), "PNG"))
    assert full.pixels.shape[:2] == hw
    assert full.notes == ()
    reduced = open_photo(encoded(np.full((*hw, 3), 9, np.uint8), "PNG"), longest_px=WORKING_PX)
    assert max(reduced.pixels.shape[:2]) == min(max(hw), WORKING_PX)
    assert min(reduced.pixels.shape[:2]) >= 1
    assert (reduced.pixels == 9).all()


def test_small_pictures_are_never_enlarged():
    photo = open_photo(encoded(scene(), "PNG"), longest_px=WORKING_PX)
    assert (photo.pixels == scene()).all()
    assert photo.notes == ()


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith(("animated", "pages"))])
def test_first_frame_and_a_note(name):
    photo = open_photo(FILES[name])
    assert photo.notes == ("It holds more than one picture; this is the first.",)
    assert np.abs(photo.pixels.mean(axis=1) - scene().mean(axis=1)).max() < 12


def test_the_record_is_frozen_and_its_pixels_are_read_only():
    photo = open_photo(encoded(scene(), "PNG"), "a.png")
    with pytest.raises(AttributeError):
        photo.name = "b"
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0, 0] = 0


@pytest.mark.parametrize(
    "pixels", [np.zeros((2, 2, 3)), np.zeros((2, 2), np.uint8), np.zeros((0, 2, 3), np.uint8)], ids=str
)
def test_a_photo_of_another_array_is_refused(pixels):
    with pytest.raises(ValueError, match=r"got .*\."):
        Photo.of(pixels)


def test_digest_is_of_shape_and_pixels():
    digest = open_photo(encoded(scene(), "PNG"), "a").digest
    assert open_photo(encoded(scene(), "BMP"), "b").digest == digest
    assert Photo.of(scene().reshape(60, 40, 3)).digest != digest
    changed = scene()
    changed[7, 7, 1] ^= 1
    assert Photo.of(changed).digest != digest


def test_content_decides_not_the_name():
    assert open_photo(encoded(scene(), "PNG"), "photo.jpg").pixels.shape[:2] == (40, 60)


@pytest.mark.parametrize("longest_px", [0, -5])
def test_longest_px_must_be_positive(longest_px):
    with pytest.raises(ValueError, match=f"got {longest_px}"):
        open_photo(encoded(scene(), "PNG"), longest_px=longest_px)


def test_bundled_photos_open_at_working_size():
    assert len(bundled.NAMES) >= 8
    assert bundled.DEFAULT in bundled.NAMES
    assert set(bundled.ALT_TEXT) == set(bundled.NAMES)
    for name in bundled.NAMES:
        photo = bundled.bundled(name)
        assert photo.name == name
        assert max(photo.pixels.shape[:2]) <= WORKING_PX
        assert photo.notes == ()
    assert len({bundled.bundled(name).digest for name in bundled.NAMES}) == len(bundled.NAMES)


def test_every_bundled_file_is_credited_and_carries_no_metadata():
    folder = bundled._FOLDER
    files = sorted(folder.iterdir())
    credits = (folder.parent / "CREDITS.md").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in files) < 1_500_000
    for path in files:
        assert credits.count(f"| {path.name} |") == 1
        with Image.open(path) as image:
            assert not {"exif", "icc_profile", "xmp"} & image.info.keys()


def test_importing_the_door_imports_no_heavy_library():
    code = (
        "import sys, core.bundled; print(sorted({'torch', 'cv2', 'streamlit', 'plotly'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def test_unknown_bundled_name():
    with pytest.raises(KeyError):
        bundled.bundled("Dog")


def test_photo_error_is_a_value_error():
    assert issubclass(PhotoError, ValueError)
