"""Receptive fields as pictures: the rows of units for the stack editor, charts, coverage maps and heat overlays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Num, UInt8

from core.figures.palette import magnitude_rgb
from core.receptive_field import LAYERS_MOST, LayerUse, Row, StackLayer
from core.receptive_field.backward import read_indices

KINDS = {
    "conv": "conv",
    "max_pool": "max pool",
    "avg_pool": "average pool",
    "transposed": "transposed",
}
LIMITS = {
    "kernel": (1, 15),
    "stride": (1, 8),
    "padding": (0, 15),
    "dilation": (1, 16),
    "channels": (1, 4096),
    "input_size": (4, 512),
    "input_channels": (1, 64),
    "layers": LAYERS_MOST,
}
_FIXED = {"max_pool": ("channels",), "avg_pool": ("channels", "dilation")}


def bench_data(
    rows: Sequence[Row], *, refused: str = "", veiled: bool = False, serial: int = 0
) -> dict[str, Any]:
    """What the stack editor draws: the settings of every layer and the positions each of its units reads.

    Args:
        rows: `trace_stack` of a square picture, the picture's own row first.
        refused: why the last edit was not taken over, or "".
        veiled: whether the field sizes are shown as question marks.
        serial: the number of the last edit that was taken over or refused.
    """
    stack = rows[-1].below
    named = zip(rows[1:], stack, layer_names(stack), strict=True)
    layers = [_layer_data(row, layer, name) for row, layer, name in named]
    picture = {"size": rows[0].output_hw[1], "channels": rows[0].channels}
    kinds = [{"value": value, "label": label} for value, label in KINDS.items()]
    return {
        "input": picture,
        "layers": layers,
        "kinds": kinds,
        "limits": LIMITS,
        "refused": refused,
        "veiled": veiled,
        "serial": serial,
    }


def layer_names(layers: Sequence[StackLayer]) -> list[str]:
    """Short names, numbered in order within their kind: conv 1, conv 2, max pool 1, ..."""
    kinds = [KINDS[layer.kind] for layer in layers]
    return [f"{kind} {kinds[: i + 1].count(kind)}" for i, kind in enumerate(kinds)]


def _layer_data(row: Row, layer: StackLayer, name: str) -> dict[str, Any]:
    side = row.output_hw[1]
    first, step, count = _reads(layer, side)
    return {
        "name": name,
        "kind": layer.kind,
        "kernel": layer.kernel,
        "stride": layer.stride,
        "padding": layer.padding,
        "dilation": layer.dilation,
        "channels": row.channels,
        "output_padding": layer.output_padding,
        "fixed": _FIXED.get(layer.kind, ()),
        "size": side,
        "field": row.size,
        "jump": float(row.jump),
        "start": row.start,
        "first": first,
        "step": step,
        "count": count,
    }


def _reads(layer: StackLayer, side: int) -> tuple[list[int], int, list[int]]:
    """What every unit reads of the map below: first position, distance between positions, how many."""
    if layer.kind != "transposed":
        return [i * layer.stride - layer.padding for i in range(side)], layer.dilation, [layer.kernel] * side
    read = [read_indices((layer,), unit) for unit in range(side)]
    steps = [int(positions[1] - positions[0]) for positions in read if positions.size > 1]
    first = [int(positions[0]) if positions.size else 0 for positions in read]
    return first, steps[0] if steps else 1, [positions.size for positions in read]


INK, QUIET, ACCENT = "#2f7ed8", "rgba(128,140,155,0.55)", "#e08214"


def growth_figure(names: Sequence[str], sizes: Sequence[int], side: int) -> go.Figure:
    """The widest receptive field so far, from operation to operation; dots are the single maps, branches included."""
    order = np.arange(1, len(sizes) + 1)
    widest = np.maximum.accumulate(np.asarray(sizes))
    area = {"fill": "tozeroy", "fillcolor": "rgba(47,126,216,0.14)", "hoverinfo": "skip"}
    line = {"color": INK, "width": 3, "shape": "hv"}
    dots = {"color": INK, "size": 6}
    hover = "%{customdata}<br>%{y} px<extra></extra>"
    figure = go.Figure(
        [
            go.Scatter(x=order, y=widest, mode="lines", line=line, **area),
            go.Scatter(x=order, y=sizes, customdata=names, mode="markers", marker=dots, hovertemplate=hover),
        ]
    )
    label: dict[str, Any] = {"annotation_text": f"input {side} px", "annotation_position": "top left"}
    figure.add_hline(y=side, line={"color": ACCENT, "dash": "dash"}, **label)
    figure.update_layout(**_layout(340), showlegend=False)
    figure.update_xaxes(title="operation, in the order of execution", showgrid=False)
    figure.update_yaxes(title="receptive field in px", rangemode="tozero")
    return figure


def comparison_figure(sizes: Mapping[str, int], chosen: str, side: int) -> go.Figure:
    """The last map's field of several networks, smallest first; the chosen one stands out."""
    ordered = sorted(sizes.items(), key=lambda item: item[1])
    figure = go.Figure(
        go.Bar(
            x=[size for _, size in ordered],
            y=[name for name, _ in ordered],
            orientation="h",
            text=[f"{size:,}" for _, size in ordered],
            textposition="outside",
            cliponaxis=False,
            marker_color=[INK if name == chosen else QUIET for name, _ in ordered],
            hovertemplate="%{y}: %{x} px<extra></extra>",
        )
    )
    figure.add_vline(x=side, layer="below", line={"color": ACCENT, "dash": "dash"})
    figure.update_layout(**_layout(60 + 27 * len(ordered)), showlegend=False, bargap=0.3)
    figure.update_xaxes(title=f"field in px (dashed: input {side})", showgrid=False)
    return figure


