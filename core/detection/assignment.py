"""Who is responsible for an object: the cells and anchors that each detector teaches it to, and who goes without.

Objects are only taught; at prediction every cell and anchor speaks. What is not responsible for any object is taught
"nothing here", unless it is ignored. One grid is looked at: real networks from YOLOv3 on have three, and give an
object to the level of its anchor. The names of the rules:

- YOLOv1: the cell of the centre; the first object keeps a cell that two claim (darknet; the paper does not say).
- YOLOv2, v3: that cell, and the anchor with the most similar shape; here the last object keeps it (darknet).
- YOLOv5: every anchor less than 4 times as large or as small, in that cell and the neighbours next to the centre;
  two objects may share an anchor, which is then taught both at once.
- Faster R-CNN: every anchor box with IoU >= 0.7, and each object's best; below 0.3 nothing, between ignored.

Sources: Redmon et al. 2016, section 2; Redmon & Farhadi 2018, section 2.1; darknet's region and yolo layers; the
Ultralytics documentation of YOLOv5's architecture, section "Build targets"; Ren et al. 2015, section 3.1.2. YOLOX
assigns by what the network predicts: see `core.detection.simota`.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy.typing import ArrayLike

from core.detection.anchors import checked_sizes, shape_iou
from core.detection.boxes import Boxes, iou
from core.detection.grid import Cell, Grid, centres, sizes

RATIO, POSITIVE, NEGATIVE, IGNORED = 4.0, 0.7, 0.3, 0.5


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A place that can be responsible: a cell, and one of its anchors or None where there are none."""

    row: int
    column: int
    anchor: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An object's claim to a slot.

    Args:
        object: index of the box.
        slot: what it claims.
        fit: how well the slot fits by the method's own measure: 1 for YOLOv1, the IoU of the shapes for YOLOv2, the
            larger side ratio (1 is best) for YOLOv5, the IoU for Faster R-CNN.
    """

    object: int
    slot: Slot
    fit: float


@dataclass(frozen=True, slots=True)
class Assignment:
    """The outcome of one method for all objects.

    Args:
        method: "yolo_v1", "yolo_v2", "yolo_v5", "faster_rcnn" or "simota".
        objects: how many there are.
        claims: everything that objects asked for.
        responsible: what was granted. Each slot once, but for YOLOv5, which grants every claim.
        ignored: slots that are taught nothing at all, neither an object nor its absence.
        lost: objects that collided with others in all they claimed and have no slot of their own.
        unreached: objects that found nothing to claim.
    """

    method: str
    objects: int
    claims: tuple[Claim, ...]
    responsible: tuple[Claim, ...]
    ignored: tuple[Slot, ...]
    lost: tuple[int, ...]
    unreached: tuple[int, ...]

    @property
    def contested(self) -> tuple[Slot, ...]:
        """Slots that more than one object claims."""
        counts = Counter(claim.slot for claim in self.claims)
        return tuple(sorted((slot for slot, count in counts.items() if count > 1), key=_place))

    def of(self, index: int) -> tuple[Slot, ...]:
        """The slots that are responsible for an object."""
        return tuple(claim.slot for claim in self.responsible if claim.object == index)


def yolo_v1(boxes: ArrayLike, grid: Grid) -> Assignment:
    """The cell of each object's centre; a cell has one object only, the first that claims it.

    Which of its two boxes a cell trains is decided by their IoU with the object, when there are predictions.
    Raises: ValueError for a box outside the photo.
    """
    claims = [
        Claim(index, Slot(*grid.cell_at(y, x)), 1.0)
        for index, (y, x) in enumerate(centres(grid.inside(boxes)))
    ]
    granted = {claim.slot: claim for claim in reversed(claims)}
    return outcome("yolo_v1", len(claims), claims, list(granted.values()))


def yolo_v2(
    boxes: ArrayLike, grid: Grid, anchors_hw: ArrayLike, *, predicted: ArrayLike | None = None
) -> Assignment:
    """The cell of the centre and the anchor of the most similar shape, of equals the first; the last claim stands.

    Args:
        boxes: [n, 4], inside the photo.
        grid: over the photo.
        anchors_hw: [k, 2], height and width in pixels.
        predicted: [rows x columns x k, 4], the network's boxes in the order of `slots`, if there are any: those that
            are not responsible but overlap an object with an IoU over 0.5 are ignored.

    Raises: ValueError for a box outside the photo, anchors that are not positive, or another number of predictions.
    """
    array, anchors = grid.inside(boxes), checked_sizes(anchors_hw)
    claims = []
    for index, (y, x) in enumerate(centres(array)):
        shapes = shape_iou(sizes(array[[index]]), anchors)[0]  # [k]
        best = int(shapes.argmax())
        claims.append(Claim(index, Slot(*grid.cell_at(y, x), best), float(shapes[best])))
    granted = {claim.slot: claim for claim in claims}
    ignored = [] if predicted is None else _overlapping(array, predicted, slots(grid, len(anchors)))
    return outcome("yolo_v2", len(array), claims, list(granted.values()), ignored)


def yolo_v5(boxes: ArrayLike, grid: Grid, anchors_hw: ArrayLike, *, most_ratio: float = RATIO) -> Assignment:
    """Every anchor whose sides are all less than `most_ratio` times the object's or its own, in up to three cells.

    The cells are the centre's and, across and down, the neighbour whose border the centre is closer to than half a
    cell; so its offset stays between -0.5 and 1.5, which is what the decoding reaches.
    Arguments and errors are those of `yolo_v2`.
    """
    array, anchors = grid.inside(boxes), checked_sizes(anchors_hw)
    claims = []
    for index, (y, x) in enumerate(centres(array)):
        ratios = sizes(array[[index]]) / anchors  # [k, 2]
        worst = np.maximum(ratios, 1 / ratios).max(axis=1)
        for cell in _cells_around(grid, y, x):
            claims += [
                Claim(index, Slot(*cell, int(anchor)), float(worst[anchor]))
                for anchor in np.flatnonzero(worst < most_ratio)
            ]
    return outcome("yolo_v5", len(array), claims, claims)


def faster_rcnn(
    boxes: ArrayLike,
    grid: Grid,
    anchors_hw: ArrayLike,
    *,
    positive: float = POSITIVE,
    negative: float = NEGATIVE,
) -> Assignment:
    """An anchor box goes to the object it overlaps most if the IoU is at least `positive`, to none below `negative`.

    The best anchor boxes of each object count even below `positive`. They too go to the object that they overlap
    most, which may be another one: so objects can be lost here as well. Anchors are centred on the cells, and those
    that cross the photo's edge take part (as in torchvision; the paper leaves them out). Unlike torchvision's, an
    object that overlaps no anchor at all claims none instead of all.
    Raises: ValueError as `yolo_v2` does, and unless 0 <= negative <= positive <= 1.
    """
    if not 0 <= negative <= positive <= 1:
        raise ValueError(
            f"The thresholds must be 0 <= negative <= positive <= 1, got {negative:g} and {positive:g}."
        )
    array, anchors = grid.inside(boxes), checked_sizes(anchors_hw)
    places = slots(grid, len(anchors))
    if not len(array):
        return outcome("faster_rcnn", 0, [], [])
    overlaps = iou(array, anchor_boxes(grid, anchors))  # [n, rows x columns x k]
    best_of_object = (overlaps == overlaps.max(axis=1, keepdims=True)) & (overlaps > 0)
    claimed = best_of_object | (overlaps >= max(positive, np.nextafter(0, 1)))
    claims = [Claim(int(i), places[j], float(overlaps[i, j])) for i, j in np.argwhere(claimed)]
    owner, best = overlaps.argmax(axis=0), overlaps.max(axis=0)
    taken = claimed.any(axis=0)
    granted = [Claim(int(owner[j]), places[j], float(best[j])) for j in np.flatnonzero(taken)]
    between = np.flatnonzero((best >= negative) & (best < positive) & ~taken)
    return outcome("faster_rcnn", len(array), claims, granted, [places[j] for j in between])


def slots(grid: Grid, anchors: int | None = None) -> list[Slot]:
    """All places of a grid, row by row, column by column, anchor by anchor."""
    kinds = [None] if anchors is None else range(anchors)
    return [
        Slot(row, column, kind)
        for row in range(grid.rows)
        for column in range(grid.columns)
        for kind in kinds
    ]


def anchor_boxes(grid: Grid, anchors_hw: ArrayLike) -> Float64[np.ndarray, "slots 4"]:
    """The anchors on the middle of every cell, in the order of `slots`, in pixels; some cross the photo's edge."""
    anchors = checked_sizes(anchors_hw)
    height, width = grid.cell_hw
    y = (np.arange(grid.rows) + 0.5) * height
    x = (np.arange(grid.columns) + 0.5) * width
    middle = np.stack(np.meshgrid(y, x, indexing="ij"), axis=-1)[:, :, None]  # [rows, columns, 1, 2]
    half = anchors / 2  # [k, 2]
    corners = np.concatenate([(middle - half)[..., ::-1], (middle + half)[..., ::-1]], axis=-1)
    return corners.reshape(-1, 4)


