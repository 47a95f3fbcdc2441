"""A draw carried out on a photo: variants, and the line that says what was drawn for each."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

from core.augmentation.catalogue import transform
from core.augmentation.chain import Chain, Draw, Drawn
from core.augmentation.drawing import draw_variant
from core.augmentation.geometry import plan
from core.augmentation.mixing import mix
from core.augmentation.photometric import adjust
from core.augmentation.warping import scaled_hw, warp

Pixels = UInt8[np.ndarray, "height width 3"]
Second = UInt8[np.ndarray, "other_height other_width 3"]
Result = UInt8[np.ndarray, "new_height new_width 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One variant of a photo: what was drawn, and the picture, RGB."""

    draw: Draw
    pixels: Result


def apply(draw: Draw, pixels: Pixels, second: Second | None = None) -> Result:
    """The picture that a draw makes of a photo: uint8 RGB, memory of its own.

    Args:
        draw: from `draw`, `draw_variant` or `fixed`.
        pixels: the photo for whose height and width it was drawn, or a smaller copy of it: lengths and boxes in pixels
            shrink with it, so that a preview shows the variant.
        second: the other photo of MixUp and CutMix, of any size.

    Raises: ValueError if the draw mixes and there is no second photo.
    """
    chain, hw, works = draw.chain, draw.input_hw, plan(draw)
    for work in works:
        scale = pixels.shape[1] / hw[1]
        if not isinstance(work, Drawn):
            pixels = warp(
                work, pixels, border=chain.border, fill=chain.fill, interpolation=chain.interpolation
            )
            hw = work.output_hw
        elif transform(work.transform).kind == "mix":
            pixels = mix(work, pixels, second, scale)
        else:
            pixels = adjust(work, pixels, scale)
    return pixels if works else pixels.copy()


def variants(
    chain: Chain,
    pixels: Pixels,
    count: int,
    seed: int,
    second: Second | None = None,
    *,
    longest_px: int | None = None,
) -> tuple[Variant, ...]:
    """Variants 0 to count - 1 of a seed.

    Args:
        chain: what to draw from.
        pixels: the photo. It is drawn for, whatever `longest_px` says.
        count: how many, at least 1.
        seed: variant i is `draw_variant(chain, hw, seed, i)`, in a small grid as in a large one.
        second: the other photo of MixUp and CutMix.
        longest_px: show a copy of the photo whose longer side has this many pixels; None: the photo itself.
    """
    shown = reduced(pixels, longest_px) if longest_px else pixels
    draws = (draw_variant(chain, pixels.shape[:2], seed, number) for number in range(count))
    return tuple(Variant(each, apply(each, shown, second)) for each in draws)


def reduced(pixels: Pixels, longest_px: int) -> Result:
    """A copy whose longer side has at most `longest_px` pixels, area averaged."""
    height, width = pixels.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def result_hw(draw: Draw, hw: tuple[int, int] | None = None) -> tuple[int, int]:
    """Height and width of the result, for the photo it was drawn for or a smaller copy of `hw` pixels."""
    hw = hw or draw.input_hw
    for work in plan(draw):
        if not isinstance(work, Drawn):
            hw = scaled_hw(work, hw)
    return hw


def strengths(name: str, count: int) -> tuple[float, ...]:
    """`count` strengths of a transform from the weakest to the strongest, evenly; whole ones without repetition.

    Raises: ValueError for fewer than 2.
    """
    if count < 2:
        raise ValueError(f"A strip has at least 2 strengths, got {count}.")
    kind = transform(name)
    found = np.linspace(kind.weakest, kind.strongest, count)
    if kind.whole:
        return tuple(dict.fromkeys(int(v) for v in np.rint(found)))
    return tuple(float(v) for v in found)


def describe(drawn: Drawn) -> str:
    """What was drawn for a step in a few words: "Rotate +12.3°", "Crop 61 % of the area, box 10, 4, 110, 96"."""
    kind = transform(drawn.transform)
    if not drawn.applied:
        return f"{kind.title}: left out"
    words = kind.title
    if kind.kind == "policy":
        inside = "; ".join(describe(each) for each in drawn.inner) or "nothing"
        return f"{words}: {inside}"
    if not kind.switch:
        words += f" {_amount(drawn.strength, kind.unit, signed=kind.low < 0)}"
    box = dict(drawn.parameters).get("box")
    return words if box is None else f"{words}, box {', '.join(f'{v:g}' for v in box)}"


def _amount(strength: float, unit: str, *, signed: bool) -> str:
    percent = unit.startswith("of the") or unit == "of half a side"
    number = f"{100 * strength if percent else strength:{'+' if signed else ''}.3g}".replace("-", "−")
    if percent:
        return f"{number} % {unit}"
    if unit == "quality":
        return f"{unit} {number}"
    return f"{unit}{number}" if unit == "×" else f"{number}{'' if unit == '°' else ' '}{unit}".strip()
