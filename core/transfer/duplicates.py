"""Near-duplicates: photos that show the same picture, re-saved, resized, slightly cropped, brighter or darker.

A photo's fingerprint is its grey values on a small grid with mean 0 and norm 1, so that the product of two
fingerprints is their correlation, which neither brightness nor contrast changes. A photo is held against another as a
whole and against its crops to 95 % and 90 %. A coarse grid sieves all pairs in one product of matrices, a fine one
decides. What is found and what is not was counted on 1,700 photos: no two different ones were joined; of copies
(JPEG at quality 15, half the size, crops to 90 %, tones) 98 to 100 % were. Missed are copies of what is all fine
lines or dots, such as stars, or bricks when cropped; joined wrongly are pictures of 25 pixels a side that show nothing
but a smooth gradient. Difference hashes (Buchner, ImageHash) answer from 64 bits and take tiny digits for copies.
Source of the measure: Lewis 1995, "Fast normalized cross-correlation".
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
from jaxtyping import Float32
from PIL import Image

from core.photo import Photo

SAME, SAME_SMALL = 0.965, 0.985
"""Correlation on the fine grid from which two photos are one; the second where one has few pixels to differ in."""
SMALL_PX = 64
"""A photo whose shorter side is below this is small."""
_BASE, _COARSE, _FINE = 64, 12, 16
_SIEVE = 0.9
_FLAT = 2.0  # deviation of the grey values below which there is nothing to correlate
_TONES_SMALL = (
    48.0  # difference of the mean grey values up to which small photos can be one: they have little else
)
_CHUNK = 256
_NARROW, _CLOSER_MOST = 0.88, 400  # pairs that are looked at more closely
_CROPS = (
    (0.0, 0.0, 1.0),
    *(
        (top * (1 - part), left * (1 - part), part)
        for part in (0.95, 0.9)
        for top, left in product((0, 0.5, 1), repeat=2)
    ),
)  # top, left and side as parts of the whole; the first is the whole


def duplicate_groups(photos: Sequence[Photo]) -> tuple[tuple[int, ...], ...]:
    """Numbers of the photos that are near-duplicates of each other.

    Returns groups of two or more, each in rising order, in the order of their first numbers; what is a copy of a copy
    is in the same group. Equal pixels always belong together. A flat photo (grey deviation below 2 of 255) is a
    duplicate of equal pixels only.
    """
    first: dict[str, int] = {}
    for number, photo in enumerate(photos):
        first.setdefault(photo.digest, number)
    unique = list(first.values())
    pairs = [(number, first[photo.digest]) for number, photo in enumerate(photos)]
    pairs += [(unique[a], unique[b]) for a, b in _alike([photos[number] for number in unique])]
    return tuple(group for group in joined(len(photos), pairs) if len(group) > 1)


def joined(count: int, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """The numbers 0 to count - 1 in groups, so that the two of each pair are in one; groups of one included."""
    parent = list(range(count))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    groups: dict[int, list[int]] = {}
    for number in range(count):
        groups.setdefault(root(number), []).append(number)
    return tuple(map(tuple, groups.values()))


def _alike(photos: Sequence[Photo]) -> list[tuple[int, int]]:
    """Pairs whose correlation passes; the photos have different pixels."""
    bases = (
        np.stack([_base(photo) for photo in photos]) if photos else np.empty((0, _BASE, _BASE), np.float32)
    )
    structured = np.flatnonzero(bases.std(axis=(1, 2)) >= _FLAT)
    if len(structured) < 2:
        return []
    bases = bases[structured]
    small = np.array([min(photos[number].pixels.shape[:2]) < SMALL_PX for number in structured])
    near: dict[
        tuple[int, int], tuple[float, int]
    ] = {}  # cut photo, whole photo: correlation, number of the crop
    whole, fine_whole = _fingerprints(bases, _CROPS[0], _COARSE), _fingerprints(bases, _CROPS[0], _FINE)
    for which, crop in enumerate(_CROPS):
        cut, fine_cut = _fingerprints(bases, crop, _COARSE), _fingerprints(bases, crop, _FINE)
        for start in range(0, len(bases), _CHUNK):
            rows, columns = np.nonzero(cut[start : start + _CHUNK] @ whole.T >= _SIEVE)
            rows, columns = rows[rows + start != columns] + start, columns[rows + start != columns]
            values = _correlations(fine_cut, fine_whole, rows, columns)
            for row, column, value in zip(rows.tolist(), columns.tolist(), values.tolist(), strict=True):
                near[row, column] = max(near.get((row, column), (-1.0, 0)), (value, which))
    passed = [pair for pair, (value, _) in near.items() if value >= _least(small, pair)]
    passed += _closer(bases, small, near)
    tones = bases.mean(axis=(1, 2))
    passed = [
        (a, b) for a, b in passed if not (small[a] or small[b]) or abs(tones[a] - tones[b]) <= _TONES_SMALL
    ]
    return [(int(structured[one]), int(structured[other])) for one, other in passed]


def _least(small: np.ndarray, pair: tuple[int, int]) -> float:
    return SAME_SMALL if small[pair[0]] or small[pair[1]] else SAME


def _closer(
    bases: Float32[np.ndarray, "photos 64 64"],
    small: np.ndarray,
    near: dict[tuple[int, int], tuple[float, int]],
) -> list[tuple[int, int]]:
    """Of the pairs that fail narrowly, those that pass with a crop between the ones that were tried."""
    failed = sorted(
        (
            (value, which, pair)
            for pair, (value, which) in near.items()
            if _NARROW <= value < _least(small, pair)
        ),
        reverse=True,
    )
    passed = []
    for _, which, (one, other) in failed[:_CLOSER_MOST]:
        if small[one] or small[other]:
            continue
        whole = _fingerprints(bases[other : other + 1], _CROPS[0], _FINE)[0]
        if any(
            (_fingerprints(bases[one : one + 1], crop, _FINE)[0] @ whole) >= SAME
            for crop in _around(_CROPS[which])
        ):
            passed.append((one, other))
    return passed


def _around(crop: tuple[float, float, float]) -> list[tuple[float, float, float]]:
    """Crops of nearly the same size and place, inside the picture."""
    top, left, part = crop
    sizes = [size for size in (part - 0.03, part - 0.015, part, part + 0.015, part + 0.03) if size <= 1]
    steps = (-0.025, -0.0125, 0, 0.0125, 0.025)
    return [
        (min(max(top + down, 0), 1 - size), min(max(left + right, 0), 1 - size), size)
        for size in sizes
        for down in steps
        for right in steps
    ]


def _correlations(
    cut: Float32[np.ndarray, "photos values"],
    whole: Float32[np.ndarray, "photos values"],
    rows: np.ndarray,
    columns: np.ndarray,
) -> Float32[np.ndarray, " pairs"]:
    """Of each pair (row of `cut`, row of `whole`), a few thousand at a time."""
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), 8192):
        part = slice(start, start + 8192)
        found[part] = np.einsum("pv,pv->p", cut[rows[part]], whole[columns[part]])
    return found


def _base(photo: Photo) -> Float32[np.ndarray, "64 64"]:
    """Grey values 0 to 255 on a square grid, averaged; a small photo is enlarged smoothly."""
    grey = Image.fromarray(photo.pixels).convert("L")
    smaller = min(grey.size) < _BASE
    return np.asarray(
        grey.resize((_BASE, _BASE), Image.Resampling.BILINEAR if smaller else Image.Resampling.BOX),
        np.float32,
    )


def _fingerprints(
    bases: Float32[np.ndarray, "photos 64 64"], crop: tuple[float, float, float], side: int
) -> Float32[np.ndarray, "photos values"]:
    """Averages over side x side equal parts of a crop, mean 0 and norm 1 for each photo; flat ones are 0."""
    top, left, part = crop
    rows, columns = _averaging(top, part, side), _averaging(left, part, side)
    values = (rows @ bases @ columns.T).reshape(len(bases), -1)
    values -= values.mean(axis=1, keepdims=True)
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-3)


def _averaging(start: float, part: float, side: int) -> Float32[np.ndarray, "side 64"]:
    """The matrix that averages 64 values over `side` equal parts of [64 start, 64 (start + part)], with fractions."""
    edges = _BASE * (start + part * np.arange(side + 1) / side)
    cells = np.arange(_BASE)
    shared = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    return (np.maximum(shared, 0) / (_BASE * part / side)).astype(np.float32)
