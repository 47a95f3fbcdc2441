"""Variants to take home: a zip with pictures, a table of what was drawn for each, and where the boxes went.

Every variant is made at the photo's full size and written as PNG, without metadata. Cells of the tables that a
spreadsheet would take for a formula get an apostrophe in front.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator

import cv2
import numpy as np

from core.augmentation.applying import apply, describe, result_hw
from core.augmentation.chain import Chain, Draw, Drawn
from core.augmentation.drawing import draw_variant
from core.augmentation.mixing import mixed_label
from core.augmentation.recipe import to_yaml
from core.augmentation.targets import Followed, Targets, follow

VARIANTS_MOST = 100
PIXELS_MOST = 100_000_000
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same draws give the same bytes


def pack(
    chain: Chain,
    pixels: np.ndarray,
    count: int,
    seed: int,
    targets: Targets | None = None,
    *,
    second: np.ndarray | None = None,
    min_visible: float = 0.1,
) -> bytes:
    """A zip of variants 0 to count - 1 of a seed.

    It holds variant_000.png ..., draws.csv (one line per step of each variant), boxes.csv and keypoints.csv (where
    there are any), mask_000.png ... (where there is a mask), chain.yaml and README.txt.

    Args:
        chain: what to draw from.
        pixels: the photo, uint8 RGB.
        count: 1 to 100; all results together have at most 100 megapixels.
        seed: as for `variants`.
        targets: what is marked on the photo.
        second: the other photo of MixUp and CutMix.
        min_visible: as for `follow`.

    Raises: ValueError naming the limit and the value found.
    """
    if not 1 <= count <= VARIANTS_MOST:
        raise ValueError(f"A zip has 1 to {VARIANTS_MOST} variants, got {count}.")
    draws = [draw_variant(chain, pixels.shape[:2], seed, number) for number in range(count)]
    total = sum(h * w for h, w in map(result_hw, draws))
    if total > PIXELS_MOST:
        raise ValueError(f"The variants have at most {PIXELS_MOST:,} pixels together, got {total:,}.")
    marked = targets or Targets()
    followed = [follow(each, marked, min_visible=min_visible) for each in draws]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for number, each in enumerate(draws):
            _put(archive, f"variant_{number:03}.png", _png(apply(each, pixels, second)))
            if followed[number].mask is not None:
                _put(archive, f"mask_{number:03}.png", _png(followed[number].mask))
        for name, text in _texts(chain, draws, followed, marked, seed):
            _put(archive, name, text.encode())
    return stream.getvalue()


def draw_rows(number: int, draw: Draw) -> Iterator[tuple[object, ...]]:
    """Lines of draws.csv for one variant: variant, step, transform, applied, strength, parameters, in words."""
    for drawn in draw.steps:
        yield _draw_row(number, drawn)
        for inner in drawn.inner:
            yield _draw_row(number, inner)


def plain_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: texts that begin with = + - @ get an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _draw_row(number: int, drawn: Drawn) -> tuple[object, ...]:
    strength = drawn.strength if drawn.applied else ""
    parameters = json.dumps(dict(drawn.parameters))
    return (
        number,
        drawn.place[0] + 1,
        drawn.transform,
        int(drawn.applied),
        strength,
        parameters,
        describe(drawn),
    )


def _texts(
    chain: Chain, draws: list[Draw], followed: list[Followed], targets: Targets, seed: int
) -> Iterator[tuple[str, str]]:
    head = ("variant", "step", "transform", "applied", "strength", "parameters", "words")
    rows = (row for number, each in enumerate(draws) for row in draw_rows(number, each))
    yield "draws.csv", _table(head, rows)
    if targets.boxes:
        head = ("variant", "box", "name", "left", "top", "right", "bottom", "visible", "kept")
        yield "boxes.csv", _table(head, _box_rows(followed))
    if targets.keypoints:
        head = ("variant", "keypoint", "name", "x", "y", "inside")
        yield "keypoints.csv", _table(head, _point_rows(followed))
    yield "chain.yaml", to_yaml(chain)
    yield "README.txt", _readme(draws, seed)


def _box_rows(followed: list[Followed]) -> Iterator[tuple[object, ...]]:
    for number, each in enumerate(followed):
        for box in each.boxes:
            edges = (round(v, 3) for v in box.box)
            yield number, box.index, box.name, *edges, round(box.visible, 4), int(box.kept)


def _point_rows(followed: list[Followed]) -> Iterator[tuple[object, ...]]:
    for number, each in enumerate(followed):
        for point in each.keypoints:
            x, y = point.point
            yield number, point.index, point.name, round(x, 3), round(y, 3), int(point.inside)


def _table(head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([plain_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def _readme(draws: list[Draw], seed: int) -> str:
    lines = [
        f"{len(draws)} variants of one photo, drawn with seed {seed}; chain.yaml opens in the explorer again.",
        "Boxes are left, top, right, bottom in pixels of the variant, from the corner of its first pixel.",
    ]
    shares = [mixed_label(each) for each in draws]
    if any(other > 0 for _, other in shares):
        lines += ["Label shares (first photo, second photo):"]
        lines += [f"variant_{i:03}: {one:.4f}, {other:.4f}" for i, (one, other) in enumerate(shares)]
    return "\n".join(lines) + "\n"


def _png(pixels: np.ndarray) -> bytes:
    """OpenCV writes BGR."""
    ordered = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _STAMP), data)
