"""The photo view's controls: they make a layer that fits the photo, and offer no other."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.convolution import MODES, Layer, padding_by_name
from core.convolution.grid import kernel_from_text
from core.convolution.kernels import PRESETS
from core.convolution.photo_layer import MIXES, Kernel, PhotoLayer
from core.convolution.ranges import largest_dilation
from pages.shared import controls
from pages.shared.plain_text import plain

OWN = "Own kernel"
TOGETHER, APART = "One 3-channel filter", "Each channel by itself"
LABELS = {preset.label: preset for preset in PRESETS}
LARGEST_STRIDE = LARGEST_DILATION = 8
NO_POOLING, POOLINGS = "none", {"max": "max_pool", "average": "avg_pool"}


def photo_layer(input_hw: tuple[int, int], above: DeltaGenerator, below: DeltaGenerator) -> PhotoLayer | None:
    """Draw the controls and return the layer they describe; None, with a sentence, for an unreadable kernel.

    Args:
        input_hw: rows and columns of the photo.
        above, below: rows over and under the pictures; over them stands what is moved most, so that they come soon.
    """
    with above:
        with st.container(width=180):
            kernel = chosen_kernel("conv_photo_kernel", "conv_photo_own", "Sobel x")
        stride = controls.slider("Stride", "conv_photo_stride", 1, 1, LARGEST_STRIDE, width=140)
        dilation = controls.slider("Dilation", "conv_photo_dilation", 1, 1, LARGEST_DILATION, width=140)
    if kernel is None:
        return None
    with below:
        name = _padding_name(kernel, dilation, input_hw)
        together = controls.choice("Colour", "conv_photo_colour", TOGETHER, (TOGETHER, APART)) == TOGETHER
        after = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", width="content")
        with st.popover("More", icon=":material/tune:", help="Bias, colours, padding, each axis by itself"):
            bias = controls.number(
                "Bias", "conv_photo_bias", 0, -255, 255, help="Added to every output, in pixel values"
            )
            mix = _mix() if together else None
            window = _window(kernel, (stride, dilation, name), input_hw)
        with after:
            relu, pooling = _after(window.output_hw(input_hw))
    return PhotoLayer((kernel,), window, mix=mix, bias=float(bias), relu=relu, pooling=pooling)


def chosen_kernel(key: str, own_key: str, default: str) -> Kernel | None:
    """A preset by name, or the visitor's own; None, with a sentence, where that cannot be read."""
    name = controls.select("Kernel", key, default, (*LABELS, OWN))
    if name != OWN:
        return as_words(LABELS[name].values)
    typed = controls.text(
        "Own kernel", own_key, "1 0 -1; 2 0 -2; 1 0 -1", help="Rows end with a semicolon; 1/9 is a fraction"
    )
    try:
        return as_words(kernel_from_text(typed))
    except ValueError as error:
        st.warning(plain(str(error)), icon=":material/edit_off:")
        return None


def as_words(values: np.ndarray) -> Kernel:
    """A kernel as tuples, which a cache can compare."""
    return tuple(tuple(row) for row in values.tolist())


def _mix() -> tuple[float, float, float]:
    name = controls.select(
        "Weights of red, green, blue",
        "conv_photo_mix",
        "Luminance",
        tuple(MIXES),
        help="Slice c of the filter is this weight times the kernel",
    )
    return MIXES[name]


def _padding_name(kernel: Kernel, dilation: int, input_hw: tuple[int, int]) -> str:
    """How the padding is given; "valid" only where the kernel fits on the photo."""
    size = (len(kernel), len(kernel[0]))
    fits = all(dilation * (k - 1) < n for n, k in zip(input_hw, size, strict=True))
    names = ("same", "full", "valid", "by side") if fits else ("same", "full", "by side")
    return controls.choice("Padding", "conv_photo_padding", "same", names)


def _window(kernel: Kernel, chosen: tuple[int, int, str], input_hw: tuple[int, int]) -> Layer:
    """The convolution's window: what was chosen for both axes, and what is set apart for one axis or side."""
    stride, dilation, name = chosen
    size = (len(kernel), len(kernel[0]))
    across = controls.number("Stride across, 0 as down", "conv_photo_across", 0, 0, LARGEST_STRIDE)
    spread = controls.number("Dilation across, 0 as down", "conv_photo_spread", 0, 0, LARGEST_DILATION)
    dilations = (dilation, _fitting(spread or dilation, size[1], input_hw[1], name == "valid"))
    padding = (
        _sides(size, dilations, input_hw) if name == "by side" else padding_by_name(name, size, dilations)
    )
    return Layer(
        kernel=size,
        stride=(stride, across or stride),
        padding=padding,
        dilation=dilations,
        mode=_mode(padding, input_hw),
    )


def _fitting(dilation: int, kernel: int, n: int, valid: bool) -> int:
    return min(dilation, largest_dilation(n, kernel)) if valid else dilation


def _sides(
    kernel: tuple[int, int], dilation: tuple[int, int], input_hw: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Padding per side; the second of a pair starts where the kernel just fits."""
    sides = []
    for axis, names in enumerate((("top", "bottom"), ("left", "right"))):
        span = dilation[axis] * (kernel[axis] - 1) + 1
        first = controls.number(f"Padding {names[0]}", f"conv_photo_{names[0]}", span // 2, 0, span)
        least = max(span - input_hw[axis] - first, 0)
        default = max(span // 2, least)
        sides += [
            first,
            controls.number(
                f"Padding {names[1]}", f"conv_photo_{names[1]}", default, least, max(span, least)
            ),
        ]
    return tuple(sides)


def _mode(padding: tuple[int, int, int, int], input_hw: tuple[int, int]) -> str:
    """What the padding holds; reflection and wrapping only where the photo is large enough for them."""
    height, width = input_hw
    most = {"reflect": -1, "circular": 0}
    modes = [
        mode
        for mode in MODES
        if mode not in most
        or (max(padding[:2]) <= height + most[mode] and max(padding[2:]) <= width + most[mode])
    ]
    return controls.choice("Padding holds", "conv_photo_mode", "zeros", tuple(modes))


def _after(output_hw: tuple[int, int]) -> tuple[bool, Layer | None]:
    """ReLU and pooling, as far as the output is large enough."""
    relu = controls.toggle("ReLU", "conv_photo_relu", help="max(0, y): negative values become zero")
    most = min(4, *output_hw)
    if most < 2:
        return relu, None
    kind = controls.choice("Pooling", "conv_photo_pool", NO_POOLING, (NO_POOLING, *POOLINGS))
    if kind == NO_POOLING:
        return relu, None
    size = controls.choice("Window and stride", "conv_photo_pool_size", 2, tuple(range(2, most + 1)))
    return relu, Layer(operation=POOLINGS[kind], kernel=(size, size), stride=(size, size))
