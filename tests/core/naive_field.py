"""Oracles for receptive fields that share nothing with the package: loops over index sets, and random stacks."""

from hypothesis import strategies as st

from core.receptive_field import StackLayer


def output_side(layer, n):
    """Side of the map, counted: place the window from the left until it does not fit."""
    if layer.kind == "transposed":
        ends = [i * layer.stride + layer.dilation * (layer.kernel - 1) for i in range(n)]
        return max(ends) + 1 - 2 * layer.padding + layer.output_padding
    count, left = 0, -layer.padding
    while left + layer.dilation * (layer.kernel - 1) <= n - 1 + layer.padding:
        count, left = count + 1, left + layer.stride
    return count


def read_by(layer, position):
    """Positions below that one position above reads, on one axis, real or not."""
    if layer.kind != "transposed":
        return {position * layer.stride - layer.padding + layer.dilation * t for t in range(layer.kernel)}
    found = set()
    for source in range(position - 200, position + 200):
        for t in range(layer.kernel):
            if source * layer.stride - layer.padding + layer.dilation * t == position:
                found.add(source)
    return found


def pixels_read(layers, unit, sides=None):
    """All pixels that a unit reads on one axis; with `sides` (one per map, the picture first) only real positions."""
    positions = {unit}
    for depth in range(len(layers) - 1, -1, -1):
        positions = set().union(*(read_by(layers[depth], each) for each in positions))
        if sides is not None:
            positions = {each for each in positions if 0 <= each < sides[depth]}
    return positions


def window_layers(kinds=("conv", "max_pool", "avg_pool", "transposed"), kernel=5, stride=3, dilation=3):
    """Random small layers that PyTorch takes."""

    @st.composite
    def layer(draw):
        kind = draw(st.sampled_from(kinds))
        k = draw(st.integers(1, kernel))
        s = draw(st.integers(1, stride))
        d = 1 if kind == "avg_pool" else draw(st.integers(1, dilation))
        most = k // 2 if "pool" in kind else 3
        extra = draw(st.integers(0, max(s, d) - 1)) if kind == "transposed" else 0
        return StackLayer(kind, k, s, draw(st.integers(0, most)), d, draw(st.integers(1, 4)), extra)

    return layer()
