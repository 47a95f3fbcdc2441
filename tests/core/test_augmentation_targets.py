"""Targets land where the photo's content lands: one geometry for pixels, masks, boxes and keypoints."""

import os

import cv2
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as F

from core.augmentation import (
    CATALOGUE,
    Chain,
    Step,
    Targets,
    apply,
    box_kinds,
    draw_variant,
    fixed,
    follow,
    result_hw,
)
from core.augmentation.geometry import stages
from core.augmentation.outlines import area, clipped, ellipse, iou, mask_bounds, rectangle
from core.augmentation.targets import moved_outline, swapped_sides
from tests.core.augmentation_strategy import chains

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

GEOMETRIC = tuple(name for name, kind in CATALOGUE.items() if kind.kind == "geometric")
GENTLE = tuple(name for name in GEOMETRIC if name not in ("resize", "resized_crop", "crop"))
HW = (120, 160)
places = st.tuples(st.floats(10, HW[1] - 10), st.floats(10, HW[0] - 10))


def dot(place, hw=HW, radius=4.0):
    """A photo that is black but for a soft dot at a place (x, y): its content can be found again."""
    y, x = np.indices(hw) + 0.5
    value = 255 * np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / (2 * radius**2))
    return np.repeat(np.rint(value).astype(np.uint8)[..., None], 3, axis=2)


def centre_of(pixels):
    """Where the dot is: the centroid of its brightness."""
    value = pixels[..., 0].astype(float)
    y, x = np.indices(value.shape) + 0.5
    return (x * value).sum() / value.sum(), (y * value).sum() / value.sum()


@given(chains(GENTLE, likely=True, most=4), places, st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_a_keypoint_stays_on_its_content_to_within_a_pixel(chain, place, seed):
    chain = Chain(chain.steps)
    draw = draw_variant(chain, HW, seed, 0)
    point = follow(draw, Targets(keypoints=(place,))).keypoints[0]
    grown = max(_growth(draw, place), 1.0)
    (x, y), (height, width) = point.point, result_hw(draw)
    assume(16 * grown < x < width - 16 * grown and 16 * grown < y < height - 16 * grown and point.inside)
    assume(_growth(draw, place, smallest=True) > 0.4 and grown < 3)
    shown = apply(draw, dot(place))
    assume(shown.max() > 150 and not _near_an_edge(draw, place, 14))
    assert centre_of(shown) == pytest.approx((x, y), abs=1.0 if grown < 1.5 else 0.7 * grown)


def _growth(draw, place, *, smallest=False):
    """Pixels of the result per pixel of the photo near a place."""
    points = np.array(
        [place, (place[0] + 1, place[1]), (place[0], place[1] + 1), (place[0] + 1, place[1] + 1)]
    )
    for stage in stages(draw):
        points = stage.forward(points)
    values = np.linalg.svd((points[1:3] - points[0]).T)[1]
    return values[-1] if smallest else values[0]


def _near_an_edge(draw, place, margin):
    """On its way the dot came near an edge, so that a part of it was cut."""
    points = np.array([place])
    for stage in stages(draw):
        points = stage.forward(points)
        height, width = stage.output_hw
        if not (margin < points[0, 0] < width - margin and margin < points[0, 1] < height - margin):
            return True
    return False


@pytest.mark.parametrize("name", GEOMETRIC)
def test_each_geometric_step_alone_keeps_a_keypoint_on_its_content(name):
    place = (70.5, 55.5)
    for seed in range(6):
        draw = fixed(
            name, CATALOGUE[name].default[1], HW, {"size": 100} if name == "resized_crop" else {}, seed=seed
        )
        point = follow(draw, Targets(keypoints=(place,))).keypoints[0]
        shown = apply(draw, dot(place))
        if point.inside and min(*point.point, *(np.array(shown.shape[1::-1]) - point.point)) > 25:
            assert centre_of(shown) == pytest.approx(point.point, abs=0.35)


@given(chains(GEOMETRIC, likely=True), st.lists(places, min_size=1, max_size=20), st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_there_and_back_again(chain, points, seed):
    draw = draw_variant(chain, HW, seed, 0)
    moved = np.array(points)
    for stage in stages(draw):
        assume(np.isfinite(moved).all() and np.abs(moved).max() < 1e4)
        there = stage.forward(moved)
        assert stage.backward(there) == pytest.approx(moved, abs=1e-3)
        moved = there


@pytest.mark.parametrize(
    "name", ["rotate", "shear_x", "shear_y", "zoom", "translate_x", "perspective", "elastic"]
)
def test_a_warp_and_its_inverse_restore_the_interior(name):
    smooth = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (*HW, 3), dtype=np.uint8), (0, 0), 4)
    strength = {"zoom": 1.1, "perspective": 0.15, "translate_x": 0.06, "elastic": 0.03}.get(name, 12)
    draw = fixed(name, strength, HW, border="reflect")
    (stage,) = stages(draw)
    across, down = _places(stage.forward)
    back = cv2.remap(apply(draw, smooth), across, down, cv2.INTER_LINEAR)
    inner = np.s_[35:-35, 35:-35]
    assert np.abs(back[inner].astype(int) - smooth[inner]).max() <= 6


