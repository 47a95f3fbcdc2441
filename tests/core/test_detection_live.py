"""The small YOLO: what its numbers mean, who learns what, the loss against loops, and that it can learn."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import batched_nms, generalized_box_iou_loss

from core.detection.boxes import iou
from core.detection.competing import compete, verdicts
from core.detection.encoding import decode
from core.detection.evaluation import evaluate
from core.detection.grid import Grid
from core.detection.live_loss import BOX_WEIGHT, RULES, around, assigned, loss, taught
from core.detection.scenes import Scene, SceneSettings, scene, scenes, truths
from core.detection.small_yolo import (
    LOG_MOST,
    as_input,
    detections,
    grid_of,
    network,
    raw_by,
    raw_of,
    said,
    suppressed,
    weights_of,
)

EMPTY = SceneSettings(least=0, most=0)


def numbers(seed: int, cells: int = 144, classes: int = 3, scale: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, scale, (cells, 5 + classes)).astype(np.float32)


def batch_of(count: int = 3, **asked: Any) -> tuple[Scene, ...]:
    return scenes(SceneSettings(**({"most": 6} | asked)), "train", 1, 0, count)


@pytest.mark.parametrize("stride", [8, 16])
def test_a_cell_s_numbers_are_those_of_yolox(stride: int) -> None:
    grid = grid_of(stride)
    raw = numbers(0, grid.rows * grid.columns)
    one = said(raw)
    for cell, row in enumerate(raw.tolist()):
        reachable = (*row[:2], *(min(each, LOG_MOST) for each in row[2:4]))
        expected = decode("yolox", reachable, divmod(cell, grid.columns), grid)
        np.testing.assert_allclose(one.boxes[cell], expected, rtol=1e-9)
        assert one.objectness[cell] == pytest.approx(1 / (1 + math.exp(-row[4])))
        shares = torch.tensor(row[5:], dtype=torch.float64).softmax(0)
        np.testing.assert_allclose(one.classes[cell], shares.numpy(), rtol=1e-9)
        assert one.scores[cell] == pytest.approx(float(one.objectness[cell] * shares.max()))


@settings(max_examples=40)
@given(seed=st.integers(0, 9999), threshold=st.floats(0, 1), overlap=st.floats(0, 1))
def test_suppression_and_claims_are_those_of_loops(seed: int, threshold: float, overlap: float) -> None:
    one = said(numbers(seed, 36, scale=1.5))
    loud = [cell for cell in range(36) if one.scores[cell] >= threshold]
    kept = batched_nms(*map(torch.tensor, (one.boxes[loud], one.scores[loud], one.labels[loud])), overlap)
    left = [loud[index] for index in kept.tolist()]
    assert suppressed(one, threshold, overlap).tolist() == left
    objects = scene(SceneSettings(most=6, largest=60), "new", seed, 0).boxes
    found = compete(one, objects, threshold, overlap)
    expected: dict[int, list[int]] = {index: [] for index in range(-1, len(objects))}
    for cell in sorted(loud, key=lambda each: (-one.scores[each], each)):
        shared = [float(iou(one.boxes[[cell]], objects[[index]])[0, 0]) for index in range(len(objects))]
        best = max(range(len(objects)), key=lambda index: shared[index])
        expected[best if shared[best] >= 0.5 else -1].append(cell)
    assert [list(cells) for cells in (found.strangers, *found.claims)] == list(expected.values())
    assert sorted(found.left) == sorted(left)
    assert sorted(found.loud) == loud


def test_without_objects_every_cell_is_a_stranger() -> None:
    one = said(numbers(1))
    found = compete(one, np.zeros((0, 4)), 0.0)
    assert (len(found.strangers), found.claims, found.most_wanted) == (144, (), None)
    assert len(compete(one, np.zeros((0, 4)), 1.1).loud) == 0


@settings(max_examples=40)
@given(seed=st.integers(0, 9999), most=st.integers(0, 12), stride=st.sampled_from([8, 16]))
def test_around_is_the_nine_cells_of_the_smallest_object(seed: int, most: int, stride: int) -> None:
    grid = grid_of(stride)
    one = scene(SceneSettings(least=0, most=most, overlap=0.8), "train", seed, 0)
    owner = {
        (claim.slot.row, claim.slot.column): claim.object for claim in around(one.boxes, grid).responsible
    }
    area = [(r - left) * (b - t) for left, t, r, b in one.boxes.tolist()]
    for row in range(grid.rows):
        for column in range(grid.columns):
            near = [
                index
                for index, (left, top, right, bottom) in enumerate(one.boxes.tolist())
                if abs(math.floor((top + bottom) / 2 / stride) - row) <= 1
                and abs(math.floor((left + right) / 2 / stride) - column) <= 1
            ]
            best = min(near, key=lambda index: (area[index], index), default=None)
            assert owner.get((row, column)) == best


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["shapes", "circles"])
def test_the_loss_is_that_of_slow_loops(rule: str, kind: str) -> None:
    batch, grid = batch_of(kind=kind), grid_of(8)
    classes = len(SceneSettings(kind).classes)
    raw = np.stack([numbers(index, classes=classes) for index in range(3)]).clip(max=LOG_MOST)
    box = objectness = share = count = 0.0
    for index, one in enumerate(batch):
        aims = np.zeros(144)
        for claim in assigned(rule, one, grid, raw[index]).responsible:
            cell = claim.slot.row * 12 + claim.slot.column
            found = decode("yolox", tuple(raw[index, cell, :4].tolist()), divmod(cell, 12), grid)
            pair = (torch.tensor(each, dtype=torch.float64) for each in (found, one.boxes[claim.object]))
            box += float(generalized_box_iou_loss(*pair))
            logits = raw[index, cell, 5:].astype(float)
            share -= logits[one.labels[claim.object]] - math.log(sum(map(math.exp, logits)))
            aims[cell] = 1
            count += 1
        for cell in range(144):
            p = 1 / (1 + math.exp(-float(raw[index, cell, 4])))
            objectness -= aims[cell] * math.log(p) + (1 - aims[cell]) * math.log(1 - p)
    parts = loss(torch.from_numpy(raw), taught(rule, batch, grid, raw), grid)
    found = [float(each) for each in (parts.box, parts.objectness, parts.classes)]
    assert found == pytest.approx(
        [BOX_WEIGHT * box / count, objectness / count, share / count], rel=1e-4, abs=1e-7
    )
    assert float(parts.total) == pytest.approx(sum(found), rel=1e-6)
    if kind == "circles":
        assert float(parts.classes) == 0


def test_scenes_without_objects_teach_only_that_nothing_is_there() -> None:
    batch, raw = scenes(EMPTY, "train", 0, 0, 2), np.stack([numbers(0), numbers(1)])
    for rule in RULES:
        wanted = taught(rule, batch, grid_of(8), raw)
        assert len(wanted.cells) == 0
        parts = loss(torch.from_numpy(raw), wanted, grid_of(8))
        expected = torch.nn.functional.softplus(torch.from_numpy(raw[..., 4])).sum()
        torch.testing.assert_close(parts.objectness, expected)
        assert float(parts.box) == float(parts.classes) == 0


@pytest.mark.parametrize("rule", RULES)
def test_it_learns_one_scene_by_heart(rule: str) -> None:
    one = scene(SceneSettings(least=3, most=3, clutter=0), "train", 5, 0)
    made, grid = network(3, 8, 0).train(), grid_of(8)
    adam = torch.optim.AdamW(made.parameters(), 3e-3)
    picture = as_input([one.pixels] * 2)
    for _ in range(120):
        raw = made(picture)
        parts = loss(raw, taught(rule, [one] * 2, grid, raw.detach().numpy()), grid)
        adam.zero_grad()
        parts.total.backward()
        adam.step()
    raw = raw_by(made, [one.pixels])
    assert evaluate(detections(raw), truths([one])).at(0.5) == 1.0
    found = verdicts(raw, one, 0.5)
    assert found.hits == (True,) * 3 and found.missed == ()


def test_weights_travel_and_the_network_draws_from_its_own_seed() -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    for stride in (8, 16):
        made = network(2, stride, 7)
        pixels = [each.pixels for each in batch_of(2)]
        np.testing.assert_array_equal(raw_of(weights_of(made), pixels), raw_by(made, pixels))
        same, other = network(2, stride, 7), network(2, stride, 8)
        np.testing.assert_array_equal(raw_by(same, pixels), raw_by(made, pixels))
        assert not np.array_equal(raw_by(other, pixels), raw_by(made, pixels))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_verdicts_of_a_network_that_says_nothing_are_misses() -> None:
    one = batch_of(1, least=2)[0]
    silent = numbers(0)
    silent[:, 4] = -50
    assert verdicts(silent[None], one, 0.3).missed == tuple(range(len(one.boxes)))
    assert verdicts(silent[None], scene(EMPTY, "new", 0, 0), 0.3).missed == ()


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: grid_of(4), "stride is one of 8, 16, got 4"),
        (lambda: network(3, 32, 0), "got 32"),
        (lambda: said(np.zeros((143, 8), np.float32)), "square grid"),
        (lambda: said(np.zeros((144, 5), np.float32)), "6 numbers or more"),
        (lambda: said(np.full((144, 8), np.nan, np.float32)), "must be finite"),
        (lambda: assigned("best", batch_of()[0], grid_of(8)), "rule is one of centre, around, simota"),
        (lambda: assigned("simota", batch_of()[0], grid_of(8)), "needs the predictions"),
        (lambda: around(np.array([[0.0, 0, 200, 10]]), Grid(12, 12, (96, 96))), "inside the photo"),
    ],
    ids=["stride", "network", "cells", "classes", "nan", "rule", "simota", "outside"],
)
def test_what_is_impossible_is_a_sentence(act: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        act()
