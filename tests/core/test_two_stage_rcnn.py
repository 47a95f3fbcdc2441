"""R-CNN and Fast R-CNN: crops against a pixel-by-pixel reference, both ways against the network itself."""

import numpy as np
import pytest
import torch
from torchvision import ops

from core import networks
from core.bundled import bundled
from core.jobs import Tick
from core.two_stage.rcnn import (
    BATCH,
    BINS,
    CONTEXT,
    NETWORK,
    SIDE,
    STRIDE,
    Scored,
    both,
    crop,
    fast,
    fast_input,
    last_map,
    rcnn,
)

PHOTO = bundled("Coffee").pixels
BOXES = np.array([[100, 50, 500, 380], [0, 0, 600, 400], [300, 200, 340, 390], [-20, 10, 60, 90]], np.float64)


def normalised(picture: np.ndarray) -> torch.Tensor:
    how = networks.record(NETWORK).preprocessing
    values = (picture.astype(np.float32) - np.array(how.mean, np.float32)) / np.array(how.std, np.float32)
    return torch.from_numpy(values).permute(2, 0, 1)[None]


@pytest.mark.parametrize("box", BOXES.tolist(), ids=["inside", "whole", "tall", "over the edge"])
def test_a_crop_is_the_slow_one(box: list[float]) -> None:
    """Each pixel reads the photo where it lies; 16 pixels on each side are context, mean colour outside the photo."""
    found = crop(PHOTO, tuple(box)).astype(float)
    height, width = PHOTO.shape[:2]
    inner = SIDE - 2 * CONTEXT
    mean = PHOTO.reshape(-1, 3).mean(axis=0)
    for row, column in ((16, 16), (100, 60), (200, 180), (5, 5), (207, 207)):
        x = box[0] + (column + 0.5 - CONTEXT) * (box[2] - box[0]) / inner - 0.5
        y = box[1] + (row + 0.5 - CONTEXT) * (box[3] - box[1]) / inner - 0.5
        left, top = int(np.floor(x)), int(np.floor(y))
        value = np.zeros(3)
        for dy in (0, 1):
            for dx in (0, 1):
                share = (x - left if dx else 1 - x + left) * (y - top if dy else 1 - y + top)
                at = (top + dy, left + dx)
                inside = 0 <= at[0] < height and 0 <= at[1] < width
                value += share * (PHOTO[at] if inside else mean)
        np.testing.assert_allclose(found[row, column], value, atol=4)  # OpenCV reads in 32nds of a pixel


def test_r_cnn_is_the_network_on_each_crop() -> None:
    found = rcnn(PHOTO, BOXES)
    network = networks.load(NETWORK)
    for row, box in enumerate(BOXES.tolist()):
        with torch.inference_mode():
            said = network(normalised(crop(PHOTO, tuple(box)))).softmax(1)[0]
        assert found.labels[row] == int(said.argmax())
        assert found.scores[row] == pytest.approx(float(said.max()), abs=1e-4)
    assert found.passes == len(BOXES)


@pytest.mark.parametrize("cut", ["align", "pool"])
def test_fast_r_cnn_is_torchvision_s_regions_through_the_rest(cut: str) -> None:
    found = fast(PHOTO, BOXES, cut)
    network = networks.load(NETWORK)
    shown, (across, down) = fast_input(PHOTO)
    assert not shown.shape[0] % STRIDE
    regions = torch.tensor(BOXES * [across, down, across, down], dtype=torch.float32)
    with torch.inference_mode():
        maps = network.blocks(network.bn1(network.conv_stem(normalised(shown))))
        np.testing.assert_allclose(maps[0].numpy(), last_map(PHOTO), rtol=1e-3, atol=1e-3)
        numbered = torch.cat([torch.zeros(len(regions), 1), regions], dim=1)
        cuts = (
            ops.roi_align(maps, numbered, BINS, 1 / STRIDE, 2, True)
            if cut == "align"
            else ops.roi_pool(maps, numbered, BINS, 1 / STRIDE)
        )
        said = network.forward_head(network.bn2(network.conv_head(cuts))).softmax(1)
    np.testing.assert_array_equal(found.labels, said.argmax(1).numpy())
    np.testing.assert_allclose(found.scores, said.max(1).values.numpy(), atol=1e-3)
    assert found.passes == 1


def test_what_is_kept_is_torchvision_s() -> None:
    dice = np.random.default_rng(0)
    corner = dice.uniform(0, 50, (60, 2))
    boxes = np.concatenate([corner, corner + dice.uniform(5, 40, (60, 2))], axis=1)
    scored = Scored("fast", boxes, dice.random(60), dice.integers(0, 3, 60), 1.0, 1)
    rows = np.flatnonzero(scored.scores > 0.3)
    wanted = ops.batched_nms(
        *(torch.from_numpy(each[rows]) for each in (boxes, scored.scores, scored.labels)), 0.3
    )
    np.testing.assert_array_equal(scored.kept(0.3), rows[wanted.numpy()])


@pytest.mark.parametrize(
    "photo", [np.zeros((1, 1, 3), np.uint8), np.zeros((40, 900, 3), np.uint8)], ids=["pixel", "strip"]
)
def test_odd_photos(photo: np.ndarray) -> None:
    boxes = np.array([[0, 0, photo.shape[1], photo.shape[0]]], np.float64)
    for found in (fast(photo, boxes), rcnn(photo, boxes)):
        assert np.isfinite(found.scores).all()
    for found in (fast(photo, boxes[:0]), rcnn(photo, boxes[:0])):
        assert len(found.boxes) == len(found.scores) == 0


def test_the_race_stops_within_a_batch() -> None:
    boxes = np.tile(BOXES, (15, 1))
    work = both(PHOTO, boxes, "align")
    first = next(work)
    assert first.way == "fast"
    assert len(first.boxes) == len(boxes)
    tick = next(work)
    assert isinstance(tick, Tick)
    last = work.send(True)
    assert last.way == "rcnn"
    assert len(last.boxes) == BATCH
    assert list(work) == []
