"""YOLOv1's loss: against plain loops over cells and boxes, against PyTorch, and what each part answers to."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.ops import box_iou

from core.detection.grid import Grid
from core.detection.loss_parts import PARTS, LossParts, PredictedGrid, TargetGrid, target_grid, yolo_v1_loss
from tests.core.grid_strategy import boxes_in, grids

THREE = Grid(3, 3, (300, 300))
BOX = (110.0, 130.0, 160.0, 250.0)


def naive(target: TargetGrid, predicted: PredictedGrid) -> tuple[dict[str, float], list[list[float]]]:
    """Equation 3 as it is printed: sums over the cells i and boxes j with their indicators."""
    parts = dict.fromkeys(PARTS, 0.0)
    rows, columns, count = predicted.boxes.shape[:3]
    cells = [[0.0] * columns for _ in range(rows)]
    for r in range(rows):
        for c in range(columns):
            here = dict.fromkeys(PARTS, 0.0)
            x, y, w, h = target.boxes[r, c]
            overlaps, misses = [], []
            for j in range(count):
                px, py, pw, ph, _ = predicted.boxes[r, c, j]
                dx = min(x / columns + w**2 / 2, px / columns + pw**2 / 2)
                dx -= max(x / columns - w**2 / 2, px / columns - pw**2 / 2)
                dy = min(y / rows + h**2 / 2, py / rows + ph**2 / 2) - max(
                    y / rows - h**2 / 2, py / rows - ph**2 / 2
                )
                shared = max(dx, 0) * max(dy, 0)
                union = w**2 * h**2 + pw**2 * ph**2 - shared
                overlaps.append(shared / union if union else 0.0)
                misses.append((x - px) ** 2 + (y - py) ** 2 + (w - pw) ** 2 + (h - ph) ** 2)
            chosen = overlaps.index(max(overlaps)) if max(overlaps) > 0 else misses.index(min(misses))
            for j in range(count):
                px, py, pw, ph, confidence = predicted.boxes[r, c, j]
                if target.has_object[r, c] and j == chosen:
                    here["coordinates"] += 5 * ((x - px) ** 2 + (y - py) ** 2)
                    here["sizes"] += 5 * ((w - pw) ** 2 + (h - ph) ** 2)
                    here["objectness"] += (overlaps[j] - confidence) ** 2
                else:
                    here["no_object"] += 0.5 * confidence**2
            if target.has_object[r, c]:
                for wanted, found in zip(target.classes[r, c], predicted.classes[r, c], strict=True):
                    here["classes"] += (wanted - found) ** 2
            for part, value in here.items():
                parts[part] += value
            cells[r][c] = sum(here.values())
    return parts, cells


def in_torch(target: TargetGrid, predicted: PredictedGrid) -> float:
    """The total by masks and torchvision's IoU, for cells in which some box overlaps the object."""
    want, boxes = torch.from_numpy(target.boxes), torch.from_numpy(predicted.boxes)
    has = torch.from_numpy(target.has_object)
    rows, columns = has.shape
    scale = torch.tensor([1 / columns, 1 / rows], dtype=torch.float64)
    total = 0.5 * boxes[..., 4].square().sum()
    for r, c in has.nonzero().tolist():
        own = torch.cat(
            [
                want[r, c, :2] * scale - want[r, c, 2:] ** 2 / 2,
                want[r, c, :2] * scale + want[r, c, 2:] ** 2 / 2,
            ]
        )
        guess = boxes[r, c]
        corners = torch.cat(
            [guess[:, :2] * scale - guess[:, 2:4] ** 2 / 2, guess[:, :2] * scale + guess[:, 2:4] ** 2 / 2], 1
        )
        best, j = box_iou(own[None], corners)[0].max(dim=0)
        total += 5 * torch.nn.functional.mse_loss(guess[j, :4], want[r, c], reduction="sum")
        total += (best - guess[j, 4]) ** 2 - 0.5 * guess[j, 4] ** 2
    gap = torch.from_numpy(predicted.classes) - torch.from_numpy(target.classes)
    return float(total + (gap.square().sum(dim=2) * has).sum())


