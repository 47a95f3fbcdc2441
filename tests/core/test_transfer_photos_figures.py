"""The contact sheet: every photo lies where the browser looks for it, and is described."""

import io

import numpy as np
import pytest
from PIL import Image

from core.figures import transfer_photos as figures
from core.photo import Photo
from core.transfer.samples import PhotoSet
from core.transfer.split import Split


def flat(value: int, height: int = 30, width: int = 40) -> Photo:
    return Photo.of(np.full((height, width, 3), value, np.uint8), f"{value}.png")


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16, 401])
def test_every_photo_lies_in_its_square(count: int) -> None:
    found = figures.sheet([flat(255 * i // count) for i in range(count)])
    columns = figures.sheet_columns(count)
    rows = -(-count // columns)
    page = np.asarray(Image.open(io.BytesIO(found.data)))
    side = page.shape[1] // columns
    assert page.shape == (rows * side, columns * side, 3)
    assert side == (figures.CELL_PX if count <= figures.MANY else figures.CELL_PX_MANY)
    assert abs(columns - rows) <= 1
    for number in range(count):
        row, column = divmod(number, columns)
        cell = page[row * side : (row + 1) * side, column * side : (column + 1) * side]
        assert abs(float(cell[4:-4, 4:-4].mean()) - 255 * number // count) < 3


def test_the_middle_square_is_shown_and_small_photos_keep_their_pixels() -> None:
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 200  # the middle
    assert (figures._cell(Photo.of(pixels), 72) == 200).all()
    chess = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    cell = figures._cell(Photo.of(np.repeat(chess[..., None], 3, 2)), 72)
    assert np.array_equal(cell[..., 0], chess.repeat(9, 0).repeat(9, 1))


def three() -> PhotoSet:
    return PhotoSet().with_class("a", map(flat, (1, 2, 3, 4))).with_class("b", [flat(5)]).with_class("c")


def test_photos_stand_by_their_parts() -> None:
    sheets = figures.class_sheets(three(), Split((1, 3, 4), (0,), (2,)), [(1, 3)])
    assert [(one.name, one.counts) for one in sheets] == [
        ("a", (2, 1, 1)),
        ("b", (1, 0, 0)),
        ("c", (0, 0, 0)),
    ]
    assert [(cell.number, cell.part, cell.group) for cell in sheets[0].cells] == [
        (1, 0, 1),
        (3, 0, 1),
        (0, 1, 0),
        (2, 2, 0),
    ]
    assert sheets[0].cells[0].alt == "2.png, 40 × 30 pixels, training, near-duplicate 1"
    assert sheets[0].cells[3].alt == "3.png, 40 × 30 pixels, test"


def test_words() -> None:
    assert figures.sheet_alt(three()) == "Contact sheets of 5 photos in 3 classes: a (4), b (1), c (0)"
    many = PhotoSet(tuple("abcdefghijk"))
    assert figures.sheet_alt(many).endswith("h (0) and 3 more")
    assert figures.size_words(three()) == "40 × 30 pixels"
    assert figures.size_words(three().with_class("c", [flat(9, 10, 200)])) == "40 × 30 to 200 × 10 pixels"
    assert figures.size_words(PhotoSet()) == ""


def test_a_sheet_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least one photo, got 0"):
        figures.sheet([])
