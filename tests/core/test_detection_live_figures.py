"""What a training draws: marks at the boxes, charts with the numbers as given, the map with a square for each cell."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from core.detection.competing import Verdicts, verdicts
from core.detection.evaluation import Detections
from core.detection.live_formulas import loss_formula, output_formula, score_formula
from core.detection.live_loss import Parts, assigned
from core.detection.live_training import LiveEpoch, LiveSettings
from core.detection.scenes import SIDE, Scene, SceneSettings, scene
from core.detection.small_yolo import grid_of, said
from core.figures import detection_training as figures
from core.figures.palette import MAGNITUDE_LUT

NAMES = SceneSettings().classes
SHOWN = scene(SceneSettings(least=3, most=3), "new", 0, 0)


def epoch(number: int) -> LiveEpoch:
    parts = Parts(*([math.nan] * 3 if number == 0 else [0.5 * number, 0.25, 0.125]))
    raw = np.zeros((1, 144, 8), np.float32)
    return LiveEpoch(number, True, parts, 0.1 * number, 0.05 * number, 8 * number, 1.0, 8.0, raw, {})


def corners(outline: tuple[tuple[float, float], ...]) -> tuple[float, ...]:
    return (*outline[0], *outline[2])


def test_samples_are_marked_at_their_boxes() -> None:
    grid = grid_of(8)
    tile = figures.sample_tile(SHOWN, figures.travelling(SHOWN), NAMES, "Scene 1", None, grid)
    assert [corners(mark.outline) for mark in tile.marks] == [tuple(box) for box in SHOWN.boxes.tolist()]
    assert [mark.label for mark in tile.marks] == [NAMES[label] for label in SHOWN.labels]
    assert tile.size == (SIDE, SIDE)
    assert tile.lines[0].text == "3 objects"
    assert tile.picture.width == 3 * SIDE
    crowded = scene(SceneSettings(least=9, most=9, smallest=96, largest=96, overlap=0), "new", 0, 0)
    lines = figures.sample_tile(crowded, tile.picture, NAMES, "", None, grid).lines
    assert [line.text for line in lines] == ["1 object", "8 more found no place"]


@pytest.mark.parametrize("rule", ["centre", "around"])
def test_cells_that_learn_are_coloured(rule: str) -> None:
    taught = assigned(rule, SHOWN, grid_of(8))
    tile = figures.sample_tile(SHOWN, figures.travelling(SHOWN), NAMES, "", taught, grid_of(8))
    assert tile.mask is not None
    shown = np.asarray(Image.open(io.BytesIO(tile.mask.data)).convert("RGBA"))
    coloured = {
        (row, column) for row, column in np.ndindex(12, 12) if shown[24 * row + 12, 24 * column + 12, 3]
    }
    assert coloured == {(claim.slot.row, claim.slot.column) for claim in taught.responsible}
    assert tile.lines[0].text == f"3 objects, {len(coloured)} cells"


def test_an_object_without_a_cell_is_said() -> None:
    boxes = np.array([[10.0, 10, 30, 30], [11, 11, 31, 31]])
    twins = Scene(SHOWN.pixels, boxes, np.array([0, 1]))
    taught = assigned("centre", twins, grid_of(16))
    tile = figures.sample_tile(twins, figures.travelling(twins), NAMES, "", taught, grid_of(16))
    assert [line.text for line in tile.lines] == ["2 objects, 1 cell", "1 object without a cell"]


def test_hits_alarms_and_misses_look_different() -> None:
    boxes = np.array([SHOWN.boxes[0], [-20.0, 40, 30, 200]])
    found = Detections(np.zeros(2, int), boxes, np.array([int(SHOWN.labels[0]), 2]), np.array([0.9, 0.4]))
    told = Verdicts(found, (True, False), (1, 2))
    tile = figures.found_tile(SHOWN, figures.travelling(SHOWN), told, NAMES, "Scene 1")
    assert [(mark.role, mark.dashed) for mark in tile.marks] == [
        ("muted", True),
        ("muted", True),
        ("second", False),
        ("third", False),
    ]
    assert tile.marks[2].label == f"{NAMES[SHOWN.labels[0]]} 0.90"
    assert corners(tile.marks[3].outline) == (0, 40, 30, SIDE)  # cut to the scene
    assert [line.text for line in tile.lines] == ["1 of 3 found", "1 false alarm"]
    silent = np.full((1, 144, 8), -9.0, np.float32)
    empty = scene(SceneSettings(least=0, most=0), "new", 0, 0)
    lines = figures.found_tile(empty, tile.picture, verdicts(silent, empty, 0.3), NAMES, "").lines
    assert [line.text for line in lines] == ["no objects"]


def test_charts_hold_the_numbers() -> None:
    epochs = [epoch(number) for number in range(4)]
    half, mean = figures.precision_figure(epochs, 16, 2).data
    assert list(half.y) == [each.ap50 for each in epochs]
    assert list(mean.y) == [each.ap for each in epochs]
    bars = figures.parts_figure(epochs, 16).data
    assert [list(each.x) for each in bars] == [[1, 2, 3]] * 3
    assert [list(each.y) for each in bars] == [[0.5, 1.0, 1.5], [0.25] * 3, [0.125] * 3]
    assert figures.precision_alt(epochs).endswith("3: 0.30")
    assert figures.parts_alt(epochs).endswith("3: 1.50, 0.25, 0.12")


def test_the_map_has_a_square_for_each_cell() -> None:
    raw = np.zeros((144, 8), np.float32)
    raw[:, 4] = np.random.default_rng(0).normal(0, 3, 144)
    one = said(raw)
    shown = figures.objectness_map(one)
    assert shown.shape == (576, 576, 4)
    for cell in range(144):
        row, column = divmod(cell, 12)
        colour = MAGNITUDE_LUT[round(one.objectness[cell] * 255)]
        inside = shown[48 * row + 1 : 48 * row + 48, 48 * column + 1 : 48 * column + 48, :3]
        assert (inside == colour).all()
    legend = figures.objectness_scale(one)
    assert (legend.low, legend.high) == (0, 1)
    assert (legend.smallest, legend.largest) == (one.objectness.min(), one.objectness.max())


def test_enlarged_pixels_are_squares() -> None:
    large = figures.enlarged(SHOWN.pixels)
    assert np.array_equal(large[3::6, 3::6], SHOWN.pixels)
    assert np.array_equal(large[::6, 5::6], SHOWN.pixels)


def test_formulas_come_out_as_their_numbers() -> None:
    assert output_formula(LiveSettings()).value == 144 * 8
    assert loss_formula(Parts(0.5, 0.25, 0.125)).value == 0.875
    one = said(np.random.default_rng(0).normal(size=(144, 8)).astype(np.float32))
    assert score_formula(one, 7, "A").value == one.scores[7]
