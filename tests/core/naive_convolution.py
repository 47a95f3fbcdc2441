"""Convolution, transposed convolution and pooling by plain loops, straight from their definitions: the oracles."""

import numpy as np

MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def padded(image, sides, mode="zeros"):
    top, bottom, left, right = sides
    return np.pad(image, ((0, 0), (top, bottom), (left, right)), mode=MODES[mode])


def convolve(image, weight, stride, sides, dilation, groups=1, mode="zeros"):
    x = padded(image, sides, mode)
    filters, per_group, kh, kw = weight.shape
    height = len(range(0, x.shape[1] - dilation[0] * (kh - 1), stride[0]))
    width = len(range(0, x.shape[2] - dilation[1] * (kw - 1), stride[1]))
    y = np.zeros((filters, height, width), np.result_type(image, weight))
    for f, i, j in np.ndindex(y.shape):
        first = f // (filters // groups) * per_group
        for c, u, v in np.ndindex(per_group, kh, kw):
            cell = x[first + c, i * stride[0] + u * dilation[0], j * stride[1] + v * dilation[1]]
            y[f, i, j] += weight[f, c, u, v] * cell
    return y


def pool_max(grid, kernel, stride, padding, dilation, output_hw):
    """(values, flat winners): the first largest cell of every window, row by row."""
    values, places = np.full(output_hw, -np.inf), np.full(output_hw, -1)
    for i, j in np.ndindex(*output_hw):
        for u, v in np.ndindex(*kernel):
            row = i * stride[0] + u * dilation[0] - padding[0]
            column = j * stride[1] + v * dilation[1] - padding[1]
            inside = 0 <= row < grid.shape[0] and 0 <= column < grid.shape[1]
            if inside and (places[i, j] < 0 or grid[row, column] > values[i, j]):
                values[i, j], places[i, j] = grid[row, column], row * grid.shape[1] + column
    return values, places


def wires(layer, input_hw, output_hw):
    """Every (output, input row, input column, weight) of a layer, before padding is folded back."""
    (kh, kw), (sh, sw), (dh, dw) = layer.kernel, layer.stride, layer.dilation
    top, left = layer.padding[0], layer.padding[2]
    found = []
    if layer.operation == "transposed":
        for i, j, u, v in np.ndindex(*input_hw, kh, kw):
            row, column = i * sh + u * dh - top, j * sw + v * dw - left
            if 0 <= row < output_hw[0] and 0 <= column < output_hw[1]:
                found.append((row * output_hw[1] + column, i, j, u * kw + v))
        return sorted(found, key=lambda wire: (wire[0], wire[3]))
    last_row, last_column = input_hw[0] + layer.padding[1], input_hw[1] + layer.padding[3]
    for i, j, u, v in np.ndindex(*output_hw, kh, kw):
        row, column = i * sh + u * dh - top, j * sw + v * dw - left
        if row < last_row and column < last_column:
            found.append((i * output_hw[1] + j, row, column, u * kw + v))
    return found
