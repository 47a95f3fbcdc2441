"""Where pixels go: every geometric transform as one matrix or one field, shared by image, mask, boxes and keypoints.

Points are columns (x, y, 1) in continuous pixels, the origin in the corner of the top left pixel; a matrix takes a
point of the input to the output. Neighbouring matrices are multiplied and carried out as one warp wherever that shows
the same as one after the other: when nothing that an earlier step cut away could come back. Source: Hartley and
Zisserman 2004, "Multiple View Geometry", section 2.3.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from core.augmentation.catalogue import transform
from core.augmentation.chain import Draw, Drawn
from core.augmentation.elastic import ElasticStage

Hw = tuple[int, int]
Matrix = Float[np.ndarray, "3 3"]
LONGEST_PX = 10_000
_NEAR = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class MatrixStage:
    """Geometric steps that are carried out as one warp.

    Args:
        matrix: takes points of the input to the output.
        input_hw, output_hw: heights and widths in px.
        absolute: the output's size is given in pixels and does not shrink with a smaller copy of the photo.
    """

    matrix: Matrix
    input_hw: Hw
    output_hw: Hw
    absolute: bool = False

    def forward(self, points: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
        """Where in the output the input's `points` are shown."""
        return through(self.matrix, points)

    def backward(self, points: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
        """Where in the input the output shows at `points`."""
        return through(inverse(self.matrix), points)


Stage = MatrixStage | ElasticStage


def through(matrix: Matrix, points: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
    """Points (x, y) through a 3 x 3 matrix, divided by the third coordinate."""
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    return moved[:, :2] / moved[:, 2:]


def inverse(matrix: Matrix) -> Matrix:
    """The matrix back: the adjugate over the determinant (for 3 x 3, faster than numpy.linalg.inv)."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    rows = [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]
    return np.array(rows) / (a * rows[0][0] + b * rows[1][0] + c * rows[2][0])


def output_hw(drawn: Drawn, hw: Hw) -> Hw:
    """Height and width after a step that was drawn for a picture of `hw`."""
    if not drawn.applied:
        return hw
    match drawn.transform:
        case "crop":
            left, top, right, bottom = drawn["box"]
            return bottom - top, right - left
        case "resized_crop":
            return drawn["size"], drawn["size"]
        case "resize":
            scale = min(drawn.strength / min(hw), LONGEST_PX / max(hw))
            return max(1, round(hw[0] * scale)), max(1, round(hw[1] * scale))
        case _:
            return hw


def matrix(drawn: Drawn, hw: Hw) -> Matrix:
    """The matrix of a geometric step other than elastic, for a picture of `hw` pixels."""
    return _MATRICES[drawn.transform](drawn, hw)


def plan(draw: Draw) -> tuple[Stage | Drawn, ...]:
    """The draw as it is carried out: geometric stages, as few as possible, and the other steps between them."""
    return tuple(_fused(draw))


def stages(draw: Draw) -> tuple[Stage, ...]:
    """The geometric stages alone: all that targets need."""
    return tuple(each for each in plan(draw) if not isinstance(each, Drawn))


def _fused(draw: Draw) -> Iterator[Stage | Drawn]:
    waiting: MatrixStage | None = None
    hw = draw.input_hw
    for drawn in draw.applied:
        if transform(drawn.transform).kind != "geometric":
            if waiting is not None:
                yield waiting
                waiting = None
            yield drawn
            continue
        stage = _stage(drawn, hw)
        hw = stage.output_hw
        joined = _joined(waiting, stage)
        if joined is None:
            if waiting is not None:
                yield waiting
            joined = stage
        waiting = joined if isinstance(joined, MatrixStage) else None
        if waiting is None:
            yield joined
    if waiting is not None:
        yield waiting


def _stage(drawn: Drawn, hw: Hw) -> Stage:
    if drawn.transform == "elastic":
        return ElasticStage(drawn["reach"], drawn["seed"], hw)
    return MatrixStage(
        matrix(drawn, hw), hw, output_hw(drawn, hw), drawn.transform in ("resize", "resized_crop")
    )


def _joined(first: MatrixStage | None, second: Stage) -> MatrixStage | None:
    """Both as one, if the second never looks at what the first cut away; None otherwise."""
    if first is None or not isinstance(second, MatrixStage):
        return None
    if not (_shows_all(first) or _looks_inside(second)):
        return None
    absolute = first.absolute or second.absolute
    return MatrixStage(second.matrix @ first.matrix, first.input_hw, second.output_hw, absolute)


def corners(hw: Hw) -> Float[np.ndarray, "4 2"]:
    """The corners (x, y) of a picture, clockwise from the top left."""
    height, width = hw
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], float)


def _shows_all(stage: MatrixStage) -> bool:
    """The output is exactly the input's rectangle, mirrored or resized: nothing was cut and nothing added."""
    height, width = stage.output_hw
    moved = stage.forward(corners(stage.input_hw)).tolist()
    near = all(min(abs(x), abs(x - width)) < _NEAR and min(abs(y), abs(y - height)) < _NEAR for x, y in moved)
    return near and len({(x > width / 2, y > height / 2) for x, y in moved}) == 4


def _looks_inside(stage: MatrixStage) -> bool:
    height, width = stage.input_hw
    seen = stage.backward(corners(stage.output_hw)).tolist()
    return all(-_NEAR < x < width + _NEAR and -_NEAR < y < height + _NEAR for x, y in seen)


def scaling(across: float, down: float) -> Matrix:
    """x times `across`, y times `down`."""
    return np.array([[across, 0, 0], [0, down, 0], [0, 0, 1]], float)


def _about(hw: Hw, a: float, b: float, c: float, d: float) -> Matrix:
    """The matrix (a b; c d) with the picture's centre at rest."""
    x, y = hw[1] / 2, hw[0] / 2
    return np.array([[a, b, x - a * x - b * y], [c, d, y - c * x - d * y], [0, 0, 1]], float)


def _zoom(drawn: Drawn, hw: Hw) -> Matrix:
    return _about(hw, drawn.strength, 0, 0, drawn.strength)


def _rotate(drawn: Drawn, hw: Hw) -> Matrix:
    quarter = drawn.strength / 90
    if quarter == int(quarter):  # exact, without the cosine's 6e-17
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[int(quarter) % 4]
    else:
        cos, sin = math.cos(math.radians(drawn.strength)), math.sin(math.radians(drawn.strength))
    return _about(hw, cos, sin, -sin, cos)  # y points down: this turns counter-clockwise


def _shear_x(drawn: Drawn, hw: Hw) -> Matrix:
    slope = -math.tan(math.radians(drawn.strength))
    return np.array([[1, slope, 0 if drawn["corner"] else -slope * hw[0] / 2], [0, 1, 0], [0, 0, 1]], float)


def _shear_y(drawn: Drawn, hw: Hw) -> Matrix:
    slope = -math.tan(math.radians(drawn.strength))
    return np.array([[1, 0, 0], [slope, 1, 0 if drawn["corner"] else -slope * hw[1] / 2], [0, 0, 1]], float)


def shifting(x: float, y: float) -> Matrix:
    """x and y pixels further."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], float)


def _cropped(drawn: Drawn, hw: Hw) -> Matrix:
    left, top, right, bottom = drawn["box"]
    height, width = output_hw(drawn, hw)
    across, down = width / (right - left), height / (bottom - top)
    return np.array([[across, 0, -left * across], [0, down, -top * down], [0, 0, 1]], float)


def _resized(drawn: Drawn, hw: Hw) -> Matrix:
    height, width = output_hw(drawn, hw)
    return scaling(width / hw[1], height / hw[0])


def _perspective(drawn: Drawn, hw: Hw) -> Matrix:
    """The homography that takes the picture's corners to the drawn ones: eight linear equations."""
    if drawn.strength == 0:
        return np.eye(3)
    target = np.array(drawn["corners"]).reshape(4, 2)
    rows, right = [], []
    for (x, y), (u, v) in zip(corners(hw), target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)


_MATRICES: dict[str, Callable[[Drawn, Hw], Matrix]] = {
    "zoom": _zoom,
    "rotate": _rotate,
    "crop": _cropped,
    "resized_crop": _cropped,
    "resize": _resized,
    "flip": lambda drawn, hw: (
        np.array([[-1, 0, hw[1]], [0, 1, 0], [0, 0, 1]], float) if drawn.strength else np.eye(3)
    ),
    "flip_vertical": lambda drawn, hw: (
        np.array([[1, 0, 0], [0, -1, hw[0]], [0, 0, 1]], float) if drawn.strength else np.eye(3)
    ),
    "shear_x": _shear_x,
    "shear_y": _shear_y,
    "translate_x": lambda drawn, hw: shifting(drawn.strength * hw[1], 0),
    "translate_y": lambda drawn, hw: shifting(0, drawn.strength * hw[0]),
    "perspective": _perspective,
}
