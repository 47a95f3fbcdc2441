"""The arithmetic of a training that is watched, with the numbers filled in."""

from core.detection.live_loss import Parts
from core.detection.live_training import LiveSettings
from core.detection.scenes import SIDE
from core.detection.small_yolo import Said
from core.formula import Formula


def output_formula(settings: LiveSettings) -> Formula:
    """How many numbers the network says about a scene: so many for each cell of the grid."""
    cells, classes = SIDE // settings.stride, len(settings.scenes.classes)
    return Formula(
        "numbers for each scene",
        r"\text{rows} \cdot \text{columns} \cdot (5 + \text{classes})",
        rf"{cells} \cdot {cells} \cdot (5 + {classes})",
        cells * cells * (5 + classes),
        "Five: centre x and y, width, height and objectness.",
    )


def loss_formula(parts: Parts) -> Formula:
    """The loss of an epoch as the sum of its parts."""
    return Formula(
        "loss, mean of the epoch",
        r"2\,\overline{(1 - \text{GIoU})} + \text{objectness} + \text{class}",
        rf"{parts.box:.3f} + {parts.objectness:.3f} + {parts.classes:.3f}",
        parts.total,
        "For each cell that learns an object.",
    )


def score_formula(one: Said, cell: int, name: str) -> Formula:
    """The score of a cell's box.

    Args:
        name: what the cell is called on the page.
    """
    objectness, share = float(one.objectness[cell]), float(one.classes[cell].max())
    return Formula(
        f"score of {name}",
        r"\text{objectness} \cdot P(\text{class})",
        rf"{objectness:.3f} \cdot {share:.3f}",
        objectness * share,
    )
