"""Generated scenes: boxes against the pixels that change, what is drawn against the settings, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.detection.scenes import KINDS, PARTS, SIDE, Scene, SceneSettings, _digits, scene, scenes, truths


@st.composite
def some_settings(draw: st.DrawFn) -> SceneSettings:
    least = draw(st.integers(0, 12))
    smallest = draw(st.integers(8, SIDE))
    return SceneSettings(
        draw(st.sampled_from(sorted(KINDS))),
        least,
        draw(st.integers(least, 12)),
        smallest,
        draw(st.integers(smallest, SIDE)),
        draw(st.floats(0, 1)),
        draw(st.integers(0, 30)),
        draw(st.integers(0, 80)),
    )


@settings(max_examples=60)
@given(asked=some_settings(), part=st.sampled_from(PARTS), seed=st.integers(0, 99), number=st.integers(0, 99))
def test_a_scene_keeps_to_its_settings(asked: SceneSettings, part: Any, seed: int, number: int) -> None:
    one = scene(asked, part, seed, number)
    assert one.pixels.shape == (SIDE, SIDE, 3) and one.pixels.dtype == np.uint8
    assert asked.least <= len(one.boxes) + one.left_out <= asked.most
    assert len(one.labels) == len(one.boxes)
    for index, (left, top, right, bottom) in enumerate(one.boxes.tolist()):
        assert 0 <= left < right <= SIDE and 0 <= top < bottom <= SIDE
        assert asked.smallest - 2 <= max(right - left, bottom - top) <= asked.largest
        assert 0 <= one.labels[index] < len(asked.classes)
        for x0, y0, x1, y1 in one.boxes[:index].tolist():
            shared = max(min(right, x1) - max(left, x0), 0) * max(min(bottom, y1) - max(top, y0), 0)
            smaller = min((right - left) * (bottom - top), (x1 - x0) * (y1 - y0))
            assert shared <= asked.overlap * smaller + 1e-9
    again = scenes(asked, part, seed, max(number - 1, 0), 2)[min(number, 1)]
    assert np.array_equal(one.pixels, again.pixels) and np.array_equal(one.boxes, again.boxes)


def changed(asked: SceneSettings, number: int) -> tuple[Scene, np.ndarray]:
    """A scene, and which of its pixels are not those of the same ground without objects."""
    one = scene(asked, "train", 3, number)
    ground = SceneSettings(asked.kind, 0, 0, clutter=0, noise=0)
    return one, (one.pixels != scene(ground, "train", 3, number).pixels).any(axis=2)


@pytest.mark.parametrize("kind", list(KINDS))
def test_boxes_fit_the_pixels_exactly(kind: str) -> None:
    asked = SceneSettings(kind, 1, 6, 12, 40, overlap=0.0, clutter=0, noise=0)
    for number in range(40):
        one, different = changed(asked, number)
        for left, top, right, bottom in one.boxes.astype(int).tolist():
            inside = different[top:bottom, left:right]
            assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()
            different[top:bottom, left:right] = False
        assert not different.any()


def test_shapes_are_what_they_are_called() -> None:
    """The share of its box that a shape fills: pi / 4, at most a half, and for a square turned a little more."""
    asked = SceneSettings("shapes", 1, 1, 30, 60, clutter=0, noise=0)
    between = {"circle": (0.74, 0.81), "triangle": (0.35, 0.56), "square": (0.6, 1.0)}
    seen = set()
    for number in range(60):
        one, different = changed(asked, number)
        name = asked.classes[one.labels[0]]
        left, top, right, bottom = one.boxes[0].astype(int)
        low, high = between[name]
        assert low <= different[top:bottom, left:right].mean() <= high, name
        seen.add(name)
    assert seen == set(between)


def test_digits_to_test_with_are_none_to_train_with() -> None:
    train, test = (
        {digit.tobytes() for value in range(10) for digit in _digits(value, part)} for part in (True, False)
    )
    assert len(train) > 1000 and len(test) > 300
    assert not train & test


def test_parts_and_seeds_differ() -> None:
    asked = SceneSettings()
    drawn = [scene(asked, part, seed, 0).pixels.tobytes() for part in PARTS for seed in (0, 1)]
    assert len(set(drawn)) == 6


def test_who_finds_no_place_is_counted() -> None:
    asked = SceneSettings(least=12, most=12, smallest=90, largest=96, overlap=0.0)
    one = scene(asked, "new", 0, 0)
    assert (len(one.boxes), one.left_out) == (1, 11)


def test_truths_name_the_scene_of_each_object() -> None:
    drawn = (
        *scenes(SceneSettings(least=0, most=0), "new", 0, 0, 1),
        *scenes(SceneSettings(), "new", 0, 1, 2),
    )
    there = truths(drawn)
    assert there.pictures.tolist() == [1] * len(drawn[1].boxes) + [2] * len(drawn[2].boxes)
    assert np.array_equal(there.boxes[there.pictures == 2], drawn[2].boxes)
    assert len(truths(()).boxes) == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "cats"}, "kind of objects is one of shapes, circles, digits, got 'cats'"),
        ({"least": 3, "most": 2}, "got 3 to 2"),
        ({"most": 13}, "0 to 12"),
        ({"least": -1}, "got -1 to 4"),
        ({"largest": 120}, "8 to 96 pixels long, as the scene is.*got 16 to 120"),
        ({"smallest": 50}, "got 50 to 40"),
        ({"smallest": 4}, "got 4 to 40"),
        ({"overlap": 1.5}, "share from 0 to 1, got 1.5"),
        ({"overlap": float("nan")}, "got nan"),
        ({"clutter": 31}, "clutter must be 0 to 30, got 31"),
        ({"noise": -1}, "noise must be 0 to 80, got -1"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_impossible_settings_are_a_sentence(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SceneSettings(**wrong)


@pytest.mark.parametrize(("part", "seed", "number"), [("test", 0, 0), ("new", -1, 0), ("new", 0, -1)])
def test_impossible_scenes_are_a_sentence(part: Any, seed: int, number: int) -> None:
    with pytest.raises(ValueError, match="numbers from 0"):
        scene(SceneSettings(), part, seed, number)
