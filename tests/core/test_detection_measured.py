"""The numbers that the page gives for the embedded detector are measured again, on photos with their truth.

The way they were measured: every class of every cell over 0.01 is a candidate (the page asks for a cell's best class
alone), cut at the photo's edges, suppressed per class at an IoU of 0.65; the best 100 of a photo count.
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.detection.detector import EMBEDDED, MEASURED, Seen, class_names, look
from core.detection.evaluation import Detections, Truths, evaluate
from core.detection.layout import decode
from core.detection.suppression import keep

PHOTOS = next(
    (p / "shared" / "coco64" for p in Path(__file__).parents if (p / "shared" / "coco64").is_dir()), None
)
FLOOR, DOUBLE, MOST = 0.01, 0.65, 100


def found_by(seen: Seen) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes on the photo, scores and labels."""
    scores = seen.raw[:, 4:5] * seen.raw[:, 5:]  # [cells, 80]
    cells, labels = np.nonzero(scores > FLOOR)
    boxes, values = seen.box.on_photo(decode(seen.raw)[cells]), scores[cells, labels].astype(np.float64)
    kept = keep(boxes, values, DOUBLE, labels)[:MOST]
    return boxes[kept], values[kept], labels[kept]


def drawn_on(file: Path, size: tuple[int, int]) -> list[tuple[int, list[float]]]:
    """Class and box in pixels of every object, as a person labelled them."""
    width, height = size
    rows = [list(map(float, line.split())) for line in file.read_text().splitlines()]
    return [
        (
            int(label),
            [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height],
        )
        for label, x, y, w, h in rows
    ]


@pytest.mark.slow
@pytest.mark.skipif(
    PHOTOS is None, reason="the folder coco64 with 64 labelled photographs is not beside the project"
)
def test_the_embedded_detector_is_as_good_as_the_page_says() -> None:
    assert PHOTOS is not None
    truths, detections = [], []
    for file in sorted((PHOTOS / "labels").glob("*.txt")):
        with Image.open(PHOTOS / "images" / f"{file.stem}.jpg") as picture:
            pixels = np.asarray(picture.convert("RGB"))
        number = int(file.stem)
        truths += [(number, box, label) for label, box in drawn_on(file, (pixels.shape[1], pixels.shape[0]))]
        detections += [
            (number, box, label, score)
            for box, score, label in zip(*found_by(look(pixels, EMBEDDED)), strict=True)
        ]
    assert len(truths) > 300
    where, boxes, labels = zip(*truths, strict=True)
    there = Truths(np.array(where), np.array(boxes), np.array(labels))
    where, boxes, labels, scores = zip(*detections, strict=True)
    result = evaluate(Detections(np.array(where), np.array(boxes), np.array(labels), np.array(scores)), there)
    person = result.table[result.labels.index(class_names().index("person")), 0]
    assert (result.mean, result.at(0.5), person) == pytest.approx(MEASURED[EMBEDDED], abs=0.003)
