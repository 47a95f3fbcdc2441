"""Faster R-CNN taken apart against torchvision's own: anchors, numbers, levels, targets, and the whole funnel."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models import detection
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import batched_nms, box_iou
from torchvision.ops.poolers import LevelMapper

from core.bundled import bundled
from core.networks import WeightsDamaged, WeightsMissing
from core.networks.building import filled
from core.two_stage import faster
from core.two_stage import faster_anchors as anchors
from core.two_stage import faster_coding as coding
from core.two_stage import faster_formulas as formulas
from core.two_stage import faster_funnel as funnels
from tests.core.faster_weights import random_tensors, written

PIXELS = bundled("Astronaut").pixels[:300, :400]
NAMES = list(faster.FASTER)
NEAR = 0.02  # pixels: random weights carry the rounding of an exponential through both stages


@pytest.fixture(scope="module", params=NAMES)
def run(request: pytest.FixtureRequest) -> tuple[Any, str, Any, Any]:
    """A network with random weights, its funnel on a photo, and what torchvision makes of the photo."""
    name = request.param
    network = filled(faster.empty(name), random_tensors(name))
    *steps, found = funnels.funnel(network, name, PIXELS)
    assert steps == list(funnels.STEPS)
    with torch.inference_mode():
        (answer,) = network([faster.as_tensor(PIXELS)])
    return network, name, found, {key: value.numpy() for key, value in answer.items()}


def test_the_last_boxes_are_those_of_torchvision(run) -> None:
    _, _, found, answer = run
    last = funnels.last_boxes(found.first, found.second)
    assert len(answer["boxes"]) > 20
    np.testing.assert_array_equal(last.labels[last.kept], answer["labels"])
    np.testing.assert_allclose(last.scores[last.kept], answer["scores"], atol=1e-5)
    np.testing.assert_allclose(last.boxes[last.kept], answer["boxes"], atol=NEAR)


def test_the_proposals_are_those_of_torchvision(run) -> None:
    network, _, found, _ = run
    with torch.inference_mode():
        images, _ = network.transform([faster.as_tensor(PIXELS)])
        ((boxes,), _) = network.rpn(images, network.backbone(images.tensors))
    assert found.first.shown_hw == tuple(images.image_sizes[0])
    np.testing.assert_allclose(found.first.boxes, boxes.numpy(), atol=NEAR)


def test_every_count_follows_from_the_one_before(run) -> None:
    _, name, found, _ = run
    first, second = found.first, found.second
    last = funnels.last_boxes(first, second)
    counts = dict(funnels.stages(found, last))
    values = list(counts.values())
    of = first.levels
    assert values[0] == sum(each.count for each in of) == len(anchors.all_anchors(of))
    assert values[1] == sum(min(1000, each.count) for each in of) == len(set(first.top.tolist()))
    assert values[2] == int(first.sound.sum()) <= values[1]
    assert values[3] == len(first.proposals) <= min(1000, values[2])
    assert values[4] == values[3] * 90
    sides = second.regressed[:, 1:, 2:] - second.regressed[:, 1:, :2]
    assert values[5] == int(((second.probabilities[:, 1:] > 0.05) & (sides >= 1e-2).all(axis=2)).sum())
    assert values[6] == len(last.kept) <= min(100, values[5])
    for each in of:  # the best of each level are the best
        mine = (first.top >= each.first) & (first.top < each.first + each.count)
        rest = np.setdiff1d(np.arange(each.first, each.first + each.count), first.top[mine])
        if rest.size:
            assert first.objectness[rest].max() <= first.objectness[first.top[mine]].min()
    assert first.sound[first.proposals].all()
    assert (np.diff(first.objectness[first.top[first.proposals]]) <= 0).all()
    np.testing.assert_allclose(second.probabilities.sum(axis=1), 1, atol=1e-4)
    assert name == first.name


def test_other_thresholds_are_suppression_by_torchvision(run) -> None:
    _, _, found, _ = run
    last = funnels.last_boxes(found.first, found.second, 0.2, 0.3)
    boxes, scores = (
        found.second.regressed[:, 1:].reshape(-1, 4),
        found.second.probabilities[:, 1:].reshape(-1),
    )
    labels = np.tile(np.arange(1, 91), len(found.first.proposals))
    over = (scores > np.float32(0.2)) & ((boxes[:, 2:] - boxes[:, :2]) >= 1e-2).all(axis=1)
    tensors = [torch.from_numpy(each[over]) for each in (boxes, scores, labels)]
    kept = batched_nms(*tensors, 0.3)[:100].numpy()
    np.testing.assert_array_equal(last.kept, kept)
    assert funnels.last_boxes(found.first, found.second, 1.0).kept.size == 0


@pytest.mark.parametrize("hw", [(60, 500), (333, 97)], ids=str)
def test_other_shapes_of_photos(hw: tuple[int, int]) -> None:
    name = anchors.MOBILENET.name
    network = filled(faster.empty(name), random_tensors(name, 1))
    pixels = bundled("Flower").pixels[: hw[0], : hw[1]]
    *_, found = funnels.funnel(network, name, pixels)
    with torch.inference_mode():
        (answer,) = network([faster.as_tensor(pixels)])
    last = funnels.last_boxes(found.first, found.second)
    np.testing.assert_array_equal(last.labels[last.kept], answer["labels"].numpy())
    np.testing.assert_allclose(last.boxes[last.kept], answer["boxes"].numpy(), atol=NEAR)


@pytest.mark.parametrize("name", NAMES)
@given(height=st.integers(1, 3000), width=st.integers(1, 3000))
def test_anchors_are_those_of_torchvision(name: str, height: int, width: int) -> None:
    design = anchors.DESIGNS[name]
    try:
        shown = anchors.shown_hw((height, width))
    except ValueError:
        assert min(height, width) * min(800 / min(height, width), 1333 / max(height, width)) < 1
        return
    padded = anchors.padded_hw(shown)
    of = anchors.levels(design, (height, width))
    generator = detection.anchor_utils.AnchorGenerator(design.sizes, (anchors.RATIOS,) * len(design.sizes))
    maps = [torch.empty(1, 1, each.rows, each.columns) for each in of]
    (expected,) = generator(ImageList(torch.empty(1, 1, 1, 1).expand(1, 3, *padded), [shown]), maps)
    np.testing.assert_array_equal(anchors.all_anchors(of), expected.numpy())
    level = of[-1]
    row, column = level.rows // 2, level.columns - 1
    np.testing.assert_array_equal(
        level.at(row, column),
        level.anchors().reshape(level.rows, level.columns, -1, 4)[row, column],
    )
    assert level.nearest(row * level.step[0], column * level.step[1]) == (row, column)


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_the_photo_is_scaled_as_torchvision_scales_it(height: int, width: int) -> None:
    if height * width > 90_000 or max(height, width) / min(height, width) > 40:
        return
    transform = detection.transform.GeneralizedRCNNTransform(800, 1333, [0.0] * 3, [1.0] * 3)
    images, _ = transform([torch.zeros(3, height, width)])
    assert anchors.shown_hw((height, width)) == tuple(images.image_sizes[0])
    assert anchors.padded_hw(anchors.shown_hw((height, width))) == tuple(images.tensors.shape[-2:])


def boxes(seed: int, count: int = 40) -> np.ndarray:
    random = np.random.default_rng(seed)
    corner, size = random.uniform(0, 700, (count, 2)), np.exp(random.uniform(0, 6.5, (count, 2)))
    return np.concatenate([corner, corner + size], axis=1)


@pytest.mark.parametrize("weights", [coding.FIRST, coding.SECOND], ids=["first", "second"])
@given(seed=st.integers(0, 10_000))
def test_numbers_are_those_of_torchvision_and_come_back(weights, seed: int) -> None:
    objects, priors = boxes(seed), boxes(seed + 1)
    coder = BoxCoder(weights)
    numbers = coding.encode(objects, priors, weights)
    np.testing.assert_allclose(
        numbers, coder.encode_single(*map(torch.from_numpy, (objects, priors))).numpy(), atol=1e-9
    )
    wild = np.random.default_rng(seed).normal(size=(40, 4)) * 8
    for given_ in (numbers, wild):
        expected = coder.decode_single(torch.from_numpy(given_), torch.from_numpy(priors)).numpy()
        np.testing.assert_allclose(coding.decode(given_, priors, weights), expected, rtol=1e-9, atol=1e-7)
    grown = objects[:, 2:] - objects[:, :2] > 62.5 * (priors[:, 2:] - priors[:, :2])
    fits = ~grown.any(axis=1)
    np.testing.assert_allclose(coding.decode(numbers, priors, weights)[fits], objects[fits], atol=1e-6)


def test_sizes_are_cut_where_they_would_explode() -> None:
    found = coding.decode(np.array([[0.0, 0, 99, 0]]), np.array([[0.0, 0, 10, 10]]))
    assert found[0, 2] - found[0, 0] == pytest.approx(625)
    for wrong in ([[1.0, 1, 1, 5]], [[0.0, 0, 0, 0]]):
        with pytest.raises(ValueError, match="needs a box with an area"):
            coding.encode(np.array(wrong), np.array([[0.0, 0, 10, 10]]))


@given(seed=st.integers(0, 10_000))
def test_levels_are_those_of_torchvision(seed: int) -> None:
    array = boxes(seed).astype(np.float32)
    expected = LevelMapper(2, 5)([torch.from_numpy(array)]).numpy() + 2
    np.testing.assert_array_equal(coding.level_of(array, 2, 5), expected)


@pytest.mark.parametrize(
    ("side", "level"), [(224, 4), (223.9, 3), (448, 5), (112, 3), (56, 2), (1, 2), (0, 2), (4000, 5)]
)
def test_levels_at_the_borders(side: float, level: int) -> None:
    assert coding.level_of([[0, 0, side, side]], 2, 5).tolist() == [level]
    assert coding.level_of([[0, 0, side, side]], 5, 5).tolist() == [5]


@given(seed=st.integers(0, 1000))
def test_the_anchors_that_are_taught_are_those_of_torchvision(seed: int) -> None:
    priors = anchors.all_anchors(anchors.levels(anchors.MOBILENET, (120, 160))).astype(np.float64)
    random = np.random.default_rng(seed)
    middle, size = random.uniform(200, 600, (3, 2)), random.uniform(40, 300, (3, 2))
    objects = np.concatenate([middle - size / 2, middle + size / 2], axis=1)
    matcher = Matcher(0.7, 0.3, allow_low_quality_matches=True)
    expected = matcher(box_iou(torch.from_numpy(objects), torch.from_numpy(priors))).numpy()
    np.testing.assert_array_equal(coding.taught(priors, objects), expected)


def test_without_objects_every_anchor_is_background() -> None:
    assert set(coding.taught([[0, 0, 5, 5]], np.zeros((0, 4))).tolist()) == {coding.NOTHING}
    assert coding.taught([[0, 0, 5, 5]], [[90, 90, 99, 99]]).tolist() == [coding.NOTHING]


@pytest.mark.parametrize("name", list(faster.BUILT))
def test_the_networks_are_torchvision_s_own(name: str) -> None:
    """The same file in a network that torchvision builds with its published description gives the same boxes."""
    tensors = random_tensors(name)
    ours = filled(faster.empty(name), tensors)
    described = detection.__dict__[name]
    with torch.random.fork_rng():
        theirs = described(weights=None, weights_backbone=None, num_classes=91).eval()
    theirs.load_state_dict(tensors, strict=False)
    if name == "fasterrcnn_resnet50_fpn":  # torchvision does so with the published weights
        for module in theirs.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eps = 0.0
    picture = [faster.as_tensor(PIXELS[:64, :64])]
    with torch.inference_mode():
        if name == "fasterrcnn_resnet50_fpn":
            small = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
            for one, other in zip(
                ours.backbone(small).values(), theirs.backbone(small).values(), strict=True
            ):
                torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
            return
        (one,), (other,) = ours(picture), theirs(picture)
    assert len(one["boxes"]) == len(other["boxes"]) > 0
    # random weights score whole crowds alike: where two are alike to the last digit, either may suppress the other
    apart = (one["boxes"][:, None] - other["boxes"][None]).abs().amax(dim=2)  # [ours, theirs]
    twins = (apart.amin(dim=1) < 2e-2).double().mean()
    assert twins > 0.95


def test_building_leaves_the_shared_generator_alone() -> None:
    before = torch.random.get_rng_state()
    for name in faster.BUILT:
        faster.empty(name)
    assert torch.equal(before, torch.random.get_rng_state())
    with pytest.raises(ValueError, match="The network is one of fasterrcnn"):
        faster.empty("x")


def test_a_file_in_the_folder_of_weights_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = anchors.MOBILENET.name
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(WeightsMissing, match="fetch fasterrcnn_mobilenet"):
        faster.network(name)
    assert faster.here() == ()
    path = written(name, tmp_path, monkeypatch)
    assert faster.here() == (name,)
    network = faster.network(name)
    assert faster.network(name) is network
    assert not network.training
    assert not any(each.requires_grad for each in network.parameters())
    path.write_bytes(b"no weights")
    with pytest.raises(WeightsDamaged, match="does not hold the weights of Faster R-CNN"):
        faster.network(name)
    monkeypatch.undo()
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    with pytest.raises(WeightsDamaged, match="its SHA-256 should begin with fb6a3cc7"):
        faster.network(name)


def test_a_strip_is_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="of 8000 x 1 nothing would be left"):
        anchors.shown_hw((1, 8000))
    with pytest.raises(ValueError, match="The level has 25 x 25 places, got 25, 0"):
        anchors.levels(anchors.MOBILENET, (100, 100))[0].at(25, 0)


def test_formulas_give_their_values() -> None:
    of = anchors.levels(anchors.RESNET, (300, 400))
    assert formulas.count_formula(of).value == len(anchors.all_anchors(of))
    assert formulas.shape_formula(128, 2.0).value == pytest.approx(181.02, abs=0.01)
    assert formulas.level_formula((0, 0, 224, 224), 2, 5).value == 4
    assert "cut to 5" in formulas.level_formula((0, 0, 2000, 2000), 2, 5).note
    anchor, box = (100.0, 100.0, 228.0, 356.0), (90.0, 130.0, 300.0, 340.0)
    numbers = coding.encode(np.array([box]), np.array([anchor]), coding.SECOND)[0]
    x, y, w, h = (each.value for each in formulas.coding_formulas(tuple(numbers), anchor))
    assert (x, y, w, h) == pytest.approx((195, 235, 210, 210))
    assert "cut" in formulas.coding_formulas((0, 0, 99, 0), anchor)[2].note


@pytest.mark.parametrize("name", NAMES)
def test_the_network_is_the_one_that_torchvision_builds_for_published_weights(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its frozen normalisations and their epsilons: the official builder gets the same file's tensors."""
    values = random_tensors(name)
    written(name, tmp_path, monkeypatch)
    weights = detection.__dict__[
        {"fasterrcnn_resnet50_fpn": "FasterRCNN_ResNet50_FPN_Weights"}.get(
            name, "FasterRCNN_MobileNet_V3_Large_FPN_Weights"
        )
    ].DEFAULT
    monkeypatch.setattr(type(weights), "get_state_dict", lambda *_, **__: values)
    official = detection.__dict__[name](weights=weights).eval()
    with torch.inference_mode():
        picture = [faster.as_tensor(PIXELS[:120, :160])]
        (wanted,), (found,) = official(picture), faster.network(name)(picture)
    assert len(wanted["boxes"]) > 5
    torch.testing.assert_close(found["scores"], wanted["scores"], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found["boxes"], wanted["boxes"], rtol=1e-4, atol=0.02)
    faster._loaded.cache_clear()
