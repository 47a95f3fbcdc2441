"""Augmentation drawn: tiles of variants, of a variant's steps and of a transform's strengths, and the editor's data."""

import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import UInt8

from core.augmentation import (
    CATALOGUE,
    CLASSICS,
    Chain,
    Draw,
    Drawn,
    OneOf,
    Step,
    Transform,
    Variant,
    apply,
    describe,
    fixed,
    mixed_label,
    reduced,
    strengths,
    transform,
    variants,
)
from core.augmentation.chain import CHOICES_MOST, STEPS_MOST
from core.figures.encoding import MAP_QUALITY, Encoded, encode
from core.figures.tiles import Line, Tile
from core.formula import Formula

Pixels = UInt8[np.ndarray, "height width 3"]
GRIDS = {9: (5, 420), 16: (6, 340), 25: (7, 280)}
"""Variants in a grid: columns, the original among them, and the longer side of a tile in px."""
STRIP = 7
STEPS_PX, STRIP_PX = 480, 240
_FAMILIES = {"geometric": "Geometry", "photometric": "Colour and noise", "mix": "A second photo"}


def small(pixels: Pixels) -> Encoded:
    """A tile's picture as it travels."""
    return encode(pixels, quality=MAP_QUALITY)


def variant_tiles(
    chain: Chain,
    pixels: Pixels,
    count: int,
    seed: int,
    second: Pixels | None = None,
    names: tuple[str, str] = ("first", "second"),
) -> tuple[Tile, ...]:
    """The original, then `count` variants with what was drawn for each; the shares of the label where photos mix."""
    longest = GRIDS[count][1]
    found = variants(chain, pixels, count, seed, second, longest_px=longest)
    original = Tile(small(reduced(pixels, longest)), "The original photo", "Original")
    return original, *(_variant_tile(i, each, names) for i, each in enumerate(found, start=1))


def _variant_tile(number: int, variant: Variant, names: tuple[str, str]) -> Tile:
    lines = [Line(describe(drawn)) if drawn.applied else _left_out(drawn) for drawn in variant.draw.steps]
    shares = None
    if variant.draw.chain.mixes:
        shares = mixed_label(variant.draw)
        lines.insert(0, Line(label_text(shares, names), "strong"))
    said = "; ".join(line.text for line in lines if line.role != "muted") or "nothing was changed"
    return Tile(small(variant.pixels), f"Variant {number}: {said}", f"{number}", tuple(lines), shares=shares)


def _left_out(drawn: Drawn) -> Line:
    return Line(transform(drawn.transform).title, "muted")


def label_text(shares: tuple[float, float], names: tuple[str, str]) -> str:
    """The mixed label in words: "0.62 Cat + 0.38 Coffee"."""
    return " + ".join(f"{share:.2f} {name}" for share, name in zip(shares, names, strict=True))


def mix_formula(draw: Draw, names: tuple[str, str]) -> Formula:
    """The share of the first photo's label, and the label vector that it makes."""
    first, second = mixed_label(draw)
    return Formula(
        "share of the first label",
        r"y = \lambda\, y_1 + (1 - \lambda)\, y_2",
        rf"{first:.4g}\, y_1 + {second:.4g}\, y_2",
        first,
        f"The share is λ; y₁ is the label vector of {names[0]}, y₂ that of {names[1]}.",
    )


def step_tiles(draw: Draw, pixels: Pixels, second: Pixels | None = None) -> tuple[Tile, ...]:
    """The photo before the chain and after each step that was carried out; a policy's own steps one by one."""
    shown = reduced(pixels, STEPS_PX)
    found = [Tile(small(shown), "The original photo", "Original", (Line(_size(draw.input_hw)),))]
    for count, drawn in enumerate(draw.applied, start=1):
        prefix = Draw(draw.chain, draw.input_hw, draw.applied[:count])
        words = describe(drawn)
        found.append(
            Tile(small(apply(prefix, shown, second)), f"After step {count}: {words}", f"{count}. {words}")
        )
    return tuple(found)


def _size(hw: tuple[int, int]) -> str:
    return f"{hw[1]} × {hw[0]} px"


