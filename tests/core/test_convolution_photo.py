"""A filter bank on a photo: against PyTorch, and every output against its own window."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.convolution import MODES, Layer
from core.convolution.kernels import PRESETS
from core.convolution.learn import recover
from core.convolution.photo_layer import (
    MIXES,
    PhotoLayer,
    apply,
    channel_maps,
    flat_formula,
    planes,
    respond,
    weights_formula,
)
from core.convolution.photo_window import (
    outcome_at,
    outcome_formulas,
    place_of_pixel,
    unit_of_pixel,
    window_at,
)
from core.figures import convolution_photo as figures
from core.figures.encoding import Encoded, encode
from core.figures.scale import Scale, colour_channels, colour_map
from core.snippets import convolution_photo as snippets

VALUES = {one.name: one.values for one in PRESETS}

TORCH_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
ODD_SHAPES = [(1, 1), (1, 8), (8, 1), (8, 8), (1, 1024), (1024, 1)]


def random_photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def by_torch(layer: PhotoLayer, pixels: np.ndarray) -> np.ndarray:
    """The same layer, written down for PyTorch from its settings alone."""
    x = torch.tensor(pixels.transpose(2, 0, 1)[None].copy(), dtype=torch.float64)
    top, bottom, left, right = layer.window.padding
    x = F.pad(x, (left, right, top, bottom), mode=TORCH_MODES[layer.window.mode])
    kernels = torch.tensor(layer.kernels, dtype=torch.float64)
    if layer.mix is None:
        weight, groups = kernels[:, None].repeat(3, 1, 1, 1), 3
    else:
        weight, groups = torch.einsum("fuv,c->fcuv", kernels, torch.tensor(layer.mix, dtype=torch.float64)), 1
    y = F.conv2d(x, weight, stride=layer.window.stride, dilation=layer.window.dilation, groups=groups)
    y = y + layer.bias
    y = F.relu(y) if layer.relu else y
    if layer.pooling:
        pool = F.max_pool2d if layer.pooling.operation == "max_pool" else F.avg_pool2d
        y = pool(y, layer.pooling.kernel, layer.pooling.stride)
    return y[0].numpy()


@st.composite
def cases(draw: st.DrawFn) -> dict:
    """Any settings the page offers and the size of a photo they fit on, in plain words."""
    small, weight = st.integers(1, 3), st.floats(-4, 4, width=32)
    kh, kw = draw(small), draw(small)
    together = draw(st.booleans())
    rows = st.lists(st.lists(weight, min_size=kw, max_size=kw).map(tuple), min_size=kh, max_size=kh).map(
        tuple
    )
    return {
        "kernels": tuple(draw(st.lists(rows, min_size=1, max_size=3 if together else 1))),
        "kernel": (kh, kw),
        "stride": (draw(small), draw(small)),
        "padding": tuple(draw(st.integers(0, 3)) for _ in range(4)),
        "dilation": (draw(small), draw(small)),
        "mode": draw(st.sampled_from(MODES)),
        "hw": (draw(st.integers(8, 14)), draw(st.integers(8, 14))),
        "pooling": draw(st.sampled_from([None, "max_pool", "avg_pool"])),
        "size": draw(small),
        "mix": draw(st.tuples(weight, weight, weight)) if together else None,
        "bias": draw(st.floats(-50, 50, width=32)),
        "relu": draw(st.booleans()),
        "seed": draw(st.integers(0, 99)),
    }


def built(case: dict) -> tuple[PhotoLayer, np.ndarray]:
    """The layer and the photo of a case; without the pooling where it does not fit."""
    window = Layer(**{name: case[name] for name in ("kernel", "stride", "padding", "dilation", "mode")})
    sides = (case["size"],) * 2
    fits = min(window.output_hw(case["hw"])) >= case["size"]
    pooling = Layer(case["pooling"], sides, sides) if case["pooling"] and fits else None
    layer = PhotoLayer(
        case["kernels"], window, mix=case["mix"], bias=case["bias"], relu=case["relu"], pooling=pooling
    )
    return layer, random_photo(*case["hw"], seed=case["seed"])


@given(cases())
@settings(deadline=None, max_examples=120)
def test_a_layer_computes_what_pytorch_computes(case: dict) -> None:
    layer, pixels = built(case)
    ours, theirs = apply(layer, planes(pixels)), by_torch(layer, pixels)
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape == (len(ours), *layer.output_hw(pixels.shape[:2]))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-2)


@given(cases())
@settings(deadline=None, max_examples=60)
def test_every_output_is_the_sum_of_its_window(case: dict) -> None:
    layer, pixels = built(case)
    whole = by_torch(layer, pixels)
    height, width = layer.output_hw(pixels.shape[:2])
    for place in {(0, 0), (height - 1, width - 1), (height // 2, width // 3)}:
        outcome = outcome_at(layer, pixels, place)
        np.testing.assert_allclose(outcome.values, whole[: len(outcome.values), *place], rtol=1e-6, atol=1e-3)
        for window in outcome.windows:
            np.testing.assert_allclose(window.products, window.values * window.weights)
            np.testing.assert_allclose(window.sums, window.products.sum(axis=(1, 2)))
            assert window.total == pytest.approx(window.sums.sum() + layer.bias)


@given(cases())
@settings(deadline=None, max_examples=40)
def test_the_channel_maps_add_up_to_the_response(case: dict) -> None:
    layer, pixels = built(case)
    maps = channel_maps(layer, planes(pixels))
    response = respond(layer, planes(pixels))
    expected = response - layer.bias if layer.mix is None else response[:1] - layer.bias
    total = maps if layer.mix is None else maps.sum(axis=0, keepdims=True)
    np.testing.assert_allclose(total, expected, rtol=1e-4, atol=2e-2)


@pytest.mark.parametrize("shape", ODD_SHAPES, ids=str)
@pytest.mark.parametrize("mix", [None, MIXES["Luminance"]], ids=["apart", "together"])
def test_odd_photos_go_through(shape: tuple[int, int], mix: tuple | None) -> None:
    layer = PhotoLayer((SOBEL,), Layer(padding=(1, 1, 1, 1), mode="replicate"), mix=mix)
    shown = figures.show_output(layer, random_photo(*shape))
    assert (shown.picture.height, shown.picture.width) == shape
    np.testing.assert_allclose(
        apply(layer, planes(random_photo(*shape))),
        by_torch(layer, random_photo(*shape)),
        rtol=1e-4,
        atol=1e-2,
    )


def test_the_window_names_its_pixels_and_reaches_outside() -> None:
    pixels = random_photo(6, 7)
    layer = PhotoLayer((SOBEL,), Layer(stride=(2, 3), padding=(2, 1, 1, 1), dilation=(2, 1)))
    window = window_at(layer, pixels, (0, 0))
    assert window.box == (-1, -2, 2, 3)  # x0, y0, x1, y1
    assert window.rows.tolist() == [-1, 0, 2]
    assert window.columns.tolist() == [-1, 0, 1]
    assert window.values[:, 0].tolist() == np.zeros((3, 3)).tolist()  # the padding above the photo
    assert window.values[1, 2, 2] == pixels[2, 1, 1]


@pytest.mark.parametrize("unit", [(-1, 0), (0, 6), (9, 9)])
def test_a_unit_outside_the_output_is_refused(unit: tuple[int, int]) -> None:
    layer = PhotoLayer((SOBEL,), Layer())
    with pytest.raises(ValueError, match="must lie in an output"):
        window_at(layer, random_photo(8, 8), unit)


@pytest.mark.parametrize("pooling", [None, Layer("max_pool", (2, 2), (2, 2))], ids=["plain", "pooled"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_pixel_leads_to_the_nearest_window(stride: int, pooling: Layer | None) -> None:
    hw = (9, 11)
    layer = PhotoLayer((SOBEL,), Layer(stride=(stride, stride), padding=(1, 1, 1, 1)), pooling=pooling)
    units = layer.window.output_hw(hw)
    for row, column in np.ndindex(*hw):
        unit = unit_of_pixel(layer, hw, (row, column))
        centres = [u * stride - 1 + 1 for u in range(units[0])]
        assert abs(centres[unit[0]] - row) == min(abs(centre - row) for centre in centres)
        place = place_of_pixel(layer, hw, (row, column))
        assert all(0 <= p < n for p, n in zip(place, layer.output_hw(hw), strict=True))
        if pooling is None:
            assert place == unit


def test_max_pooling_writes_out_the_winner() -> None:
    pixels = random_photo(10, 10, seed=3)
    layer = PhotoLayer((SOBEL,), Layer(), relu=True, pooling=Layer("max_pool", (2, 2), (2, 2)))
    outcome = outcome_at(layer, pixels, (1, 2))
    assert [window.unit for window in outcome.windows] == [(2, 4), (2, 5), (3, 4), (3, 5)]
    assert outcome.windows[outcome.chosen].total == max(window.total for window in outcome.windows)
    (formula,) = outcome_formulas(layer, outcome)
    assert formula.value == outcome.values[0]
    assert r"\max(0, " in formula.filled


def test_formulas_only_where_something_follows() -> None:
    layer = PhotoLayer((SOBEL,), Layer())
    assert outcome_formulas(layer, outcome_at(layer, random_photo(5, 5), (0, 0))) == ()
    apart = PhotoLayer((SOBEL,), Layer(), mix=None, relu=True)
    formulas = outcome_formulas(apart, outcome_at(apart, random_photo(5, 5), (1, 1)))
    assert [formula.name for formula in formulas] == ["ReLU, red", "ReLU, green", "ReLU, blue"]


@pytest.mark.parametrize("name", ["sobel_x", "gaussian", "sharpen", "emboss"])
@pytest.mark.parametrize("mix", [None, *MIXES.values()], ids=["apart", *MIXES])
def test_the_answer_to_an_even_area(name: str, mix: tuple | None) -> None:
    kernel = tuple(map(tuple, VALUES[name].tolist()))
    layer = PhotoLayer((kernel,), Layer(), mix=mix, bias=7.0)
    flat = np.full((5, 5, 3), 100, np.uint8)
    np.testing.assert_allclose(apply(layer, planes(flat)), flat_formula(layer).value, atol=1e-3)


@pytest.mark.parametrize(("mix", "filters"), [(None, 1), (MIXES["Mean"], 1), (MIXES["Mean"], 4)])
def test_the_number_of_weights_is_pytorchs(mix: tuple | None, filters: int) -> None:
    layer = PhotoLayer((SOBEL,) * filters, Layer(), mix=mix)
    theirs = torch.nn.Conv2d(3, filters if mix else 3, 3, groups=1 if mix else 3)
    assert weights_formula(layer).value == sum(parameter.numel() for parameter in theirs.parameters())


@pytest.mark.parametrize(
    "settings_",
    [
        {"kernels": (SOBEL,), "window": Layer(kernel=(5, 5))},
        {"kernels": (), "window": Layer()},
        {"kernels": (SOBEL, SOBEL), "window": Layer(), "mix": None},
        {"kernels": (SOBEL,), "window": Layer(operation="transposed")},
        {"kernels": (SOBEL,), "window": Layer(), "pooling": Layer()},
    ],
    ids=["size", "none", "apart", "transposed", "no pooling"],
)
def test_impossible_layers_are_refused(settings_: dict) -> None:
    with pytest.raises(ValueError, match="got"):
        PhotoLayer(**settings_)


def test_negative_values_are_blue_and_never_black() -> None:
    values = np.linspace(-9, 3, 240, dtype=np.float32).reshape(4, 60)
    shown = colour_map(values)
    red, blue = shown.rgb[..., 0].astype(int), shown.rgb[..., 2].astype(int)
    assert (blue > red)[values < -1].all()
    assert (red > blue)[values > 1].all()
    assert shown.rgb.max(axis=-1).min() > 60
    assert shown.scale.low == -shown.scale.high
    assert (shown.scale.smallest, shown.scale.largest) == (-9, 3)


@pytest.mark.parametrize("value", [0.0, 255.0, 1000.0, -3.0])
@pytest.mark.parametrize("rectified", [False, True])
def test_an_even_map_has_a_colour_and_a_legend(value: float, rectified: bool) -> None:
    shown = colour_map(np.full((3, 4), value, np.float32), rectified=rectified)
    assert shown.rgb.shape == (3, 4, 3)
    assert shown.scale.low <= value <= shown.scale.high
    assert len(np.unique(shown.rgb.reshape(-1, 3), axis=0)) == 1


def test_identity_apart_gives_the_photo_back() -> None:
    pixels = random_photo(20, 30)
    layer = PhotoLayer((((1.0,),),), Layer(kernel=(1, 1)), mix=None)
    np.testing.assert_array_equal(figures.colour_output(layer, apply(layer, planes(pixels))).rgb, pixels)


def test_a_sharpened_picture_is_widened_and_not_cut() -> None:
    values = np.array([-85.0, 0, 255, 340], np.float32) * np.ones((3, 1, 1), np.float32)
    shown = colour_channels(values, centred=False)
    assert shown.rgb[0, :, 0].tolist() == [0, 51, 204, 255]  # (v + 85) * 255 / 425
    assert (
        colour_channels(values, centred=True).scale.low == -colour_channels(values, centred=True).scale.high
    )


def test_a_scale_runs_upwards() -> None:
    with pytest.raises(ValueError, match="upwards"):
        Scale(1, 1, ("#000000", "#ffffff"), 0, 1)


def decoded(picture: Encoded) -> np.ndarray:
    assert base64.b64decode(picture.uri.split(",")[1]) == picture.data
    return np.asarray(Image.open(io.BytesIO(picture.data)))


def test_small_pictures_travel_without_loss_and_large_ones_nearly() -> None:
    small = random_photo(40, 50)
    np.testing.assert_array_equal(decoded(encode(small)), small)
    ramp = np.linspace(0, 255, 400 * 500 * 3).reshape(400, 500, 3).astype(np.uint8)
    large = encode(ramp)
    assert large.uri.startswith("data:image/jpeg")
    assert (large.height, large.width) == (400, 500)
    assert np.abs(decoded(large).astype(int) - ramp).max() <= 6
    rgba = np.dstack([small, small[..., 0]])
    np.testing.assert_array_equal(decoded(encode(rgba)), rgba)


@pytest.mark.parametrize(
    "image", [np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2, 3)), np.zeros((2, 2), np.uint8)], ids=str
)
def test_only_pictures_are_encoded(image: np.ndarray) -> None:
    with pytest.raises((ValueError, TypeError), match=r"(?i)uint8"):  # the hook on shapes may speak first
        encode(image)


def test_the_common_range_of_the_channel_maps() -> None:
    layer = PhotoLayer((SOBEL,), Layer(), bias=5.0)
    shown = figures.show_channels(layer, random_photo(20, 20))
    assert len(shown) == 4
    assert len({(one.scale.low, one.scale.high) for one in shown}) == 1


def test_several_filters_give_one_map_each() -> None:
    layer = PhotoLayer((SOBEL, SOBEL[::-1], SOBEL), Layer(stride=(2, 2)))
    shown = figures.show_filters(layer, random_photo(21, 31))
    assert [(one.picture.height, one.picture.width) for one in shown] == [(10, 15)] * 3


def test_learning_is_shown_in_the_targets_colours() -> None:
    plane = planes(random_photo(30, 40))[0]
    film = figures.show_learning(plane, recover(plane, np.array(SOBEL)))
    assert (film.goal.height, film.goal.width) == (28, 38)
    assert film.frames[0].uri != film.goal.uri
    assert film.frames[-1].height == 28


def execute(snippet: str) -> object:
    names: dict = {}
    exec(compile(snippet, "snippet", "exec"), names)
    return names["result"]


SNIPPET_LAYERS = {
    "sobel": PhotoLayer((SOBEL,), Layer(padding=(1, 1, 1, 1)), bias=3.0),
    "apart": PhotoLayer(
        (SOBEL,), Layer(stride=(2, 1), padding=(2, 1, 0, 3), mode="reflect"), mix=None, bias=-2.5
    ),
    "bank": PhotoLayer(
        (SOBEL, SOBEL[::-1]),
        Layer(dilation=(2, 3), padding=(4, 4, 4, 4), mode="circular"),
        mix=MIXES["Blue − yellow"],
    ),
    "pooled": PhotoLayer(
        (SOBEL,),
        Layer(padding=(1, 1, 1, 1), mode="replicate"),
        relu=True,
        pooling=Layer("max_pool", (3, 3), (3, 3)),
    ),
    "mean": PhotoLayer((SOBEL,), Layer(stride=(2, 2)), pooling=Layer("avg_pool", (2, 2), (2, 2))),
}


@pytest.mark.parametrize("layer", SNIPPET_LAYERS.values(), ids=SNIPPET_LAYERS)
def test_snippets_give_the_numbers_on_the_page(
    layer: PhotoLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = random_photo(24, 33, seed=5)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    output = apply(layer, planes(pixels))
    np.testing.assert_allclose(execute(snippets.output(layer)), output, rtol=1e-4, atol=1e-2)
    assert execute(snippets.output_shape(layer)) == (*output.shape[1:], output.shape[0])
    unit = (2, 1)
    window = window_at(layer, pixels, unit)
    expected = window.sums + layer.bias if layer.mix is None else window.total
    np.testing.assert_allclose(execute(snippets.unit(layer, unit)), expected)
    if len(layer.kernels) == 1:
        maps = channel_maps(layer, planes(pixels))
        np.testing.assert_allclose(execute(snippets.channel_maps(layer)), maps, rtol=1e-4, atol=1e-2)


def test_an_edge_filters_silence_is_neutral_and_not_black() -> None:
    even = np.full((9, 9, 3), 60, np.uint8)
    layer = PhotoLayer((SOBEL,), Layer(), mix=(1.0, -1.0, 0.0))
    assert decoded(figures.show_output(layer, even).picture).min() > 230
    shown = figures.show_channels(layer, random_photo(9, 9))
    assert decoded(shown[2].picture).min() > 230  # blue weighs nothing
    brighter = PhotoLayer((((1.0,),),), Layer(kernel=(1, 1)))
    assert figures.keeps_brightness(brighter)
    assert not figures.keeps_brightness(PhotoLayer(brighter.kernels, brighter.window, mix=(1.0, -1.0, 0.0)))
