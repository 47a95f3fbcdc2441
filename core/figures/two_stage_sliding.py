"""The sliding window as pictures: one number for each window, laid over the photo at the window's middle."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8

from core.figures.palette import BLUE, GREY, MAGNITUDE_LUT
from core.figures.scale import Scale, legend
from core.figures.transfer import laid
from core.two_stage.sliding import STRIDE, WINDOW

_COARSE = 4  # pixels of the photo as it was shown for one of the overlay


def window_map(
    values: Float[np.ndarray, "rows columns"], hw: tuple[int, int], high: float = 1.0
) -> UInt8[np.ndarray, "height width 4"]:
    """A square of 32 pixels around the middle of each window; nothing where no window has its middle.

    Args:
        values: from 0, dark, to `high`, light. hw: of the photo as it was shown; the map may end before its windows do.
    """
    index = np.clip(np.nan_to_num(values) / high * 255, 0, 255).round().astype(np.uint8)
    coloured = np.dstack([MAGNITUDE_LUT[index], np.where(np.isnan(values), 0, 255).astype(np.uint8)])
    times = STRIDE // _COARSE
    cells = coloured.repeat(times, axis=0).repeat(times, axis=1)
    out = np.zeros((hw[0] // _COARSE, hw[1] // _COARSE, 4), np.uint8)
    first = (WINDOW - STRIDE) // 2 // _COARSE
    out[first : first + len(cells), first : first + cells.shape[1]] = cells
    return out


def map_scale(values: Float[np.ndarray, "rows columns"], high: float = 1.0) -> Scale:
    """The legend of such a map, with its true range."""
    return legend(MAGNITUDE_LUT, 0.0, high, float(np.nanmin(values)), float(np.nanmax(values)))


def filled_rows(
    values: Float[np.ndarray, " done"], rows_columns: tuple[int, int]
) -> Float[np.ndarray, "rows columns"]:
    """The windows done so far at their places, row by row; NaN for the others."""
    whole = np.full(rows_columns, np.nan)
    whole.ravel()[: len(values)] = values
    return whole


def times_figure(names: Sequence[str], seconds: Sequence[float]) -> go.Figure:
    """Seconds as bars on a common axis: the last one is the accented one."""
    figure = go.Figure(
        go.Bar(
            x=list(seconds),
            y=list(names),
            orientation="h",
            marker={"color": [GREY] * (len(names) - 1) + [BLUE]},
            text=[f"<b>{each:.2f} s</b>" for each in seconds],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.3f} s<extra></extra>",
        )
    )
    laid(figure, 60 + 44 * len(names))
    figure.update_xaxes(range=[0, max(*seconds, 1e-9) * 1.25], visible=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_layout(margin={"t": 8})
    return figure