def paths_figure(sizes: Sequence[int], paths: Sequence[float], largest: int) -> go.Figure:
    """How the paths through a residual network spread over the fields they have on their own."""
    share = np.asarray(paths, np.float64) / float(np.sum(np.asarray(paths, np.float64)))
    figure = go.Figure(
        go.Bar(
            x=np.asarray(sizes, np.float32),
            y=100 * share,
            marker_color=INK,
            hovertemplate="%{x:.0f} px: %{y:.3g} % of the paths<extra></extra>",
        )
    )
    figure.add_vline(x=largest, line={"color": ACCENT, "dash": "dash"}, annotation_text=f"field {largest} px")
    figure.update_layout(**_layout(320), showlegend=False)
    figure.update_xaxes(title="field along one path in px", showgrid=False)
    figure.update_yaxes(title="share of the paths in %")
    return figure


VERDICTS = {"productive": INK, "last useful": ACCENT, "unproductive": QUIET}


def uses_figure(uses: Sequence[LayerUse], side: int) -> go.Figure:
    """Every layer that widens the view, coloured by whether the picture still has something new to show it."""
    figure = go.Figure()
    for verdict, colour in VERDICTS.items():
        chosen = [(i, use) for i, use in enumerate(uses, start=1) if use.verdict == verdict]
        figure.add_trace(
            go.Bar(
                x=[i for i, _ in chosen],
                y=[use.size for _, use in chosen],
                customdata=[use.name for _, use in chosen],
                name=verdict,
                marker_color=colour,
                hovertemplate="%{customdata}<br>%{y} px<extra></extra>",
            )
        )
    label: dict[str, Any] = {"annotation_text": f"input {side} px", "annotation_position": "top left"}
    figure.add_hline(y=side, line={"color": ACCENT, "dash": "dash"}, **label)
    figure.update_layout(**_layout(320), legend={"orientation": "h", "y": 1.12}, bargap=0.25)
    figure.update_xaxes(title="layers that widen the view, in order", showgrid=False)
    figure.update_yaxes(title="receptive field in px")
    return figure


def _layout(height: int) -> dict[str, Any]:
    return {"height": height, "margin": {"l": 8, "r": 24, "t": 16, "b": 8}}


def coverage_rgb(ways: Num[np.ndarray, "height width"], side: int = 360) -> UInt8[np.ndarray, "h w 3"]:
    """How many paths lead to each pixel of a field, light for many; pixels that are never read are hatched."""
    scale = max(1, side // max(ways.shape))
    shown = magnitude_rgb(
        np.sqrt(np.asarray(ways, np.float64))
    )  # square root: rarely read pixels stay visible
    shown = shown.repeat(scale, 0).repeat(scale, 1)
    rows, columns = np.indices(shown.shape[:2])
    stripes = (rows + columns) % 6 < 2
    hole = (np.asarray(ways) == 0).repeat(scale, 0).repeat(scale, 1)
    shown[hole] = _HOLE_GROUND
    shown[hole & stripes] = _HOLE_LINE
    if scale >= 6:  # a fine grid, so that single pixels can be counted
        shown[scale - 1 :: scale] = shown[:, scale - 1 :: scale] = _GRID
    return shown


_HOLE_GROUND, _HOLE_LINE, _GRID = (255, 255, 255), (224, 130, 20), (128, 128, 128)


def heat_rgba(share: Num[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width 4"]:
    """A heat overlay: light and solid where the unit listens most, thin where it listens little, clear elsewhere.

    Square roots and the 99.5 % quantile as the top, because single pixels dwarf the rest.
    """
    heard = share[share > 0]
    top = float(np.quantile(heard, 0.995)) if heard.size else 1.0
    strength = np.sqrt(np.clip(share / top, 0, 1))
    alpha = np.where(share > 0, np.clip(0.1 + 1.1 * strength, 0, 1), 0)
    return np.dstack([magnitude_rgb(0.3 + 0.7 * strength, 0, 1), np.rint(255 * alpha).astype(np.uint8)])
