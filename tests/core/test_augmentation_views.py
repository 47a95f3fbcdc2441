"""What the augmentation page's Label, Odds, Leak and Feature space views compute, draw and give to take home."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from core.augmentation import CATALOGUE, Chain, Step, check_odds, formulas, odds, order_effect
from core.augmentation.cautions import CARDS
from core.augmentation.digit_story import digit_story, read_digit
from core.augmentation.digits import DigitNetwork, clearest, trained_digits, training_digits
from core.augmentation.embedding import EmbeddingMap, embedding_map
from core.augmentation.families import family, relatives
from core.augmentation.laboratory import EPOCHS, digit_order, leak_order
from core.augmentation.leak import WAYS, LeakRun, leak_summary, simulate_leak
from core.augmentation.survival import survival_curve
from core.augmentation.text import chain_from_text
from core.bundled import bundled
from core.figures import augmentation_label as label_figures
from core.figures import augmentation_leak as leak_figures
from core.figures import augmentation_odds as odds_figures
from core.figures import augmentation_space as space_figures
from core.figures.augmentation_cards import card_pictures
from core.jobs.declared import found
from core.networks import load, prepare, record
from core.photo import Photo
from core.snippets import augmentation_label, augmentation_leak, augmentation_odds, augmentation_space

NETWORK = "tf_efficientnet_lite0"
CHAIN = Chain(
    (Step("rotate", probability=0.5), Step("blur", probability=0.25), Step("flip", probability=0.5))
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def network() -> DigitNetwork:
    return trained_digits(0)


@pytest.fixture(scope="module")
def mapped() -> EmbeddingMap:
    return embedding_map(bundled("Cat"), CHAIN, 5, 1)


def run(snippet: str, **space: object) -> object:
    exec(snippet, space)
    return space["result"]


def test_breeds_are_one_family() -> None:
    categories = record(NETWORK).categories
    cats = relatives("tabby", categories)
    assert cats == ("tabby", "tiger cat", "Persian cat", "Siamese cat", "Egyptian cat")
    assert family(categories.index("Chihuahua")) == "a dog"
    assert relatives("espresso", categories) == ("espresso",)
    assert relatives("a", ("a", "b")) == ("a",)


def test_what_counts_as_the_label_is_added_up(tmp_path, monkeypatch) -> None:
    photo, categories = bundled("Cat"), record(NETWORK).categories
    cats = relatives("tiger cat", categories)
    curve = survival_curve(photo, "erasing", 3, also=cats)
    alone = survival_curve(photo, "erasing", 3)
    assert curve.label == alone.label
    assert all(a >= b for a, b in zip(curve.probabilities, alone.probabilities, strict=True))
    assert curve.baseline == pytest.approx(curve.probabilities[0], abs=1e-5)
    assert formulas.change(curve, 0).value == pytest.approx(0, abs=1e-5)
    assert formulas.safe_share(curve).value == pytest.approx((curve.safe[1] - curve.safe[0]) / 0.5)
    monkeypatch.chdir(tmp_path)
    from PIL import Image

    Image.fromarray(photo.pixels).save("photo.png")
    numbers = [categories.index(each) for each in cats]
    snippet = augmentation_label.survival("erasing", curve.strengths[1], numbers[0], tuple(numbers[1:]))
    found = run(
        snippet,
        network=load(NETWORK),
        prepare=lambda pixels: prepare(record(NETWORK), Photo.of(pixels)).tensor,
    )
    assert found == pytest.approx(curve.probabilities[1], abs=1e-4)
    figure = label_figures.survival_figure(
        curve, label_figures.thumbnails(photo.pixels, curve, 0), curve.strengths[1], "cat"
    )
    json.loads(figure.to_json())
    assert figure.data[1].y == curve.probabilities
    runs = label_figures.runs(curve)
    assert (runs[0][0], runs[-1][1]) == (curve.strengths[0], curve.strengths[-1])
    assert len(runs) == len(curve.turns) + 1


def test_a_turned_six_makes_the_label_wrong_not_the_network(network: DigitNetwork) -> None:
    index = clearest(network, 6)
    story = digit_story(network, "rotate", index)
    last, middle = story.readings[-1], story.readings[len(story.readings) // 2]
    assert (middle.label, middle.meaning, middle.answer, middle.outcome) == (6, 6, 6, "right")
    assert (last.strength, last.meaning, last.answer, last.outcome) == (180, 9, 9, "the label is wrong")
    assert {each.outcome for each in story.readings} == {
        "right",
        "the label is wrong",
        "no digit",
        "the network errs",
    }
    assert [meaning for _, _, meaning in story.zones()] == [9, None, 6, None, 9]
    edges = story.zones()
    assert all(a[1] == b[0] for a, b in pairwise(edges))
    assert story.table.sum(axis=1) == pytest.approx(1)
    single = read_digit(network, "rotate", index, 180.0)
    assert single.probability == pytest.approx(last.probability, abs=1e-6)
    figure = label_figures.digit_figure(story, label_figures.digit_thumbnails(story, index), 180.0)
    json.loads(figure.to_json())
    ours = lambda small: network.answers(small[None])[0]  # noqa: E731
    assert run(augmentation_label.digit("rotate", index, 180.0), network=ours) == pytest.approx(
        story.table[-1], abs=1e-6
    )
    assert formulas.digits_right(392, 397).value == 392 / 397


def test_the_training_is_told_epoch_by_epoch(network: DigitNetwork) -> None:
    steps = list(training_digits(0))
    assert len(steps) == EPOCHS
    assert steps[-1].accuracy == network.accuracy > 0.97
    assert steps[0].accuracy < steps[-1].accuracy
    order = digit_order(0)
    told = list(found(order.work)(**order.arguments))
    assert [step.accuracy for step in told[::2]] == [step.accuracy for step in steps]
    assert [step.done for step in told[1::2]] == list(range(1, EPOCHS + 1))


def test_the_odds_in_words_numbers_and_lines() -> None:
    found, check = odds(CHAIN), check_odds(CHAIN, 3)
    untouched, expected, counts = run(augmentation_odds.odds(CHAIN))
    assert (untouched, expected) == pytest.approx((found.untouched, found.expected))
    assert counts == pytest.approx(found.counts)
    counted = run(augmentation_odds.counted(CHAIN, 3, 20_000))
    assert counted == pytest.approx((found.untouched, found.expected), abs=0.02)
    off = formulas.standard_errors(found, check)
    assert off[0].value == pytest.approx((check.untouched - found.untouched) / check.untouched_error)
    assert all(abs(each.value) < 4 for each in off)
    certain = Chain((Step("rotate"),))
    assert [each.value for each in formulas.standard_errors(odds(certain), check_odds(certain, 0))] == [0, 0]
    assert formulas.chain_formulas(found, CHAIN) == found.formulas
    long = Chain(CHAIN.steps * 2)
    assert formulas.chain_formulas(odds(long), long)[0].filled == r"(1 - 0.5)^{4} \cdot (1 - 0.25)^{2}"


def test_the_tree_is_as_high_as_it_is_probable() -> None:
    found = odds(CHAIN)
    trace = odds_figures.tree_figure(found).data[0]
    leaves = [v for i, v in zip(trace.ids, trace.values, strict=True) if i.count("/") == 3]
    assert len(leaves) == 8
    assert math.fsum(leaves) == pytest.approx(1)
    greens = [v for c, v in zip(trace.marker.colors, trace.values, strict=True) if c == odds_figures.TEAL]
    assert greens[-1] == pytest.approx(found.untouched)
    assert odds_figures.drawn_levels(odds(Chain(CHAIN.steps * 4))) == 5
    assert f"{found.untouched:.4g}" in odds_figures.tree_alt(found)
    json.loads(odds_figures.counts_figure(found, check_odds(CHAIN, 0, 50)).to_json())


@pytest.mark.parametrize("hw", [(1, 1), (1, 700), (700, 1), (40, 60)])
def test_the_order_on_pictures_of_any_shape(hw: tuple[int, int]) -> None:
    pixels = np.full((*hw, 3), 90, np.uint8)
    orders = order_effect(Step("crop", 0.25, 0.25), Step("resize", 32, 32), hw, 0)
    for order in orders:
        h, w = order.hw
        expected = (h * w / (order.seen * hw[0] * hw[1])) ** 0.5
        assert formulas.order_scale(order, "").value == pytest.approx(expected)
        assert odds_figures.result_picture(order, pixels).height % h == 0
    assert max(odds_figures.seen_picture(pixels, orders).height, 480) == 480


def test_the_gain_that_is_not_real() -> None:
    reported, real = (0.9, 0.8, 0.85), (0.8, 0.75, 0.7)
    runs = [
        LeakRun("leak", s, a, b, b, 10, 10, 5) for s, (a, b) in enumerate(zip(reported, real, strict=True))
    ]
    (summary,) = leak_summary(runs)
    mean, error = run(augmentation_leak.gain(runs))
    assert (mean, error) == pytest.approx((summary.unreal, summary.unreal_error))
    assert formulas.unreal_gain(summary).value == pytest.approx(0.1)
    assert run(augmentation_leak.split(), digit=np.repeat(np.arange(20), 3)) == 0
    json.loads(leak_figures.leak_figure(runs, [summary]).to_json())
    assert [leak_figures.sets_alt(way).split(", ")[-1][:8] for way in WAYS] == [
        "0 digits",
        "6 digits",
        "0 digits",
    ]
    assert all(leak_figures.sets_svg(way).startswith("<svg") for way in WAYS)


def test_the_map_and_its_numbers(mapped: EmbeddingMap) -> None:
    figure = space_figures.map_figure(mapped, bundled("Cat").pixels)
    json.loads(figure.to_json())
    assert len(figure.layout.images) == 6
    assert formulas.mean_distance(mapped).value == pytest.approx(mapped.distances.mean())
    assert formulas.plane_share(mapped).value == pytest.approx(sum(mapped.explained))
    table = space_figures.shift_figure({"zoom": (0.1, 0.4), "hue": (0.2, 0.3)}, ("a", "b"), (8, 4))
    assert list(table.data[0].y) == [
        CATALOGUE["hue"].title,
        CATALOGUE["zoom"].title,
    ]  # the last one is on top


def test_the_lines_of_the_feature_space() -> None:
    dice = torch.Generator().manual_seed(0)
    photo, variants = torch.rand(1, 6, 3, 3, generator=dice), torch.rand(4, 6, 3, 3, generator=dice)
    distances, share = run(augmentation_space.distances("layer"), photo=photo, variants=variants)
    p, v = (each.mean(dim=(2, 3)).double().numpy() for each in (photo, variants))
    assert distances.numpy() == pytest.approx(np.linalg.norm(v - p, axis=1) / np.linalg.norm(p))
    from core.augmentation.embedding import principal_plane

    assert share.item() == pytest.approx(sum(principal_plane(np.concatenate([p, v]))[1]))


def test_every_card_has_its_example() -> None:
    assert all(card_pictures(card.title) for card in CARDS)
    assert card_pictures("no card") is None


def test_a_leak_is_simulated_as_long_work() -> None:
    order = leak_order(1, 40, 1)
    steps = list(found(order.work)(**order.arguments))
    assert [step.way for step in steps[::2]] == list(WAYS)
    assert steps[::2] == list(simulate_leak(range(1), originals=40, copies=1))
    assert [step.what for step in steps[1::2]] == ["network 1 of 3", "network 2 of 3", "network 3 of 3"]
    assert [(step.done, step.total) for step in steps[1::2]] == [(1, 3), (2, 3), (3, 3)]
    stopped = found(order.work)(**order.arguments)
    next(stopped)
    with pytest.raises(StopIteration):
        stopped.send(True)


def test_a_refused_order_says_why() -> None:
    order = leak_order(1, 41, 1)
    with pytest.raises(ValueError, match="even"):
        next(found(order.work)(**order.arguments))


def test_a_chain_of_the_visitors_own_makes_the_copies() -> None:
    order = leak_order(1, 40, 1, "rotate(90,90)")
    first = next(found(order.work)(**order.arguments))
    (expected, *_) = simulate_leak(range(1), originals=40, copies=1, chain=chain_from_text("rotate(90,90)"))
    assert first == expected
