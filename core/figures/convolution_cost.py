"""The cost of a layer as pictures: its wiring, the arrangements beside one another, and a curve per setting.

No colour of text or background is fixed here, so the figures follow the light and the dark theme.
"""

import math
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.convolution.cost import SEPARABLE, Arrangement, ChannelWiring, Sweep, channel_wiring

ONE_BY_ONE = 32  # up to so many channels every one is drawn
FAINTEST = 0.05  # opacity of a band that crosses many others
BLOCKS = 16  # with more, about so many blocks of channels stand for them
MEASURES = ("parameters", "macs")
SEPARATORS = ".\u202f"  # a decimal point, and narrow spaces between the thousands
HUES = 6
MIXED = HUES  # the colour of filters that read every channel of a separable layer
PLAIN, CURRENT = "#6f9fc8", "#d9731f"  # clear on light and dark

Span = tuple[int, int]  # first and last channel of a run


def wiring_data(arrangement: Arrangement, veiled: bool = False) -> dict[str, Any]:
    """What the wiring component draws: columns of channels and the links between them.

    Args:
        arrangement: one layer, or depthwise + pointwise.
        veiled: leave out every number of weights.
    """
    stages = channel_wiring(*arrangement.layers)
    spans = _spans(stages)
    names = _names(len(stages))
    columns = [
        {
            "count": count,
            "name": many.lower(),
            "one": one,
            "many": many,
            "items": [(first, last, _hue(stages, place, first)) for first, last in spans[place]],
        }
        for place, (count, (one, many)) in enumerate(
            zip((stages[0].channels, *(stage.filters for stage in stages)), names, strict=True)
        )
    ]
    return {
        "columns": columns,
        "stages": [
            _stage(stage, spans[place], spans[place + 1], veiled) for place, stage in enumerate(stages)
        ],
        "alt": wiring_alt(arrangement),
        "hint": "Point at a channel or a filter to follow its wires, or use the arrow keys.",
    }


def wiring_alt(arrangement: Arrangement) -> str:
    """The wiring in words."""
    first, last = arrangement.layers[0], arrangement.layers[-1]
    ends = f"Wiring from {first.in_channels} input channels to {last.filters} filters, "
    if arrangement.groups == SEPARABLE:
        return ends + "first each channel by itself, then all channels to every filter."
    if arrangement.groups == 1:
        return ends + "every channel to every filter."
    return ends + f"in {arrangement.groups} separate groups."


