"""Detection as pictures: how many boxes are left at each stage, and what each cell of a grid says."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int, UInt8

from core.figures.palette import BLUE, GREY, MAGNITUDE_LUT
from core.figures.transfer import laid

_CLASS_ALPHA = 190


def funnel_figure(stages: Sequence[tuple[str, int]]) -> go.Figure:
    """Boxes left at each stage, on a logarithmic scale; 0 has no bar.

    Args:
        stages: name and number of boxes, from the raw output to the picture.
    """
    counts = [count for _, count in stages]
    figure = go.Figure(
        go.Bar(
            x=[count if count else None for count in counts],
            y=[name for name, _ in stages],
            orientation="h",
            marker={"color": [GREY] * (len(stages) - 1) + [BLUE]},
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    )
    for name, count in stages:
        figure.add_annotation(
            x=np.log10(max(count, 1)),
            y=name,
            text=f"<b>{count:,}</b>",
            showarrow=False,
            xanchor="left",
            xshift=6,
        )
    laid(figure, 60 + 44 * len(stages))
    figure.update_xaxes(type="log", range=[-0.25, 1.3 * np.log10(max(*counts, 10)) + 0.35], visible=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_layout(margin={"t": 8})
    return figure


def funnel_alt(stages: Sequence[tuple[str, int]]) -> str:
    """The stages in words."""
    return "Boxes: " + ", ".join(f"{count:,} {name}" for name, count in stages) + "."


def cell_map(
    values: Float[np.ndarray, "rows columns"], used: tuple[int, int], side: int
) -> UInt8[np.ndarray, "height width 4"]:
    """One number, 0 to 1, for each cell as a see-through map over the photo; dark means 0.

    Args:
        used: width and height of the photo in its square of `side` pixels: the rest of the grid is cut off.
    """
    coloured = MAGNITUDE_LUT[np.clip(values * 255, 0, 255).round().astype(np.uint8)]  # [rows, columns, 3]
    return _over_photo(np.dstack([coloured, np.full(values.shape, 255, np.uint8)]), used, side)


def class_map(
    labels: Int[np.ndarray, "rows columns"],
    shares: Float[np.ndarray, "rows columns"],
    used: tuple[int, int],
    side: int,
) -> UInt8[np.ndarray, "height width 4"]:
    """The most probable class of each cell as a colour, as in the YOLO paper; the surer, the less see-through."""
    import colorsys

    palette = np.array([colorsys.hsv_to_rgb((i * 0.381966) % 1, 0.75, 0.95) for i in range(80)]) * 255
    alpha = (np.clip(shares, 0, 1) * _CLASS_ALPHA + 40).astype(np.uint8)
    return _over_photo(np.dstack([palette[labels].astype(np.uint8), alpha]), used, side)


def _over_photo(
    cells: UInt8[np.ndarray, "rows columns 4"], used: tuple[int, int], side: int
) -> UInt8[np.ndarray, "height width 4"]:
    """Every cell as a square of pixels of the input; what lies beside the photo is cut off."""
    times = side // len(cells)
    return cells.repeat(times, axis=0).repeat(times, axis=1)[: max(1, used[1]), : max(1, used[0])]


def shares_figure(named: Sequence[tuple[str, float]], grey: str = "") -> go.Figure:
    """The classes that are found most probable.

    Args:
        named: each with its probability. grey: the class that is drawn in grey, or "".
    """
    figure = go.Figure(
        go.Bar(
            x=[share for _, share in named],
            y=[name for name, _ in named],
            orientation="h",
            marker={"color": [GREY if name == grey else BLUE for name, _ in named]},
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
        )
    )
    laid(figure, 40 + 26 * len(named))
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_layout(margin={"t": 4})
    return figure


def shares_alt(named: Sequence[tuple[str, float]]) -> str:
    """The same in words."""
    return "Most probable classes: " + ", ".join(f"{name} {share:.1%}" for name, share in named) + "."
