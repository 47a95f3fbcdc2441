"""What the receptive field page draws: places on the photo, coverage maps, heat overlays and charts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.figures.palette import magnitude_rgb
from core.figures.receptive_field import (
    comparison_figure,
    coverage_rgb,
    growth_figure,
    heat_rgba,
    layer_names,
    paths_figure,
    uses_figure,
)
from core.receptive_field import (
    LayerUse,
    StackLayer,
    padding_share,
    stack_from_text,
    trace_stack,
    unit_box,
)
from core.receptive_field.placement import box_formulas, nearest_unit

LAYER = st.builds(
    StackLayer,
    kind=st.sampled_from(["conv", "max_pool", "transposed"]),
    kernel=st.integers(2, 5),
    stride=st.integers(1, 3),
    padding=st.integers(0, 1),
    dilation=st.integers(1, 2),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(LAYER, min_size=1, max_size=3), st.integers(0, 23), st.integers(0, 23))
def test_no_unit_s_field_is_centred_nearer_to_the_pixel(layers: list, y: int, x: int) -> None:
    try:
        row = trace_stack(layers, (24, 24))[-1]
    except ValueError:
        return
    centres = []
    for i in range(row.output_hw[0]):
        _, top, _, bottom = unit_box(row, (i, 0))
        centres.append((top + bottom) / 2)
    unit = nearest_unit(row, (y, x))
    assert abs(centres[unit[0]] - (y + 0.5)) == min(abs(centre - (y + 0.5)) for centre in centres)
    assert abs(centres[unit[1]] - (x + 0.5)) == min(abs(centre - (x + 0.5)) for centre in centres)


@pytest.mark.parametrize("unit", [(0, 0), (3, 3), (7, 0)], ids=str)
def test_the_formulas_give_the_box_and_its_padding(unit: tuple[int, int]) -> None:
    row = trace_stack(stack_from_text("c3s2p1 c3p1 m2 c3p1"), (32, 32))[-1]
    left, padding = box_formulas(row, unit, (32, 32))
    box = unit_box(row, unit)
    assert left.value == box[0]
    assert (left.note != "") == (box[0] < 0)
    assert padding.value == pytest.approx(padding_share(box, (32, 32)), abs=5e-5)


def test_a_map_of_one_unit_has_no_jump_to_fill_in() -> None:
    row = trace_stack([StackLayer("conv", 8)], (8, 8))[-1]
    assert box_formulas(row, (0, 0), (8, 8))[0].value == 0


def test_holes_are_hatched_and_read_pixels_are_not() -> None:
    ways = np.array([[1, 0, 4], [0, 0, 0], [1, 0, 4]])
    shown = coverage_rgb(ways, side=36)
    assert shown.shape == (36, 36, 3)
    assert len(np.unique(shown[1:11, 13:23].reshape(-1, 3), axis=0)) == 2  # ground and stripes
    assert (shown[1:11, 25:35] == magnitude_rgb(np.array([2.0]), high=2.0)[0]).all()


def test_heat_is_clear_where_nothing_is_felt_and_strongest_at_the_top() -> None:
    share = np.zeros((4, 5))
    share[1, 2], share[2, 2] = 0.9, 0.1
    shown = heat_rgba(share)
    assert shown.shape == (4, 5, 4)
    assert (shown[share == 0, 3] == 0).all()
    assert shown[1, 2, 3] > shown[2, 2, 3] > 0


def test_a_unit_that_is_switched_off_has_no_heat() -> None:
    assert (heat_rgba(np.zeros((3, 3)))[..., 3] == 0).all()


def test_names_count_within_a_kind() -> None:
    names = layer_names(stack_from_text("c3 m2 c3 a2 m2"))
    assert names == ["conv 1", "max pool 1", "conv 2", "average pool 1", "max pool 2"]


def test_charts_draw_the_numbers_they_get() -> None:
    assert list(growth_figure(["a", "b", "c"], [3, 9, 5], 8).data[0].y) == [3, 9, 9]
    assert list(comparison_figure({"a": 9, "b": 3}, "a", 8).data[0].x) == [3, 9]
    assert list(paths_figure([3, 9], [1, 3], 9).data[0].y) == [25, 75]
    uses = [LayerUse("a", 1, 5, "productive"), LayerUse("b", 5, 9, "last useful")]
    assert [list(trace.y) for trace in uses_figure(uses, 8).data] == [[5], [9], []]
