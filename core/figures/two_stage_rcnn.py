"""A region on the map as a picture: RoIPool's cells and bins, or RoIAlign's points."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from core.figures.encoding import encode
from core.figures.palette import MAGNITUDE_LUT
from core.figures.tiles import Line, Tile
from core.two_stage.rcnn import BINS, STRIDE, Boxes, Cut, Pixels, crop
from core.two_stage.roi import Box, rounded, sampled

_EXACT, _ROUNDED, _POINT = (255, 214, 10), (255, 122, 26), (255, 255, 255)
_GAP, _TILE, _COLUMNS = 6, 140, 6


def region_picture(
    maps: Float[np.ndarray, "channels rows columns"], shown: Box, cut: Cut, longest: int = 720
) -> UInt8[np.ndarray, "height width 3"]:
    """The map's mean over the channels, and how a region is read from it.

    Args:
        shown: the region in pixels of the trunk's input.
    """
    mean = maps.mean(axis=0)
    low, high = float(mean.min()), float(mean.max())
    grey = np.zeros(mean.shape) if high == low else (mean - low) / (high - low)
    times = max(8, longest // max(mean.shape))
    coloured = MAGNITUDE_LUT[(grey * 200).astype(np.uint8)]
    image = np.ascontiguousarray(coloured.repeat(times, 0).repeat(times, 1))
    exact = tuple(each / STRIDE for each in shown)
    if cut == "pool":
        laid = rounded(shown, 1 / STRIDE, mean.shape, BINS)
        for top, bottom in laid.rows:
            for left, right in laid.columns:
                cv2.rectangle(
                    image, (left * times, top * times), (right * times - 1, bottom * times - 1), _ROUNDED, 1
                )
        left, top, right, bottom = laid.edges
        corners = (left * times, top * times), ((right + 1) * times - 1, (bottom + 1) * times - 1)
        cv2.rectangle(image, *corners, _ROUNDED, 3)
    else:
        rows, columns, _, _ = sampled(shown, 1 / STRIDE, BINS)
        for row in rows:
            for column in columns:
                place = round((column + 0.5) * times), round((row + 0.5) * times)
                cv2.circle(image, place, max(1, times // 16), _POINT, cv2.FILLED, cv2.LINE_AA)
    edges = [round(each * times) for each in exact]
    cv2.rectangle(image, tuple(edges[:2]), tuple(edges[2:]), _EXACT, 2)
    return image


def crop_tiles(
    photo: Pixels, boxes: Boxes, answers: Sequence[tuple[str, float]], order: Sequence[int]
) -> tuple[Tile, ...]:
    """What R-CNN shows the network of some proposals in their order, and what the network says of each."""
    found = []
    for i in order:
        name, score = answers[i]
        small = cv2.resize(
            crop(photo, tuple(boxes[i].tolist())), (_TILE, _TILE), interpolation=cv2.INTER_AREA
        )
        found.append(
            Tile(
                encode(small),
                f"Proposal {i + 1}: {name}, {score:.2f}",
                name,
                (Line(f"{score:.2f} · no. {i + 1}"),),
            )
        )
    return tuple(found)


def crops_picture(photo: Pixels, boxes: Boxes) -> UInt8[np.ndarray, "height width 3"]:
    """What R-CNN shows the network: the first proposals, warped to one size."""
    rows = -(-len(boxes) // _COLUMNS)
    pitch = _TILE + _GAP
    sheet = np.full((rows * pitch - _GAP, min(_COLUMNS, len(boxes)) * pitch - _GAP, 3), 32, np.uint8)
    for place, box in enumerate(boxes.tolist()):
        row, column = divmod(place, _COLUMNS)
        tile = cv2.resize(crop(photo, tuple(box)), (_TILE, _TILE), interpolation=cv2.INTER_AREA)
        sheet[row * pitch : row * pitch + _TILE, column * pitch : column * pitch + _TILE] = tile
    return sheet