def _cells_around(grid: Grid, y: float, x: float) -> list[Cell]:
    """The cell of a point, and its neighbours across and down on the side that the point is closer to."""
    row, column = grid.cell_at(y, x)
    down, across = grid.cells_from_top_left(y, x)
    return [
        (row, column),
        *((row, near) for near in _neighbour(across, column, grid.columns)),
        *((near, column) for near in _neighbour(down, row, grid.rows)),
    ]


def _neighbour(place: float, index: int, cells: int) -> list[int]:
    """The index before where the place lies in the first half of its cell, the one after in the second half."""
    offset = place - index
    if offset < 0.5 and index > 0:
        return [index - 1]
    if offset > 0.5 and index < cells - 1:
        return [index + 1]
    return []


def _overlapping(array: Boxes, predicted: ArrayLike, places: list[Slot]) -> list[Slot]:
    overlaps = iou(array, predicted)
    if overlaps.shape[1] != len(places):
        raise ValueError(f"There must be {len(places)} predicted boxes, one a slot, got {overlaps.shape[1]}.")
    return [places[j] for j in np.flatnonzero((overlaps > IGNORED).any(axis=0))]


def outcome(
    method: str, objects: int, claims: list[Claim], granted: list[Claim], ignored: list[Slot] | None = None
) -> Assignment:
    """Put together; lost is who claimed and holds no slot alone."""
    holders = Counter(claim.slot for claim in granted)
    alone = {claim.object for claim in granted if holders[claim.slot] == 1}
    asked = {claim.object for claim in claims}
    responsible = tuple(sorted(granted, key=lambda claim: (claim.object, _place(claim.slot))))
    return Assignment(
        method,
        objects,
        tuple(claims),
        responsible,
        tuple(slot for slot in ignored or [] if slot not in holders),
        tuple(sorted(asked - alone)),
        tuple(sorted(set(range(objects)) - asked)),
    )


def _place(slot: Slot) -> tuple[int, int, int]:
    return slot.row, slot.column, -1 if slot.anchor is None else slot.anchor
