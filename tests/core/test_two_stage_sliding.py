"""The sliding window against the classifier itself, window by window, and against counts made another way."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from core import networks
from core.bundled import bundled
from core.detection.boxes import iou
from core.figures import two_stage_sliding as figures
from core.networks.preparing import normalised
from core.snippets import two_stage_sliding as snippets
from core.two_stage import sliding
from core.two_stage.sliding import NETWORK, SIDES, STRIDE, WINDOW, Dense
from core.two_stage.sliding_cost import cost, ratio_formula, windows_formula
from core.two_stage.sliding_race import sweep

NETWORK_PIXELS = bundled("Coffee").pixels


def tensor(pixels: np.ndarray) -> torch.Tensor:
    return normalised(networks.record(NETWORK).preprocessing, pixels)


def test_with_one_window_the_map_is_the_classifier() -> None:
    photo = bundled("Astronaut").pixels
    seen = sliding.dense(photo, 224)
    shown = sliding.resized(photo, 224)
    with torch.inference_mode():
        alone = networks.load(NETWORK)(tensor(shown))[0].numpy()
    assert seen.logits.shape == (1000, 1, 1)
    np.testing.assert_allclose(seen.logits[:, 0, 0], alone, atol=2e-5)
    np.testing.assert_array_equal(sliding.one_window(shown, 0, 0), alone)
    assert sliding.head_difference(shown) < 2e-5


def test_the_head_is_pooling_and_linear_layer_at_every_place() -> None:
    network = networks.load(NETWORK)
    features = torch.randn(1, 1280, 9, 11, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        whole = sliding.head(network, features)
        for row in range(3):
            for column in range(5):
                part = features[:, :, row : row + 7, column : column + 7]
                alone = network.classifier(part.mean(dim=(2, 3)))
                torch.testing.assert_close(whole[:, :, row, column], alone, atol=2e-5, rtol=1e-5)


def test_windows_of_the_one_pass_are_their_crops_up_to_the_padding() -> None:
    """A place's features are most like those of its own crop, and not of the crop beside it."""
    network, shown = networks.load(NETWORK), sliding.resized(NETWORK_PIXELS, 320)
    with torch.inference_mode():
        features = network.forward_features(tensor(shown))
        crop = network.forward_features(tensor(shown[32 : 32 + WINDOW, 96 : 96 + WINDOW]))
    alike = {
        (row, column): float(
            torch.corrcoef(
                torch.stack([crop.flatten(), features[:, :, row : row + 7, column : column + 7].flatten()])
            )[0, 1]
        )
        for row in (0, 1, 2)
        for column in (2, 3, 4)
    }
    assert max(alike, key=alike.get) == (1, 3)  # type: ignore[arg-type]


def test_the_race_says_how_far_both_are_apart() -> None:
    *ticks, result = sweep(NETWORK_PIXELS[:, :400], 224)
    assert [tick.done for tick in ticks] == [1]
    assert (result.windows, result.done, result.agree) == (1, 1, 1)
    assert float(result.apart.max()) < 1e-4
    *ticks, result = sweep(NETWORK_PIXELS, 224)
    assert len(ticks) == result.done == result.windows == 4
    shown, whole = sliding.resized(NETWORK_PIXELS, 224), sliding.dense(NETWORK_PIXELS, 224).probabilities()
    alone = [sliding.softmax(sliding.one_window(shown, 0, column)) for column in range(4)]
    expected = [np.abs(alone[i] - whole[:, 0, i]).max() for i in range(4)]
    np.testing.assert_allclose(result.apart, expected, atol=1e-5)
    np.testing.assert_allclose(result.scores, [each.max() for each in alone], atol=1e-5)
    assert result.ratio == pytest.approx(result.seconds / result.at_once_seconds)


def test_the_race_stops_when_it_is_told() -> None:
    race = sweep(NETWORK_PIXELS, 320)
    next(race)
    assert race.send(True).done == 1
    with pytest.raises(StopIteration):
        next(race)


