"""Which settings are possible, so that a page offers no others. Sizes and settings are those of one axis."""

from core.convolution.arithmetic import both_sides


def largest_dilation(n: int, kernel: int, padding: int | tuple[int, int] = 0) -> int:
    """The largest dilation with which the kernel fits: floor((n + p_before + p_after - 1) / (k - 1)).

    A kernel of 1 is not changed by dilation: 1.
    """
    return max((n + sum(both_sides(padding)) - 1) // (kernel - 1), 1) if kernel > 1 else 1


def largest_output_padding(stride: int, dilation: int = 1) -> int:
    """max(s, d) - 1, PyTorch's rule."""
    return max(stride, dilation) - 1