@st.composite
def pairs(draw: st.DrawFn) -> tuple[TargetGrid, PredictedGrid]:
    grid = draw(grids().filter(lambda grid: grid.rows * grid.columns <= 40))
    boxes = draw(st.lists(boxes_in(grid), max_size=5))
    classes = draw(st.integers(1, 4))
    target = target_grid(boxes, [index % classes for index in range(len(boxes))], classes, grid)
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    count = draw(st.integers(1, 3))
    shape = grid.rows, grid.columns
    numbers = generator.uniform(
        -0.2, 1.2, (*shape, count, 5)
    )  # negative roots too: nothing keeps a network from it
    return target, PredictedGrid(numbers, generator.uniform(-0.2, 1.2, (*shape, classes)))


@given(pairs())
def test_every_part_is_what_the_printed_sums_give(pair) -> None:
    found = yolo_v1_loss(*pair)
    parts, cells = naive(*pair)
    assert tuple(found.sums) == PARTS
    for part in PARTS:
        assert found.sums[part] == pytest.approx(parts[part], rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(found.cells, cells, rtol=1e-9, atol=1e-12)


@given(pairs())
def test_the_total_is_the_sum_of_the_parts_and_of_the_cells(pair) -> None:
    found = yolo_v1_loss(*pair)
    assert found.total == pytest.approx(sum(found.sums.values()))
    assert found.total == pytest.approx(found.cells.sum())
    assert all((getattr(found, part) >= 0).all() for part in PARTS)


@given(pairs())
def test_the_total_is_pytorch_s(pair) -> None:
    found = yolo_v1_loss(*pair)
    if (found.ious[pair[0].has_object] > 0).all():
        assert found.total == pytest.approx(in_torch(*pair), rel=1e-9)


def perfect(target: TargetGrid, count: int = 2) -> PredictedGrid:
    boxes = np.zeros((*target.has_object.shape, count, 5))
    boxes[..., 0, :4] = target.boxes
    boxes[..., 0, 4] = target.has_object
    return PredictedGrid(boxes, target.classes.copy())


def loss_after(**changes) -> LossParts:
    """The loss when single numbers of a perfect prediction are changed: box="row, column, box, number" to a value."""
    target = target_grid([BOX], [1], 3, THREE)
    predicted = perfect(target)
    for where, value in changes.get("boxes", {}).items():
        predicted.boxes[where] = value
    for where, value in changes.get("classes", {}).items():
        predicted.classes[where] = value
    return yolo_v1_loss(target, predicted)


def test_a_perfect_prediction_costs_nothing() -> None:
    found = loss_after()
    assert found.total == pytest.approx(0, abs=1e-12)
    assert found.responsible[1, 1] == 0 and (found.responsible == -1).sum() == 8
    assert found.ious[1, 1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"boxes": {(0, 0, 1, 4): 0.6}}, {"no_object": 0.5 * 0.36}, id="false-alarm-counts-half"),
        pytest.param(
            {"boxes": {(1, 1, 1, 4): 0.6}}, {"no_object": 0.5 * 0.36}, id="the-cell-s-other-box-too"
        ),
        pytest.param({"boxes": {(1, 1, 0, 4): 0.6}}, {"objectness": 0.16}, id="timid"),
        pytest.param({"classes": {(1, 1, 1): 0.5, (1, 1, 0): 0.5}}, {"classes": 0.5}, id="undecided-class"),
        pytest.param({"classes": {(0, 0, 1): 0.9}}, {}, id="class-of-an-empty-cell"),
        pytest.param({"boxes": {(0, 0, 0, 2): 0.9}}, {}, id="size-in-an-empty-cell"),
    ],
)
def test_each_mistake_lands_in_its_own_part(changes, expected) -> None:
    found = loss_after(**changes)
    assert found.sums == pytest.approx({part: expected.get(part, 0.0) for part in PARTS}, abs=1e-12)


