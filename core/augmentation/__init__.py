"""Augmentation: one photo, many plausible photos, and whether the label survives.

A *chain* is set (`Chain`, `Step`, `OneOf`), *drawn* (`draw`, `draw_variant` give a `Draw`, everything random in it)
and then *applied* (`apply` to pixels, `follow` to boxes, masks and keypoints). Each draw has its own generator; nothing
reads or seeds a shared one. Coordinates are continuous pixels with the origin in the top left corner of the top left
pixel, so a pixel's centre is at + 0.5; boxes are left, top, right, bottom.

What is set:
    CATALOGUE[name] -> Transform(title, kind, low, high, unit, identity, default, weakest, strongest, meaning, ...)
    Step(transform, low=None, high=None, probability=1.0, options={}); OneOf(steps, probability=1.0)
    Chain(steps=(), border="constant", fill=0, interpolation="bilinear")

Draws and pictures:
    draw(chain, hw, generator) -> Draw                      draw_variant(chain, hw, seed, number) -> Draw
    fixed(name, strength, hw, options=(), seed=0) -> Draw   (one transform at one strength: for strips and curves)
    strengths(name, count) -> tuple[float, ...]             (from the weakest to the strongest)
    apply(draw, pixels, second=None) -> uint8 [h, w, 3]     (`second`: pixels for MixUp and CutMix)
    variants(chain, pixels, count, seed, second=None, longest_px=None) -> tuple[Variant, ...]   Variant(draw, pixels)
    describe(drawn) -> str                                  ("Rotate +12.3°"), for the line under a picture
    mixed_label(draw) -> (share of the first label, share of the second)

Targets:
    Targets(boxes, names, mask, keypoints, keypoint_names)  follow(draw, targets, min_visible=0.1) -> Followed
    box_kinds(draw, box, mask=None) -> BoxKinds             (corners, ellipse, mask, and the IoU lost)

Odds:
    odds(chain) -> Odds (tree, untouched, expected, histogram, formulas)
    check_odds(chain, seed, draws=1000) -> OddsCheck
    order_effect(first, second, hw, seed) -> (Ordered, Ordered)   seen_outline(draw) -> [n, 2]

Does the label survive (import from the module; PyTorch is loaded when called):
    survival.survival_curve(photo, name, count=25, network=..., options=(), seed=0, second=None) -> SurvivalCurve
    digits.trained_digits(seed) -> DigitNetwork   digits.clearest(network, digit) -> index   digits.digit_pixels(index)
    digits.digit_curve(network, name, index, count=37) -> SurvivalCurve
    cautions.cards(name) -> tuple[Card, ...]   cautions.digit_meaning(digit, name, strength) -> int | None
    leak.simulate_leak(seeds, originals=60, copies=4) -> Iterator[LeakRun]   leak.leak_summary(runs)
    embedding.embedding_shift(photo, names, count, seed) -> EmbeddingShift   (per layer)
    embedding.embedding_map(photo, chain, count, seed) -> EmbeddingMap   (2-D)

Take it home:
    core.snippets.augmentation.torchvision_code(chain), albumentations_code(chain)
    recipe.to_yaml(chain) -> str   recipe.from_yaml(data) -> Chain, raising RecipeError
    package.pack(chain, pixels, count, seed, targets=None, second=None) -> bytes
"""

from core.augmentation.applying import Variant, apply, describe, reduced, result_hw, strengths, variants
from core.augmentation.box_kinds import BoxKinds, box_kinds
from core.augmentation.catalogue import CATALOGUE, CLASSICS, NAMES, Option, Transform, transform
from core.augmentation.chain import Chain, Draw, Drawn, OneOf, Step
from core.augmentation.drawing import draw, draw_variant, fixed
from core.augmentation.mixing import mixed_label, mixed_vector
from core.augmentation.odds import Branch, Odds, OddsCheck, Path, check_odds, odds
from core.augmentation.order import Ordered, order_effect, seen_outline
from core.augmentation.targets import Followed, FollowedBox, FollowedPoint, Targets, follow

__all__ = [
    "CATALOGUE",
    "CLASSICS",
    "NAMES",
    "BoxKinds",
    "Branch",
    "Chain",
    "Draw",
    "Drawn",
    "Followed",
    "FollowedBox",
    "FollowedPoint",
    "Odds",
    "OddsCheck",
    "OneOf",
    "Option",
    "Ordered",
    "Path",
    "Step",
    "Targets",
    "Transform",
    "Variant",
    "apply",
    "box_kinds",
    "check_odds",
    "describe",
    "draw",
    "draw_variant",
    "fixed",
    "follow",
    "mixed_label",
    "mixed_vector",
    "odds",
    "order_effect",
    "reduced",
    "result_hw",
    "seen_outline",
    "strengths",
    "transform",
    "variants",
]
