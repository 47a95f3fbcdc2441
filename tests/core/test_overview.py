"""The first page's pictures against OpenCV, scikit-image and plain arithmetic."""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import cv2
import numpy as np
import pytest
from skimage.measure import block_reduce

from core.figures import overview, overview_augmentation, overview_transfer
from core.figures.palette import magnitude_rgb, signed_rgb
from core.transfer.significance import wilson
from core.transfer.stages import stages_of

SIZES = [(300, 500), (500, 300), (1, 1), (1, 900), (900, 1), (1024, 1024)]
RECT = "{http://www.w3.org/2000/svg}rect"


def photo(height: int, width: int) -> np.ndarray:
    """A smooth ramp with a few blocks, so that there are edges to find."""
    pixels = np.random.default_rng(5).integers(0, 256, (4, 5, 3), np.uint8)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)


@pytest.mark.parametrize("hw", SIZES, ids=str)
@pytest.mark.parametrize("picture", ["photo_bands", "nested_fields", "one_field"])
def test_every_photo_gives_a_picture_of_one_size(hw, picture):
    drawn = getattr(overview, picture)(photo(*hw))
    assert drawn.shape == (overview.HEIGHT, overview.WIDTH, 3)
    assert drawn.dtype == np.uint8


@pytest.mark.parametrize("hw", SIZES, ids=str)
def test_every_photo_gives_a_patch_in_numbers(hw):
    rects = ElementTree.fromstring(overview.numbers_svg(photo(*hw))).findall(RECT)
    assert len(rects) == 9 * 9 + 3 * 3 + 7 * 7 + 2


@pytest.mark.parametrize("hw", SIZES, ids=str)
@pytest.mark.parametrize("picture", ["variant_grid", "every_transform", "following_box"])
def test_every_photo_gives_a_picture_of_augmentation(hw, picture):
    drawn = getattr(overview_augmentation, picture)(photo(*hw))
    assert drawn.shape == (overview.HEIGHT, overview.WIDTH, 3)
    assert drawn.dtype == np.uint8


def test_wide_keeps_the_middle_and_the_proportions():
    pixels = np.zeros((432, 2000, 3), np.uint8)
    pixels[:, 616:1384] = 200
    assert (overview.wide(pixels)[:, 1:-1] == 200).all()


def test_bands_are_the_photo_its_edges_and_its_pooled_edges():
    pixels = photo(432, 768)
    grey = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    edges = cv2.Sobel(grey, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_CONSTANT)
    limit = float(np.percentile(np.abs(edges), 99))
    pooled = block_reduce(np.maximum(edges, 0), 12, np.max).repeat(12, 0).repeat(12, 1)
    bands = overview.photo_bands(pixels).astype(int)
    assert np.array_equal(bands[:, :255], pixels[:, :255])
    assert (
        np.abs(bands[:, 257:511] - signed_rgb(edges, limit)[:, 257:511]).max() <= 5
    )  # one step of the colour table
    assert np.abs(bands[:, 513:] - magnitude_rgb(pooled, 0, limit)[:, 513:]).max() <= 5


def test_bands_of_a_plain_photo_show_no_edge():
    bands = overview.photo_bands(np.full((432, 768, 3), 90, np.uint8))
    assert (bands[2:-2, 260:508] == signed_rgb(np.zeros(1), 1.0)).all()


def test_the_framed_output_is_the_sum_of_the_framed_products():
    pixels = photo(300, 500)
    rects = ElementTree.fromstring(overview.numbers_svg(pixels)).findall(RECT)
    colours = [
        tuple(int(n) for n in r.get("fill")[4:-1].split(",")) for r in rects if r.get("fill") != "none"
    ]
    patch = np.array([red for red, *_ in colours[:81]], np.float32).reshape(9, 9)
    output = cv2.Sobel(patch, cv2.CV_32F, 1, 0)[1:-1, 1:-1]
    drawn = np.array(colours[90:], int).reshape(7, 7, 3)
    assert np.abs(drawn - signed_rgb(output)).max() <= 12  # the patch is drawn in whole grey levels
    window, cell = (r for r in rects if r.get("fill") == "none")
    assert float(window.get("width")) == 3 * float(cell.get("width"))


