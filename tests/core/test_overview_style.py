"""The first page's pictures of two stages and of style transfer show what core computes of the photo at hand."""

from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from core.bundled import bundled
from core.figures import overview_style, overview_two_stage
from core.figures.overview import HEIGHT, WIDTH, wide
from core.photo import Photo
from core.style.fast import paint
from core.style.pictures import style_picture
from core.style.recipe import Recipe
from core.two_stage.selective_search import search

PHOTO = bundled("Coffee")
ODD = {
    "one pixel": np.zeros((1, 1, 3), np.uint8),
    "grey": np.full((40, 40, 3), 128, np.uint8),
    "strip": np.random.default_rng(0).integers(0, 256, (200, 4000, 3)).astype(np.uint8),
}
MAKERS = (
    overview_two_stage.regions_left,
    overview_two_stage.crops_beside,
    overview_two_stage.anchors_of_a_place,
    overview_style.bands_in_styles,
    overview_style.shuffled_places,
)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("name", ODD)
def test_any_photo_gives_a_picture(maker, name: str) -> None:
    shown = maker(Photo.of(ODD[name]))
    assert (shown.shape, shown.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)


def test_the_bands_are_what_is_painted_at_once() -> None:
    shown = overview_style.bands_in_styles(PHOTO)
    quarter, whole = WIDTH // 4, wide(PHOTO.pixels)
    np.testing.assert_array_equal(shown[:, : quarter - 2], whole[:, : quarter - 2])
    painted = paint(whole, [(style_picture(overview_style.STYLES[1]), 1.0)]).pixels
    large = cv2.resize(painted, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    inside = slice(2 * quarter + 2, 3 * quarter - 2)
    np.testing.assert_array_equal(shown[:, inside], large[:, inside])


def test_shuffling_moves_squares_and_keeps_the_mean_products_of_the_colours() -> None:
    shown, whole = (
        each[:, WIDTH // 2 + 2 :] for each in (overview_style.shuffled_places(PHOTO), wide(PHOTO.pixels))
    )
    assert (shown != whole).any(axis=2).mean() > 0.5
    half = overview_style.shuffled_places(PHOTO)[:, WIDTH // 2 :]
    cells = half.reshape(HEIGHT // 48, 48, WIDTH // 2 // 48, 48, 3).swapaxes(1, 2).reshape(-1, 48, 48, 3)
    wanted = wide(PHOTO.pixels)[:, WIDTH // 2 :]
    wanted = wanted.reshape(HEIGHT // 48, 48, WIDTH // 2 // 48, 48, 3).swapaxes(1, 2).reshape(-1, 48, 48, 3)
    found = sorted(cell[:, 2:].tobytes() for cell in cells)  # the white line covers two columns of pixels
    assert found == sorted(cell[:, 2:].tobytes() for cell in wanted)


def test_there_is_a_fader_for_every_part() -> None:
    drawn = ElementTree.fromstring(overview_style.desk_svg())
    knobs = [each for each in drawn if each.tag.endswith("rect")]
    assert len(knobs) == len(Recipe().parts)
    assert len({knob.get("fill") for knob in knobs}) == len(knobs)


def test_every_crop_is_a_proposal() -> None:
    shown = overview_two_stage.crops_beside(PHOTO)
    side = HEIGHT // 3
    across = WIDTH - 2 * side - 12
    whole = np.ascontiguousarray(wide(PHOTO.pixels)[:, (WIDTH - across) // 2 :][:, :across])
    squares = []
    for left, top, right, bottom in search(whole).boxes.round().astype(int):
        crop = whole[top : max(bottom, top + 1), left : max(right, left + 1)]
        squares.append(cv2.resize(crop, (side - 6, side - 6), interpolation=cv2.INTER_AREA))
    for place in range(6):
        row, column = divmod(place, 2)
        tile = shown[row * side :, across + 12 + column * side :][3 : side - 3, 3 : side - 3]
        assert any((tile == square).all() for square in squares), place
