"""A stack as a short line of text, so that it fits into a link: "c3s1p1x64 m2 c3x128".

One word per layer: a letter for the kind, the kernel, then settings in any order.

    c convolution   m max pool   a average pool   t transposed convolution
    s stride   p padding   d dilation   x filters   o output padding

Left out: stride 1 (for pooling the kernel), padding 0, dilation 1, 64 filters, output padding 0. Words are separated
by spaces, commas, plus signs or underscores.
"""

import re
from types import MappingProxyType

from core.receptive_field.layer import Kind, StackLayer
from core.receptive_field.stack import LAYERS_MOST

_KINDS: dict[str, Kind] = {"c": "conv", "m": "max_pool", "a": "avg_pool", "t": "transposed"}
_LETTERS = {kind: letter for letter, kind in _KINDS.items()}
_SETTINGS = {"s": "stride", "p": "padding", "d": "dilation", "x": "channels", "o": "output_padding"}
_WORD = re.compile(r"([cmat])(\d{1,4})((?:[spdxo]\d{1,4})*)")
_TEXT_MOST = 600


def stack_from_text(text: str) -> tuple[StackLayer, ...]:
    """The layers that `text` names, in order.

    Raises: ValueError with one sentence that names the word at fault; also for no layer or too many.
    """
    if len(text) > _TEXT_MOST:
        raise ValueError(f"A stack is written in at most {_TEXT_MOST} characters, got {len(text)}.")
    words = [word for word in re.split(r"[\s,+_]+", text.strip().lower()) if word]
    if not 1 <= len(words) <= LAYERS_MOST:
        raise ValueError(f"A stack has 1 to {LAYERS_MOST} layers, got {len(words)}.")
    return tuple(_layer(index, word) for index, word in enumerate(words, start=1))


def stack_to_text(layers: tuple[StackLayer, ...]) -> str:
    """The text of `layers`: `stack_from_text(stack_to_text(layers))` gives them back (pooling has no filters)."""
    return " ".join(_word(layer) for layer in layers)


def _layer(index: int, word: str) -> StackLayer:
    match = _WORD.fullmatch(word)
    if not match:
        raise ValueError(f'Layer {index} is written like "c3s1p1x64" or "m2", got "{word[:40]}".')
    letter, kernel, rest = match.groups()
    pairs = re.findall(r"([spdxo])(\d+)", rest)
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError(f'Layer {index} gives each setting once, got "{word[:40]}".')
    kind = _KINDS[letter]
    settings = {"stride": int(kernel)} if letter in "ma" else {}
    settings |= {_SETTINGS[key]: int(value) for key, value in pairs}
    try:
        return StackLayer(kind, int(kernel), **settings)
    except ValueError as error:
        raise ValueError(f'Layer {index} ("{word[:40]}"): {error}') from error


def _word(layer: StackLayer) -> str:
    default = StackLayer(layer.kind, layer.kernel, 1 if layer.has_weights else min(layer.kernel, 16))
    word = f"{_LETTERS[layer.kind]}{layer.kernel}"
    for letter, name in _SETTINGS.items():
        value = getattr(layer, name)
        if name == "channels" and not layer.has_weights:
            continue
        if value != getattr(default, name) or name == "channels":
            word += f"{letter}{value}"
    return word


PRESETS = MappingProxyType(
    {
        "One 7 x 7": "c7p3x64",
        "Three 3 x 3": "c3p1x64 c3p1x64 c3p1x64",
        "LeNet-5": "c5p2x6 a2 c5x16 a2 c5x120",
        "AlexNet": "c11s4p2x64 m3s2 c5p2x192 m3s2 c3p1x384 c3p1x256 c3p1x256 m3s2",
        "VGG-16": "c3p1x64 c3p1x64 m2 c3p1x128 c3p1x128 m2 c3p1x256 c3p1x256 c3p1x256 m2"
        " c3p1x512 c3p1x512 c3p1x512 m2 c3p1x512 c3p1x512 c3p1x512 m2",
        "Dilations 2, 2, 2": "c3p2d2x64 c3p2d2x64 c3p2d2x64",
        "Dilations 1, 2, 3": "c3p1d1x64 c3p2d2x64 c3p3d3x64",
        "Dilations 1, 2, 5": "c3p1d1x64 c3p2d2x64 c3p5d5x64",
    }
)
"""Names and texts of known stacks. LeNet-5 is the 1998 network up to C5 with today's full connections."""