def test_vgg_fields_are_the_published_ones():
    assert [row.size for row in overview.vgg_pools()] == [6, 16, 44, 100, 212]


def test_nested_boxes_are_as_large_as_the_fields():
    drawn = overview.nested_fields(np.zeros((432, 768, 3), np.uint8))
    scale = overview.WIDTH / overview.INPUT_HW[1]
    for row, colour in zip(overview.vgg_pools()[:4], overview.BRIGHT, strict=False):
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        columns = np.flatnonzero((drawn == wanted).all(axis=-1).any(axis=0))
        assert columns[-1] - columns[0] + 1 == pytest.approx(row.size * scale, abs=1)


def test_one_field_leaves_its_box_as_it_was_and_dims_the_rest():
    pixels = np.full((432, 768, 3), 200, np.uint8)
    drawn = overview.one_field(pixels)
    lit, dim = (drawn == 200).all(axis=-1), (drawn == 70).all(axis=-1)
    x0, x1 = np.flatnonzero(lit.any(axis=0))[[0, -1]]
    assert x1 - x0 + 1 == pytest.approx(212 * 2, abs=10)
    assert dim[:, : x0 - 10].mean() > 0.95
    assert not dim[50:350, x0 : x1 + 1].any()


def test_cost_bars_stand_to_one_another_as_the_costs_do():
    rects = ElementTree.fromstring(overview.cost_svg()).findall(RECT)
    long, short = (float(rect.get("width")) for rect in rects[-2:])
    assert short / long == pytest.approx(1 / 10 + 1 / 9, abs=1e-3)
    assert len(rects) == 6 + 6 + 10 + 2


def test_the_stack_drawing_marks_one_three_five_seven():
    rects = ElementTree.fromstring(overview.stack_svg()).findall(RECT)
    rows: dict[str, int] = {}
    for rect in rects:
        rows[rect.get("y")] = rows.get(rect.get("y"), 0) + (rect.get("fill") == overview.MARK)
    assert list(rows.values()) == [1, 3, 5, 7]


def test_the_pictures_need_neither_torch_nor_plotly():
    script = (
        "import sys, numpy as np; from core.figures import overview as o, overview_augmentation as a;"
        "p = np.zeros((40, 60, 3), np.uint8);"
        "o.photo_bands(p), o.numbers_svg(p), o.nested_fields(p), o.one_field(p), o.cost_svg(), o.stack_svg();"
        "a.variant_grid(p), a.every_transform(p), a.following_box(p);"
        "print(sorted({'torch', 'torchvision', 'timm', 'plotly'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_set_has_a_class_in_each_row():
    drawn = overview_transfer.set_picture()
    assert drawn.shape == (overview.HEIGHT, overview.WIDTH, 3)
    means = [drawn[row * 86 + 4 : row * 86 + 82].mean() for row in range(5)]
    assert np.ptp(means) > 60  # galaxies are dark, the others are not


def test_the_strip_has_a_bar_for_each_stage_and_the_head():
    stages = stages_of("tf_efficientnet_lite0")
    drawn = ElementTree.fromstring(overview_transfer.strip_svg(stages, 2))
    bars = drawn.findall(RECT)
    assert len(bars) == len(stages) + 1
    assert [bar.get("fill") == overview.HUES[0] for bar in bars] == [False] * 7 + [True] * 2 + [False]
    heights = [float(bar.get("height")) for bar in bars[:-1]]
    assert int(np.argmax(heights)) == int(np.argmax([stage.parameters for stage in stages]))


def test_the_interval_shrinks_with_more_photos():
    drawn = ElementTree.fromstring(overview_transfer.sure_svg())
    ends = [path.get("d") for path in drawn if path.get("stroke") == overview.HUES[0]]
    widths = [float(end.split("H")[1]) - float(end.split("M")[1].split()[0]) for end in ends]
    low, high = wilson(8, 10)
    assert widths[0] == pytest.approx((high - low) * (overview.WIDTH - 220), abs=0.2)
    assert widths[0] > 2.5 * widths[1] > 2.5 * widths[2]
