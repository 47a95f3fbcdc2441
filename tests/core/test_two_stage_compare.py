"""Routes side by side: boxes against the network itself, matching against a plain loop, costs against torch."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode
from torchvision.ops import box_iou

from core.bundled import bundled
from core.detection.boxes import iou
from core.detection.detector import EMBEDDED, candidates, class_names, look
from core.detection.suppression import keep
from core.figures import two_stage_compare as figures
from core.networks import WeightsMissing
from core.networks.building import filled
from core.snippets import two_stage_compare as snippets
from core.two_stage import compare, faster
from core.two_stage import compare_match as matches
from core.two_stage.compare_cost import MultiplyAdds
from core.two_stage.compare_run import REPEATS, Answer, compare_order, counted
from core.two_stage.compare_run import compare as compare_routes
from core.two_stage.compare_ssdlite import detect
from core.two_stage.faster_anchors import MOBILENET
from tests.core.faster_weights import random_tensors, written

PIXELS = bundled("Astronaut").pixels


@pytest.fixture
def nothing_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONVNET_EXPLORER_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path


def test_without_weights_three_routes_are_here_and_the_others_say_what_is_missing(
    nothing_fetched: Path,
) -> None:
    assert [each.key for each in compare.routes(here=True)] == [EMBEDDED, "fast_rcnn", "sliding"]
    assert {each.stages for each in compare.routes()} == {0, 1, 2}
    for each in compare.routes():
        if not each.is_here:
            with pytest.raises(WeightsMissing, match=f"fetch {each.key}"):
                each.run(PIXELS, 0.3, 0.5)


def test_the_embedded_route_is_the_detection_page_s() -> None:
    found = compare.ROUTES[EMBEDDED].run(PIXELS, 0.1, 0.4)
    seen = candidates(look(PIXELS), 0.1)
    left = keep(seen.boxes, seen.scores, 0.4, seen.labels)
    np.testing.assert_array_equal(found.boxes, seen.boxes[left])
    assert found.names == tuple(class_names()[i] for i in seen.labels[left])
    assert [count for _, count in found.stages] == [3549, len(seen.scores), len(left)]


def test_ssdlite_with_torchvision_s_thresholds_is_torchvision_s() -> None:
    network = filled(faster.empty(faster.SSDLITE), random_tensors(faster.SSDLITE))
    found = detect(network, PIXELS, network.score_thresh, network.nms_thresh)
    with torch.inference_mode():
        (answer,) = network([faster.as_tensor(PIXELS)])
    assert found.defaults == 3234
    assert len(found.boxes) > 50
    np.testing.assert_allclose(found.scores, answer["scores"].numpy(), atol=1e-6)
    np.testing.assert_array_equal(found.labels, answer["labels"].numpy())
    np.testing.assert_allclose(found.boxes, answer["boxes"].numpy(), atol=1e-3)
    assert detect(network, PIXELS, 1.0, 0.5).boxes.shape == (0, 4)
    with pytest.raises(ValueError, match=r"A threshold is 0 to 1, got 2\."):
        detect(network, PIXELS, 2.0, 0.5)


def test_faster_r_cnn_as_a_route_is_torchvision_s(
    nothing_fetched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(MOBILENET.name, nothing_fetched, monkeypatch)
    pixels = PIXELS[:200, :300]
    found = compare.ROUTES[MOBILENET.name].run(pixels, 0.05, 0.5)
    network = faster.network(MOBILENET.name)
    with torch.inference_mode():
        (answer,) = network([faster.as_tensor(pixels)])
    np.testing.assert_allclose(found.boxes, answer["boxes"].numpy(), atol=0.02)
    assert found.names == tuple(faster.class_names()[i] for i in answer["labels"])
    assert found.stages[0][0] == "anchors"
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network([faster.as_tensor(pixels)])
    assert counted(MOBILENET.name, pixels, 0.05, 0.5) == counter.get_total_flops() // 2


def test_multiply_adds_of_every_kind_of_product() -> None:
    random = partial(torch.randn, generator=torch.Generator().manual_seed(0))
    layers = torch.nn.functional
    with MultiplyAdds() as ours, FlopCounterMode(display=False) as theirs, torch.no_grad():
        layers.conv2d(random(2, 4, 9, 9), random(6, 2, 3, 3), stride=2, padding=1, groups=2)
        layers.linear(random(5, 7), random(3, 7), random(3))
        random(4, 5) @ random(5, 6)
    assert ours.count == theirs.get_total_flops() // 2 == 2 * 6 * 5 * 5 * 2 * 9 + 5 * 7 * 3 + 4 * 5 * 6
    with MultiplyAdds() as again, torch.inference_mode():
        layers.conv2d(random(2, 4, 9, 9), random(6, 2, 3, 3), stride=2, padding=1, groups=2)
        layers.linear(random(5, 7), random(3, 7), random(3))
    assert again.count == 2 * 6 * 5 * 5 * 2 * 9 + 5 * 7 * 3


def test_the_routes_are_asked_in_turn_and_can_be_stopped() -> None:
    steps = list(compare_routes(PIXELS, (EMBEDDED,), 0.3, 0.5))
    answer = steps[-1]
    assert isinstance(answer, Answer)
    assert len(steps) == REPEATS + 3
    assert answer.macs == counted(EMBEDDED, PIXELS, 0.3, 0.5)
    assert answer.macs > 1e8
    assert answer.seconds > 0
    run = compare_routes(PIXELS, (EMBEDDED,), 0.3, 0.5)
    next(run)
    with pytest.raises(StopIteration):
        run.send(True)


@pytest.mark.parametrize(
    ("keys", "sentence"), [((), "got none"), (("x", EMBEDDED), "got x")], ids=["none", "unknown"]
)
def test_routes_that_there_are_not(keys: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        compare_order(PIXELS, keys, 0.3, 0.5)
    with pytest.raises(ValueError, match="There is a score and a name for each box, got 1, 0, 0"):
        compare.Boxes(np.zeros((1, 4)), np.zeros(0), (), ())


def boxes(seed: int, count: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 120, (count, 2))
    return np.concatenate([corner, corner + random.uniform(10, 120, (count, 2))], axis=1)


@given(st.integers(0, 5000), st.integers(0, 12), st.integers(0, 12))
def test_objects_are_found_as_by_a_plain_loop(seed: int, there: int, found: int) -> None:
    truth, answer = boxes(seed, there), boxes(seed + 1, found)
    answer[: min(there, found) // 2] = truth[: min(there, found) // 2] + 3
    score = matches.scored(matches.described(truth), answer, np.linspace(1, 0.1, found))
    free, taken = set(range(there)), np.full(there, -1)
    overlaps = iou(answer, truth)
    for row in range(found):
        best = max(free, key=lambda column: (overlaps[row, column], column), default=None)
        if best is not None and overlaps[row, best] >= 0.5:
            free.remove(best)
            taken[best] = row
    np.testing.assert_array_equal(score.taken, taken)
    assert sorted(score.false.tolist()) == sorted(set(range(found)) - set(taken.tolist()))
    for pairs in (score.by_size(), score.by_crowd()):
        assert sum(got for got, _ in pairs) == int((taken >= 0).sum())
        assert sum(all_ for _, all_ in pairs) == there
    names = {"boxes": torch.from_numpy(answer), "objects": torch.from_numpy(truth)}
    exec(snippets.found(), names)
    assert [int(each) for each in names["result"].values()] == [got for got, _ in score.by_size()]


@pytest.mark.parametrize(
    ("box", "size"),
    [((0, 0, 31, 33), 0), ((0, 0, 32, 32), 1), ((0, 0, 95, 97), 1), ((0, 0, 96, 96), 2), ((5, 5, 5, 9), 0)],
    ids=["under 32²", "32²", "under 96²", "96²", "no area"],
)
def test_sizes_are_coco_s(box: tuple[int, ...], size: int) -> None:
    assert matches.described([box]).sizes.tolist() == [size]


def test_crowds_are_told_by_the_overlap() -> None:
    found = matches.described([(0, 0, 100, 100), (50, 0, 150, 100), (145, 0, 245, 100), (500, 500, 600, 600)])
    assert [matches.CROWDS[i] for i in found.crowds] == ["crowded", "crowded", "touching", "alone"]


def test_agreement_of_one_two_and_three_routes() -> None:
    one, two, far = (0.0, 0, 100, 100), (10.0, 0, 110, 100), (500.0, 500, 600, 600)
    assert len(matches.agreed([[one, far]]).boxes) == 0
    both = matches.agreed([[one, far], [two]])
    assert both.votes.tolist() == [2]
    np.testing.assert_allclose(both.boxes[0], np.mean([one, two], axis=0))
    three = matches.agreed([[one, far], [two], [far, one]])
    assert three.votes.tolist() == [3, 2]
    twice = matches.agreed([[one], [two, one], []])  # a route has one vote for an object
    assert twice.votes.tolist() == [2]
    assert len(matches.agreed([[], []]).boxes) == 0
    assert len(matches.agreed([]).boxes) == 0


@given(st.integers(0, 5000), st.lists(st.integers(0, 8), min_size=1, max_size=4))
def test_agreement_needs_two_routes_and_gives_a_box_to_one_object(seed: int, counts: list[int]) -> None:
    found = [boxes(seed + i, count) for i, count in enumerate(counts)]
    objects = matches.agreed(found)
    assert ((objects.votes >= 2) & (objects.votes <= len(found))).all()
    assert objects.votes.sum() <= sum(counts)
    alike = matches.agreed([boxes(seed, 1), boxes(seed, 1), *found])
    assert alike.votes.max() >= 2


def test_figures_hold_their_numbers() -> None:
    seconds = figures.seconds_figure(["a", "b", "c"], [1, 2, 0], [0.1, 0.5, 0.2])
    assert {bar.name: list(bar.x) for bar in seconds.data} == {
        "every window": [0.2],
        "one stage": [0.1],
        "two stages": [0.5],
    }
    kinds = figures.kinds_figure(("small", "large"), [("a", ((1, 2), (0, 0)))])
    assert list(kinds.data[0].y) == [0.5, None]
    assert list(kinds.data[0].text) == ["1/2", ""]


def test_the_oracle_of_overlaps_is_torchvision_s() -> None:
    a, b = boxes(1, 5), boxes(2, 6)
    np.testing.assert_allclose(iou(a, b), box_iou(*map(torch.from_numpy, (a, b))).numpy(), atol=1e-12)


def test_fast_r_cnn_as_a_route_is_its_own_view_s() -> None:
    from core.two_stage import rcnn
    from core.two_stage.selective_search import search

    found = compare.ROUTES["fast_rcnn"].run(PIXELS, 0.4, 0.3)
    boxes = search(PIXELS).boxes[:100]
    said = rcnn.fast(PIXELS, boxes)
    np.testing.assert_array_equal(found.boxes, boxes[said.kept(0.4)])
    assert found.stages[0] == ("proposals", 100)