def test_a_shifted_box_pays_five_times_and_its_confidence_should_fall_to_its_iou() -> None:
    found = loss_after(boxes={(1, 1, 0, 0): 0.35 + 0.1})
    overlap = 40 / 60  # 10 of 50 pixels to the right
    assert found.sums["coordinates"] == pytest.approx(5 * 0.01)
    assert found.ious[1, 1] == pytest.approx(overlap)
    assert found.sums["objectness"] == pytest.approx((1 - overlap) ** 2)
    assert found.sums["sizes"] == pytest.approx(0, abs=1e-12)


def test_the_root_makes_the_same_pixels_cost_more_on_a_small_box() -> None:
    costs = []
    for side in (20.0, 200.0):
        target = target_grid(
            [(150 - side / 2, 150 - side / 2, 150 + side / 2, 150 + side / 2)], [0], 1, THREE
        )
        predicted = perfect(target)
        predicted.boxes[1, 1, 0, 2] = np.sqrt((side + 10) / 300)
        costs.append(yolo_v1_loss(target, predicted).sums["sizes"])
    assert costs[0] > 5 * costs[1]


def test_if_no_box_overlaps_the_nearest_is_responsible() -> None:
    found = loss_after(boxes={(1, 1, 0): (9, 9, 0.1, 0.1, 0), (1, 1, 1): (4, 4, 0.1, 0.1, 0)})
    assert found.responsible[1, 1] == 1 and found.ious[1, 1] == 0


def test_the_target_grid_holds_the_first_object_of_a_cell() -> None:
    target = target_grid([BOX, (111.0, 130.0, 161.0, 250.0), (0, 0, 50, 50)], [1, 2, 0], 3, THREE)
    assert target.has_object.tolist() == [[True, False, False], [False, True, False], [False, False, False]]
    np.testing.assert_allclose(target.boxes[1, 1], (0.35, 0.9, np.sqrt(50 / 300), np.sqrt(120 / 300)))
    assert target.classes[1, 1].tolist() == [0, 1, 0] and target.classes[0, 0].tolist() == [1, 0, 0]


def test_without_objects_only_false_alarms_cost() -> None:
    target = target_grid([], [], 2, THREE)
    predicted = PredictedGrid(np.full((3, 3, 2, 5), 0.5), np.full((3, 3, 2), 0.5))
    assert yolo_v1_loss(target, predicted).sums == pytest.approx(
        dict.fromkeys(PARTS, 0.0) | {"no_object": 18 * 0.5 * 0.25}
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda: target_grid([BOX], [1, 2], 3, THREE),
            "There must be one label for each of 1 boxes, got shape (2,).",
            id="labels",
        ),
        pytest.param(
            lambda: target_grid([BOX], [3], 3, THREE),
            "A class must be a number from 0 to 2, got 3.",
            id="class",
        ),
        pytest.param(
            lambda: PredictedGrid(np.zeros((3, 3, 5)), np.zeros((3, 3, 2))),
            "Predicted boxes must be rows x columns x boxes x 5, got shape (3, 3, 5).",
            id="no-box-axis",
        ),
        pytest.param(
            lambda: PredictedGrid(np.zeros((3, 3, 2, 4)), np.zeros((3, 3, 2))),
            "The predicted boxes must have the shape (3, 3, 2, 5), got (3, 3, 2, 4).",
            id="no-confidence",
        ),
        pytest.param(
            lambda: PredictedGrid(np.full((3, 3, 2, 5), np.nan), np.zeros((3, 3, 2))),
            "The predicted boxes must be finite numbers, at most 1e+06, got nan.",
            id="not-a-number",
        ),
        pytest.param(
            lambda: yolo_v1_loss(
                target_grid([], [], 2, THREE), PredictedGrid(np.zeros((3, 3, 2, 5)), np.zeros((3, 3, 3)))
            ),
            "Target and prediction must have the same rows, columns and classes, got (3, 3, 2) and (3, 3, 3).",
            id="classes-differ",
        ),
    ],
)
def test_what_has_no_loss_is_said_in_a_sentence(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message
