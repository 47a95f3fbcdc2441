"""What the page says and draws of anchors: formulas, the code that gives them again, the picture and the chart."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.detection.anchor_formulas import best_anchor, mean_best_formula, shape_formula, worst_fit
from core.detection.anchors import anchor_curve, fit_anchors, k_means, shape_iou
from core.figures import detection_anchors as figures
from core.snippets import detection_anchors as snippets
from tests.core.test_detection_precision import value_of

side = st.integers(2, 300).map(float)
shapes = st.lists(st.tuples(side, side), min_size=1, max_size=12, unique=True)


@given(shapes, st.integers(1, 9), st.sampled_from(["iou", "euclidean"]))
def test_the_mean_is_that_of_a_loop(sizes: list, k: int, distance: str) -> None:
    fit = fit_anchors(sizes, min(k, len(sizes)), distance=distance)
    best = []
    for high, wide in sizes:
        values = []
        for tall, broad in fit.anchors.tolist():
            shared = min(high, tall) * min(wide, broad)
            values.append(shared / (high * wide + tall * broad - shared))
        best.append(max(values))
    formula = mean_best_formula(sizes, fit, "name")
    assert formula.value == pytest.approx(sum(best) / len(best))
    assert value_of(formula.filled) == pytest.approx(formula.value, abs=6e-3)
    assert best[worst_fit(sizes, fit)] == pytest.approx(min(best))
    own = best_anchor(sizes[0], fit)
    assert shape_iou([sizes[0]], [own])[0, 0] == pytest.approx(best[0])


def test_the_iou_of_two_shapes_is_written_out() -> None:
    formula = shape_formula((40, 20), (30, 60), "name")
    assert formula.filled == r"\frac{30 \cdot 20}{2000}"
    assert formula.value == pytest.approx(600 / 2000)


@pytest.mark.parametrize("distance", ["iou", "euclidean"])
@pytest.mark.parametrize("seed", range(5))
def test_the_code_gives_the_mean_again(distance: str, seed: int) -> None:
    dice = np.random.default_rng(seed)
    sizes = dice.uniform(10, 300, (20, 2))
    start = sizes[:3]
    fit = k_means(sizes, start, distance)
    assert fit.refilled == 0  # the code leaves an anchor without boxes where it is
    names: dict[str, object] = {"sizes": torch.from_numpy(sizes), "start": torch.from_numpy(start)}
    exec(snippets.anchors(distance), names)
    assert names["result"] == pytest.approx(fit.mean_best_iou)


def test_the_chart_holds_both_curves_and_says_them() -> None:
    sizes = np.random.default_rng(0).uniform(10, 300, (6, 2))
    curve = anchor_curve(sizes)
    drawn = figures.fits_figure(curve, 2)
    for place in (0, 1):
        assert list(drawn.data[place].y) == [pair[place].mean_best_iou for pair in curve]
    assert figures.fits_alt(curve).startswith("Mean best IoU for 1 to 6 anchors: 1 − IoU")
    assert curve[-1][0].mean_best_iou == pytest.approx(1.0)


def test_anchors_are_drawn_on_the_centre() -> None:
    photo = np.zeros((200, 300, 3), np.uint8)
    fit = k_means([(100.0, 60.0)], [(100.0, 60.0)])
    shown = figures.anchors_picture(photo, np.array([(40.0, 200.0)]), fit)
    assert shown[100, 120].any() and shown[50, 150].any()  # left and top edge of 60 x 100 on (150, 100)
    assert tuple(shown[100, 50]) == (255, 255, 255)
    assert not shown[0, 0].any() and not photo.any()
