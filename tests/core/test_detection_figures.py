"""What the detection page draws and hands out: numbers as given, maps in place, code that gives them again."""

import numpy as np
import pytest
import torch

from core.bundled import bundled
from core.detection.detector import Seen, candidates, look
from core.detection.suppression import keep
from core.figures import detection as figures
from core.figures import overview_detection as overview
from core.snippets import detection as snippets


@pytest.fixture(scope="module")
def seen() -> Seen:
    return look(bundled("Astronaut").pixels)


def test_the_funnel_shows_and_says_its_numbers() -> None:
    stages = [("cells", 3549), ("over 0.3", 12), ("left", 0)]
    (bars,) = figures.funnel_figure(stages).data
    assert list(bars.x) == [3549, 12, None]
    assert figures.funnel_alt(stages) == "Boxes: 3,549 cells, 12 over 0.3, 0 left."


def test_a_cell_covers_its_pixels_and_no_padding() -> None:
    values = np.zeros((13, 13))
    values[2, 3] = 1
    shown = figures.cell_map(values, (400, 200), 416)
    assert shown.shape == (200, 400, 4)
    bright = (shown[:, :, :3] == shown[2 * 32, 3 * 32, :3]).all(axis=2)
    assert bright[64:96, 96:128].all()
    assert bright.sum() == 32 * 32


def test_a_class_has_one_colour() -> None:
    labels = np.array([[0, 1], [1, 0]])
    shown = figures.class_map(labels, np.full((2, 2), 0.5), (64, 64), 64)
    assert (shown[0, 0] == shown[63, 63]).all()
    assert (shown[0, 0, :3] != shown[0, 63, :3]).any()


def test_classes_are_drawn_and_said() -> None:
    (bars,) = figures.shares_figure([("person", 0.9), ("dog", 0.01)]).data
    assert list(bars.x) == [0.9, 0.01]
    assert "person 90.0%" in figures.shares_alt([("person", 0.9)])


def result(code: str, **given: object) -> torch.Tensor:
    names: dict[str, object] = dict(given)
    exec(code, names)
    return names["result"]  # type: ignore[return-value]


@pytest.mark.parametrize("per_class", [True, False])
def test_the_code_gives_the_boxes_again(seen: Seen, per_class: bool) -> None:
    found = candidates(seen, 0.05)
    labels = found.labels if per_class else None
    expected = found.cells[keep(found.boxes, found.scores, 0.4, labels)]
    code = snippets.boxes(0.05, 0.4, per_class=per_class)
    again = result(code, raw=torch.from_numpy(seen.raw.copy()), scale=seen.box.scale)
    # The page cuts boxes at the photo's edges before it compares them, the code does not: the best are the same.
    assert again.tolist()[0] == expected[0]


def test_the_loop_of_the_code_is_greedy_suppression(seen: Seen) -> None:
    found = candidates(seen, 0.05)
    boxes, scores = torch.from_numpy(found.boxes), torch.from_numpy(found.scores)
    assert (
        result(snippets.suppression(0.4), boxes=boxes, scores=scores)
        == keep(found.boxes, found.scores, 0.4).tolist()
    )


def test_the_code_of_a_cell_gives_its_box(seen: Seen) -> None:
    from core.detection.layout import decode

    box = result(snippets.cell(32, 5, 6), raw=torch.from_numpy(seen.raw.copy()), scale=seen.box.scale)
    expected = decode(seen.raw)[seen.cell_at(32, 5, 6)] / seen.box.scale
    assert box.tolist() == pytest.approx(expected.tolist(), rel=1e-4)


@pytest.mark.parametrize("name", ["Astronaut", "Retina", "Handwriting"])
def test_cards_have_their_pictures(name: str) -> None:
    photo = bundled(name)
    shown = overview.seen_by_default(photo)
    for make in (overview.boxes_picture, overview.candidates_picture, overview.cells_picture):
        assert make(photo, shown).shape == (432, 768, 3)
