"""Sizes of convolutions and poolings along one axis: how many windows fit, and what they leave out.

Sources: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), relationships 6 to 14;
the PyTorch documentation of Conv2d, ConvTranspose2d and MaxPool2d; TensorFlow's note on padding "SAME".
"""

PADDING_NAMES = ("valid", "same", "full")


def effective_kernel(kernel: int, dilation: int = 1) -> int:
    """Cells from the first to the last tap of a dilated kernel: d (k - 1) + 1."""
    _at_least(1, kernel=kernel, dilation=dilation)
    return dilation * (kernel - 1) + 1


def output_size(
    n: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int = 1,
    ceil: bool = False,
) -> int:
    """Windows along one axis: floor((n + p_before + p_after - d (k - 1) - 1) / s) + 1.

    Args:
        n: input rows (or columns).
        kernel, stride, dilation: of this axis, all at least 1.
        padding: cells on both sides, or (before, after).
        ceil: round the division up instead (pooling); a window that would start behind the input, in the
            padding after it, is then dropped, as PyTorch does, so 32 cells with kernel 1 and stride 2 give 16.

    Raises:
        ValueError: a setting is out of range, or no window fits.
    """
    _at_least(1, n=n, stride=stride)
    before, after = both_sides(padding)
    span = effective_kernel(kernel, dilation)
    room = n + before + after - span
    windows = room // stride + 1
    if ceil:
        windows = -(-room // stride) + 1
        if (windows - 1) * stride >= n + before:
            windows -= 1
    if windows < 1:
        raise ValueError(
            f"The kernel must fit into the padded input of {n + before + after}, got a kernel that spans {span}."
        )
    return windows


def remainder(n: int, kernel: int, stride: int, padding: int | tuple[int, int] = 0, dilation: int = 1) -> int:
    """What the division of the output size leaves: (n + p_before + p_after - d (k - 1) - 1) mod s, padded cells."""
    return (n + sum(both_sides(padding)) - effective_kernel(kernel, dilation)) % stride


def transposed_output_size(
    n: int,
    kernel: int,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> int:
    """Size after a transposed convolution: (n - 1) s - p_before - p_after + d (k - 1) + output padding + 1.

    It restores the size a convolution with the same settings came from, never its values. A convolution with
    stride s maps s sizes to the same output; `output_padding` (below the larger of stride and dilation) says
    which of them is meant.

    Raises:
        ValueError: a setting is out of range, or the padding crops everything away.
    """
    _at_least(1, n=n, stride=stride)
    check_output_padding(output_padding, stride, dilation)
    before, after = both_sides(padding)
    size = (n - 1) * stride - before - after + effective_kernel(kernel, dilation) + output_padding
    if size < 1:
        raise ValueError(
            f"A transposed convolution must leave at least 1 row and column, got a size of {size} "
            f"after cropping {before + after}."
        )
    return size


def check_output_padding(output_padding: int, stride: int, dilation: int) -> None:
    """Raises ValueError unless 0 <= output padding < max(stride, dilation), PyTorch's rule."""
    most = max(stride, dilation) - 1
    if not 0 <= output_padding <= most:
        raise ValueError(
            f"The output padding must be between 0 and {most}, below the larger of stride {stride} "
            f"and dilation {dilation}, got {output_padding}."
        )


def named_padding(name: str, kernel: int, dilation: int = 1) -> tuple[int, int]:
    """(before, after) for "valid" (none), "same" (output as large as the input at stride 1) or "full".

    "full" pads d (k - 1) on both sides: every window that touches the input at all. "same" pads the odd cell
    of an even kernel at the end, as PyTorch and TensorFlow do.
    """
    surround = effective_kernel(kernel, dilation) - 1
    if name == "valid":
        return 0, 0
    if name == "same":
        return same_padding_pytorch(kernel, dilation)
    if name == "full":
        return surround, surround
    raise ValueError(f"The padding must be one of {', '.join(PADDING_NAMES)}, got {name}.")


def same_padding_pytorch(kernel: int, dilation: int = 1) -> tuple[int, int]:
    """(before, after) of PyTorch's padding="same", which exists for stride 1 only: d (k - 1), the odd one after."""
    total = effective_kernel(kernel, dilation) - 1
    return total // 2, total - total // 2


def same_padding_tensorflow(n: int, kernel: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """(before, after) of TensorFlow's and Keras' SAME, the padding that gives ceil(n / s) windows.

    The total is max((ceil(n / s) - 1) s + d (k - 1) + 1 - n, 0); the odd cell goes after the input, so it
    depends on the input size: 224 with kernel 3 and stride 2 gives (0, 1), 225 gives (1, 1).
    """
    _at_least(1, n=n, stride=stride)
    total = max((-(-n // stride) - 1) * stride + effective_kernel(kernel, dilation) - n, 0)
    return total // 2, total - total // 2


def both_sides(padding: int | tuple[int, int]) -> tuple[int, int]:
    """Padding as (before, after), each at least 0."""
    before, after = (padding, padding) if isinstance(padding, int) else padding
    _at_least(0, padding=before)
    _at_least(0, padding=after)
    return before, after


def _at_least(least: int, **settings: int) -> None:
    for name, value in settings.items():
        if value < least:
            raise ValueError(
                f"The {'input size' if name == 'n' else name} must be at least {least}, got {value}."
            )
