"""Style at once against the bare calls of its two networks, and step by step against PyTorch's tutorial.

Run with `python -m benchmarks.style`. A photo and a style picture of 512 x 512 pixels; the target is a ratio of 1.15.
`python -m benchmarks.style_steps` has the tutorial; it takes some minutes.
"""

import numpy as np

from benchmarks.timing import compare, machine
from core.bundled import bundled
from core.style.fast import NUMBERS, SIDE, STYLE_SIDE, paint
from core.style.package import session
from core.style.pictures import style_picture


def main() -> None:
    """Both ways in turn."""
    photo, style = bundled("Astronaut").pixels, style_picture("brush", 512)
    predict, transform = session("arbitrary_predict"), session("arbitrary_transform")
    reads, (content, numbers) = predict.get_inputs()[0].name, (each.name for each in transform.get_inputs())
    square = np.zeros((1, STYLE_SIDE, STYLE_SIDE, 3), np.float32)
    canvas, vector = np.zeros((1, SIDE, SIDE, 3), np.float32), np.zeros((1, 1, 1, NUMBERS), np.float32)

    def bare() -> None:
        predict.run(None, {reads: square})
        transform.run(None, {content: canvas, numbers: vector})

    compare(
        f"style at once, {photo.shape[1]} x {photo.shape[0]}",
        lambda: paint(photo, [(style, 1.0)]),
        bare,
        named="the bare ONNX Runtime calls",
    )


if __name__ == "__main__":
    print(machine())
    main()