@pytest.mark.parametrize("hw", [(224, 224), (320, 480)], ids=str)
def test_multiply_adds_are_those_that_torch_counts(hw: tuple[int, int]) -> None:
    network = networks.load(NETWORK)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        sliding.head(network, network.forward_features(torch.zeros(1, 3, *hw)))
    counted = cost(hw)
    assert counted.at_once == counter.get_total_flops() // 2
    assert counted.windows == (hw[0] // 32 - 6) * (hw[1] // 32 - 6)
    assert counted.one_by_one == counted.windows * cost((224, 224)).one
    assert windows_formula(hw).value == counted.windows
    assert ratio_formula(counted).value == pytest.approx(counted.one_by_one / counted.at_once)


def test_one_window_costs_the_same_both_ways() -> None:
    assert cost((224, 224)).ratio == 1


@given(st.integers(1, 9000), st.integers(1, 9000), st.sampled_from(SIDES))
def test_every_photo_is_shown_in_whole_strides(height: int, width: int, side: int) -> None:
    shown = sliding.shown_hw((height, width), side)
    assert min(shown) == side
    assert max(shown) <= sliding.LONGEST
    assert all(each % STRIDE == 0 and each >= WINDOW for each in shown)
    assert (shown[0] <= shown[1]) == (height <= width) or shown[0] == shown[1]


@given(st.integers(1, 3000), st.integers(1, 3000), st.sampled_from(SIDES), st.data())
def test_a_window_is_found_again_by_its_middle(
    height: int, width: int, side: int, data: st.DataObject
) -> None:
    hw = sliding.shown_hw((height, width), side)
    rows, columns = sliding.grid(hw)
    seen = Dense(side, hw, (height, width), np.zeros((2, rows, columns), np.float32), 0.0)
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    left, top, right, bottom = seen.window(row, column)
    assert 0 <= left < right <= width * (1 + 1e-9)
    assert 0 <= top < bottom <= height * (1 + 1e-9)
    middle = (top + bottom) / 2 - 0.5, (left + right) / 2 - 0.5
    assert seen.nearest(*middle) == (row, column)  # type: ignore[arg-type]
    np.testing.assert_allclose(seen.windows()[row * columns + column], (left, top, right, bottom))


def test_boxes_are_windows_over_the_threshold_and_doubles_go() -> None:
    maps = [sliding.dense(NETWORK_PIXELS, side) for side in SIDES[:2]]
    left = sliding.found(maps, 0.5, 0.3)
    assert len(left.scores) == sum(int((each.probabilities().max(axis=0) > 0.5).sum()) for each in maps)
    assert (np.diff(left.scores) <= 0).all()
    kept = left.boxes[left.kept]
    same = left.labels[left.kept][:, None] == left.labels[left.kept]
    assert not ((iou(kept, kept) > 0.3) & same & ~np.eye(len(kept), dtype=bool)).any()
    one = sliding.found(maps, 0.5, 0.3, label=int(left.labels[0]))
    assert set(one.labels.tolist()) == {int(left.labels[0])}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: sliding.shown_hw((10, 10), 300), "The shorter side is one of 224, 320, 448, 640 pixels, got 300."),
        (lambda: sliding.shown_hw((0, 10), 224), "A photo has pixels, got 0 x 10."),
        (lambda: sliding.found([], 1.5), "The threshold of the probability is 0 to 1, got 1.5."),
    ],
    ids=["side", "empty photo", "threshold"],
)  # fmt: skip
def test_bad_input_is_one_sentence(call, sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + sentence.replace(".", r"\.") + "$"):
        call()


def test_the_map_has_a_square_around_every_middle() -> None:
    values = np.linspace(0, 1, 36).reshape(4, 9)
    shown = figures.window_map(values, (320, 480))
    assert shown.shape == (80, 120, 4)
    assert int((shown[..., 3] > 0).sum()) == 36 * 8 * 8
    assert tuple(np.argwhere(shown[..., 3])[0]) == (24, 24)  # pixel 96: the middle at 112 less half a stride
    partly = figures.filled_rows(values.ravel()[:10], (4, 9))
    assert int((figures.window_map(partly, (320, 480))[..., 3] > 0).sum()) == 10 * 8 * 8
    assert figures.map_scale(partly).largest == pytest.approx(values.ravel()[9])


@pytest.mark.parametrize("name", ["place", "boxes", "crop"])
def test_the_code_gives_the_page_s_numbers(name: str) -> None:
    shown = sliding.resized(NETWORK_PIXELS, 320)
    seen = sliding.dense(NETWORK_PIXELS, 320)
    code = {"place": snippets.place(1, 4), "boxes": snippets.boxes(0.5, 0.3), "crop": snippets.crop(1, 4)}[
        name
    ]
    names = {"network": networks.load(NETWORK), "picture": tensor(shown)}
    exec(code, names)
    if name == "place":
        np.testing.assert_allclose(names["result"], seen.probabilities()[:, 1, 4], atol=1e-5)
    elif name == "boxes":
        left = sliding.found([seen], 0.5, 0.3)
        scale = np.array([600 / 480, 400 / 320] * 2)
        np.testing.assert_allclose(names["result"].numpy() * scale, left.boxes[left.kept], atol=1e-3)
    else:
        alone = sliding.softmax(sliding.one_window(shown, 1, 4))
        assert names["result"] == pytest.approx(np.abs(alone - seen.probabilities()[:, 1, 4]).max(), abs=1e-5)
