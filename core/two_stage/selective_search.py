"""Where could an object be? Regions that are alike grow together, and each is a proposal on its way.

The picture is cut into small regions (Felzenszwalb and Huttenlocher 2004, scikit-image's), and then the two neighbours
that are most alike become one, until there is only one left. The box around every region that ever was is a proposal.

Source: Uijlings, van de Sande, Gevers and Smeulders 2013, "Selective search for object recognition", section 3.1
(algorithm 1) and section 3.3 (the order of the proposals).
"""

import heapq
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float

from core.two_stage.similarity import MEASURES, Alike, Labels, Pixels, Region, alike, regions_of

LONGEST = 256
"""The longer edge of the picture that is searched, pixels."""
SIGMA, LEAST_PART = (
    0.8,
    1 / 2500,
)  # smoothing before the first cut, and the smallest first region, of the picture


@dataclass(frozen=True, slots=True)
class Merge:
    """Two regions that became one.

    Args:
        first, second: numbers of the regions, first < second. made: the number of the new one. alike: the similarities.
    """

    first: int
    second: int
    made: int
    alike: Alike


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A picture searched.

    Args:
        pixels: as it was searched. labels: the first region of each of its pixels. regions: the first ones, then those
            made, in order. merges: in order. use: the similarities that were summed.
        boxes: the proposals, x1, y1, x2, y2 on the picture as given: distinct, the most promising first.
        scale: searched pixels for one of those.
    """

    pixels: Pixels
    labels: Labels
    regions: tuple[Region, ...]
    merges: tuple[Merge, ...]
    use: tuple[str, ...]
    boxes: Float[np.ndarray, "n 4"]
    scale: tuple[float, float]

    @property
    def first(self) -> int:
        """How many regions there were at first."""
        return len(self.regions) - len(self.merges)

    def labels_after(self, merges: int) -> Labels:
        """The region of each pixel after so many merges.

        Raises: ValueError for more than there are.
        """
        if not 0 <= merges <= len(self.merges):
            raise ValueError(f"There are 0 to {len(self.merges)} merges, got {merges}.")
        now = np.arange(len(self.regions))
        for merge in reversed(self.merges[:merges]):  # a later region is named before it is looked up
            now[merge.first] = now[merge.second] = now[merge.made]
        return now[self.labels]

    def on_photo(self, region: int) -> tuple[float, float, float, float]:
        """The box of a region, on the picture as given."""
        left, top, right, bottom = self.regions[region].box
        return left / self.scale[0], top / self.scale[1], right / self.scale[0], bottom / self.scale[1]

    def boxes_after(self, merges: int) -> int:
        """How many distinct boxes there are after so many merges."""
        return len({region.box for region in self.regions[: self.first + merges]})

    def made_boxes(self, merges: int) -> tuple[tuple[int, int, int, int], ...]:
        """The distinct boxes of the regions that so many merges made, the latest first, on the searched picture."""
        return tuple(
            dict.fromkeys(region.box for region in self.regions[self.first : self.first + merges][::-1])
        )


def search(pixels: Pixels, *, scale: float = 100.0, use: tuple[str, ...] = MEASURES, seed: int = 0) -> Search:
    """Search a picture (RGB, any size; it is searched with its longer edge at most 256 pixels).

    Args:
        scale: k of the first cut: larger values give larger first regions.
        use: the similarities that are summed.
        seed: of the order of the proposals.

    Raises: ValueError without a similarity, for an unknown one, or a scale that is not above 0.
    """
    if not use or not set(use) <= set(MEASURES):
        raise ValueError(f"Similarities are some of {', '.join(MEASURES)}, got {use}.")
    if not 0 < scale < float("inf"):
        raise ValueError(f"The scale is above 0, got {scale}.")
    small = _small(pixels)
    labels = first_cut(small, scale)
    regions = list(regions_of(small, labels))
    merges = grouped(regions, neighbours(labels), labels.size, use)
    ratio = small.shape[1] / pixels.shape[1], small.shape[0] / pixels.shape[0]
    boxes = _ordered(regions, len(regions) - len(merges), seed) / np.array([*ratio, *ratio])
    return Search(small, labels, tuple(regions), tuple(merges), use, boxes, ratio)


def first_cut(pixels: Pixels, scale: float) -> Labels:
    """The first regions, numbered 0, 1, ..."""
    from skimage.segmentation import felzenszwalb

    least = max(1, round(pixels.shape[0] * pixels.shape[1] * LEAST_PART))
    if min(pixels.shape[:2]) < 2:  # scikit-image wants two rows and columns
        return np.zeros(pixels.shape[:2], np.int64)
    cut = felzenszwalb(pixels, scale=scale, sigma=SIGMA, min_size=least)
    return np.unique(cut, return_inverse=True)[1].reshape(cut.shape).astype(np.int64)


def neighbours(labels: Labels) -> set[tuple[int, int]]:
    """Pairs of labels with pixels side by side or one above the other, the smaller first."""
    pairs = np.concatenate(
        [
            np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1),
            np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1),
        ]
    )
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return {(int(a), int(b)) for a, b in np.unique(pairs, axis=0)}


def grouped(
    regions: list[Region], touching: set[tuple[int, int]], area: int, use: tuple[str, ...]
) -> list[Merge]:
    """Merge until one is left: always the two neighbours most alike, of equals those with the smallest numbers.

    Args:
        regions: the first ones; those that are made are appended.
    """
    beside: dict[int, set[int]] = {i: set() for i in range(len(regions))}
    for one, other in touching:
        beside[one].add(other)
        beside[other].add(one)
    queue: list[tuple[float, int, int, Alike]] = []

    def enqueue(one: int, other: int) -> None:
        found = alike(regions[one], regions[other], area)
        heapq.heappush(queue, (-found.total(use), min(one, other), max(one, other), found))

    for one, other in touching:
        enqueue(one, other)
    merges = []
    while queue:
        _, one, other, found = heapq.heappop(queue)
        if one not in beside or other not in beside:
            continue  # one of them is part of another by now
        made = len(regions)
        regions.append(regions[one].with_other(regions[other]))
        merges.append(Merge(one, other, made, found))
        around = (beside.pop(one) | beside.pop(other)) - {one, other}
        beside[made] = around
        for each in around:
            beside[each] -= {one, other}
            beside[each].add(made)
            enqueue(made, each)
    return merges


def _small(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    scale = LONGEST / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _ordered(regions: list[Region], first: int, seed: int) -> Float[np.ndarray, "n 4"]:
    """Distinct boxes; a region that was made late tends to come early, with chance in it."""
    rank = np.arange(len(regions), 0, -1)  # the last one made has 1
    chance = np.random.default_rng(seed).random(len(regions))
    order = np.argsort(rank * chance, kind="stable")
    boxes = dict.fromkeys(regions[i].box for i in order)
    return np.array(list(boxes), np.float64).reshape(-1, 4)
