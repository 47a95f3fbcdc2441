"""Random single-channel layers that fit on random small grids, for property tests."""

from hypothesis import strategies as st

from core.convolution import MODES, OPERATIONS, Layer

_pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def layers(draw, operations=OPERATIONS, modes=MODES):
    """(layer, input size): of any operation, with padding per side."""
    operation = draw(st.sampled_from(operations))
    kernel, stride = draw(st.tuples(st.integers(1, 4), st.integers(1, 4))), draw(_pairs)
    dilation = (1, 1) if operation == "avg_pool" else draw(_pairs)
    hw = tuple(draw(st.integers(d * (k - 1) + 1, 12)) for d, k in zip(dilation, kernel, strict=True))
    mode = draw(st.sampled_from(modes)) if operation == "convolution" else "zeros"
    return Layer(
        operation=operation,
        kernel=kernel,
        stride=stride,
        padding=_padding(draw, operation, mode, kernel, hw),
        dilation=dilation,
        mode=mode,
        output_padding=_output_padding(draw, operation, stride, dilation),
        ceil_mode=operation in ("max_pool", "avg_pool") and draw(st.booleans()),
        count_include_pad=draw(st.booleans()),
    ), hw


def _padding(draw, operation, mode, kernel, hw):
    sides = []
    for k, n in zip(kernel, hw, strict=True):
        most = {"reflect": n - 1, "circular": n}.get(mode, 3)
        if operation in ("max_pool", "avg_pool"):
            most = k // 2
        if operation == "transposed":
            most = (k - 1) // 2
        sides += [draw(st.integers(0, min(most, 3))), draw(st.integers(0, min(most, 3)))]
    return tuple(sides)


def _output_padding(draw, operation, stride, dilation):
    if operation != "transposed":
        return (0, 0)
    return tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
