"""Faster R-CNN step by step ends where torchvision's own network ends; anchors and steps against torchvision's."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models import get_model, get_model_weights
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops.poolers import LevelMapper

from core.bundled import bundled
from core.networks import WeightsDamaged, WeightsMissing, store
from core.two_stage import faster
from core.two_stage.anchors import (
    DESIGNS,
    SECOND_STAGE,
    all_anchors,
    anchors_at,
    base_anchors,
    decode,
    encode,
    input_scale,
    level_of,
)
from core.two_stage.faster import NAMES, Funnel, Stage, funnel, load
from tests.core.random_detectors import place, tensors


def proposals(found: Funnel) -> Stage:
    return next(stage for stage in found.stages if stage.title.startswith("proposals after"))


def official(name: str, values: dict, monkeypatch: pytest.MonkeyPatch):
    """torchvision's network as it builds it for published weights, with these values in their place."""
    weights = get_model_weights(name).DEFAULT
    monkeypatch.setattr(type(weights), "get_state_dict", lambda *_, **__: values)
    return get_model(name, weights=weights).eval()


@pytest.mark.parametrize("name", NAMES)
def test_the_last_boxes_are_torchvision_s(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = place(name, tmp_path, monkeypatch)
    photo = bundled("Coffee").pixels[:120, :160]
    found = funnel(photo, name)
    reference = official(name, values, monkeypatch)
    with torch.inference_mode():
        (wanted,) = reference([torch.from_numpy(photo.transpose(2, 0, 1).copy()).float() / 255])
    result = found.result
    assert len(wanted["boxes"]) > 5
    assert len(result.boxes) == len(wanted["boxes"])
    np.testing.assert_allclose(result.scores, wanted["scores"].numpy(), rtol=1e-4)
    np.testing.assert_allclose(result.boxes, wanted["boxes"].numpy(), atol=0.02)
    np.testing.assert_array_equal(result.labels, wanted["labels"].numpy())
    counts = [stage.count for stage in found.stages]
    assert counts[0] == sum(each.size for each in found.objectness) * (15 if "mobile" in name else 3)
    assert all(len(stage.boxes) <= stage.count for stage in found.stages)
    assert sum(found.levels.values()) == proposals(found).count
    moved = next(stage for stage in found.stages if stage.title.startswith("proposals ×"))
    assert moved.count == 90 * proposals(found).count
    assert counts[-1] <= counts[-2] <= moved.count


def test_a_lower_overlap_leaves_fewer_proposals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(NAMES[0], tmp_path, monkeypatch)
    photo = bundled("Coffee").pixels[:120, :160]
    strict, usual = (
        next(
            stage.count
            for stage in funnel(photo, NAMES[0], rpn_iou=limit).stages
            if stage.title.startswith("proposals after")
        )
        for limit in (0.3, 0.7)
    )
    assert 0 < strict < usual


@pytest.mark.parametrize(
    "pixels", [np.zeros((1, 1, 3), np.uint8), np.zeros((8, 500, 3), np.uint8)], ids=["one pixel", "strip"]
)
def test_odd_photos_go_through(pixels: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(NAMES[0], tmp_path, monkeypatch)
    found = funnel(pixels, NAMES[0])
    assert np.isfinite(found.result.boxes).all()


def test_what_is_not_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(store.FOLDER, str(tmp_path))
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path)
    with pytest.raises(WeightsMissing, match=r"Faster R-CNN \(MobileNetV3-Large\) \(78 MB\)"):
        load(NAMES[0])
    with pytest.raises(ValueError, match="one of fasterrcnn_mobilenet"):
        load("yolox")
    path = tmp_path / "fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth"
    path.write_bytes(b"no weights")
    with pytest.raises(WeightsDamaged, match="should begin with fb6a3cc7"):
        load(NAMES[0])
    monkeypatch.setattr(store, "checked", lambda _, found: found)
    with pytest.raises(WeightsDamaged, match="does not hold the weights"):
        load(NAMES[0])
    values = tensors(NAMES[0])
    values.pop("rpn.head.cls_logits.weight")
    torch.save(values, path)
    with pytest.raises(WeightsDamaged, match="does not hold the weights"):
        load(NAMES[0])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hw", [(64, 96), (320, 320)], ids=str)
def test_anchors_are_torchvision_s(name: str, hw: tuple[int, int]) -> None:
    design = DESIGNS[name]
    generator = AnchorGenerator(design.sizes, (design.ratios,) * len(design.sizes))
    grids = [(-(-hw[0] // stride), -(-hw[1] // stride)) for stride in design.strides]
    image = ImageList(torch.zeros(1, 3, *hw), [hw])
    (wanted,) = generator(image, [torch.zeros(1, 1, *grid) for grid in grids])
    strides = [(hw[0] // grid[0], hw[1] // grid[1]) for grid in grids]
    found = [
        all_anchors(base_anchors(sizes, design.ratios), grid, stride)
        for sizes, grid, stride in zip(design.sizes, grids, strides, strict=True)
    ]
    np.testing.assert_array_equal(np.concatenate(found), wanted.numpy())
    base = base_anchors(design.sizes[0], design.ratios)
    place = 2 * grids[0][1] + 1  # row 2, column 1
    here = found[0][place * len(base) : (place + 1) * len(base)]
    if grids[0][0] > 2:
        np.testing.assert_array_equal(anchors_at(base, strides[0][0], 1, 2), here)


def boxes(seed: int, count: int = 5) -> np.ndarray:
    dice = np.random.default_rng(seed)
    corner, size = dice.uniform(0, 300, (count, 2)), dice.uniform(10, 400, (count, 2))
    return np.concatenate([corner, corner + size], axis=1)


@given(st.integers(0, 99), st.sampled_from([(1.0, 1.0, 1.0, 1.0), SECOND_STAGE]))
def test_steps_are_torchvision_s(seed: int, weights: tuple) -> None:
    anchors, wanted = boxes(seed), boxes(seed + 1000)
    coder = BoxCoder(weights)
    steps = encode(anchors, wanted, weights)
    given_anchors = torch.from_numpy(anchors)
    reference = coder.encode([torch.from_numpy(wanted)], [given_anchors])[0].numpy()
    np.testing.assert_allclose(steps, reference, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(decode(anchors, steps, weights), wanted, rtol=1e-9, atol=1e-6)
    wild = np.random.default_rng(seed).normal(0, 30, (5, 4))
    np.testing.assert_allclose(
        decode(anchors, wild, weights),
        coder.decode(torch.from_numpy(wild), [given_anchors])[:, 0].numpy(),
        rtol=1e-5,
        atol=1e-3,
    )


@given(st.integers(0, 99))
def test_levels_are_torchvision_s(seed: int) -> None:
    regions = boxes(seed)
    mapper = LevelMapper(2, 5)
    wanted = mapper([torch.from_numpy(regions)]).numpy() + 2
    np.testing.assert_array_equal(level_of(regions, 2, 5), wanted)


def test_levels_at_their_edges() -> None:
    squares = [[0, 0, side, side] for side in (0, 10, 111, 112, 223, 224, 448, 5000)]
    assert level_of(squares, 2, 5).tolist() == [2, 2, 2, 3, 3, 4, 5, 5]


def test_boxes_without_area_have_no_steps() -> None:
    with pytest.raises(ValueError, match="have an area"):
        encode([[0, 0, 0, 5]], [[0, 0, 5, 5]])
    with pytest.raises(ValueError, match="above 0, got"):
        base_anchors((0,), (1.0,))


def test_a_photo_is_scaled_to_its_shorter_edge() -> None:
    assert input_scale((400, 500), (800, 1333)) == 2
    assert input_scale((400, 4000), (800, 1333)) == pytest.approx(1333 / 4000)


def test_the_classes_are_coco_s() -> None:
    names = faster.class_names()
    assert len(names) == 91
    assert (names[0], names[1], names[17]) == ("__background__", "person", "cat")
