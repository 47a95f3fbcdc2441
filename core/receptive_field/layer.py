"""One layer of a stack: a square window with stride, padding and dilation, the same on both axes."""

from dataclasses import dataclass
from typing import Literal, get_args

from core.convolution.arithmetic import output_size, transposed_output_size

Kind = Literal["conv", "max_pool", "avg_pool", "transposed"]

_WORDS: dict[str, str] = {
    "conv": "Convolution",
    "max_pool": "Max pool",
    "avg_pool": "Average pool",
    "transposed": "Transposed convolution",
}
_RANGES = {
    "kernel": (1, 64),
    "stride": (1, 16),
    "padding": (0, 64),
    "dilation": (1, 32),
    "channels": (1, 4096),
    "output_padding": (0, 15),
}


@dataclass(frozen=True, slots=True)
class StackLayer:
    """A convolution, pooling or transposed convolution with a kernel x kernel window.

    Args:
        kind: "conv", "max_pool", "avg_pool" or "transposed".
        kernel, stride, padding, dilation: as in PyTorch, one number for both axes; padding on every side.
        channels: filters of a (transposed) convolution; pooling keeps the channels it gets and ignores it.
        output_padding: extra rows and columns of a transposed convolution, smaller than the stride or dilation.
    """

    kind: Kind = "conv"
    kernel: int = 3
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    channels: int = 64
    output_padding: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"The kind is one of {', '.join(get_args(Kind))}, got {self.kind!r}.")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise ValueError(
                    f"The {name.replace('_', ' ')} is a whole number {low} to {high}, got {value!r}."
                )
        self._check_pairs()

    def _check_pairs(self) -> None:
        if self.kind in ("max_pool", "avg_pool") and 2 * self.padding > self.kernel:
            raise ValueError(
                f"Pooling pads at most half its kernel of {self.kernel}, got padding {self.padding}."
            )
        if self.kind == "avg_pool" and self.dilation != 1:
            raise ValueError(f"Average pooling has no dilation, got {self.dilation}.")
        if self.output_padding and self.kind != "transposed":
            raise ValueError(f"Only a transposed convolution has output padding, got {self.output_padding}.")
        if self.output_padding and self.output_padding >= max(self.stride, self.dilation):
            raise ValueError(
                f"Output padding is smaller than the stride {self.stride} or the dilation {self.dilation},"
                f" got {self.output_padding}."
            )

    @property
    def has_weights(self) -> bool:
        """Whether the layer has filters (pooling has none)."""
        return self.kind in ("conv", "transposed")

    @property
    def reach(self) -> int:
        """k_eff - 1 = d (k - 1): how far the window's last element lies from its first."""
        return self.dilation * (self.kernel - 1)

    @property
    def words(self) -> str:
        """The layer in words: "Convolution 3 x 3, stride 2, dilation 2"."""
        text = f"{_WORDS[self.kind]} {self.kernel} x {self.kernel}"
        text += f", stride {self.stride}" if self.stride > 1 else ""
        return text + (f", dilation {self.dilation}" if self.dilation > 1 else "")

    def output_side(self, n: int) -> int:
        """Side of the map made from n: floor((n + 2p - d(k-1) - 1) / s) + 1.

        Transposed: (n - 1) s - 2p + d(k-1) + output padding + 1.

        Raises: ValueError if no window fits, or if the padding crops everything away.
        """
        if self.kind == "transposed":
            extra = self.output_padding
            return transposed_output_size(n, self.kernel, self.stride, self.padding, self.dilation, extra)
        return output_size(n, self.kernel, self.stride, self.padding, self.dilation)

    def positions(self, input_hw: tuple[int, int]) -> tuple[int, int]:
        """Where the kernel is multiplied out: at every output, or, transposed, at every input."""
        if self.kind == "transposed":
            return input_hw
        return self.output_side(input_hw[0]), self.output_side(input_hw[1])

    def multiplications(self, input_channels: int) -> int:
        """Multiply-adds at one position: k^2 c_in c_out; 0 for pooling."""
        return self.kernel**2 * input_channels * self.channels if self.has_weights else 0

    def parameters(self, input_channels: int) -> int:
        """Weights and biases: (k^2 c_in + 1) c_out; 0 for pooling."""
        return self.multiplications(input_channels) + self.channels if self.has_weights else 0
