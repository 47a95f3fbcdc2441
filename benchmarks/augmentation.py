"""A standard training chain against Albumentations 2.0.8 and torchvision's PIL pipeline; a grid of variants.

Run by hand: python -m benchmarks.augmentation. One core, one thread each. The targets are ratios of 1 and 0.2, and 150
ms for the grid. The chain is a random resized crop to 224, a flip, colour jitter and a rotation, each image drawn anew.
Ours averages where the crop shrinks; Albumentations' default takes two by two pixels and aliases. The three take turns,
image by image and in both orders, so that a busy machine slows all alike.
"""

import os
import statistics
import time

import cv2
import numpy as np
import torch
from PIL import Image
from torchvision.transforms import v2

from benchmarks.timing import machine, median_ms
from core.augmentation import Chain, Step, apply, draw, variants
from core.bundled import bundled

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
CHAIN = Chain(
    (
        Step("resized_crop"),
        Step("flip", probability=0.5),
        Step("brightness", 0.6, 1.4),
        Step("contrast", 0.6, 1.4),
        Step("saturation", 0.6, 1.4),
        Step("hue", -18, 18),
        Step("rotate", -15, 15),
    )
)
JITTER = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.05}
IMAGES = 400
GRID = Chain(
    (
        Step("rotate", -20, 20),
        Step("zoom"),
        Step("flip", probability=0.5),
        Step("brightness"),
        Step("contrast"),
        Step("saturation"),
        Step("hue"),
    )
)


def photo(longest: int) -> np.ndarray:
    """A photo whose longer side has this many pixels."""
    pixels = bundled("Coffee").pixels
    scale = longest / max(pixels.shape)
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)


def by_albumentations():
    """Their chain: the same ranges, their defaults otherwise."""
    import albumentations as A

    jitter = {name: (1 - JITTER[name], 1 + JITTER[name]) for name in ("brightness", "contrast", "saturation")}
    return A.Compose(
        [
            A.RandomResizedCrop((224, 224)),
            A.HorizontalFlip(p=0.5),
            A.ColorJitter(**jitter, hue=(-0.05, 0.05), p=1.0),
            A.Rotate(limit=(-15, 15), p=1.0, border_mode=cv2.BORDER_CONSTANT),
        ],
        seed=0,
    )


def by_torchvision():
    """The pipeline on PIL pictures, as in torchvision's own training scripts."""
    return v2.Compose(
        [
            v2.RandomResizedCrop(224),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(**JITTER),
            v2.RandomRotation(15, interpolation=v2.InterpolationMode.BILINEAR),
        ]
    )


def compare_chain(pixels: np.ndarray) -> None:
    """Medians and ratios for one photo; each draws anew for each of IMAGES images."""
    generator, theirs, pil = np.random.default_rng(0), by_albumentations(), by_torchvision()
    picture = Image.fromarray(pixels)
    work = {
        "ours": lambda: apply(draw(CHAIN, pixels.shape[:2], generator), pixels),
        "Albumentations 2.0.8": lambda: theirs(image=pixels),
        "torchvision on PIL": lambda: np.asarray(pil(picture)),
    }
    times: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(IMAGES):
        for name in work if turn % 2 else reversed(work):
            start = time.perf_counter()
            work[name]()
            times[name].append((time.perf_counter() - start) * 1000)
    mine, *others = (statistics.median(each[IMAGES // 10 :]) for each in times.values())
    for name, theirs_ms in zip(list(work)[1:], others, strict=True):
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        print(
            f"training chain, {size}: {mine:.2f} ms against {theirs_ms:.2f} ms of {name}: ratio {mine / theirs_ms:.2f}"
        )


def time_grid() -> None:
    """16 variants of a 1024-px photo: drawn for the photo, shown at 384 px each, and at full size."""
    pixels = photo(1024)
    for longest in (384, 512, None):
        took = median_ms(lambda longest=longest: variants(GRID, pixels, 16, 0, longest_px=longest), 15)
        shown = f"{longest} px" if longest else "full size"
        print(f"grid of 16 variants, {pixels.shape[1]} x {pixels.shape[0]}, shown at {shown}: {took:.0f} ms")


if __name__ == "__main__":
    print(machine())
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    for longest in (500, 1024):
        compare_chain(photo(longest))
    time_grid()
