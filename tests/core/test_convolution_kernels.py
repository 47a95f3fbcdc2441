"""Presets against OpenCV's own filters, and tables of numbers as text."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.convolution import (
    PRESETS,
    convolve,
    flip,
    kernel_from_text,
    matrix_from_text,
    matrix_to_text,
    random_grid,
)

VALUES = {preset.name: preset.values for preset in PRESETS}
PICTURE = np.random.default_rng(7).random((20, 30))
FILTERS = {
    "identity": lambda x: x,
    "box": lambda x: cv2.blur(x, (3, 3), borderType=cv2.BORDER_CONSTANT),
    "gaussian": lambda x: cv2.sepFilter2D(
        x, -1, *[cv2.getGaussianKernel(3, 0)] * 2, borderType=cv2.BORDER_CONSTANT
    ),
    "sobel_x": lambda x: cv2.Sobel(x, -1, 1, 0, borderType=cv2.BORDER_CONSTANT),
    "sobel_y": lambda x: cv2.Sobel(x, -1, 0, 1, borderType=cv2.BORDER_CONSTANT),
    "scharr_x": lambda x: cv2.Scharr(x, -1, 1, 0, borderType=cv2.BORDER_CONSTANT),
    "scharr_y": lambda x: cv2.Scharr(x, -1, 0, 1, borderType=cv2.BORDER_CONSTANT),
    "laplacian": lambda x: cv2.Laplacian(x, -1, ksize=1, borderType=cv2.BORDER_CONSTANT),
    "sharpen": lambda x: x - cv2.Laplacian(x, -1, ksize=1, borderType=cv2.BORDER_CONSTANT),
}


def response(name):
    return convolve(PICTURE[None], VALUES[name][None, None], padding=1)[0]


@pytest.mark.parametrize("name", FILTERS)
def test_presets_are_opencvs_filters(name):
    np.testing.assert_allclose(response(name), FILTERS[name](PICTURE), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("preset_", PRESETS, ids=lambda p: p.name)
def test_presets_filter_as_opencv_does(preset_):
    expected = cv2.filter2D(PICTURE, -1, preset_.values, borderType=cv2.BORDER_CONSTANT)
    np.testing.assert_allclose(response(preset_.name), expected, rtol=1e-12, atol=1e-12)


def test_prewitt_is_a_difference_of_sums():
    sides = np.pad(PICTURE, 1)
    sums = sides[:-2] + sides[1:-1] + sides[2:]
    np.testing.assert_allclose(response("prewitt_x"), sums[:, 2:] - sums[:, :-2], atol=1e-12)
    across = convolve(PICTURE.T[None], VALUES["prewitt_x"][None, None], padding=1)[0].T
    np.testing.assert_allclose(response("prewitt_y"), across, atol=1e-12)


@pytest.mark.parametrize(
    ("names", "total"),
    [
        (("identity", "box", "gaussian", "sharpen", "emboss"), 1),
        (("prewitt_x", "prewitt_y", "sobel_x", "sobel_y", "scharr_x", "scharr_y", "laplacian"), 0),
    ],
)
def test_brightness_is_kept_or_removed(names, total):
    assert [VALUES[name].sum() for name in names] == pytest.approx([total] * len(names))


def test_every_name_is_used_once_and_the_first_shows_a_flip():
    assert len({p.name for p in PRESETS}) == len({p.label for p in PRESETS}) == len(PRESETS)
    assert not np.array_equal(flip(PRESETS[0].values), PRESETS[0].values)


def test_correlation_with_the_flipped_kernel_is_convolution():
    image, kernel = PICTURE[:4, :5], np.arange(6.0).reshape(2, 3)
    expected = np.zeros((5, 7))
    for i, j in np.ndindex(4, 5):  # every pixel spreads the kernel, unflipped, over its surroundings
        expected[i : i + 2, j : j + 3] += image[i, j] * kernel
    found = convolve(image[None], flip(kernel)[None, None], padding=(1, 2))[0]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 0 -1; 2 0 -2; 1 0 -1", [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
        ("5", [[5]]),
        ("1/9, 2.5\n-.5  +3e2;", [[1 / 9, 2.5], [-0.5, 300]]),
        (" ;1.5/3 2.;", [[0.5, 2]]),
    ],
)
def test_text_becomes_a_table(text, expected):
    assert kernel_from_text(text).tolist() == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "A kernel must have at least 1 number, got none"),
        (";\n ,", "A kernel must have at least 1 number, got none"),
        ("1 2; 3", "as many numbers as the first, 2, got 1 in row 2"),
        ("1 x", "must be a number such as 2, -0.5 or 1/9, got x"),
        ("nan", "must be a number .* got nan"),
        ("1e999", "must lie between -1,000,000 and 1,000,000, got 1e999"),
        ("1e999/1e999", "must lie between"),
        ("1/1e-999", "must not divide by zero"),
        ("1/0", "must not divide by zero, got 1/0"),
        ("1/1e-99", "must lie between -1,000,000 and 1,000,000, got 1/1e-99"),
        ("1000001", "must lie between -1,000,000 and 1,000,000, got 1000001"),
        ("9" * 5000, "must be a number .* got 9{30}[.]$"),
        ("1 " * 8, "at most 7 rows and 7 columns, got 1 and 8"),
        ("1;" * 8, "at most 7 rows and 7 columns, got 8 and 1"),
        ("__import__('os')", "must be a number"),
        ("١", "must be a number"),
    ],
)
def test_bad_text_is_refused_in_one_sentence(text, message):
    with pytest.raises(ValueError, match=message):
        kernel_from_text(text)


@given(text=st.text(alphabet="0123456789.-+/e;, \nx", max_size=60))
@settings(deadline=None)
def test_any_text_is_a_table_or_one_sentence(text):
    try:
        table = matrix_from_text(text)
    except ValueError as refusal:
        assert str(refusal).endswith(".")
    else:
        assert np.isfinite(table).all()


shapes = st.tuples(st.integers(1, 16), st.integers(1, 16))


@given(table=arrays(float, shapes, elements=st.floats(-1e6, 1e6, allow_subnormal=False)))
@settings(deadline=None)
def test_text_gives_the_table_back(table):
    np.testing.assert_array_equal(matrix_from_text(matrix_to_text(table)), table)


@pytest.mark.parametrize(
    ("value", "text"), [(1 / 9, "1/9"), (0.1, "0.1"), (-2.0, "-2"), (-1 / 16, "-1/16"), (0.25, "1/4")]
)
def test_short_text(value, text):
    assert matrix_to_text(np.array([[value]])) == text


def test_a_random_grid_belongs_to_its_seed():
    np.testing.assert_array_equal(random_grid((16, 16), 3), random_grid((16, 16), 3))
    assert (random_grid((16, 16), 3) != random_grid((16, 16), 4)).any()
    assert (random_grid((16, 16), 3).min(), random_grid((16, 16), 3).max()) == (0, 9)
