"""Several ways from a photo to boxes, to be held against each other: one stage, two stages, and the sliding window.

A route is one line of `ROUTES`: its runner takes the photo, a score threshold and an IoU threshold for the last
suppression, and gives `Boxes`. Another route is another line.

Sources: Redmon et al., "YOLO", 2016, arXiv 1506.02640, and Liu et al., "SSD", 2016, arXiv 1512.02325 (one stage); Ren
et al., "Faster R-CNN", 2015, arXiv 1506.01497, and Girshick, "Fast R-CNN", 2015, arXiv 1504.08083 (two); Sermanet
et al., "OverFeat", 2014, arXiv 1312.6229 (every window).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float64, UInt8

from core import networks
from core.detection import detector as detectors
from core.detection.suppression import keep
from core.networks import DETECTORS
from core.two_stage import faster, rcnn, sliding
from core.two_stage.faster_anchors import DESIGNS
from core.two_stage.faster_funnel import Funnel, funnel, last_boxes, stages
from core.two_stage.selective_search import search

PROPOSALS = 100
Pixels = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """What one route finds, best first.

    Args:
        boxes: left, top, right, bottom on the photo, in its pixels. scores: theirs. names: the classes in words.
        stages: how many boxes each of its stages leaves, from the first on.
    """

    boxes: Float64[np.ndarray, "n 4"]
    scores: Float64[np.ndarray, " n"]
    names: tuple[str, ...]
    stages: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if not len(self.boxes) == len(self.scores) == len(self.names):
            raise ValueError(
                f"There is a score and a name for each box, got {len(self.boxes)}, {len(self.scores)}, "
                f"{len(self.names)}."
            )


@dataclass(frozen=True, slots=True)
class Route:
    """One way from a photo to boxes.

    Args:
        key: its name in links. title: as it is shown. stages: 1 or 2; 0 for a classifier at every place.
        about: how it works, in a few words.
        run: (photo, score, overlap) -> `Boxes`.
        fetched: its weights are those of this name in `core.networks.DETECTORS`; False for packaged ones.
    """

    key: str
    title: str
    stages: int
    about: str
    run: Callable[[Pixels, float, float], Boxes]
    fetched: bool = True

    @property
    def is_here(self) -> bool:
        """It can be asked on this computer."""
        return not self.fetched or networks.is_here(self.key)


def routes(*, here: bool = False) -> tuple[Route, ...]:
    """All routes; with `here` only those that can be asked on this computer."""
    return tuple(each for each in ROUTES.values() if each.is_here or not here)


def one_stage(name: str, photo: Pixels, score: float, overlap: float) -> Boxes:
    """A detector of `core.detection.detector`."""
    seen = detectors.look(photo, name)
    found = detectors.candidates(seen, score)
    left = keep(found.boxes, found.scores, overlap, found.labels)
    names = detectors.class_names()
    counts = (("cells", len(seen.raw)), (_over(score), len(found.scores)), ("after NMS", len(left)))
    return Boxes(found.boxes[left], found.scores[left], tuple(names[i] for i in found.labels[left]), counts)


def two_stages(name: str, photo: Pixels, score: float, overlap: float) -> Boxes:
    """Faster R-CNN, taken apart as on its own view."""
    *_, found = funnel(faster.network(name), name, photo)
    assert isinstance(found, Funnel)
    last = last_boxes(found.first, found.second, score, overlap)
    names = faster.class_names()
    labels = last.labels[last.kept]
    return Boxes(
        last.boxes[last.kept].astype(np.float64),
        last.scores[last.kept].astype(np.float64),
        tuple(names[i] for i in labels),
        tuple((name, count) for name, count in stages(found, last) if not name.startswith("×")),
    )


def default_boxes(name: str, photo: Pixels, score: float, overlap: float) -> Boxes:
    """SSDLite: the default boxes of six maps, each with classes and four numbers; one stage."""
    from core.two_stage.compare_ssdlite import detect

    found = detect(faster.network(name), photo, score, overlap)
    names = faster.class_names()
    counts = (
        ("default boxes", found.defaults),
        (_over(score), found.candidates),
        ("after NMS", len(found.boxes)),
    )
    return Boxes(found.boxes, found.scores, tuple(names[i] for i in found.labels), counts)


def every_window(photo: Pixels, score: float, overlap: float) -> Boxes:
    """The classifier on every window of four sizes of the photo."""
    maps = [sliding.dense(photo, side) for side in sliding.SIDES]
    found = sliding.found(maps, score, overlap)
    names: Any = networks.record(sliding.NETWORK).categories
    windows = sum(each.logits[0].size for each in maps)
    counts = (("windows", windows), (_over(score), len(found.scores)), ("after NMS", len(found.kept)))
    labels = found.labels[found.kept]
    return Boxes(found.boxes[found.kept], found.scores[found.kept], tuple(names[i] for i in labels), counts)


def proposed(photo: Pixels, score: float, overlap: float) -> Boxes:
    """Fast R-CNN on the first 100 proposals of selective search, with ImageNet's classes."""
    boxes = search(photo).boxes[:PROPOSALS]
    said = rcnn.fast(photo, boxes)
    left = said.kept(score, overlap)
    names: Any = networks.record(rcnn.NETWORK).categories
    over = int((said.scores > score).sum())
    counts = (("proposals", len(boxes)), (_over(score), over), ("after NMS", len(left)))
    return Boxes(boxes[left], said.scores[left], tuple(names[i] for i in said.labels[left]), counts)


def _over(score: float) -> str:
    return f"score over {score:g}"


def _yolo(name: str, about: str) -> Route:
    return Route(
        name, detectors.TITLES[name], 1, about, partial(one_stage, name), fetched=name != detectors.EMBEDDED
    )


ROUTES: dict[str, Route] = {
    each.key: each
    for each in (
        _yolo(detectors.EMBEDDED, "every cell of three grids says box, objectness and class at once"),
        *(_yolo(name, "as the embedded one, published") for name in detectors.FETCHED),
        Route(
            faster.SSDLITE,
            DETECTORS[faster.SSDLITE].title,
            1,
            "default boxes of six maps, a softmax over classes and background for each",
            partial(default_boxes, faster.SSDLITE),
        ),
        *(
            Route(
                name,
                DETECTORS[name].title,
                2,
                "proposals first, then a class for each",
                partial(two_stages, name),
            )
            for name in DESIGNS
        ),
        Route(
            "fast_rcnn",
            "Fast R-CNN (selective search)",
            2,
            "100 proposals of selective search, cut out of the map of ImageNet's classifier",
            proposed,
            fetched=False,
        ),
        Route(
            "sliding",
            "Sliding window",
            0,
            "ImageNet's classifier on every window of four sizes",
            every_window,
            fetched=False,
        ),
    )
}
