"""The data of the Numbers component and the patch it may start from, against loops and closed forms."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.convolution import Layer, matrix
from core.convolution.patch import CHANNELS, patch
from core.figures.convolution import GREY_LUT, INK_LUT, VEIL, axis_tables, component_data, work_through
from core.figures.convolution_tables import matrix_tex, padded_tiles, sum_in_words, tiles
from core.figures.palette import MAGNITUDE_LUT
from tests.core.layer_strategy import layers

SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
RAMP = np.arange(25.0).reshape(5, 5)


def worked(layer, hw, seed=0):
    random = np.random.default_rng(seed)
    return work_through(layer, random.integers(-9, 10, hw), random.integers(-3, 4, layer.kernel))


@settings(deadline=None, max_examples=150)
@given(layers())
def test_every_pair_of_a_row_step_and_a_column_step_is_one_wire(drawn):
    numbers = worked(*drawn)
    rows, columns = axis_tables(numbers)
    wide = {
        "output": numbers.wiring.output_hw[1],
        "cell": numbers.wiring.padded_hw[1],
        "weight": numbers.layer.kernel[1],
    }
    crossed = {
        tuple(rows[name][i] * wide[name] + columns[name][j] for name in wide)
        for i in range(len(rows["output"]))
        for j in range(len(columns["output"]))
    }
    wiring = numbers.wiring
    listed = zip(wiring.output.tolist(), wiring.cell.tolist(), wiring.weight.tolist(), strict=True)
    assert crossed == set(listed)
    assert len(rows["output"]) * len(columns["output"]) == len(wiring.output)


@settings(deadline=None, max_examples=100)
@given(layers(), st.booleans())
def test_the_data_is_plain_json_and_every_cell_has_its_number(drawn, photo):
    numbers = worked(*drawn)
    data = json.loads(json.dumps(component_data(numbers, photo=photo), allow_nan=False))
    for name, values in (("input", None), ("kernel", None), ("output", numbers.output)):
        grid = data[name]
        cells = grid["rows"] * grid["columns"]
        assert len(grid["values"]) == len(grid["shade"]) == cells
        assert grid["scale"] in data["scales"]
        if values is not None:
            assert grid["values"] == pytest.approx(values.ravel().tolist(), abs=1e-6)
    own = [
        s
        for s, kind in zip(data["input"]["source"], data["input"]["kinds"], strict=True)
        if "pad" not in kind
    ]
    assert own == list(range(numbers.grid.size))


def test_padding_is_marked_and_counted_as_no_input():
    data = component_data(work_through(Layer(padding=(1, 0, 2, 0)), RAMP, SOBEL))["input"]
    assert (data["rows"], data["columns"], data["first"]) == (6, 7, [-1, -2])
    assert data["kinds"].count("pad") == 6 * 7 - 25
    assert data["values"][:9] == [0] * 9 and data["values"][9:12] == [0, 1, 2]
    assert data["size"] == "5 × 5, padded to 6 × 7"


def test_a_mirrored_cell_names_its_source():
    data = component_data(work_through(Layer(padding=(1, 1, 1, 1), mode="reflect"), RAMP, SOBEL))["input"]
    assert data["source"][0] == 6 and data["values"][0] == 6
    assert data["kinds"][0] == "pad"


def test_what_no_window_reads_is_marked():
    data = component_data(work_through(Layer(stride=(3, 1)), RAMP, SOBEL))
    unread = [i for i, kind in enumerate(data["input"]["kinds"]) if kind == "unread"]
    assert unread == list(range(15, 25))
    assert [data["input"]["counts"]["values"][i] for i in unread] == [0] * 10


def test_the_heat_map_counts_windows_per_pixel():
    counts = component_data(work_through(Layer(), RAMP, SOBEL))["input"]["counts"]
    assert counts["values"][0] == 1 and counts["values"][12] == 9
    assert counts["range"] == [0, 9]


def test_a_transposed_convolution_counts_stamps_per_output():
    numbers = work_through(Layer("transposed", stride=(2, 2)), RAMP, SOBEL)
    counts = np.array(component_data(numbers)["output"]["counts"]["values"]).reshape(numbers.output.shape)
    assert counts[2:4, 2:4].tolist() == [[4, 2], [2, 1]]  # the checkerboard


def test_minus_infinity_has_no_colour_and_the_winner_is_named():
    numbers = work_through(Layer("max_pool", kernel=(2, 2), stride=(2, 2), padding=(1, 1, 1, 1)), RAMP, SOBEL)
    data = component_data(numbers)
    assert data["input"]["values"][0] is None and data["input"]["shade"][0] == -1
    assert data["kernel"]["values"] == [""] * 4 and not data["kernel"]["named"]
    assert [data["input"]["values"][cell] for cell in data["output"]["winners"]] == data["output"]["values"]


@pytest.mark.parametrize("counted, corner", [(True, 4), (False, 1)])
def test_the_divisors_of_an_average(counted, corner):
    layer = Layer("avg_pool", kernel=(2, 2), stride=(2, 2), padding=(1, 1, 1, 1), count_include_pad=counted)
    assert component_data(work_through(layer, RAMP, SOBEL))["output"]["divisors"][0] == corner


def test_a_veiled_output_gives_nothing_away():
    plain = Layer(padding=(1, 1, 1, 1))
    veiled = [
        component_data(work_through(layer, RAMP, SOBEL), veiled=True, matrix=np.eye(2))
        for layer in (plain, replace(plain, stride=(3, 3)), replace(plain, dilation=(2, 2)))
    ]
    assert veiled[0] == veiled[1] == veiled[2]
    assert veiled[0]["output"]["values"] == ["?"] * VEIL**2
    assert veiled[0]["matrix"] is None and veiled[0]["rows"]["output"] == []


def test_the_matrix_travels_as_places_on_the_scale():
    numbers = work_through(Layer(), RAMP, SOBEL)
    data = component_data(numbers, matrix=matrix(numbers.wiring, SOBEL))["matrix"]
    steps = np.frombuffer(base64.b64decode(data["shade"]), np.uint8).reshape(data["rows"], data["columns"])
    assert steps.shape == (9, 25)
    first = steps[0].reshape(5, 5)[:3, :3].astype(int)
    assert (np.sign(first - 127.5 - 0.5) == np.sign(SOBEL)).all() and first[1, 2] == 255 and first[1, 0] == 0


def test_the_data_of_the_largest_grid_stays_small():
    random = np.random.default_rng(0)
    layer = Layer(kernel=(7, 7), padding=(6, 6, 6, 6))
    data = component_data(work_through(layer, random.integers(0, 256, (16, 16)), random.normal(size=(7, 7))))
    assert len(json.dumps(data)) < 64_000


@pytest.mark.parametrize(
    "scale, lut", [("signed", INK_LUT), ("magnitude", MAGNITUDE_LUT), ("grey", GREY_LUT)]
)
def test_text_can_be_read_on_every_colour(scale, lut):
    ink = component_data(work_through(Layer(), RAMP, SOBEL), photo=True)["scales"][scale]["ink"]
    for colour, dark in zip(lut, ink, strict=True):
        here, text = luminance(colour), luminance((0x0B, 0x0F, 0x19) if dark == "1" else (255, 255, 255))
        assert (max(here, text) + 0.05) / (min(here, text) + 0.05) >= 4


def luminance(colour):
    channels = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in map(int, colour)]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]


@pytest.mark.parametrize(
    "layer, kernel, output, words",
    [
        (
            Layer(kernel=(2, 2)),
            np.array([[1.0, -2], [0, 0.5]]),
            0,
            "(−1)·1 + 2·(−2) + 0·0 + 4·0.5 = −3",
        ),
        (Layer("max_pool", kernel=(2, 2), padding=(1, 0, 0, 0)), SOBEL, 0, "max(−∞, −∞, −1, 2) = 2"),
        (Layer("avg_pool", kernel=(2, 2)), SOBEL, 0, "((−1) + 2 + 0 + 4) / 4 = 1.25"),
        (Layer("transposed", kernel=(1, 1), stride=(2, 2)), np.array([[3.0]]), 1, "0 = 0"),
    ],
    ids=["convolution", "max", "average", "nothing lands here"],
)
def test_one_output_in_words(layer, kernel, output, words):
    assert sum_in_words(work_through(layer, np.array([[-1.0, 2], [0, 4]]), kernel), output) == words


def test_a_kernel_as_a_formula():
    assert (
        matrix_tex(np.array([[1, -0.5], [1 / 3, 0]])) == r"\begin{bmatrix}1 & -0.5 \\ 0.333 & 0\end{bmatrix}"
    )


def test_tiles_are_coloured_by_sign_and_padding_is_grey():
    picture = tiles(np.array([[-1.0, 0, 1]]), 1.0)
    tile = picture.shape[1] // 3
    left, middle, right = (picture[tile // 2, tile * i + tile // 2].astype(int) for i in range(3))
    assert left[2] > left[0] and right[0] > right[2] and np.ptp(middle[:3]) < 5
    padded = padded_tiles(Layer(kernel=(1, 1), padding=(1, 0, 0, 0)), np.ones((1, 1)), 1.0)
    assert padded.shape[0] == 2 * padded.shape[1]
    assert np.ptp(padded[tile // 2, tile // 2, :3]) == 0 < np.ptp(padded[tile + tile // 2, tile // 2, :3])


@pytest.mark.parametrize("block", [1, 2, 3])
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_patch_is_the_mean_of_blocks(block, channel):
    pixels = np.random.default_rng(1).integers(0, 256, (12, 14, 3), dtype=np.uint8)
    got = patch(pixels, (1, 2), (3, 4), block=block, channel=channel)
    for i, j in np.ndindex(3, 4):
        total = 0.0
        for u, v in np.ndindex(block, block):
            pixel = pixels[1 + i * block + u, 2 + j * block + v].astype(float)
            total += sum(weight * part for weight, part in zip(CHANNELS[channel], pixel, strict=True))
        assert abs(got[i, j] - total / block**2) <= 0.5 + 1e-9


def test_a_white_patch_is_white():
    assert (patch(np.full((4, 4, 3), 255, np.uint8), (0, 0), (4, 4)) == 255).all()


@pytest.mark.parametrize(
    "corner, hw, block, channel",
    [
        ((0, 0), (5, 4), 1, "red"),
        ((-1, 0), (2, 2), 1, "red"),
        ((0, 3), (1, 1), 2, "red"),
        ((0, 0), (1, 1), 1, "x"),
    ],
    ids=["too tall", "above", "block too wide", "no such channel"],
)
def test_a_patch_outside_the_photo_is_refused_in_one_sentence(corner, hw, block, channel):
    with pytest.raises(ValueError, match=r"^(A patch|The channel) must .*, got .*\.$"):
        patch(np.zeros((4, 4, 3), np.uint8), corner, hw, block=block, channel=channel)
