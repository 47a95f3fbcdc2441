"""A filter bank on a whole photo: one plane per colour channel, their sum plus bias, then ReLU and pooling.

Values are pixel values, 0 to 255, in float32 and are never rounded or clamped between the steps.
Source: Goodfellow, Bengio & Courville, "Deep Learning" (2016), sections 9.1 to 9.3.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from core.convolution.layer import Layer
from core.convolution.operation import convolve
from core.convolution.pooling import pool_layer
from core.formula import Formula

Kernel = tuple[
    tuple[float, ...], ...
]  # rows of equal length; in words, so that a cache can tell kernels apart
CHANNELS = ("red", "green", "blue")
# How a 3-channel filter weighs red, green and blue. Luminance: ITU-R BT.601.
MIXES: dict[str, tuple[float, float, float]] = {
    "Luminance": (0.299, 0.587, 0.114),
    "Mean": (1 / 3, 1 / 3, 1 / 3),
    "Red − green": (1.0, -1.0, 0.0),
    "Blue − yellow": (-0.5, -0.5, 1.0),
    "Red only": (1.0, 0.0, 0.0),
    "Green only": (0.0, 1.0, 0.0),
    "Blue only": (0.0, 0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class PhotoLayer:
    """A convolution of a photo and what follows it.

    Args:
        kernels: the filters' kernels, all of the size that `window` names.
        window: kernel size, stride, padding and dilation of the convolution.
        mix: every filter's weight of red, green and blue, so slice c of a filter is mix[c] * kernel;
            None filters every colour channel by itself (a depthwise convolution, one kernel only).
        bias: added to every output, in pixel values.
        relu: negative values become 0 (after they were shown).
        pooling: the pooling that comes last, or None.
    """

    kernels: tuple[Kernel, ...]
    window: Layer
    mix: tuple[float, float, float] | None = MIXES["Luminance"]
    bias: float = 0.0
    relu: bool = False
    pooling: Layer | None = None

    def __post_init__(self) -> None:
        sizes = {(len(kernel), len(kernel[0])) for kernel in self.kernels}
        if sizes != {self.window.kernel}:
            raise ValueError(f"Every kernel must have the size {self.window.kernel}, got {sorted(sizes)}.")
        if self.mix is None and len(self.kernels) > 1:
            raise ValueError(f"Channels are filtered singly by one kernel, got {len(self.kernels)}.")
        if self.window.operation != "convolution" or (self.pooling and not self.pooling.pools):
            raise ValueError("A photo layer is a convolution and then a pooling, got something else.")

    @property
    def groups(self) -> int:
        """3 when every channel is filtered by itself, else 1."""
        return len(CHANNELS) if self.mix is None else 1

    @property
    def weight(self) -> Float[np.ndarray, "filters channels_per_group kh kw"]:
        """The weights of the convolution, float32."""
        kernels = np.array(self.kernels, np.float32)  # [filters, kh, kw]
        if self.mix is None:
            return np.broadcast_to(kernels[:, None], (len(CHANNELS), 1, *self.window.kernel))
        return kernels[:, None] * np.array(self.mix, np.float32)[:, None, None]

    def output_hw(self, input_hw: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns that leave the layer; ValueError when it does not fit on this input."""
        convolved = self.window.output_hw(input_hw)
        return self.pooling.output_hw(convolved) if self.pooling else convolved

    @property
    def stride(self) -> tuple[int, int]:
        """Input pixels from one output to the next: the product of the strides."""
        pooled = self.pooling.stride if self.pooling else (1, 1)
        return self.window.stride[0] * pooled[0], self.window.stride[1] * pooled[1]


def planes(pixels: UInt8[np.ndarray, "height width 3"]) -> Float[np.ndarray, "3 height width"]:
    """The photo as a convolution reads it: float32, channels first, values 0 to 255."""
    out = np.empty((pixels.shape[2], *pixels.shape[:2]), np.float32)
    for channel in range(pixels.shape[2]):
        out[channel] = pixels[:, :, channel]
    return out


def respond(
    layer: PhotoLayer, image: Float[np.ndarray, "3 height width"]
) -> Float[np.ndarray, "filters h w"]:
    """The convolution alone: sum over channels of weight * window, plus bias."""
    bias = np.full(len(layer.weight), layer.bias, np.float32)
    return convolve(image, layer.weight, bias, groups=layer.groups, **_settings(layer.window))


def finish(
    layer: PhotoLayer, response: Float[np.ndarray, "filters h w"]
) -> Float[np.ndarray, "filters ph pw"]:
    """What comes after the convolution: max(0, y), then pooling, each only if the layer has it."""
    activated = np.maximum(response, 0) if layer.relu else response
    return pool_layer(layer.pooling, activated) if layer.pooling else activated


def apply(
    layer: PhotoLayer, image: Float[np.ndarray, "3 height width"]
) -> Float[np.ndarray, "filters ph pw"]:
    """The whole layer: convolution, ReLU, pooling."""
    return finish(layer, respond(layer, image))


def channel_maps(
    layer: PhotoLayer, image: Float[np.ndarray, "3 height width"], index: int = 0
) -> Float[np.ndarray, "3 h w"]:
    """What one filter makes of each colour channel; their sum plus the bias is its response."""
    mix = (1.0, 1.0, 1.0) if layer.mix is None else layer.mix
    kernel = np.array(layer.kernels[index], np.float32)
    slices = np.array(mix, np.float32)[:, None, None, None] * kernel  # [3, 1, kh, kw]
    return convolve(image, slices, groups=len(CHANNELS), **_settings(layer.window))


FLAT = 100.0  # the grey of the even area that a question is about


def weights_formula(layer: PhotoLayer) -> Formula:
    """Weights and biases of the layer: filters * (kh * kw * channels per filter + 1)."""
    filters, channels, kh, kw = layer.weight.shape
    return Formula(
        name="weights and biases",
        symbolic=r"F \,(k_h \, k_w \, C + 1)",
        filled=rf"{filters} \,({kh} \cdot {kw} \cdot {channels} + 1)",
        value=filters * (kh * kw * channels + 1),
        note="" if layer.mix else "Each of the three filters reads one channel, so C is 1.",
    )


def flat_formula(layer: PhotoLayer) -> Formula:
    """The convolution's answer where all pixels are (100, 100, 100): 100 * sum of the weights + bias."""
    total = float(np.sum(layer.kernels[0], dtype=np.float64)) * (sum(layer.mix) if layer.mix else 1.0)
    return Formula(
        name="answer to an even area",
        symbolic=r"v \sum w + b",
        filled=rf"{FLAT:g} \cdot {total:.6g} + {layer.bias:g}",
        value=round(FLAT * total + layer.bias, 9) + 0.0,
        note="Kernels whose weights add up to zero answer to changes only.",
    )


def _settings(window: Layer) -> dict:
    return {
        "stride": window.stride,
        "padding": window.padding,
        "dilation": window.dilation,
        "mode": window.mode,
    }
