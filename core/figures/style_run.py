"""A style transfer on its way: the loss part by part, what pulls how strongly, and the film."""

import io
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8
from PIL import Image

from core.figures.encoding import Encoded, encode
from core.figures.palette import MAGNITUDE_LUT, as_hex
from core.style.frames import Frame
from core.style.losses import Part, Pull

_CONTENT, _ROUGH = "#e07b1f", "#8794a5"
_MOST_MS = 5000  # of a film


def colour_of(name: str, names: Sequence[str]) -> str:
    """Content orange, roughness grey, style layers from dark (shallow) to light (deep) of the sequential scale."""
    if not name.startswith("style"):
        return _CONTENT if name.startswith("content") else _ROUGH
    styles = [each for each in names if each.startswith("style")]
    ramp = as_hex(MAGNITUDE_LUT)
    return ramp[int(60 + 150 * styles.index(name) / max(1, len(styles) - 1))]


def loss_chart(curve: Sequence[tuple[int, int, tuple[Part, ...]]], steps: int) -> go.Figure:
    """Every part with its weight, stacked: the top is the total. A dashed line where a new size begins."""
    figure = go.Figure()
    names = [part.name for part in curve[0][2]] if curve else []
    at = [step for step, _, _ in curve]
    for place, name in enumerate(names):
        figure.add_trace(
            go.Scatter(
                x=at,
                y=np.array([parts[place].weighted for _, _, parts in curve]),
                name=name,
                stackgroup="loss",
                line={"width": 0.5, "color": colour_of(name, names)},
                fillcolor=colour_of(name, names),
                hovertemplate=f"{name}: %{{y:.3g}}<extra>step %{{x}}</extra>",
            )
        )
    sides = [side for _, side, _ in curve]
    for before, after, step in zip(sides, sides[1:], at[1:], strict=False):
        if before != after:
            figure.add_vline(x=step, line={"dash": "dash", "color": _ROUGH}, annotation_text=f"{after} px")
    figure.update_layout(
        height=300,
        margin={"l": 10, "r": 10, "t": 24, "b": 10},
        xaxis={"title": "step", "range": [0, max(steps, at[-1] if at else 1)]},
        yaxis={"title": "weighted loss", "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.25},
        hovermode="x unified",
    )
    return figure


def loss_alt(curve: Sequence[tuple[int, int, tuple[Part, ...]]]) -> str:
    """The chart in words."""
    if not curve:
        return "No loss yet"
    first, last = (sum(part.weighted for part in parts) for parts in (curve[0][2], curve[-1][2]))
    return f"Loss by step, from {first:.3g} to {last:.3g} at step {curve[-1][0]}"


def pulls_chart(pulls: Sequence[Pull]) -> go.Figure:
    """Each part's share of the pull at the picture."""
    names = [pull.name for pull in pulls]
    figure = go.Figure(
        go.Bar(
            x=[100 * pull.share for pull in pulls],
            y=names,
            orientation="h",
            marker_color=[colour_of(name, names) for name in names],
            text=[f"{pull.share:.0%}" for pull in pulls],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
        )
    )
    figure.update_layout(
        height=40 + 26 * len(names),
        margin={"l": 10, "r": 40, "t": 4, "b": 10},
        xaxis={"visible": False, "range": [0, 100]},
        yaxis={"autorange": "reversed"},
    )
    return figure


def pulls_alt(pulls: Sequence[Pull]) -> str:
    """The chart in words."""
    return "Share of the pull: " + ", ".join(f"{pull.name} {pull.share:.0%}" for pull in pulls)


def shown(frame: Frame) -> Encoded:
    """A frame, enlarged softly where it is small."""
    return enlarged(frame.pixels)


def enlarged(pixels: UInt8[np.ndarray, "height width 3"], longest: int = 640) -> Encoded:
    """A picture, enlarged softly where its longer edge is below `longest` pixels."""
    height, width = pixels.shape[:2]
    scale = max(1.0, longest / max(height, width))
    size = (round(width * scale), round(height * scale))
    return encode(np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)))


def png(pixels: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """A picture as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def film(frames: Sequence[Frame], kind: str = "WEBP") -> bytes:
    """The frames as an animated WebP or GIF, all as large as the last, which stands a second longer.

    Raises: ValueError without a frame.
    """
    if not frames:
        raise ValueError("A film has at least one frame, got none.")
    height, width = frames[-1].pixels.shape[:2]
    pictures = [
        Image.fromarray(frame.pixels).resize((width, height), Image.Resampling.BICUBIC) for frame in frames
    ]
    each = min(300, _MOST_MS // len(frames))
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        kind,
        save_all=True,
        append_images=pictures[1:],
        duration=[each] * (len(frames) - 1) + [each + 1000],
        loop=0,
    )
    return buffer.getvalue()
