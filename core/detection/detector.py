"""A photo in front of a detector: its raw output, and the candidates in it before any box is suppressed.

All give the same layout (`core.detection.layout`): the project's own, which is always there, and three sizes of YOLOX,
whose files lie in the folder of weights or in PyTorch's cache.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8

from core.detection.layout import CLASSES, NUMBERS, SIDE, cells, decode, side_of
from core.detection.letterbox import Letterbox, letterbox
from core.networks import store
from core.networks.detectors import DETECTORS

EMBEDDED, YOLOX = "embedded", "yolox_nano"
FETCHED = (YOLOX, "yolox_tiny", "yolox_s")
TITLES = {EMBEDDED: "Embedded", **{name: DETECTORS[name].title for name in FETCHED}}
MEASURED = {EMBEDDED: (0.257, 0.387, 0.506), YOLOX: (0.369, 0.517, 0.639)}
"""AP, AP50 and AP50 of persons on 64 photos of COCO val2017 that neither was trained on; every class of every cell was
a candidate. See assets/weights and tests/core/test_detection_measured.py."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a detector says of a photo.

    Args:
        raw: the raw output, in the layout of `core.detection.layout`.
        box: the photo as it was shown.
        detector: its name.
    """

    raw: Float32[np.ndarray, "cells 85"]
    box: Letterbox
    detector: str

    @property
    def side(self) -> int:
        """Side of the square that the detector was shown, in pixels."""
        return side_of(len(self.raw))

    def score_map(self, stride: int, what: str) -> Float[np.ndarray, "rows columns"]:
        """One number for each cell of a grid: "objectness", "class" (the best class's probability) or "score"."""
        place = cells(self.side)[:, 2] == stride
        values = {
            "objectness": self.raw[:, 4],
            "class": self.raw[:, 5:].max(axis=1),
            "score": self.raw[:, 4] * self.raw[:, 5:].max(axis=1),
        }[what]
        return values[place].reshape(self.side // stride, self.side // stride)

    def cell_at(self, stride: int, column: int, row: int) -> int:
        """The number of a cell in the raw output.

        Raises: ValueError for a place outside the grid.
        """
        side = self.side // stride
        if not (0 <= column < side and 0 <= row < side):
            raise ValueError(f"The grid of stride {stride} has {side} x {side} cells, got {column}, {row}.")
        return int(np.flatnonzero(cells(self.side)[:, 2] == stride)[0]) + row * side + column


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Boxes over a threshold, on the photo, the best score first.

    Args:
        boxes: x1, y1, x2, y2 in pixels of the photo. scores: objectness times the best class's probability.
        labels: numbers of the classes. cells: rows of the raw output that they come from.
        outside: cells over the threshold whose box has no part on the photo; they are left out.
    """

    boxes: Float[np.ndarray, "n 4"]
    scores: Float[np.ndarray, " n"]
    labels: Int[np.ndarray, " n"]
    cells: Int[np.ndarray, " n"]
    outside: int = 0


def is_here(detector: str) -> bool:
    """The detector can be asked on this computer."""
    return detector == EMBEDDED or store.is_here(detector)


def input_side(detector: str) -> int:
    """Side of the square that a detector is shown, in pixels."""
    return SIDE if detector == EMBEDDED else DETECTORS[detector].input_px


def look(photo: UInt8[np.ndarray, "height width 3"], detector: str = EMBEDDED) -> Seen:
    """Ask a detector about a photo (RGB, any size).

    Raises: WeightsMissing; ValueError for another detector, or a file that is not one.
    """
    if detector not in TITLES:
        raise ValueError(f"The detector is one of {', '.join(TITLES)}, got {detector!r}.")
    shown = letterbox(photo, input_side(detector))
    raw = _embedded(shown) if detector == EMBEDDED else _yolox(shown, detector)
    return Seen(raw, shown, detector)


def candidates(seen: Seen, threshold: float) -> Candidates:
    """One box for each cell whose best score is over the threshold.

    Raises: ValueError for a threshold outside 0 to 1.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"The score threshold is 0 to 1, got {threshold:g}.")
    best = seen.raw[:, 5:].argmax(axis=1)  # [cells]
    scores = (seen.raw[:, 4] * seen.raw[np.arange(len(best)), 5 + best]).astype(np.float64)
    chosen = np.flatnonzero(scores > threshold)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    boxes = seen.box.on_photo(decode(seen.raw)[chosen])
    there = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    kept = chosen[there]
    return Candidates(boxes[there], scores[kept], best[kept], kept, int((~there).sum()))


@lru_cache(maxsize=1)
def class_names() -> tuple[str, ...]:
    """COCO's 80 classes, in the order of the raw output."""
    from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights

    names = FasterRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"]
    return tuple(name for name in names if name not in ("__background__", "N/A"))


def _embedded(shown: Letterbox) -> Float32[np.ndarray, "cells 85"]:
    import torch

    from core.detection.embedded_file import embedded_detector

    detector = (
        embedded_detector()
    )  # not made inside of inference mode: what is made there has no slopes for ever
    with torch.inference_mode():
        picture = torch.from_numpy(shown.tensor).contiguous(memory_format=torch.channels_last)
        return detector(picture)[0].numpy()


def _yolox(shown: Letterbox, detector: str) -> Float32[np.ndarray, "cells 85"]:
    session = onnx_session(detector)
    return session.run(None, {session.get_inputs()[0].name: shown.tensor})[0][0]


def onnx_session(detector: str):
    """The file of a YOLOX, ready to run in ONNX Runtime.

    Raises: WeightsMissing; ValueError for a file that is not a detector of this layout.
    """
    path = store.located(detector)
    return _session(path, path.stat().st_mtime_ns, DETECTORS[detector].input_px)


@lru_cache(maxsize=2)
def _session(path: Path, _changed: int, side: int):
    """The file, ready to run: an ONNX file names operators and holds no code, so its shapes say whether it fits.

    Raises: ValueError for a file that is not a detector of this layout.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common kind
        raise ValueError(f"{path.name} is not an ONNX file that ONNX Runtime can run.") from error
    takes = [list(each.shape) for each in session.get_inputs()]
    gives = [list(each.shape) for each in session.get_outputs()]
    expected = [[1, 3, side, side]], [[1, len(cells(side)), NUMBERS]]
    if (takes, gives) != expected:
        raise ValueError(
            f"A detector of this app takes {expected[0][0]} and gives {expected[1][0]} (4 of a box, objectness, "
            f"{CLASSES} classes for every cell); {path.name} takes {takes} and gives {gives}."
        )
    return session
