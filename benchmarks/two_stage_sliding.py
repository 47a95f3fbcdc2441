"""All windows in one pass against the classifier on each crop; the funnel taken apart against torchvision's own call.

The ratio of the windows is that of the view One by one; beside it stands the ratio of the multiply-adds, which says how
much could be gained. The funnel is run with random weights: it computes the same as torchvision, step by step.

Run by hand: python -m benchmarks.two_stage_sliding. The targets are a ratio under 0.2 for the one pass of 36 windows
and under 1.2 for the funnel.
"""

import torch

from benchmarks.timing import compare, machine
from core.bundled import bundled
from core.networks.building import filled
from core.receptive_field.replay import drawn
from core.two_stage import faster, sliding
from core.two_stage.faster_anchors import MOBILENET
from core.two_stage.faster_funnel import funnel, last_boxes
from core.two_stage.sliding_cost import cost

PHOTO = "Coffee"
_SHRUNK = 0.05  # of each stage's last layers: with larger ones no proposal would survive


def windows(side: int, repeats: int) -> None:
    """One size of the photo, both ways."""
    pixels = bundled(PHOTO).pixels
    shown = sliding.resized(pixels, side)
    rows, columns = sliding.grid(shown.shape[:2])
    counted = cost(shown.shape[:2])
    compare(
        f"{counted.windows} windows at {side} px, all at once (multiply-adds 1 / {counted.ratio:.1f})",
        lambda: sliding.dense(pixels, side),
        lambda: [sliding.one_window(shown, row, column) for row in range(rows) for column in range(columns)],
        named="the classifier on every crop",
        repeats=repeats,
    )


def whole_funnel() -> None:
    """Faster R-CNN with every stage kept, against one call of the network."""
    name, pixels = MOBILENET.name, bundled(PHOTO).pixels
    shapes = {key: tuple(value.shape) for key, value in faster.empty(name).state_dict().items()}
    tensors = {
        key: drawn(key, shape, 0) * (_SHRUNK if "predictor" in key or "rpn" in key else 1.0)
        for key, shape in shapes.items()
        if not key.endswith("num_batches_tracked")
    }
    network = filled(faster.empty(name), tensors)
    picture = faster.as_tensor(pixels)

    def ours() -> None:
        *_, found = funnel(network, name, pixels)
        assert not isinstance(found, str)
        last_boxes(found.first, found.second)

    def theirs() -> None:
        with torch.inference_mode():
            network([picture])

    compare("Faster R-CNN, every stage kept", ours, theirs, named="torchvision's own call", repeats=7)


if __name__ == "__main__":
    print(machine())
    torch.set_num_threads(1)
    windows(224, 7)
    windows(320, 5)
    windows(448, 2)
    whole_funnel()
