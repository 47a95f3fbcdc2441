"""The convolution page's arithmetic: the Numbers view's data in milliseconds, and whole photos against PyTorch.

Run by hand: python -m benchmarks.convolution. The targets are 5 ms and a ratio of 1.5.
"""

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks.timing import compare, machine, median_ms
from core.convolution import Layer, convolve, matrix, padding_by_name, proof, random_grid, size_formulas
from core.figures.convolution import component_data, work_through

GRID = random_grid((16, 16), seed=0)
PHOTO = np.random.default_rng(0).random((3, 768, 1024), dtype=np.float32)  # [channels, height, width]
LAYERS = {
    "convolution, 3 x 3": Layer(),
    "convolution, 3 x 3, stride 2, padding 1": Layer(stride=(2, 2), padding=(1, 1, 1, 1)),
    "convolution, 7 x 7, full": Layer(kernel=(7, 7), padding=padding_by_name("full", (7, 7))),
    "transposed, 7 x 7": Layer("transposed", kernel=(7, 7)),
    "max pooling, 3 x 3": Layer("max_pool", padding=(1, 1, 1, 1)),
    "average pooling, 3 x 3": Layer("avg_pool", padding=(1, 1, 1, 1)),
}


def numbers_view(layer: Layer) -> None:
    """What one movement of a slider computes: wires, values, sizes and the component's data."""
    numbers = work_through(layer, GRID, np.ones(layer.kernel))
    component_data(numbers)
    size_formulas(layer, (16, 16))


def matrix_section(layer: Layer) -> None:
    """What the section on matrices adds while it is open."""
    kernel = None if layer.pools else np.ones(layer.kernel)
    numbers = work_through(layer, GRID, np.ones(layer.kernel))
    component_data(numbers, matrix=matrix(numbers.wiring, kernel))
    proof(layer, GRID, kernel)


def time_numbers_view() -> None:
    """Milliseconds per layer on a 16 x 16 grid."""
    for name, layer in LAYERS.items():
        numbers_view(layer)
        line = f"numbers view, {name}: {median_ms(lambda layer=layer: numbers_view(layer), 50):.2f} ms"
        if layer.operation != "max_pool":
            line += f"; matrix open: {median_ms(lambda layer=layer: matrix_section(layer), 20):.2f} ms"
        print(line)


def time_photo(threads: int) -> None:
    """Ratios for whole photos; `threads` are PyTorch's, ours has one."""
    torch.set_num_threads(threads)
    for filters in (1, 3, 8, 16):
        for stride, dilation in ((1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (2, 2)):
            _compare(threads, filters, 3, stride, dilation)
    _compare(threads, 8, 7, 1, 1)  # products so large that OpenBLAS would start threads


def _compare(threads: int, filters: int, side: int, stride: int, dilation: int) -> None:
    weight = np.random.default_rng(1).standard_normal((filters, 3, side, side)).astype(np.float32)
    image, tensor = torch.from_numpy(PHOTO)[None], torch.from_numpy(weight)
    settings = {"stride": stride, "padding": 1, "dilation": dilation}
    compare(
        f"photo 1024 x 768 x 3, {filters} filters {side} x {side}, stride {stride}, dilation {dilation}",
        lambda: convolve(PHOTO, weight, **settings),
        lambda: F.conv2d(image, tensor, **settings),
        named=f"torch.nn.functional.conv2d, {threads} thread" + "s" * (threads > 1),
        repeats=10,
    )


if __name__ == "__main__":
    print(machine())
    time_numbers_view()
    default = torch.get_num_threads()
    for count in sorted({1, default}):
        time_photo(count)