def _stage(stage: ChannelWiring, left: list[Span], right: list[Span], veiled: bool) -> dict[str, Any]:
    kernel = f"{stage.kernel[0]} × {stage.kernel[1]}"
    counts = (stage.wires, stage.weights, stage.channels_per_group)
    wires, weights, kernels = ("?" if veiled else spaced(count) for count in counts)
    links = [(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if _joined(stage, a, b)]
    return {
        "kernel": stage.kernel,
        "own": stage.channels_per_group == stage.filters_per_group == 1,
        "links": links,
        "strength": max(FAINTEST, 0.4 * len(left) / len(links)),
        "each": f" through {kernels} {'kernel' if kernels == '1' else 'kernels'} of {kernel}",
        "sentence": f"{stage.name.capitalize()}: {wires} wires × {kernel} = {weights} weights",
    }


def _names(stages: int) -> tuple[tuple[str, str], ...]:
    middle = (("Map", "Maps"),) if stages == 2 else ()
    return (("Channel", "Channels"), *middle, ("Filter", "Filters"))


def _hue(stages: tuple[ChannelWiring, ...], place: int, channel: int) -> int:
    """The colour of a channel's group, or of the block it is drawn in; behind a pointwise layer all are mixed."""
    if place == 2:
        return MIXED
    first = stages[0]
    size = first.channels_per_group if place == 0 else first.filters_per_group
    merged = max(first.channels, first.filters) > ONE_BY_ONE and first.groups > BLOCKS
    return channel // size // (-(-first.groups // BLOCKS) if merged else 1) % HUES


def _spans(stages: tuple[ChannelWiring, ...]) -> list[list[Span]]:
    """For each column the runs of channels that are drawn as one."""
    first = stages[0]
    spans = [_cut(first.channels, first.groups), _cut(first.filters, first.groups)]
    return spans + [_cut(stage.filters, stage.groups) for stage in stages[1:]]


def _cut(count: int, groups: int) -> list[Span]:
    """Cut a column so that no piece holds a part of a group and a part of another."""
    per_group = count // groups
    if count <= ONE_BY_ONE:
        size = 1
    elif groups > BLOCKS:
        size = per_group * -(-groups // BLOCKS)
    else:
        size = -(-per_group // max(1, BLOCKS // groups))
    ends = range(0, count, size) if groups > BLOCKS or size == 1 else _within(groups, per_group, size)
    starts = list(ends)
    return [(start, stop - 1) for start, stop in zip(starts, [*starts[1:], count], strict=True)]


def _within(groups: int, per_group: int, size: int) -> list[int]:
    return [g * per_group + start for g in range(groups) for start in range(0, per_group, size)]


def _joined(stage: ChannelWiring, left: Span, right: Span) -> bool:
    """Whether a wire runs from one run of channels to the other: whether they share a group."""
    first, last = (channel // stage.channels_per_group for channel in left)
    low, high = (filter_index // stage.filters_per_group for filter_index in right)
    return first <= high and low <= last


def spaced(count: int) -> str:
    """A whole number with narrow spaces between the thousands."""
    return f"{count:,}".replace(",", "\u202f")


def arrangement_bars(row: tuple[Arrangement, ...], current: int) -> go.Figure:
    """Parameters and multiply-adds of every arrangement, on logarithmic axes, the present one in orange."""
    figure = _two_panels(gap=0.3)
    labels = [arrangement.label for arrangement in row]
    colours = [CURRENT if arrangement.groups == current else PLAIN for arrangement in row]
    for place, measure in enumerate(MEASURES, start=1):
        counts = [getattr(arrangement.cost, measure).value for arrangement in row]
        figure.add_bar(
            x=counts,
            y=labels,
            orientation="h",
            marker_color=colours,
            text=[spaced(count) for count in counts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,}<extra></extra>",
            row=place,
            col=1,
        )
        figure.update_xaxes(type="log", range=_decades(counts), dtick=1, row=place, col=1)
    figure.update_xaxes(title_text="number, logarithmic scale", row=2, col=1)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(height=150 + 60 * len(row))
    return figure


def bars_alt(row: tuple[Arrangement, ...]) -> str:
    """The bars in words."""
    first, last = row[0], row[-1]
    return (
        f"Bars of parameters and multiply-adds for {len(row)} arrangements, from {first.label} with "
        f"{first.cost.macs.value:,} multiply-adds to {last.label} with {last.cost.macs.value:,}."
    )


def sweep_curve(curve: Sweep) -> go.Figure:
    """Parameters and multiply-adds along one setting, both from zero, the layer's own value marked."""
    figure = _two_panels(gap=0.16)
    here = curve.values.index(curve.current)
    for place, counts in enumerate((curve.parameters, curve.macs), start=1):
        figure.add_scatter(
            x=curve.values,
            y=counts,
            mode="lines+markers",
            line={"color": PLAIN, "width": 2.5},
            marker={"size": 5},
            hovertemplate=f"{curve.setting} %{{x}}: %{{y:,}}<extra></extra>",
            row=place,
            col=1,
        )
        figure.add_scatter(
            x=[curve.current],
            y=[counts[here]],
            mode="markers+text",
            marker={"color": CURRENT, "size": 13},
            text=[spaced(counts[here])],
            textposition="top center",
            cliponaxis=False,
            hoverinfo="skip",
            row=place,
            col=1,
        )
        figure.update_yaxes(range=[0, 1.18 * max(counts)], row=place, col=1)
    figure.update_xaxes(tickvals=curve.values if len(curve.values) < 9 else None)
    figure.update_xaxes(title_text=curve.setting, row=2, col=1)
    figure.update_layout(height=440)
    return figure


def sweep_alt(curve: Sweep) -> str:
    """The curve in words."""
    return (
        f"Curves of parameters and multiply-adds while the {curve.setting} runs from {curve.values[0]} to "
        f"{curve.values[-1]}: multiply-adds from {curve.macs[0]:,} to {curve.macs[-1]:,}."
    )


def _two_panels(gap: float) -> go.Figure:
    """Parameters above, multiply-adds below."""
    figure = make_subplots(
        rows=2,
        subplot_titles=("Parameters", "Multiply-adds, one picture"),
        vertical_spacing=gap,
    )
    figure.update_annotations(x=0, xanchor="left", font_size=15)
    figure.update_layout(showlegend=False, separators=SEPARATORS, margin={"t": 40, "b": 10, "l": 10, "r": 30})
    return figure


def _decades(counts: list[int]) -> list[float]:
    """A logarithmic range from the power of ten below the shortest bar, with room for the longest one's text."""
    low, high = math.floor(math.log10(min(counts)) - 0.3), math.log10(max(counts))
    return [low, high + 0.35 * (high - low)]
