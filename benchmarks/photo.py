"""Opening a phone photo through the door, against Pillow's own decode with draft and reduce to the same size.

Run with `python -m benchmarks.photo`. Both are timed in turn, in both orders, on one 12-megapixel JPEG; the ratio of
the medians is printed. The further rows are for looking, without a target.
"""

import io
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

from core.bundled import bundled
from core.photo import WORKING_PX, open_photo

TARGET = 1.3
ROUNDS = 11


def phone_photo(width: int = 4032, height: int = 3024) -> Image.Image:
    """A picture of 12 megapixels with detail and sensor noise."""
    photo = Image.fromarray(bundled("Coffee").pixels).resize((width, height), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).integers(-6, 7, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8))


def by_pillow(data: bytes) -> np.ndarray:
    """What Pillow's handbook suggests: draft, orientation, RGB, thumbnail."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (WORKING_PX, WORKING_PX))
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((WORKING_PX, WORKING_PX))
        return np.asarray(upright)


def by_door(data: bytes) -> np.ndarray:
    return open_photo(data, longest_px=WORKING_PX).pixels


def medians(first: Callable, second: Callable, data: bytes) -> tuple[float, float]:
    """Median seconds of each, timed alternately and in both orders."""
    seconds: dict[Callable, list[float]] = {first: [], second: []}
    for turn in range(ROUNDS):
        for path in (first, second) if turn % 2 else (second, first):
            start = time.perf_counter()
            path(data)
            seconds[path].append(time.perf_counter() - start)
    return statistics.median(seconds[first]), statistics.median(seconds[second])


def files() -> dict[str, tuple[str, dict]]:
    """Name: the format and the options it is written with; the first one has the target."""
    return {
        "JPEG": ("JPEG", {"quality": 92}),
        "progressive JPEG": ("JPEG", {"quality": 92, "progressive": True}),
        "PNG": ("PNG", {"compress_level": 1}),
        "WebP": ("WEBP", {"method": 0}),
    }


def main() -> None:
    photo = phone_photo()
    print(f"{photo.width} x {photo.height} to {WORKING_PX} px, median of {ROUNDS}, both orders")
    for row, (name, (kind, options)) in enumerate(files().items()):
        stream = io.BytesIO()
        photo.save(stream, kind, **options)
        ours, pillow = medians(by_door, by_pillow, stream.getvalue())
        target = f"   target {TARGET}" if row == 0 else ""
        print(
            f"{name:17} door {ours * 1e3:6.0f} ms   Pillow {pillow * 1e3:6.0f} ms   ratio {ours / pillow:.2f}{target}"
        )


if __name__ == "__main__":
    main()