def strip_tiles(
    name: str, pixels: Pixels, seed: int, second: Pixels | None = None, step: Step | None = None
) -> tuple[Tile, ...]:
    """One transform from its weakest to its strongest; tiles inside the range of `step` are framed."""
    shown = reduced(pixels, STRIP_PX)
    options = step.options if step else ()
    found = []
    for strength in strengths(name, STRIP):
        draw = fixed(name, strength, pixels.shape[:2], options, seed=seed)
        words = amount(draw.steps[0])
        inside = step is not None and step.low <= strength <= step.high
        picture = small(apply(draw, shown, second))
        found.append(
            Tile(picture, f"{transform(name).title} {words}", words, state="inside" if inside else "")
        )
    return tuple(found)


def amount(drawn: Drawn) -> str:
    """A strength with its unit; "on" and "off" of a switch."""
    kind = transform(drawn.transform)
    if kind.switch and kind.kind != "policy":
        return "on" if drawn.strength else "off"
    if kind.kind == "policy":
        return f"{drawn.strength:g} {kind.unit}".strip()
    return describe(drawn).removeprefix(kind.title).partition(", box")[0].strip()


def range_text(step: Step) -> str:
    """The range of a step in a few signs: "±30°", "× 0.8 – 1.25", "50 – 100 % of the area"; "" for a switch."""
    kind = transform(step.transform)
    if kind.switch:
        return ""
    low, high, unit = step.low, step.high, kind.unit
    if unit.startswith("of the") or unit == "of half a side":
        low, high, unit = 100 * low, 100 * high, "%"
    if low == high:
        middle = _signed(low)
    elif low == -high:
        middle = f"±{high:.4g}"
    else:
        middle = f"{_signed(low)} – {_signed(high)}"
    if unit in ("×", "quality"):
        return f"{unit} {middle}"
    return f"{middle}{unit}" if unit == "°" else f"{middle} {unit}".strip()


def _signed(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def editor_data(chain: Chain, refused: str = "", serial: int = 0) -> dict:
    """What the chain editor draws: the catalogue, the chain, its limits, a sentence, the last edit's number."""
    classics = [CATALOGUE[name] for name in CLASSICS]
    rest = [kind for kind in CATALOGUE.values() if kind.name not in CLASSICS]
    return {
        "catalogue": [_kind(kind, "The five classics") for kind in classics]
        + [_kind(kind, _FAMILIES.get(kind.kind, "Policies")) for kind in rest],
        "steps": [_element(each) for each in chain.steps],
        "border": chain.border,
        "fill": chain.fill,
        "interpolation": chain.interpolation,
        "most": STEPS_MOST,
        "choices": CHOICES_MOST,
        "refused": refused,
        "serial": serial,
    }


def _kind(kind: Transform, family: str) -> dict:
    return {
        "name": kind.name,
        "title": kind.title,
        "family": family,
        "low": kind.low,
        "high": kind.high,
        "unit": kind.unit,
        "whole": kind.whole,
        "fixed": kind.switch,
        "identity": kind.identity,
        "default": list(kind.default),
        "step": 1 if kind.whole else nice_step(kind.high - kind.low),
        "meaning": kind.meaning,
        "options": [
            {
                "name": each.name,
                "title": each.title,
                "default": each.default,
                "low": each.low,
                "high": each.high,
                "whole": each.whole,
                "words": list(each.words),
            }
            for each in kind.options
        ],
    }


def nice_step(span: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that goes some hundred times into a span."""
    power = 10.0 ** math.floor(math.log10(span / 100))
    return round(next(power * n for n in (1, 2, 5, 10) if power * n >= span / 200), 6)


def _element(each: Step | OneOf) -> dict:
    if isinstance(each, OneOf):
        return {"one_of": [_element(step) for step in each.steps], "probability": each.probability}
    return {
        "transform": each.transform,
        "low": each.low,
        "high": each.high,
        "probability": each.probability,
        "options": dict(each.options),
        "said": range_text(each),
    }


def chain_from_edit(edit: Mapping) -> Chain:
    """The chain that the editor sent back; ValueError where it is none."""
    try:
        steps = tuple(_from_edit(each) for each in edit["steps"])
        return Chain(steps, edit["border"], edit["fill"], edit["interpolation"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("The editor sent no chain.") from error


def _from_edit(each: Mapping) -> Step | OneOf:
    if "one_of" in each:
        return OneOf(tuple(_from_edit(step) for step in each["one_of"]), each["probability"])
    return Step(each["transform"], each["low"], each["high"], each["probability"], dict(each["options"]))
