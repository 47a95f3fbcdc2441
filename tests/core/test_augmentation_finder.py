"""The finder: a known face where people see it, its eyes named as their owner would, nothing where nothing is."""

import numpy as np
import pytest

from core.augmentation.finder import find_marks
from core.augmentation.marks import Marks, marks_from_text, marks_to_text
from core.bundled import bundled

ASTRONAUT = bundled("Astronaut").pixels
FACE = (0.36, 0.13, 0.52, 0.32)  # by eye: from ear to ear, from brow to chin, as shares of the photo


@pytest.fixture(scope="module")
def marks() -> Marks:
    return find_marks(ASTRONAUT)


def overlap(box: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union."""

    def area(left: float, top: float, right: float, bottom: float) -> float:
        return max(0.0, right - left) * max(0.0, bottom - top)

    corners = zip(box, other, strict=True)
    inner = [max(a, b) if place < 2 else min(a, b) for place, (a, b) in enumerate(corners)]
    return area(*inner) / (area(*box) + area(*other) - area(*inner))


def test_a_face_is_found_where_people_see_it(marks: Marks) -> None:
    faces = [box for box, name in zip(marks.boxes, marks.names, strict=True) if name == "face"]
    assert len(faces) == 1
    assert overlap(tuple(v / 1000 for v in faces[0]), FACE) > 0.5


def test_the_left_eye_stands_on_the_right(marks: Marks) -> None:
    eyes = dict(zip(marks.keypoint_names, marks.keypoints, strict=True))
    assert set(eyes) == {"left eye", "right eye"}
    (left_x, left_y), (right_x, right_y) = eyes["left eye"], eyes["right eye"]
    assert right_x < left_x
    assert all(1000 * FACE[0] < x < 1000 * FACE[2] for x in (left_x, right_x))
    assert all(1000 * FACE[1] < y < 500 * (FACE[1] + FACE[3]) for y in (left_y, right_y))


def test_a_mirrored_photo_gives_the_mirrored_face(marks: Marks) -> None:
    mirrored = find_marks(np.ascontiguousarray(ASTRONAUT[:, ::-1]))
    box, other = marks.boxes[marks.names.index("face")], mirrored.boxes[mirrored.names.index("face")]
    assert (1000 - other[2], other[1], 1000 - other[0], other[3]) == pytest.approx(box, abs=25)


def test_the_marks_fit_in_a_link(marks: Marks) -> None:
    assert marks_from_text(marks_to_text(marks)) == marks


@pytest.mark.parametrize(
    "hw", [(1, 1), (1, 900), (900, 1), (23, 300), (127, 63), (200, 4000)], ids=lambda hw: f"{hw[0]}x{hw[1]}"
)
def test_nothing_is_found_in_a_plain_picture(hw: tuple[int, int]) -> None:
    assert find_marks(np.full((*hw, 3), 128, np.uint8)) == Marks()


def test_a_large_photo_gives_what_the_small_one_gives(marks: Marks) -> None:
    large = find_marks(ASTRONAUT.repeat(3, axis=0).repeat(3, axis=1))
    found, other = (each.boxes[each.names.index("face")] for each in (marks, large))
    assert other == pytest.approx(found, abs=30)
