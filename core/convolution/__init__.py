"""Convolution, transposed convolution and pooling, computed and explained number by number."""

from core.convolution.arithmetic import (
    PADDING_NAMES,
    effective_kernel,
    named_padding,
    output_size,
    same_padding_pytorch,
    same_padding_tensorflow,
    transposed_output_size,
)
from core.convolution.formulas import size_formula, size_formulas
from core.convolution.frameworks import Variant, same_layer
from core.convolution.grid import kernel_from_text, matrix_from_text, matrix_to_text, random_grid
from core.convolution.kernels import PRESETS, Preset, flip
from core.convolution.layer import (
    MODES,
    OPERATIONS,
    Layer,
    global_pooling,
    padding_by_name,
)
from core.convolution.matrices import matrix, proof, transposed_partner
from core.convolution.operation import convolve, convolve_transposed, run
from core.convolution.pooling import pool
from core.convolution.ranges import (
    largest_dilation,
    largest_output_padding,
)
from core.convolution.wiring import AxisWiring, Wiring, pad, winners, wire

__all__ = [
    "MODES",
    "OPERATIONS",
    "PADDING_NAMES",
    "PRESETS",
    "AxisWiring",
    "Layer",
    "Preset",
    "Variant",
    "Wiring",
    "convolve",
    "convolve_transposed",
    "effective_kernel",
    "flip",
    "global_pooling",
    "kernel_from_text",
    "largest_dilation",
    "largest_output_padding",
    "matrix",
    "matrix_from_text",
    "matrix_to_text",
    "named_padding",
    "output_size",
    "pad",
    "padding_by_name",
    "pool",
    "proof",
    "random_grid",
    "run",
    "same_layer",
    "same_padding_pytorch",
    "same_padding_tensorflow",
    "size_formula",
    "size_formulas",
    "transposed_output_size",
    "transposed_partner",
    "winners",
    "wire",
]
