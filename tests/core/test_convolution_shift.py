"""The shift test: exactly zero where theory says so, and the same change that two shifted cuts show in PyTorch."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from core.bundled import bundled
from core.convolution import Layer
from core.convolution.photo_layer import MIXES, PhotoLayer
from core.convolution.shift import LONGEST_SHIFT, clear_of_padding, difference, shift_test, span
from core.figures import convolution_photo as figures
from core.snippets import convolution_photo as snippets

SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
BOX = ((1 / 9,) * 3,) * 3


def layer_of(
    stride: int, pool: str | None = None, kernel: tuple = SOBEL, mix: tuple | None = MIXES["Luminance"]
):
    pooling = Layer(f"{pool}_pool", (2, 2), (2, 2)) if pool else None
    window = Layer(stride=(stride, stride), padding=(1, 1, 1, 1))
    return PhotoLayer((kernel,), window, mix=mix, pooling=pooling)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return bundled("Cat").pixels[:120, :150]


@pytest.mark.parametrize("kernel", [SOBEL, BOX], ids=["sobel", "box"])
@pytest.mark.parametrize("mix", [None, MIXES["Luminance"]], ids=["apart", "together"])
@pytest.mark.parametrize(("stride", "pool"), [(1, None), (2, None), (3, None), (1, "max"), (2, "avg")])
def test_shifts_by_the_stride_change_nothing_and_others_do(
    pixels: np.ndarray, stride: int, pool: str | None, kernel: tuple, mix: tuple | None
) -> None:
    total = stride * (2 if pool else 1)
    for shift in shift_test(layer_of(stride, pool, kernel, mix), pixels):
        if shift.pixels % total == 0:
            assert (shift.largest, shift.mean, shift.relative) == (0, 0, 0)
            assert shift.cells == shift.pixels // total
        else:
            assert shift.largest > 1
            assert 0 < shift.mean < shift.largest


@pytest.mark.parametrize("shift", [1, 2, 5])
def test_the_change_is_what_two_cuts_show(pixels: np.ndarray, shift: int) -> None:
    layer = PhotoLayer(
        (SOBEL,), Layer(stride=(2, 2)), mix=(1.0, 0.0, 0.0)
    )  # no padding, the red channel alone
    red = torch.tensor(pixels[..., 0].astype(float))[None, None]
    weight = torch.tensor(SOBEL, dtype=torch.float64)[None, None]
    width = red.shape[3] - LONGEST_SHIFT
    still = F.conv2d(red[..., LONGEST_SHIFT:], weight, stride=2)[0, 0]
    first = LONGEST_SHIFT - shift
    moved = F.conv2d(red[..., first : first + width], weight, stride=2)[0, 0]
    changes = [
        (moved[:, cells:] - still[:, : still.shape[1] - cells]).abs()
        for cells in {shift // 2, (shift + 1) // 2}
    ]
    best = min(changes, key=lambda change: change.mean())
    (found,) = shift_test(layer, pixels, [shift])
    assert found.largest == pytest.approx(best.max().item())
    assert found.mean == pytest.approx(best.mean().item())
    assert found.relative == pytest.approx(best.mean().item() / still.abs().mean().item())
    assert np.abs(difference(layer, pixels, shift)).max() == pytest.approx(found.largest)


@pytest.mark.parametrize("pool", [None, "max"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("n", [5, 8, 13])
def test_what_reads_no_padding_is_told_by_poking_the_padding(n: int, stride: int, pool: str | None) -> None:
    """Fill the padding with not-a-number: an output that stays a number reads none of it."""
    layer = layer_of(stride, pool)
    if min(layer.window.output_hw((n, n))) < 2:
        pytest.fail("the cases must leave room for the pooling")
    x = F.pad(torch.zeros(1, 1, n, n), (1, 1, 1, 1), value=float("nan"))
    y = F.conv2d(x, torch.ones(1, 1, 3, 3), stride=stride)
    y = F.avg_pool2d(y, 2) if pool else y
    clean = (~y[0, 0].isnan()).any(dim=1).numpy()
    inside = np.zeros(len(clean), bool)
    inside[clear_of_padding(layer, 0, n)] = True
    np.testing.assert_array_equal(inside, clean)


def test_the_span_grows_with_pooling() -> None:
    assert span(layer_of(1), 0) == 3
    assert span(layer_of(2, "max"), 1) == 5


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (1, 200), (200, 1), (2, 40)], ids=str)
def test_photos_without_room_get_a_sentence(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="photo"):
        shift_test(layer_of(1), np.zeros((*shape, 3), np.uint8))


def test_an_even_photo_changes_nothing() -> None:
    shifts = shift_test(layer_of(2, "max"), np.full((40, 40, 3), 90, np.uint8))
    assert all((shift.largest, shift.relative) == (0, 0) for shift in shifts)


@pytest.mark.parametrize("shift", [-1, LONGEST_SHIFT + 1])
def test_shifts_out_of_range_are_refused(pixels: np.ndarray, shift: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 8"):
        shift_test(layer_of(1), pixels, [shift])


def test_the_chart_shows_every_shift(pixels: np.ndarray) -> None:
    shifts = shift_test(layer_of(2), pixels)
    chart = figures.shift_chart(shifts, 2)
    assert list(chart.data[0].x) == list(range(LONGEST_SHIFT + 1))
    assert list(chart.data[0].y) == [shift.relative for shift in shifts]
    assert "1 px" in figures.shift_alt(shifts)
    shown = figures.show_difference(layer_of(2), pixels, difference(layer_of(2), pixels, 1))
    assert shown.scale.low == -shown.scale.high


@pytest.mark.parametrize(("stride", "pool"), [(1, None), (2, None), (2, "avg")])
@pytest.mark.parametrize("shift", [1, 3, 4])
def test_the_snippet_finds_the_same_difference(
    pixels: np.ndarray,
    stride: int,
    pool: str | None,
    shift: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(snippets.shift(layer_of(stride, pool), shift), names)
    assert float(names["result"]) == pytest.approx(
        shift_test(layer_of(stride, pool), pixels, [shift])[0].largest, abs=1e-3
    )
