"""Suppressing doubles against torchvision's compiled loop; the way from photo to boxes against the bare network.

Of suppression, both get what they work on ready: tensors there, arrays here; both in float64. Scattered boxes are the
worst case, of which most stay; crowded ones are like a detector's. Ours checks its input in every call, which
torchvision does not.

Run by hand: python -m benchmarks.detection. The targets are a ratio of 1.2, and 2 for the record of 1,000 boxes;
they are missed for 100 boxes of one class, where forty calls of NumPy cost more than the whole loop, and for 1,000
crowded ones.
"""

import numpy as np
import torch
import torchvision

from benchmarks.timing import compare, machine
from core.bundled import bundled
from core.detection.detector import EMBEDDED, YOLOX, candidates, is_here, look, onnx_session
from core.detection.embedded_file import embedded_detector
from core.detection.letterbox import letterbox
from core.detection.suppression import keep, suppress

COUNTS = (100, 1_000, 10_000)
SIDE = 640
CLASSES = 20


def crowded(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes around 20 objects, as a detector finds them before suppression; and scores."""
    random = np.random.default_rng(0)
    of = random.integers(0, 20, count)
    sizes = (40 + random.random((20, 2)) * 160)[of]
    centres = (random.random((20, 2)) * SIDE)[of] + random.normal(size=(count, 2)) * sizes * 0.12
    sizes = sizes * np.exp(random.normal(size=(count, 2)) * 0.15)
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1), random.random(count)


def scattered(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes anywhere, 8 to 128 pixels wide and high; and scores."""
    random = np.random.default_rng(0)
    centres, sizes = random.random((count, 2)) * SIDE, 8 + random.random((count, 2)) * 120
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1), random.random(count)


def main() -> None:
    """Print the ratios for both scenes and all counts."""
    torch.set_num_threads(1)
    for scene in (scattered, crowded):
        for count in COUNTS:
            _compare(scene.__name__, *scene(count))


def _compare(scene: str, boxes: np.ndarray, scores: np.ndarray) -> None:
    count = len(scores)
    labels = np.random.default_rng(1).integers(0, CLASSES, count)
    tensors = torch.from_numpy(boxes), torch.from_numpy(scores)
    classes = torch.from_numpy(labels)
    nms, batched = torchvision.ops.nms, torchvision.ops.batched_nms
    assert (keep(boxes, scores, 0.5) == nms(*tensors, 0.5).numpy()).all()
    assert (keep(boxes, scores, 0.5, labels) == batched(*tensors, classes, 0.5).numpy()).all()
    repeats = max(7, min(2_000, 100_000 // count))
    title = f"{count:,} {scene} boxes"

    def against_nms(name: str, ours) -> None:
        compare(
            f"{title}, {name}", ours, lambda: nms(*tensors, 0.5), named="torchvision.ops.nms", repeats=repeats
        )

    against_nms("without a record", lambda: keep(boxes, scores, 0.5))
    against_nms("with the record", lambda: suppress(boxes, scores))
    compare(
        f"{title}, {CLASSES} classes",
        lambda: keep(boxes, scores, 0.5, labels),
        lambda: batched(*tensors, classes, 0.5),
        named="torchvision.ops.batched_nms",
        repeats=repeats,
    )


def whole_way() -> None:
    """Photo to boxes, for each detector that is here, against its network alone."""
    photo = bundled("Astronaut").pixels
    tensor = letterbox(photo).tensor
    picture = torch.from_numpy(tensor).contiguous(memory_format=torch.channels_last)

    def boxes(name: str) -> np.ndarray:
        found = candidates(look(photo, name), 0.3)
        return keep(found.boxes, found.scores, 0.5, found.labels)

    def network() -> None:
        with torch.inference_mode():
            embedded_detector()(picture)

    assert len(boxes(EMBEDDED)) == 1
    compare(
        "embedded, photo to boxes", lambda: boxes(EMBEDDED), network, named="the network alone", repeats=15
    )
    if not is_here(YOLOX):
        print("YOLOX-Nano is not on this computer: CONVNET_EXPLORER_WEIGHTS names no folder with it.")
        return
    boxes(YOLOX)
    session = onnx_session(YOLOX)
    compare(
        "YOLOX-Nano, photo to boxes",
        lambda: boxes(YOLOX),
        lambda: session.run(None, {"images": tensor}),
        named="the bare ONNX Runtime call",
        repeats=60,
    )


if __name__ == "__main__":
    print(machine())
    whole_way()
    main()
