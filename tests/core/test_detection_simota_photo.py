"""SimOTA on a detector's raw output: the cost of a class against PyTorch, the formulas, the code, the picture."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.bundled import bundled
from core.detection.detector import Seen, candidates, look
from core.detection.layout import SIDE, STRIDES, cells, decode
from core.detection.simota_photo import class_costs, cost_formula, on_photo, worth_formula
from core.figures import detection_simota as figures
from core.snippets import detection_simota as snippets

BOXES = [(30.0, 12.0, 370.0, 500.0), (180.0, 15.0, 300.0, 190.0), (440.0, 20.0, 500.0, 250.0)]
LABELS = [0, 0, 39]


@pytest.fixture(scope="module")
def seen() -> Seen:
    return look(bundled("Astronaut").pixels)


def test_the_cost_of_the_class_is_pytorch_s_cross_entropy(seen: Seen) -> None:
    raw = torch.from_numpy(seen.raw.astype(np.float64))
    scores = (raw[:, 4:5] * raw[:, 5:]).sqrt()
    expected = torch.stack(
        [
            functional.binary_cross_entropy(
                scores,
                functional.one_hot(torch.tensor(label), 80).double().expand_as(scores),
                reduction="none",
            ).sum(dim=1)
            for label in LABELS
        ]
    )
    np.testing.assert_allclose(class_costs(seen.raw, LABELS), expected.numpy(), rtol=1e-9, atol=1e-9)


def test_a_score_of_0_or_1_is_still_a_number() -> None:
    raw = np.zeros((2, 85), np.float32)
    raw[1, 4:] = 1
    found = class_costs(raw, [3])
    assert found.tolist() == [[100.0, 79 * 100.0]]


@pytest.mark.parametrize("stride", STRIDES)
def test_the_code_gives_the_same_owners(seen: Seen, stride: int) -> None:
    made = on_photo(seen, BOXES, LABELS, stride)
    trace = made.trace
    names: dict[str, object] = {
        "overlaps": torch.from_numpy(trace.overlaps),
        "class_cost": torch.from_numpy(trace.class_cost),
        "near": torch.from_numpy(trace.near),
    }
    exec(snippets.simota(), names)
    assert names["result"] == made.owner().tolist()


@pytest.mark.parametrize("stride", STRIDES)
def test_every_number_is_the_detector_s(seen: Seen, stride: int) -> None:
    made = on_photo(seen, BOXES, LABELS, stride)
    np.testing.assert_array_equal(made.boxes, decode(seen.raw)[cells(SIDE)[:, 2] == stride])
    for index, box in enumerate(BOXES):
        middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2 * seen.box.scale / stride
        for cell in np.flatnonzero(made.trace.near[index]).tolist():
            row, column = divmod(cell, made.side)
            assert abs(column + 0.5 - middle[0]) < 1.5 and abs(row + 0.5 - middle[1]) < 1.5
        k = worth_formula(made.trace, index)
        overlaps = sorted(made.trace.overlaps[index, made.trace.candidates].tolist())[-10:]
        assert k.value == max(1, int(sum(overlaps)))
        cell = int(np.flatnonzero(made.trace.near[index])[0])
        cost = cost_formula(made.trace, index, cell)
        expected = made.trace.class_cost[index, cell] - 3 * np.log(made.trace.overlaps[index, cell] + 1e-8)
        assert cost.value == pytest.approx(expected) and "10^6" not in cost.filled
        far = int(np.flatnonzero(~made.trace.near[index])[0])
        assert "10^6" in cost_formula(made.trace, index, far).filled


def test_the_found_person_takes_several_cells(seen: Seen) -> None:
    found = candidates(seen, 0.5)
    made = on_photo(seen, found.boxes[:1], found.labels[:1], 32)
    assert made.trace.worth[0] == (made.owner() == 0).sum() > 1


def test_a_photo_that_fills_the_square_may_be_covered(seen: Seen) -> None:
    height, width = bundled("Astronaut").pixels.shape[:2]
    assert on_photo(seen, [(0, 0, width, height)], [0], 16).trace.near.any()


@pytest.mark.parametrize(
    ("boxes", "labels", "stride", "message"),
    [
        (BOXES, LABELS, 7, "one of 8, 16, 32, got 7"),
        (BOXES, [0, 0], 8, "for each of 3 boxes"),
        (BOXES, [0, 0, 80], 8, "0 to 79"),
        ([(-5.0, 0.0, 9.0, 9.0)], [0], 8, "must lie inside the photo"),
    ],
    ids=["stride", "count", "class", "outside"],
)
def test_bad_input_is_refused_in_a_sentence(seen: Seen, boxes, labels, stride: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        on_photo(seen, boxes, labels, stride)


def test_cells_are_filled_with_their_object_s_colour(seen: Seen) -> None:
    made = on_photo(seen, BOXES, LABELS, 32)
    photo = np.zeros((512, 512, 3), np.uint8)
    shown = figures.owners_picture(photo, made, 2)
    side = 32 / made.scale
    for cell in np.flatnonzero(made.owner() == 0).tolist():
        row, column = divmod(cell, made.side)
        inside = shown[int((row + 0.5) * side), int((column + 0.5) * side)].astype(float)
        np.testing.assert_allclose(inside, np.array(figures.INKS[0]) * 0.55, atol=1)
    assert not photo.any()
