"""The charts of a training show the numbers that they are given, and their words say them."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures import transfer, transfer_after, transfer_more, transfer_rates
from core.transfer.steps import Epoch, Moved

PHOTOS = 45
ACCURACIES = (15 / 45, 30 / 45, 42 / 45, 41 / 45)


def epoch(number: int, accuracy: float = 0.5, *, lane: int = 0, loss: float = 1.0) -> Epoch:
    return Epoch(
        lane=lane,
        number=number,
        updates=6 * number,
        seconds=1.5 * number,
        training_loss=loss * 0.9,
        training_accuracy=0.75,
        validation_loss=loss,
        validation_accuracy=accuracy,
        rate=1e-3,
        trunk_rate=0.0,
        photos=90 * number,
        probabilities=np.full((PHOTOS, 3), 1 / 3, np.float32),
    )


EPOCHS = [epoch(number, accuracy, loss=1.2 - 0.3 * number) for number, accuracy in enumerate(ACCURACIES)]
UNCHECKED = [replace(each, validation_loss=math.nan, validation_accuracy=math.nan) for each in EPOCHS]


def wilson_by_its_roots(right: int, of: int) -> list[float]:
    """The shares p that lie exactly 1.96 standard errors from what was counted: n (p^ - p)^2 = z^2 p (1 - p)."""
    share, z2 = right / of, 1.959963984540054**2
    return sorted(np.roots([of + z2, -(2 * of * share + z2), of * share**2]).real)


def traces(figure: go.Figure, name: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.name == name]


def ends(figure: go.Figure, *, axis: str) -> Sequence[float]:
    return figure.layout[axis].range


# The learning curves


def test_the_curves_are_the_numbers_of_the_epochs() -> None:
    figure = transfer.learning_figure(EPOCHS, PHOTOS, 2)
    loss, accuracy = traces(figure, "validation")
    assert (loss.yaxis, accuracy.yaxis) == ("y", "y2")
    assert list(loss.x) == list(accuracy.x) == [0, 1, 2, 3]
    assert list(loss.y) == pytest.approx([1.2, 0.9, 0.6, 0.3])
    assert list(accuracy.y) == pytest.approx(ACCURACIES)
    loss, accuracy = traces(figure, "training")
    assert list(loss.y) == pytest.approx([1.08, 0.81, 0.54, 0.27])
    assert list(accuracy.y) == [0.75] * 4
    assert loss.line.dash == "dash"
    assert loss.line.width < traces(figure, "validation")[0].line.width


def test_the_band_ends_are_wilsons() -> None:
    (band,) = traces(transfer.learning_figure(EPOCHS, PHOTOS, 2), "95 % interval")
    count = len(EPOCHS)
    assert list(band.x) == [0, 1, 2, 3, 3, 2, 1, 0]
    for place, accuracy in enumerate(ACCURACIES):
        low, high = wilson_by_its_roots(round(accuracy * PHOTOS), PHOTOS)
        assert band.y[place] == pytest.approx(high)
        assert band.y[2 * count - 1 - place] == pytest.approx(low)


def test_the_best_epoch_is_ringed_in_both_panels() -> None:
    loss, accuracy = traces(transfer.learning_figure(EPOCHS, PHOTOS, 2), "best epoch")
    assert (list(loss.x), list(accuracy.x)) == ([2], [2])
    assert loss.y[0] == pytest.approx(0.6)
    assert accuracy.y[0] == pytest.approx(42 / 45)
    assert not traces(transfer.learning_figure(EPOCHS, PHOTOS, None), "best epoch")[0].x


@pytest.mark.parametrize("photos", [0, PHOTOS])
def test_without_validation_only_the_training_is_drawn(photos: int) -> None:
    figure = transfer.learning_figure(UNCHECKED, photos, None)
    assert [len(trace.x) for trace in traces(figure, "validation")] == [0, 0]
    assert [len(trace.x) for trace in traces(figure, "training")] == [4, 4]
    assert all(not trace.x for trace in traces(figure, "95 % interval"))
    assert all(math.isfinite(end) for axis in ("xaxis", "yaxis", "yaxis2") for end in ends(figure, axis=axis))


def test_before_the_first_epoch_there_is_an_empty_frame() -> None:
    figure = transfer.learning_figure([], PHOTOS, None, total=20)
    assert all(not trace.x for trace in figure.data)
    assert ends(figure, axis="xaxis")[1] >= 20
    assert "not begun" in transfer.learning_alt([], None)


def test_the_frame_stays_while_epochs_come() -> None:
    frames = {
        tuple(ends(transfer.learning_figure(EPOCHS[:count], PHOTOS, None, total=20), axis=axis))
        for count in range(1, 5)
        for axis in ("xaxis", "xaxis2")
    }
    heights = {
        tuple(ends(transfer.learning_figure(EPOCHS[:count], PHOTOS, None), axis="yaxis")) for count in (1, 4)
    }
    assert len(frames) == len(heights) == 1
    assert transfer.learning_figure(EPOCHS, PHOTOS, 2).layout.uirevision == "constant"


def test_a_loss_that_is_no_number_leaves_the_axis_finite() -> None:
    figure = transfer.learning_figure([*EPOCHS, epoch(4, loss=math.inf)], PHOTOS, 2)
    assert 1.2 <= ends(figure, axis="yaxis")[1] < 3


def test_the_curves_in_words() -> None:
    words = transfer.learning_alt(EPOCHS, 2)
    for said in ("Epochs 0 to 3", "1.080 to 0.270", "1.200 to 0.300", "33.3% to 91.1%", "epoch 2 with 93.3%"):
        assert said in words
    assert "validation" not in transfer.learning_alt(UNCHECKED, None)


@given(st.floats(1e-6, 1e6))
def test_an_axis_ends_little_above_its_largest_value(value: float) -> None:
    assert value * (1 - 1e-9) <= transfer.above(value) <= 1.61 * value


# The race

LANES = [("head <only>", EPOCHS), ("everything", [epoch(n, 0.4 + 0.1 * n, lane=1) for n in range(3)])]


@pytest.mark.parametrize(("panel", "measure"), [(0, "updates"), (1, "seconds")], ids=["updates", "seconds"])
def test_the_race_is_drawn_over_updates_and_over_seconds(panel: int, measure: str) -> None:
    figure = transfer.race_figure(LANES, PHOTOS)
    for name, epochs in LANES:
        trace = traces(figure, name.replace("<", "&lt;").replace(">", "&gt;"))[panel]
        assert list(trace.x) == [getattr(each, measure) for each in epochs]
        assert list(trace.y) == pytest.approx([each.validation_accuracy for each in epochs])
    assert len({trace.line.color for trace in figure.data}) == 2
    assert sum(trace.showlegend is not False for trace in figure.data) == 2


def test_the_whisker_of_a_lane_is_wilsons_at_its_last_point() -> None:
    trace = transfer.race_figure(LANES, PHOTOS).data[0]
    low, high = wilson_by_its_roots(41, PHOTOS)
    assert trace.y[-1] + trace.error_y.array[-1] == pytest.approx(high)
    assert trace.y[-1] - trace.error_y.arrayminus[-1] == pytest.approx(low)
    assert list(trace.error_y.array[:-1]) == [0, 0, 0]


def test_a_race_that_has_not_begun() -> None:
    assert all(not trace.x for trace in transfer.race_figure([("one", []), ("two", UNCHECKED)], 0).data)
    assert transfer.race_alt([("one", []), ("two", UNCHECKED)]).count("not yet") == 2


def test_the_race_in_words() -> None:
    words = transfer.race_alt(LANES)
    assert "head <only> 91.1% after 18 updates and 4.5 s" in words
    assert "everything 60.0% after 12 updates and 3.0 s" in words


# Shares with intervals

ROWS = [("ants", 0.9, 0.7, 0.97), ("<i>bees</i>", 0.5, 0.3, 0.7), ("wasps", math.nan, math.nan, math.nan)]


def test_whiskers_reach_from_low_to_high() -> None:
    figure = transfer.whisker_figure(ROWS, "accuracy", reference=("chance", 1 / 3))
    (trace,) = figure.data
    for place, (_, value, low, high) in enumerate(ROWS[:2]):
        assert trace.x[place] == value
        assert trace.x[place] + trace.error_x.array[place] == pytest.approx(high)
        assert trace.x[place] - trace.error_x.arrayminus[place] == pytest.approx(low)
    assert list(figure.layout.yaxis.ticktext) == ["ants", "&lt;i&gt;bees&lt;/i&gt;", "wasps"]
    assert [each.text for each in figure.layout.annotations] == [
        "<b>90%</b> 70–97%",
        "<b>50%</b> 30–70%",
        "no photos",
        "chance",
    ]
    assert figure.layout.shapes[0].x0 == pytest.approx(1 / 3)
    assert ends(figure, axis="yaxis")[0] > ends(figure, axis="yaxis")[1]  # the first row is above


def test_whiskers_in_words() -> None:
    assert transfer.whisker_alt(ROWS, "Accuracy") == (
        "Accuracy: ants 90.0% (70.0% to 97.0%); <i>bees</i> 50.0% (30.0% to 70.0%)"
    )


# What moved

MOVED = [
    Moved("stem.weight", 0, "weight", 0.0, 27),
    Moved("stem.running_mean", 0, "statistics", 0.0, 3),
    Moved("late.weight", 1, "weight", 0.02, 90),
    Moved("late.running_var", 1, "statistics", 0.3, 9),
    Moved("head.bias", 2, "weight", math.nan, 3),
    Moved("head.weight", 2, "weight", 1.5, 30),
]


def test_what_moved_is_on_a_logarithmic_axis_with_a_row_for_nought() -> None:
    figure = transfer_after.moved_figure(MOVED, ["stem", "late"], 1)
    (weights,), (statistics,) = traces(figure, "weights"), traces(figure, "batch-norm statistics")
    axis = figure.layout.yaxis
    at = dict(zip(axis.ticktext, axis.tickvals, strict=True))
    assert list(weights.x) == [0, 2, 4]
    assert list(weights.y) == pytest.approx([at["0"], math.log10(0.02), math.log10(1.5)])
    assert list(statistics.x) == [1, 3]
    assert list(statistics.y) == pytest.approx([at["0"], math.log10(0.3)])
    assert at["0"] < at["0.01"] < math.log10(0.02) < at["0.1"]
    assert weights.marker.symbol != statistics.marker.symbol


def test_the_bands_are_the_stages() -> None:
    figure = transfer_after.moved_figure(MOVED, ["stem", "late"], 1)
    bands = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert [(band.x0, band.x1) for band in bands] == [(-0.5, 1.5), (1.5, 3.5), (3.5, 4.5)]
    assert bands[0].fillcolor != bands[1].fillcolor == bands[2].fillcolor
    assert list(figure.layout.xaxis.ticktext) == ["stem", "late", "head"]
    assert list(figure.layout.xaxis.tickvals) == [0.5, 2.5, 4]
    assert {each.text for each in figure.layout.annotations} == {"<b>❄ frozen</b>", "<b>training</b>"}


@pytest.mark.parametrize(
    ("trained", "labels"), [(0, 2), (2, 1), (9, 1)], ids=["head", "all", "more than all"]
)
def test_the_labels_name_what_there_is(trained: int, labels: int) -> None:
    figure = transfer_after.moved_figure(MOVED, ["stem", "late"], trained)
    assert len(figure.layout.annotations) == labels


def test_nothing_moved() -> None:
    still = [replace(each, relative=0.0) for each in MOVED]
    assert (
        len({y for trace in transfer_after.moved_figure(still, ["stem", "late"], 2).data for y in trace.y})
        == 1
    )
    assert transfer_after.moved_figure([], [], 0).data


def test_what_moved_in_words() -> None:
    words = transfer_after.moved_alt(MOVED, ["stem", "late"], 1)
    assert "1 of 2 stages frozen" in words
    for said in (
        "stem weights at most 0;",
        "late batch-norm statistics at most 0.3;",
        "head weights at most 1.5",
    ):
        assert said in words


# Calibration and maps

BINS = [(0.35, 0.25, 4), (0.5, 0.0, 0), (0.95, 0.9, 40)]


def test_bins_without_photos_are_not_drawn_and_the_others_have_wilsons_interval() -> None:
    _, points = transfer_after.reliability_figure(BINS).data
    assert (list(points.x), list(points.y)) == ([0.35, 0.95], [0.25, 0.9])
    for place, (right, of) in enumerate(((1, 4), (36, 40))):
        low, high = wilson_by_its_roots(right, of)
        assert points.y[place] + points.error_y.array[place] == pytest.approx(high)
        assert points.y[place] - points.error_y.arrayminus[place] == pytest.approx(low)
    assert points.marker.size[0] < points.marker.size[1]
    assert transfer_after.reliability_figure([]).data


def test_calibration_in_words() -> None:
    assert transfer_after.reliability_alt(BINS) == (
        "Confidence and accuracy: 4 photos 35.0% sure and 25.0% right; 40 photos 95.0% sure and 90.0% right"
    )


def test_each_photo_is_a_point_of_its_class_in_both_maps() -> None:
    dice = np.random.default_rng(0)
    before, after = dice.normal(size=(2, 12, 2))
    labels = [0, 1, 2] * 4
    maps = [("before", before), ("after", after)]
    names = [f"{number}.png" for number in range(12)]
    figure = transfer_after.embedding_figure(maps, labels, ["a", "b", "c"], names, {4, 7})
    for panel, points in enumerate((before, after)):
        for label, name in enumerate("abc"):
            trace = traces(figure, name)[panel]
            np.testing.assert_allclose(np.stack([trace.x, trace.y], 1), points[label::3])
            assert list(trace.text) == names[label::3]
        np.testing.assert_allclose(traces(figure, "wrong")[panel].x, points[[4, 7], 0])
    assert transfer_after.embedding_alt(maps, labels, ["a", "b", "c"], {4, 7}) == (
        "Maps of 12 photos (before and after): a 4, b 4, c 4; 2 taken for another class."
    )


@pytest.mark.parametrize("count", [0, 1], ids=["no photo", "one photo"])
def test_a_map_of_hardly_anything_has_a_frame(count: int) -> None:
    figure = transfer_after.embedding_figure(
        [("m", np.zeros((count, 2)))], [0] * count, ["a"], ["x"] * count, set()
    )
    low, high = ends(figure, axis="xaxis")
    assert low < 0 < high


# Before a training

POINTS = [(1, 0.5, 0.4, 0.6), (4, 0.7, 0.6, 0.8), (16, 0.9, 0.8, 0.95)]


def test_the_learning_curve_has_its_interval() -> None:
    figure = transfer_more.curve_figure(POINTS, chance=0.25)
    band, line = figure.data
    assert (list(line.x), list(line.y)) == ([1, 4, 16], [0.5, 0.7, 0.9])
    assert list(band.y) == [0.6, 0.8, 0.95, 0.8, 0.6, 0.4]
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.shapes[0].y0 == 0.25
    assert "4 photos 70.0% (60.0% to 80.0%)" in transfer_more.curve_alt(POINTS)


def test_the_rate_finder_shows_the_suggested_rate_and_not_the_explosion() -> None:
    rates, losses = [1e-4, 1e-3, 1e-2, 1e-1], [1.0, 0.8, 0.4, math.inf]
    figure = transfer_more.rate_figure(rates, losses, 3e-3)
    assert figure.layout.shapes[0].x0 == 3e-3
    assert 1 <= ends(figure, axis="yaxis")[1] <= 3
    words = transfer_more.rate_alt(rates, losses, 3e-3)
    assert "lowest with 0.400 at 0.01; suggested is 0.003" in words
    assert "no rate is suggested" in transfer_more.rate_alt(rates, losses, None)
    assert "without a finite loss" in transfer_more.rate_alt([1e-3], [math.nan], None)
    assert not transfer_more.rate_figure([1e-3], [math.nan], None).layout.shapes


@pytest.mark.parametrize(
    ("size", "similarity", "name"),
    [
        (24, 0.95, "few photos, similar"),
        (24, 0.5, "few photos, unlike"),
        (5000, 0.95, "many photos, similar"),
        (100, 0.83, "many photos, similar"),
        (5000, 0.2, "many photos, unlike"),
    ],
)
def test_the_set_stands_in_its_quadrant(size: float, similarity: float, name: str) -> None:
    given_numbers = (size, 100.0, similarity, similarity - 0.1, similarity + 0.04, 0.83, 1 / 3)
    figure = transfer_more.advisor_figure(*given_numbers)
    quadrants = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    strong = max(quadrants, key=lambda shape: shape.opacity)
    assert strong.x0 <= size <= strong.x1
    assert strong.y0 <= similarity <= strong.y1
    (dot,) = figure.data
    assert (dot.x[0], dot.y[0]) == (size, similarity)
    assert dot.y[0] + dot.error_y.array[0] == pytest.approx(similarity + 0.04)
    assert dot.y[0] - dot.error_y.arrayminus[0] == pytest.approx(similarity - 0.1)
    (left, right), (bottom, top) = ends(figure, axis="xaxis"), ends(figure, axis="yaxis")
    assert left < math.log10(size) < right
    assert bottom < similarity - 0.1 < top
    assert name in transfer_more.advisor_alt(*given_numbers)
    assert sum(name in each.text for each in figure.layout.annotations) == 1


def test_drift_is_drawn_and_said() -> None:
    statistics, outputs = transfer_more.drift_figure([0, 1, 2], [0, 0.1, 0.2], [0, 0.01, 0.05]).data
    assert (list(statistics.y), list(outputs.y)) == ([0, 0.1, 0.2], [0, 0.01, 0.05])
    words = transfer_more.drift_alt([0, 1, 2], [0, 0.1, 0.2], [0, 0.01, 0.05])
    assert all(said in words for said in ("2 batches", "20.0%", "5.0%"))
    assert "no batch yet" in transfer_more.drift_alt([], [], [])
    assert transfer_more.drift_figure([], [], []).data


def test_the_course_of_the_rate_is_drawn_and_said() -> None:
    course = [replace(each, rate=0.01 / 2**each.number, trunk_rate=0.001) for each in EPOCHS]
    head, trunk = transfer_rates.rate_course_figure(course).data
    assert list(head.x) == [1, 2, 3]  # number 0 is before the first update
    assert list(head.y) == [0.005, 0.0025, 0.00125]
    assert list(trunk.y) == [0.001] * 3
    assert transfer_rates.rate_course_alt(course).endswith("0.005 to 0.00125, trunk 0.001 to 0.001.")
    head, trunk = transfer_rates.rate_course_figure([*EPOCHS[:3], replace(EPOCHS[3], rate=0.0)]).data
    assert list(head.y) == [0.001, 0.001, 0.0]  # a schedule may end at 0
    assert not trunk.x
    assert "no update" in transfer_rates.rate_course_alt(EPOCHS[:1])
