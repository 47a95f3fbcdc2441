"""The photo view's maps as pictures: one response, its three channel maps, several filters, shifts and learning."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from PIL import Image

from core.convolution.learn import Descent
from core.convolution.photo_layer import PhotoLayer, apply, channel_maps, planes
from core.convolution.shift import Shift
from core.figures.encoding import MAP_QUALITY, Encoded, encode
from core.figures.palette import PAIR, signed_rgb
from core.figures.scale import Coloured, Scale, colour_channels, colour_map, signed_scale

TILE_PX = 320  # longest side of a map among several, in CSS pixels
_FAINT = 40.0  # grey levels from which a residual has its full colour at least
_PICTURE_LIKE = 0.05  # a kernel whose sum is this share of its magnitudes keeps the picture's brightness


@dataclass(frozen=True, slots=True)
class Shown:
    """A map ready for the browser: the picture and its legend."""

    picture: Encoded
    scale: Scale


def show_output(layer: PhotoLayer, pixels: UInt8[np.ndarray, "height width 3"]) -> Shown:
    """The layer's output: one coloured map, or a colour picture when every channel was filtered by itself."""
    return _encoded(colour_output(layer, apply(layer, planes(pixels))))


def colour_output(layer: PhotoLayer, output: Float[np.ndarray, "maps h w"]) -> Coloured:
    """Colours for an output of a layer with one filter."""
    if layer.mix is None:
        return colour_channels(output, centred=not keeps_brightness(layer))
    return _colour_one(layer, output[0])


def _colour_one(layer: PhotoLayer, plane: Float[np.ndarray, "h w"]) -> Coloured:
    return colour_map(plane, signed=not (layer.relu or keeps_brightness(layer)), rectified=layer.relu)


def keeps_brightness(layer: PhotoLayer) -> bool:
    """Whether an evenly bright area stays bright (blurring, sharpening) or becomes zero (edges)."""
    weights = np.multiply.outer(np.array(layer.mix or (1.0,)), np.array(layer.kernels))
    return bool(weights.sum() > _PICTURE_LIKE * np.abs(weights).sum())


def show_channels(layer: PhotoLayer, pixels: UInt8[np.ndarray, "height width 3"]) -> tuple[Shown, ...]:
    """What the filter makes of red, green and blue, and their sum with the bias, in one common range of colours."""
    maps = channel_maps(layer, planes(pixels))
    total = maps.sum(axis=0) + layer.bias
    signed = not keeps_brightness(layer) or min(maps.min(), total.min()) < 0
    limit = max(colour_map(plane, signed=signed).scale.high for plane in (*maps, total))
    coloured = (colour_map(plane, signed=signed, limit=limit) for plane in (*maps, total))
    return tuple(_encoded(_small(one)) for one in coloured)


def show_filters(layer: PhotoLayer, pixels: UInt8[np.ndarray, "height width 3"]) -> tuple[Shown, ...]:
    """The map of each of several filters, small enough to stand side by side."""
    maps = apply(layer, planes(pixels))  # [filters, h, w]
    ones = (replace(layer, kernels=(kernel,)) for kernel in layer.kernels)
    return tuple(_encoded(_small(_colour_one(one, plane))) for one, plane in zip(ones, maps, strict=True))


def show_difference(
    layer: PhotoLayer, pixels: UInt8[np.ndarray, "height width 3"], change: Float[np.ndarray, "maps h w"]
) -> Shown:
    """What a shift changed, averaged over the maps, in the colours of the output itself so that both compare."""
    limit = colour_output(layer, apply(layer, planes(pixels))).scale.high
    return _encoded(Coloured(signed_rgb(change.mean(axis=0), limit), signed_scale(change, limit)))


def shift_chart(shifts: Sequence[Shift], stride: int) -> go.Figure:
    """The change of the output against the shift of the photo, as a share of the output's mean magnitude."""
    whole = [shift.pixels % stride == 0 for shift in shifts]
    figure = go.Figure(
        go.Bar(
            x=[shift.pixels for shift in shifts],
            y=[shift.relative for shift in shifts],
            marker_color=[PAIR[0] if exact else PAIR[1] for exact in whole],
            text=[f"{shift.relative:.0%}" for shift in shifts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="shift %{x} px: output changes by %{y:.1%}<extra></extra>",
        )
    )
    figure.update_layout(
        height=300,
        margin={"l": 10, "r": 10, "t": 24, "b": 10},
        xaxis={"title": "shift of the photo, pixels", "dtick": 1},
        yaxis={"title": "mean change of the output", "tickformat": ".0%", "rangemode": "tozero"},
        showlegend=False,
    )
    return figure


def shift_alt(shifts: Sequence[Shift]) -> str:
    """The chart in words."""
    values = ", ".join(f"{shift.pixels} px {shift.relative:.0%}" for shift in shifts)
    return f"Mean change of the output by the shift of the photo: {values}"


@dataclass(frozen=True, slots=True)
class Film:
    """What the kernels of a descent make of the photo, and what they should make, in the same colours."""

    frames: tuple[Encoded, ...]
    goal: Encoded


def show_learning(plane: Float[np.ndarray, "height width"], descent: Descent) -> Film:
    """The output of every frame's kernel on the whole plane, made small.

    An output is a sum of shifted planes, and so is the small output of shifted planes made small: those are
    computed once.
    """
    (height, width), bowl = descent.target.shape, descent.bowl
    factor = max(-(-max(height, width) // TILE_PX), 1)
    shifted = [plane[u : u + height, v : v + width] for u, v in np.ndindex(bowl.kernel_hw)]
    shifts = np.stack([_reduced(one, factor) for one in shifted])  # [kh * kw, h, w]
    kernels = [frame.kernel for frame in descent.frames]
    outputs = [np.tensordot(kernel.ravel(), shifts, 1) + bowl.bias(kernel) for kernel in kernels]
    goal = _reduced(descent.target, factor)
    low, high = np.percentile(goal, (0.3, 99.7))
    grey = low >= 0 and high > 0
    limit = max(255.0, high) if grey else max(-low, high) or 1.0
    colour = partial(_grey_rgb, white=limit) if grey else partial(signed_rgb, limit=limit)
    *frames, last = (
        encode(colour(values), lossless=False, quality=MAP_QUALITY) for values in (*outputs, goal)
    )
    return Film(tuple(frames), last)


def show_residual(residual: Float[np.ndarray, "h w"]) -> Shown:
    """What no kernel makes; a residual of a few grey levels stays pale."""
    limit = max(colour_map(residual, signed=True).scale.high, _FAINT)
    return _encoded(_small(colour_map(residual, signed=True, limit=limit)))


def _reduced(plane: Float[np.ndarray, "height width"], factor: int) -> Float[np.ndarray, "h w"]:
    return np.asarray(Image.fromarray(plane.astype(np.float32)).reduce(factor))


def _grey_rgb(values: Float[np.ndarray, "h w"], white: float) -> UInt8[np.ndarray, "h w 3"]:
    grey = np.clip(values * (255 / white), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _small(coloured: Coloured) -> Coloured:
    image = Image.fromarray(coloured.rgb)
    image.thumbnail((2 * TILE_PX, 2 * TILE_PX), Image.Resampling.BOX)
    return Coloured(np.asarray(image), coloured.scale)


def _encoded(coloured: Coloured) -> Shown:
    return Shown(encode(coloured.rgb, quality=MAP_QUALITY), coloured.scale)
