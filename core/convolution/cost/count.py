"""The cost of a convolution layer, or of several in a row, each number with the formula it comes from.

Multiply-adds (MACs) are counted on output positions; torchvision's published "GFLOPS" are MACs, while counting
the multiplication and the addition apart doubles the number. Memory is float32 and counts what the docstring of
`LayerCost` names, nothing else: no workspace of the convolution routine and no rounding by an allocator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from core.convolution.cost.conv_layer import ConvLayer
from core.formula import Formula

BYTES = 4  # of one float32 number
OPTIMISERS = {"SGD": 0, "momentum": 1, "Adam": 2}  # numbers kept per parameter beside its gradient

Layers = tuple[ConvLayer, ...]
Term = tuple[str, str]  # a summand in symbols, and with the numbers filled in


@dataclass(frozen=True, slots=True)
class LayerCost:
    """The cost of a layer, or of several in a row.

    Attributes:
        parameters: weights and biases.
        macs: multiply-adds of one picture, and as many multiplications.
        flops: the same work with multiplications and additions counted apart, 2 x macs.
        activations: numbers in the output map of every layer, one picture.
        inference_bytes: the parameters, and the largest input and output map that must exist at once.
        training_bytes: the parameters, their gradients, what the optimiser keeps per parameter, and every map
            (the input included) with its gradient, because the backward pass reads the maps again.
    """

    parameters: Formula
    macs: Formula
    flops: Formula
    activations: Formula
    inference_bytes: Formula
    training_bytes: Formula

    @property
    def multiplications(self) -> int:
        return int(self.macs.value)


def layer_cost(*layers: ConvLayer, batch: int = 1, optimiser: str = "Adam") -> LayerCost:
    """Count what the layers cost when each one feeds the next.

    Memory is counted for a batch of pictures, everything else for one picture.

    Raises:
        ValueError: a layer does not fit the one before it, the batch is empty, the optimiser is unknown.
    """
    check_chain(layers)
    if batch < 1:
        raise ValueError(f"A batch must hold at least 1 picture, got {batch}.")
    if optimiser not in OPTIMISERS:
        raise ValueError(f"The optimiser must be one of {', '.join(OPTIMISERS)}, got {optimiser!r}.")
    return LayerCost(
        parameters=_parameters(layers),
        macs=_macs(layers),
        flops=_flops(layers),
        activations=_activations(layers),
        inference_bytes=_inference_bytes(layers, batch),
        training_bytes=_training_bytes(layers, batch, OPTIMISERS[optimiser]),
    )


def check_chain(layers: Layers) -> None:
    """Raises ValueError unless there is a layer and each takes the map that the one before gives."""
    if not layers:
        raise ValueError("A cost needs at least 1 layer, got 0.")
    for before, after in pairwise(layers):
        given, taken = (before.filters, *before.output_hw), (after.in_channels, *after.input_hw)
        if given != taken:
            raise ValueError(
                "Each layer must take the channels, height and width that the one before gives, "
                f"got {given} from {before.name} and {taken} for {after.name}."
            )


def tex(number: int) -> str:
    """A whole number in LaTeX, thousands apart: 12\\,443\\,648."""
    return f"{number:,}".replace(",", r"\,")


def tex_words(words: str) -> str:
    """Words in LaTeX, in which a kernel may be named: 3 × 3."""
    return r"\times".join(rf"\text{{{part}}}" for part in words.split("×"))


def mebibytes(count: int) -> str:
    """Bytes in MiB (2^20 bytes), three digits."""
    return f"{count / 2**20:,.3g} MiB" if count < 1000 * 2**20 else f"{count / 2**20:,.0f} MiB"


def _parameters(layers: Layers) -> Formula:
    def term(layer: ConvLayer, index: str) -> Term:
        symbolic, filled = _weights_term(layer, index)
        if layer.bias:
            return f"{symbolic} + {_symbol('N', index)}", f"{filled} + {tex(layer.filters)}"
        return symbolic, filled

    biased = any(layer.bias for layer in layers)
    note = "Shared by all positions: the input size does not matter."
    note += " The last summand is one bias per filter." if biased else " No biases."
    return _sum("Parameters", "P", layers, term, sum(layer.parameters for layer in layers), note)


def _macs(layers: Layers) -> Formula:
    def term(layer: ConvLayer, index: str) -> Term:
        symbolic, filled = _weights_term(layer, index)
        return rf"{_positions(index)} \cdot {symbolic}", _product(*map(tex, layer.output_hw), filled)

    note = "One multiply-add per weight at every output position; products with padding zeros count too."
    return _sum("Multiply-adds (MACs)", r"\mathrm{MACs}", layers, term, _total_macs(layers), note)


def _flops(layers: Layers) -> Formula:
    macs = _total_macs(layers)
    note = "Multiplications and additions counted apart. Many papers print MACs and call them FLOPs."
    return Formula("FLOPs", r"\mathrm{FLOPs} = 2\,\mathrm{MACs}", rf"2 \cdot {tex(macs)}", 2 * macs, note)


def _activations(layers: Layers) -> Formula:
    def term(layer: ConvLayer, index: str) -> Term:
        filled = _product(*map(tex, (*layer.output_hw, layer.filters)))
        return rf"{_positions(index)} \, {_symbol('N', index)}", filled

    value = sum(layer.outputs for layer in layers)
    return _sum("Activations", "A", layers, term, value, "Numbers in the output, for one picture.")


def _inference_bytes(layers: Layers, batch: int) -> Formula:
    parameters = sum(layer.parameters for layer in layers)
    widest = max(layers, key=lambda layer: layer.inputs + layer.outputs)
    value = BYTES * (parameters + batch * (widest.inputs + widest.outputs))
    return Formula(
        "Memory to run it, in bytes",
        r"M = 4\,(P + B\,(A_\mathrm{in} + A_\mathrm{out}))",
        rf"4\,({tex(parameters)} + {tex(batch)}\,({tex(widest.inputs)} + {tex(widest.outputs)}))",
        value,
        f"{mebibytes(value)}: the parameters and the largest input and output that exist at once.",
    )


def _training_bytes(layers: Layers, batch: int, kept: int) -> Formula:
    parameters = sum(layer.parameters for layer in layers)
    maps = layers[0].inputs + sum(layer.outputs for layer in layers)
    value = BYTES * ((2 + kept) * parameters + 2 * batch * maps)
    return Formula(
        "Memory to train it, in bytes",
        r"M = 4\,((2 + s)\,P + 2\,B\,(A_\mathrm{in} + A))",
        rf"4\,((2 + {kept})\,{tex(parameters)} + 2 \cdot {tex(batch)} \cdot {tex(maps)})",
        value,
        f"{mebibytes(value)}: every parameter with its gradient and the optimiser's s numbers, "
        "every map with its gradient, because the backward pass needs them.",
    )


def _weights_term(layer: ConvLayer, index: str) -> Term:
    seen, channels = _symbol("C", index), tex(layer.in_channels)
    if layer.groups > 1:
        seen = rf"\tfrac{{{seen}}}{{{_symbol('g', index)}}}"
        channels = rf"\tfrac{{{channels}}}{{{tex(layer.groups)}}}"
    symbols = f"{_symbol('k', 'h', index)} {_symbol('k', 'w', index)} \\, {seen} \\, {_symbol('N', index)}"
    return symbols, _product(*map(tex, layer.kernel), channels, tex(layer.filters))


def _positions(index: str) -> str:
    """Height times width of the output."""
    return f"{_symbol('H', 'o', index)} {_symbol('W', 'o', index)}"


def _symbol(letter: str, *below: str) -> str:
    """A letter with what stands below it: k_{h,1}; nothing below for a single layer."""
    indices = ",".join(filter(None, below))
    return f"{letter}_{{{indices}}}" if indices else letter


def _product(*factors: str) -> str:
    return r" \cdot ".join(factors)


def _sum(
    name: str, symbol: str, layers: Layers, term: Callable[[ConvLayer, str], Term], value: int, note: str
) -> Formula:
    """One formula over all layers: a plain term for one, summands named by their layer for several."""
    if len(layers) == 1:
        symbolic, filled = term(layers[0], "")
        return Formula(name, f"{symbol} = {symbolic}", filled, value, note)
    terms = [term(layer, str(index)) for index, layer in enumerate(layers, start=1)]
    symbolic, filled = (
        " + ".join(_named(part, layer) for part, layer in zip(parts, layers, strict=True))
        for parts in zip(*terms, strict=True)
    )
    return Formula(name, f"{symbol} = {symbolic}", filled, value, note)


def _named(summand: str, layer: ConvLayer) -> str:
    return rf"\underbrace{{{summand}}}_{{{tex_words(layer.name)}}}"


def _total_macs(layers: Layers) -> int:
    return sum(layer.macs for layer in layers)
