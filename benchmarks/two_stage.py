"""Two stages: Fast R-CNN against R-CNN on the same proposals, and what the search before it takes.

Run with `python -m benchmarks.two_stage`. 300 proposals of selective search; the target is ten times.
"""

import torch

from benchmarks.timing import compare, machine, median_ms
from core.bundled import bundled
from core.two_stage.rcnn import fast, rcnn
from core.two_stage.selective_search import search

PROPOSALS, PHOTO = 300, "Astronaut"


def main() -> None:
    """Both ways in turn, on one thread as in the web server and its worker on two cores."""
    torch.set_num_threads(1)
    photo = bundled(PHOTO).pixels
    boxes = search(photo).boxes[:PROPOSALS]
    print(
        f"selective search, {photo.shape[1]} x {photo.shape[0]}: {median_ms(lambda: search(photo), 5):.0f} ms"
    )
    for cut in ("align", "pool"):
        ratio = compare(
            f"Fast R-CNN (RoI{cut.capitalize()}), {len(boxes)} proposals",
            lambda cut=cut: fast(photo, boxes, cut),
            lambda: rcnn(photo, boxes),
            named="R-CNN",
            repeats=3,
        )
        print(f"  {1 / ratio:.1f} times as fast")


if __name__ == "__main__":
    print(machine())
    main()
