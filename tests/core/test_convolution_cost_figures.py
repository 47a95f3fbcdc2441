"""The figures of the cost view draw the numbers of core and nothing else."""

import json
import math

import pytest

from core.convolution.cost import SEPARABLE, ConvLayer, arrange, arrangements, channel_wiring, sweep
from core.figures.convolution_cost import (
    arrangement_bars,
    bars_alt,
    spaced,
    sweep_alt,
    sweep_curve,
    wiring_data,
)

LAYER = ConvLayer(12, 18, (3, 5), (20, 20), padding=(1, 2))


def drawn_wires(data: dict) -> list[set[tuple[int, int]]]:
    """Every pair of channels that a link of the picture joins, stage by stage."""
    stages = []
    for place, stage in enumerate(data["stages"]):
        left, right = data["columns"][place]["items"], data["columns"][place + 1]["items"]
        stages.append(
            {
                (c, f)
                for i, j in stage["links"]
                for c in range(left[i][0], left[i][1] + 1)
                for f in range(right[j][0], right[j][1] + 1)
            }
        )
    return stages


@pytest.mark.parametrize("groups", [1, 2, 3, 6, SEPARABLE])
def test_small_layers_are_drawn_wire_by_wire(groups):
    arrangement = arrange(LAYER, groups)
    wired = [
        {tuple(edge) for edge in stage.edges().tolist()} for stage in channel_wiring(*arrangement.layers)
    ]
    assert drawn_wires(wiring_data(arrangement)) == wired


@pytest.mark.parametrize(
    "channels, filters, groups",
    [
        (192, 64, 1),
        (192, 64, 2),
        (192, 64, 64),
        (96, 192, 96),
        (100, 10, 10),
        (97, 33, 1),
        (512, 40, SEPARABLE),
    ],
)
def test_wide_layers_are_drawn_in_blocks_that_miss_no_wire(channels, filters, groups):
    arrangement = arrange(ConvLayer(channels, filters, (3, 3), (8, 8)), groups)
    data = wiring_data(arrangement)
    for drawn, stage in zip(drawn_wires(data), channel_wiring(*arrangement.layers), strict=True):
        assert {tuple(edge) for edge in stage.edges().tolist()} <= drawn
    for column in data["columns"]:
        covered = [c for first, last, _ in column["items"] for c in range(first, last + 1)]
        assert covered == list(range(column["count"]))
        assert len(column["items"]) <= 33
    assert sum(len(stage["links"]) for stage in data["stages"]) <= 1100


def test_groups_of_a_wide_layer_stay_apart_in_the_picture():
    arrangement = arrange(ConvLayer(192, 64, (3, 3), (8, 8)), 4)
    exact = {tuple(edge) for edge in channel_wiring(*arrangement.layers)[0].edges().tolist()}
    assert drawn_wires(wiring_data(arrangement)) == [exact]


def test_a_veiled_wiring_tells_no_weights():
    shown = json.dumps(wiring_data(arrange(LAYER, 2)), ensure_ascii=False)
    veiled = json.dumps(wiring_data(arrange(LAYER, 2), veiled=True), ensure_ascii=False)
    weights = spaced(channel_wiring(*arrange(LAYER, 2).layers)[0].weights)
    assert weights in shown
    assert weights not in veiled


@pytest.mark.parametrize("groups", [1, 6, SEPARABLE])
def test_bars_are_the_counts_on_a_logarithmic_axis(groups):
    row = arrangements(LAYER)
    figure = arrangement_bars(row, groups)
    assert list(figure.data[0].x) == [a.cost.parameters.value for a in row]
    assert list(figure.data[1].x) == [a.cost.macs.value for a in row]
    for axis, bars in ((figure.layout.xaxis, figure.data[0]), (figure.layout.xaxis2, figure.data[1])):
        assert axis.type == "log"
        assert axis.range[0] < math.log10(min(bars.x)) <= math.log10(max(bars.x)) < axis.range[1]
        colours = list(bars.marker.color)
        assert [a.groups for a in row if colours.count(colours[row.index(a)]) == 1] == [groups]
    assert f"{row[-1].cost.macs.value:,}" in bars_alt(row)


def test_bars_of_one_equal_count_still_have_an_axis():
    row = arrangements(ConvLayer(1, 1, (1, 1), (1, 1), bias=False))
    axis = arrangement_bars(row, 1).layout.xaxis
    assert axis.range[0] < 0 < axis.range[1]


def test_curve_marks_the_layer_itself():
    curve = sweep(LAYER, "filters")
    figure = sweep_curve(curve)
    assert list(figure.data[0].y) == list(curve.parameters)
    assert list(figure.data[2].y) == list(curve.macs)
    assert figure.data[3].x == (18,)
    assert figure.data[3].y == (LAYER.macs,)
    assert figure.layout.yaxis2.range[0] == 0
    assert "filters" in sweep_alt(curve)
