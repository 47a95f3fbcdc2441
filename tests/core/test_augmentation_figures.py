"""The tiles and numbers of the augmentation page against plain arithmetic, and the code panels run."""

import math

import numpy as np
import pytest

from core.augmentation import (
    CATALOGUE,
    NAMES,
    Chain,
    Step,
    Targets,
    apply,
    describe,
    draw_variant,
    fixed,
    follow,
    strengths,
)
from core.augmentation.text import chain_from_text
from core.figures import augmentation as figures
from core.figures import augmentation_targets as drawn
from core.figures.tiles import Line
from core.snippets.augmentation_numbers import box_growth, first_share, iou_lost

PHOTO = np.random.default_rng(3).integers(0, 256, (60, 90, 3), np.uint8)
OTHER = np.random.default_rng(4).integers(0, 256, (50, 50, 3), np.uint8)
CHAIN = chain_from_text("zoom rotate*0.5 one(blur|noise)*0.7 cutmix randaugment")


def run(snippet: str) -> float:
    names: dict = {}
    exec(snippet, names)
    return names["result"]


def test_under_every_variant_stands_what_was_drawn_for_it():
    tiles = figures.variant_tiles(CHAIN, PHOTO, 16, 5, OTHER, ("Cat", "Dog"))
    assert len(tiles) == 17
    for number, tile in enumerate(tiles[1:]):
        draw = draw_variant(CHAIN, (60, 90), 5, number)
        wanted = [
            Line(describe(each)) if each.applied else Line(CATALOGUE[each.transform].title, "muted")
            for each in draw.steps
        ]
        assert list(tile.lines[1:]) == wanted
        assert tile.lines[0].text == figures.label_text(tile.shares, ("Cat", "Dog"))
        formula = figures.mix_formula(draw, ("Cat", "Dog"))
        assert run(first_share(draw)) == pytest.approx(formula.value) == pytest.approx(tile.shares[0])


def test_the_last_step_is_the_variant():
    for number in range(6):
        draw = draw_variant(CHAIN, (60, 90), 1, number)
        steps = figures.step_tiles(draw, PHOTO, OTHER)
        assert len(steps) == 1 + len(draw.applied)
        assert steps[-1].picture == figures.small(apply(draw, PHOTO, OTHER))


@pytest.mark.parametrize("name", NAMES)
def test_every_transform_has_a_strip(name):
    step = Step(name)
    strip = figures.strip_tiles(name, PHOTO, 0, OTHER, step)
    found = strengths(name, figures.STRIP)
    assert len(strip) == len(found)
    for tile, strength in zip(strip, found, strict=True):
        assert (tile.state == "inside") == (step.low <= strength <= step.high)
        assert tile.title


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("rotate"), "±30°"),
        (Step("rotate", -10, 20), "−10 – 20°"),
        (Step("zoom"), "× 0.8 – 1.25"),
        (Step("crop"), "50 – 100 %"),
        (Step("flip"), ""),
        (Step("jpeg", 40, 40), "quality 40"),
        (Step("randaugment"), "9 of 30"),
    ],
)
def test_a_range_in_a_few_signs(step, text):
    assert figures.range_text(step) == text


def test_steps_of_sliders_are_round():
    assert [figures.nice_step(span) for span in (360, 0.98, 3.75, 0.06, 19)] == [2, 0.005, 0.02, 0.0005, 0.1]


@pytest.mark.parametrize("angle", [0, 30, -77, 90, 180])
def test_growth_is_that_of_the_turned_corners(angle):
    box = (40.0, 20.0, 60.0, 50.0)
    formula = drawn.growth(box, angle)
    corners = np.array([[40, 20], [60, 20], [60, 50], [40, 50]], float)
    a = math.radians(angle)
    turned = corners @ np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    assert formula.value == pytest.approx(np.prod(np.ptp(turned, axis=0)) / 600)
    assert run(box_growth(box, angle, (100, 200))) == pytest.approx(formula.value)


def test_the_three_kinds_of_box_lose_what_the_code_says():
    pixels = np.zeros((200, 300, 3), np.uint8)
    mask = np.zeros((200, 300), np.uint8)
    y, x = np.mgrid[:200, :300]
    mask[(x + 0.5 - 150) ** 2 / 50**2 + (y + 0.5 - 100) ** 2 / 30**2 < 1] = 1
    targets = Targets(((100, 70, 200, 130),), ("egg",), mask)
    found = drawn.kinds_of(pixels, targets, 0, 30)
    for formula, box in zip(found.lost, (found.corners, found.ellipse), strict=True):
        assert run(iou_lost(box, found.mask)) == pytest.approx(formula.value)
    assert (
        found.lost[0].value > 0.3 > 0.05 > found.lost[1].value
    )  # the ellipse fits an egg, the corners do not
    before, after = drawn.kind_tiles(pixels, targets, 0, 30)
    assert [mark.label for mark in after.marks if mark.label] == ["corners", "ellipse", "mask"]
    assert before.mask and after.mask


def test_an_object_without_paint_has_no_true_box():
    targets = Targets(((10, 10, 30, 30),), ("a",), None)
    assert drawn.kinds_of(PHOTO, targets, 0, 45).lost == ()
    assert drawn.own_mask(np.zeros((60, 90), np.uint8), (10, 10, 30, 30)) is None


def test_tiles_show_what_follow_says():
    chain = chain_from_text("crop(0.1,0.3) flip*0.5")
    targets = Targets(
        ((30, 20, 60, 40),), ("cat",), np.ones((60, 90), np.uint8), ((31.0, 21.0),), ("left ear",)
    )
    tiles = drawn.target_tiles(chain, PHOTO, 25, 0, targets, min_visible=0.5)
    kept = set()
    for number, tile in enumerate(tiles):
        followed = follow(draw_variant(chain, (60, 90), 0, number), targets, min_visible=0.5)
        box = followed.boxes[0]
        kept.add(box.kept)
        assert ("dropped" in tile.lines[0].text) != box.kept
        outlines = [mark for mark in tile.marks if mark.outline]
        if box.box[0] < box.box[2]:
            assert outlines[0].outline == drawn.frame(box.box)
            assert outlines[0].dashed != box.kept
        points = [mark.label for mark in tile.marks if mark.point]
        assert points == [each.name for each in followed.keypoints if each.inside]
        assert tile.size == followed.hw[::-1]
    assert kept == {True, False}


@pytest.mark.parametrize("hw", [(1, 1), (1, 900), (900, 1)], ids=str)
def test_photos_of_odd_shapes_have_tiles(hw):
    pixels = np.full((*hw, 3), 90, np.uint8)
    assert len(figures.variant_tiles(Chain((Step("rotate"), Step("crop"))), pixels, 9, 0)) == 10
    assert figures.strip_tiles("zoom", pixels, 0)
    assert fixed("rotate", 20, hw).steps
