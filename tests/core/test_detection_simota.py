"""YOLOX's assignment: against its rule in PyTorch, and what it makes of good, bad and contested predictions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.ops import box_iou

from core.detection.assignment import Slot
from core.detection.grid import Grid
from core.detection.simota import simota, worthwhile
from tests.core.grid_strategy import boxes_in, grids

FIVE = Grid(5, 5, (500, 500))
BOX = (150.0, 150.0, 350.0, 350.0)


def in_torch(boxes, grid: Grid, predicted, class_cost, radius: float) -> dict[int, int]:
    """Cell -> object, with a matching matrix: filled by the k cheapest, then one object a column by the least cost."""
    wanted, found = torch.tensor(boxes, dtype=torch.float64), torch.from_numpy(predicted)
    cells = [(row + 0.5, column + 0.5) for row in range(grid.rows) for column in range(grid.columns)]
    middle = torch.tensor(cells, dtype=torch.float64) * torch.tensor(grid.cell_hw, dtype=torch.float64)
    reach = torch.tensor(grid.cell_hw, dtype=torch.float64) * radius
    centre = torch.stack([wanted[:, 1] + wanted[:, 3], wanted[:, 0] + wanted[:, 2]], 1) / 2
    near = ((middle[None] - centre[:, None]).abs() < reach).all(2)
    part = near.any(0).nonzero()[:, 0]
    ious = box_iou(wanted, found[part])
    cost = torch.from_numpy(class_cost)[:, part] - 3 * (ious + 1e-8).log() + 1e6 * ~near[:, part]
    matching = torch.zeros_like(cost)
    for row, k in enumerate(ious.topk(min(10, len(part)), dim=1).values.sum(1).int().clamp(min=1).tolist()):
        matching[row, cost[row].topk(k, largest=False).indices] = 1
    crowded = matching.sum(0) > 1
    cheapest = cost[:, crowded].argmin(0)
    matching[:, crowded] = 0
    matching[cheapest, crowded.nonzero()[:, 0]] = 1
    return {int(part[column]): int(row) for row, column in matching.nonzero().tolist()}


@given(st.data(), grids().filter(lambda grid: grid.rows * grid.columns <= 60), st.integers(0, 1000))
def test_it_is_yolox_s_rule(data: st.DataObject, grid: Grid, seed: int) -> None:
    boxes = data.draw(st.lists(boxes_in(grid), min_size=1, max_size=5))
    generator = np.random.default_rng(seed)
    height, width = grid.photo_hw
    corners = generator.uniform(0, 1, (grid.rows * grid.columns, 2, 2)) * (width, height)
    predicted = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    follow = generator.integers(
        len(boxes), size=len(predicted)
    )  # two of three cells predict some object roughly
    rough = np.array(boxes)[follow] * generator.uniform(0.9, 1.0, (len(predicted), 1))
    predicted = np.where(generator.uniform(size=(len(predicted), 1)) < 0.66, rough, predicted)
    class_cost = generator.uniform(0, 5, (len(boxes), len(predicted)))
    found = simota(boxes, grid, predicted, class_cost, radius=1.45)  # at 1.5 a centre on a border is a tie
    expected = in_torch(boxes, grid, predicted, class_cost, 1.45)
    assert {c.slot.row * grid.columns + c.slot.column: c.object for c in found.responsible} == expected
    assert set(found.lost) == set(range(len(boxes))) - set(expected.values())


@pytest.mark.parametrize(
    ("overlaps", "expected"),
    [([], 1), ([0.2, 0.3], 1), ([0.9, 0.8, 0.7], 2), ([1.0] * 20, 10)],
    ids=["none", "poor", "two-point-four", "ten-count"],
)
def test_how_many_cells_an_object_takes(overlaps, expected: int) -> None:
    assert worthwhile(overlaps) == expected


def test_a_perfect_network_teaches_an_object_to_all_cells_near_its_centre() -> None:
    found = simota([BOX], FIVE, np.tile(BOX, (25, 1)))
    near = {Slot(row, column) for row in (1, 2, 3) for column in (1, 2, 3)}
    assert near == set(found.of(0))  # 9 cells overlap with 1 and take part, fewer than the 10 that count


def test_a_network_that_sees_nothing_still_teaches_one_cell() -> None:
    found = simota([BOX], FIVE, np.zeros((25, 4)))
    assert len(found.of(0)) == 1 and found.lost == ()


def test_the_class_decides_between_equally_good_boxes() -> None:
    predicted = np.zeros((25, 4))
    predicted[[11, 12]] = BOX
    cost = np.zeros((1, 25))
    cost[0, 12] = 4.0
    predicted[11] = (150.0, 150.0, 350.0, 280.0)
    assert simota([BOX], FIVE, predicted).of(0) == (Slot(2, 2),)
    assert simota([BOX], FIVE, predicted, cost).of(0) == (Slot(2, 1),)


def test_two_objects_in_one_place_can_lose_one() -> None:
    predicted = np.zeros((25, 4))
    predicted[12] = BOX
    inner = (200.0, 200.0, 300.0, 300.0)
    found = simota([BOX, inner], FIVE, predicted)
    assert found.contested == (Slot(2, 2),)
    assert found.of(0) == (Slot(2, 2),) and found.lost == (1,)


def test_without_objects_nobody_is_responsible() -> None:
    assert simota([], FIVE, np.zeros((25, 4))).responsible == ()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda: simota([BOX], FIVE, [BOX]),
            "There must be 25 predicted boxes, one a cell, got 1.",
            id="predictions",
        ),
        pytest.param(
            lambda: simota([BOX], FIVE, np.zeros((25, 4)), np.zeros((2, 25))),
            "Class costs must be finite, one for each object and cell, got shape (2, 25).",
            id="costs",
        ),
        pytest.param(
            lambda: simota([BOX], FIVE, np.zeros((25, 4)), radius=0.5),
            "The radius must be over 0.5 cells, at most 1000, got 0.5.",
            id="radius",
        ),
    ],
)
def test_what_cannot_be_assigned_is_said_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message
