"""The pictures and the code of the Faster R-CNN view, and its funnel as long work."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.figures import detection as bars
from core.figures import two_stage_faster as figures
from core.jobs import Job, Tick
from core.snippets import two_stage_faster as snippets
from core.two_stage import faster_anchors as anchors
from core.two_stage import faster_coding as coding
from core.two_stage.faster_funnel import STEPS, First, Funnel, last_boxes
from core.two_stage.faster_run import found, funnel_order, run
from tests.core.faster_weights import written

PIXELS = bundled("Cat").pixels
HW = PIXELS.shape[:2]


def test_every_dot_is_a_place() -> None:
    level = anchors.levels(anchors.RESNET, HW)[-1]
    drawn, every = figures.places_picture(PIXELS, level, anchors.shown_hw(HW))
    plain, times = figures.enlarged(PIXELS)
    assert every == 1
    assert times == pytest.approx(900 / 451)
    shown = anchors.shown_hw(HW)
    y, x = (3 * level.step[i] * drawn.shape[i] / shown[i] for i in range(2))
    assert drawn[round(y), round(x)].tolist() == [255, 255, 255]
    changed = (drawn != plain).any(axis=2)
    assert 0 < changed.sum() < level.rows * level.columns * 60
    assert figures.places_picture(PIXELS, anchors.levels(anchors.RESNET, HW)[0], shown)[1] > 1


def test_boxes_are_painted_with_the_first_on_top() -> None:
    boxes = np.array([[20.0, 20, 80, 80], [20, 20, 80, 80], [-5000, -1, 9e9, 40]])
    inks = [(1, 2, 3), (9, 9, 9), (5, 5, 5)]
    drawn = figures.boxes_picture(PIXELS, boxes, inks)
    scale = drawn.shape[1] / PIXELS.shape[1]
    assert drawn[round(50 * scale), round(20 * scale)].tolist() == [1, 2, 3]
    none = figures.boxes_picture(PIXELS, np.zeros((0, 4)))
    np.testing.assert_array_equal(none, figures.enlarged(PIXELS)[0])
    assert figures.level_inks(np.array([2, 5]), 2) == [figures.LEVEL_INK[0], figures.LEVEL_INK[3]]


def test_the_map_of_objectness_is_the_best_anchor_of_each_place() -> None:
    design = anchors.MOBILENET
    of = anchors.levels(design, HW)
    values = np.zeros(len(anchors.all_anchors(of)), np.float32)
    level = of[0]
    values[level.first + (3 * level.columns + 5) * 15 + 7] = 1.0
    none = np.zeros(0, np.int64)
    first = First(design.name, HW, anchors.shown_hw(HW), values, none, np.zeros((0, 4), np.float32),
                  none.astype(bool), none, 0.7)  # fmt: skip
    shown = figures.objectness_map(first, level)
    bright = np.argwhere(shown[..., 0] > 200)
    times = 512 // max(level.rows, level.columns)
    assert bright.min(axis=0).tolist() == [3 * times, 5 * times]
    assert bright.max(axis=0).tolist() == [4 * times - 1, 6 * times - 1]
    assert first.level_numbers().shape == (0,)


def test_the_staircase_has_its_steps_where_the_level_changes() -> None:
    figure = figures.level_figure([100.0, 500.0], [2, 5], 2, 5)
    x, y = np.array(figure.data[0].x), np.array(figure.data[0].y)
    expected = coding.level_of([[0, 0, side, side] for side in x], 2, 5)
    np.testing.assert_array_equal(y, expected)
    assert list(figure.data[1].y) == [2, 5]
    named = [("background", 0.7), ("cat", 0.2)]
    assert list(bars.shares_figure(named, grey="background").data[0].x) == [0.7, 0.2]


@pytest.mark.parametrize("design", list(anchors.DESIGNS.values()), ids=list(anchors.DESIGNS))
def test_the_code_gives_the_page_s_numbers(design: anchors.Design) -> None:
    names: dict = {}
    exec(snippets.anchors(design, HW), names)
    of = anchors.all_anchors(anchors.levels(design, HW))
    np.testing.assert_array_equal(names["result"].numpy(), of)
    objects = ((100.0, 120.0, 640.0, 700.0), (300.0, 30.0, 420.0, 260.0))
    exec(snippets.taught(objects, design, HW), names)
    np.testing.assert_array_equal(names["result"].numpy(), coding.taught(of, objects))
    exec(snippets.levels(objects, *design.roi_levels), names)
    assert names["result"].tolist() == coding.level_of(objects, *design.roi_levels).tolist()
    anchor = tuple(of[1000].astype(float).tolist())
    exec(snippets.numbers(objects[0], anchor, coding.SECOND), names)
    expected = coding.encode(np.array(objects[:1]), np.array([anchor]), coding.SECOND)[0]
    np.testing.assert_allclose(names["result"].numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(names["back"][0].numpy(), objects[0], atol=1e-6)


@pytest.fixture
def funnel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Funnel:
    written(anchors.MOBILENET.name, tmp_path, monkeypatch)
    order = funnel_order(anchors.MOBILENET.name, PIXELS[:200, :300])
    *ticks, result = run(**order.arguments)
    assert [tick.what for tick in ticks if isinstance(tick, Tick)] == ["reading the weights", *STEPS]
    job = Job("anna", "faster", order)
    assert found(job) is None
    job._take(result)
    assert found(job) is result
    return result


def test_the_code_of_the_funnel_is_the_page_s(funnel: Funnel, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models import detection

    from core.two_stage import faster

    def here(weights: str, box_score_thresh: float, box_nms_thresh: float):
        network = faster.network(anchors.MOBILENET.name)
        monkeypatch.setattr(network.roi_heads, "score_thresh", box_score_thresh)
        monkeypatch.setattr(network.roi_heads, "nms_thresh", box_nms_thresh)
        return network

    monkeypatch.setattr(detection, anchors.MOBILENET.name, here)
    names = {"pixels": PIXELS[:200, :300].copy()}
    exec(snippets.funnel(anchors.MOBILENET.name, 0.1, 0.4), names)
    last = last_boxes(funnel.first, funnel.second, 0.1, 0.4)
    boxes, scores, labels = names["result"]
    np.testing.assert_allclose(last.boxes[last.kept], boxes.numpy(), atol=0.02)
    np.testing.assert_array_equal(last.labels[last.kept], labels.numpy())
    assert torch.is_tensor(scores)


def test_the_run_stops_when_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(anchors.MOBILENET.name, tmp_path, monkeypatch)
    work = run(anchors.MOBILENET.name, PIXELS, 0.7)
    next(work)
    with pytest.raises(StopIteration):
        work.send(True)