def _places(way):
    y, x = np.indices(HW) + 0.5
    moved = way(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(*HW, 2) - 0.5
    return moved[..., 0].astype(np.float32), moved[..., 1].astype(np.float32)


boxes = st.tuples(st.floats(0, 100), st.floats(0, 80), st.floats(5, 60), st.floats(5, 40)).map(
    lambda v: (v[0], v[1], v[0] + v[2], v[1] + v[3])
)


@given(chains(GEOMETRIC, likely=True), boxes, st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_a_box_holds_its_content_and_stays_in_the_picture(chain, box, seed):
    draw = draw_variant(chain, HW, seed, 0)
    found = follow(draw, Targets(boxes=(box,)), min_visible=0.0)
    left, top, right, bottom = found.boxes[0].box
    assert 0 <= left <= right <= found.hw[1] and 0 <= top <= bottom <= found.hw[0]
    assert 0 <= found.boxes[0].visible <= 1
    inside = np.random.default_rng(seed).random((50, 2)) * (box[2] - box[0], box[3] - box[1]) + box[:2]
    points = follow(draw, Targets(keypoints=tuple(map(tuple, inside)))).keypoints
    for point in points:
        if point.inside:
            slack = 0.6 if any(each.transform == "elastic" for each in draw.applied) else 1e-6
            assert left - slack <= point.point[0] <= right + slack
            assert top - slack <= point.point[1] <= bottom + slack


@given(boxes, st.floats(-180, 180))
@settings(max_examples=60, deadline=None)
def test_a_rotated_box_has_the_corners_box_and_the_ellipses_closed_form(box, angle):
    found = box_kinds(fixed("zoom", 0.25, (600, 800)), box)  # far from every edge
    assert found.mask is None and not found.lost
    chain = Chain((Step("zoom", 0.25, 0.25), Step("rotate", angle, angle)))
    found = box_kinds(draw_variant(chain, (600, 800), 0, 0), box)
    width, height = (box[2] - box[0]) / 4, (box[3] - box[1]) / 4
    cos, sin = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
    corners, inside = np.array(found.corners), np.array(found.ellipse)
    assert corners[2:] - corners[:2] == pytest.approx(
        (width * cos + height * sin, width * sin + height * cos)
    )
    assert inside[2:] - inside[:2] == pytest.approx(
        (np.hypot(width * cos, height * sin), np.hypot(width * sin, height * cos)), rel=2e-4
    )


def test_a_disc_loses_nothing_by_its_ellipse_and_a_lot_by_its_corners():
    y, x = np.indices((200, 200)) + 0.5
    mask = ((x - 100) ** 2 + (y - 100) ** 2 <= 60**2).astype(np.uint8)
    found = box_kinds(fixed("rotate", 45, (200, 200)), mask_bounds(mask), mask)
    assert found.iou_ellipse > 0.97 and found.iou_corners == pytest.approx(0.5, abs=0.02)
    assert [round(each.value, 2) for each in found.lost] == [
        round(1 - found.iou_corners, 2),
        round(1 - found.iou_ellipse, 2),
    ]


def test_boxes_are_clipped_and_dropped_below_the_visible_share():
    draw = fixed("translate_x", -0.5, (100, 100))
    targets = Targets(
        boxes=((40, 10, 60, 30), (0, 0, 45, 20), (60, 60, 80, 80)), names=("half", "gone", "whole")
    )
    half, gone, whole = follow(draw, targets, min_visible=0.4).boxes
    assert half.box == pytest.approx((0, 10, 10, 30)) and half.visible == pytest.approx(0.5) and half.kept
    assert gone.visible == 0 and gone.box == (0, 0, 0, 0) and not gone.kept
    assert whole.box == pytest.approx((10, 60, 30, 80)) and whole.visible == 1
    assert not follow(draw, targets, min_visible=0.6).boxes[0].kept


def test_what_a_crop_cuts_away_is_not_in_a_box_again():
    chain = Chain((Step("crop", 0.25, 0.25), Step("zoom", 0.5, 0.5)))
    draw = draw_variant(chain, (100, 100), 3, 0)
    left, top = draw.steps[0]["box"][:2]
    box = (left - 10.0, top + 5.0, left + 10.0, top + 25.0)
    found = follow(draw, Targets(boxes=(box,)), min_visible=0).boxes[0]
    assert found.visible == pytest.approx(0.5)
    assert found.box == pytest.approx((12.5, 15, 17.5, 25))


def test_left_and_right_swap_in_a_mirror_only():
    names = ("left eye", "right_ear", "nose", "R_Left-2", "LEFT", "bright")
    targets = Targets(keypoints=((1.0, 2.0),) * 6, keypoint_names=names)
    swapped = ["right eye", "left_ear", "nose", "R_Right-2", "RIGHT", "bright"]
    assert [swapped_sides(name) for name in names] == swapped
    for steps, mirrored in (
        ((Step("flip"),), True),
        ((Step("flip_vertical"),), True),
        ((Step("flip"), Step("flip_vertical")), False),
        ((Step("rotate", 180, 180),), False),
        ((Step("flip"), Step("brightness"), Step("rotate", 30, 30)), True),
        ((Step("elastic"), Step("perspective")), False),
    ):
        found = follow(draw_variant(Chain(steps), (50, 60), 0, 0), targets)
        assert found.mirrored is mirrored
        assert [each.name for each in found.keypoints] == (swapped if mirrored else list(names))


@given(chains(GEOMETRIC, likely=True), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_masks_keep_their_labels_and_have_the_pictures_size(chain, seed):
    mask = np.zeros(HW, np.uint8)
    mask[30:90, 40:120], mask[50:60, 70:80] = 7, 200
    draw = draw_variant(chain, HW, seed, 0)
    found = follow(draw, Targets(mask=mask))
    assert found.mask.shape == found.hw == result_hw(draw)
    assert set(np.unique(found.mask)) <= {0, 7, 200}


@pytest.mark.parametrize("name", ["rotate", "shear_x", "translate_y", "zoom", "perspective", "elastic"])
def test_mask_and_picture_agree(name):
    mask = np.zeros(HW, np.uint8)
    cv2.ellipse(mask, (80, 60), (40, 25), 20, 0, 360, 255, -1)
    draw = fixed(name, CATALOGUE[name].default[1], HW, seed=3)
    shown = apply(draw, np.repeat(mask[..., None], 3, axis=2))[..., 0] > 127
    assert np.mean(shown != (follow(draw, Targets(mask=mask)).mask > 0)) < 0.004


@pytest.mark.parametrize("angle", [-40.0, 15.0, 90.0])
def test_torchvision_moves_boxes_and_keypoints_likewise(angle):
    box, point = (40.0, 30.0, 90.0, 70.0), (50.0, 40.0)
    draw = fixed("rotate", angle, (200, 300))
    found = follow(draw, Targets(boxes=(box,), keypoints=(point,)))
    theirs = tv_tensors.BoundingBoxes([box], format="XYXY", canvas_size=(200, 300), dtype=torch.float32)
    assert F.rotate(theirs, angle)[0].tolist() == pytest.approx(found.boxes[0].box, abs=0.05)
    theirs = tv_tensors.KeyPoints([point], canvas_size=(200, 300), dtype=torch.float32)
    assert F.rotate(theirs, angle)[0].tolist() == pytest.approx(found.keypoints[0].point, abs=0.05)


@pytest.mark.parametrize(
    ("name", "strength", "theirs"),
    [
        ("rotate", 25, ("Rotate", {"limit": (25, 25), "border_mode": 0})),
        ("flip", 1, ("HorizontalFlip", {})),
        ("zoom", 0.7, ("Affine", {"scale": (0.7, 0.7)})),
    ],
)
def test_albumentations_moves_everything_likewise(name, strength, theirs):
    import albumentations as A

    box, point, mask = (40.0, 30.0, 90.0, 70.0), (50.0, 40.0), np.zeros(HW, np.uint8)
    mask[30:70, 40:90] = 3
    compose = A.Compose(
        [getattr(A, theirs[0])(p=1.0, **theirs[1])],
        bbox_params=A.BboxParams("pascal_voc", label_fields=["names"]),
        keypoint_params=A.KeypointParams("xy"),
    )
    expected = compose(
        image=dot(point), mask=mask, bboxes=[box], names=["a"], keypoints=[np.subtract(point, 0.5)]
    )
    draw = fixed(name, strength, HW)
    found = follow(draw, Targets(boxes=(box,), mask=mask, keypoints=(point,)))
    assert expected["bboxes"][0] == pytest.approx(found.boxes[0].box, abs=1.01)  # it counts pixel centres
    assert np.add(expected["keypoints"][0], 0.5) == pytest.approx(found.keypoints[0].point, abs=0.05)
    assert np.mean(expected["mask"] != found.mask) < 0.005


def test_outlines():
    box = (2.0, 3.0, 12.0, 9.0)
    assert area(rectangle(box)) == pytest.approx(60) and area(ellipse(box)) == pytest.approx(
        np.pi * 15, rel=1e-3
    )
    assert area(clipped(rectangle(box), (5, 100))) == pytest.approx(20)
    assert len(clipped(rectangle(box), (2, 2))) == 0
    assert (
        iou(box, box) == 1 and iou(box, (7.0, 3.0, 17.0, 9.0)) == pytest.approx(1 / 3) and iou(box, None) == 0
    )
    assert mask_bounds(np.zeros((4, 4), np.uint8)) is None
    assert moved_outline((), rectangle((-5.0, 0, 5, 10)), (10, 10))[1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: Targets(boxes=((5, 5, 5, 9),)), "left < right and top < bottom, got"),
        (lambda: Targets(boxes=((0, 0, float("nan"), 9),)), "got"),
        (lambda: Targets(keypoints=((1, float("inf")),)), "two finite numbers"),
        (lambda: Targets(boxes=((0, 0, 5, 9),), names=("a", "b")), "one name for each box, got 2 for 1"),
        (lambda: Targets(mask=np.zeros((3, 3))), "A mask is uint8"),
        (
            lambda: follow(fixed("flip", 1, (5, 5)), Targets(mask=np.zeros((3, 3), np.uint8))),
            "photo's height and width",
        ),
        (lambda: follow(fixed("flip", 1, (5, 5)), Targets(), min_visible=2), "0 to 1, got 2"),
    ],
)
def test_what_is_refused(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        wrong()
