"""The first page's pictures of two stages and of style transfer show what core computes of the photo at hand."""

from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from core.bundled import bundled
from core.figures import overview_style, overview_two_stage
from core.figures.overview import HEIGHT, WIDTH, wide
from core.photo import Photo
from core.style.pictures import STYLES, style_picture
from core.style.recipe import Recipe
from core.two_stage.selective_search import search

PHOTO = bundled("Coffee")
ODD = {
    "one pixel": np.zeros((1, 1, 3), np.uint8),
    "grey": np.full((40, 40, 3), 128, np.uint8),
    "strip": np.random.default_rng(0).integers(0, 256, (200, 4000, 3)).astype(np.uint8),
}


def crops(photo: Photo) -> np.ndarray:
    return overview_two_stage.crops_beside(photo, overview_two_stage.searched(photo))


def regions(photo: Photo) -> np.ndarray:
    return overview_two_stage.regions_left(overview_two_stage.searched(photo))


MAKERS = (regions, crops, overview_two_stage.anchors_of_a_place, overview_style.shuffled_places)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("name", ODD)
def test_any_photo_gives_a_picture(maker, name: str) -> None:
    shown = maker(Photo.of(ODD[name]))
    assert (shown.shape, shown.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)


def test_the_styles_are_the_made_ones() -> None:
    shown = overview_style.styles_picture()
    side = WIDTH // overview_style.COLUMNS
    top = (HEIGHT - HEIGHT // side * side) // 2
    tile = shown[top + 4 : top + side - 4, side + 4 : 2 * side - 4]
    np.testing.assert_array_equal(tile, style_picture(tuple(STYLES)[1], side - 8))


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
    shown = crops(PHOTO)
    side = HEIGHT // 3
    across = WIDTH - 2 * side - 12
    whole, start = wide(PHOTO.pixels), (WIDTH - across) // 2
    squares = []
    for left, top, right, bottom in search(whole).boxes - np.array([start, 0, start, 0]):
        if left >= 0 and right <= across:
            x0, y0, x1, y1 = (round(float(edge)) for edge in (left, top, right, bottom))
            crop = whole[y0 : max(y1, y0 + 1), start + x0 : start + max(x1, x0 + 1)]
            squares.append(cv2.resize(crop, (side - 6, side - 6), interpolation=cv2.INTER_AREA))
    for place in range(6):
        row, column = divmod(place, 2)
        tile = shown[row * side :, across + 12 + column * side :][3 : side - 3, 3 : side - 3]
        assert any((tile == square).all() for square in squares), place
