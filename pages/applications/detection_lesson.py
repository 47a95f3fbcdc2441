"""Questions for a class on the detection page; the answers belong to its present settings."""

from core.detection.detector import Candidates, Seen
from core.detection.layout import NUMBERS, STRIDES
from core.detection.suppression import Suppression
from pages.shared.lesson import Question

HIDDEN = "Hidden until you have made your prediction."
NUMBER, LEFT, TWICE = "det_numbers", "det_left", "det_twice"
_FEWER, _SAME, _MORE = "fewer", "as many", "more"


def questions(seen: Seen, found: Candidates, left: Suppression, threshold: float) -> tuple[Question, ...]:
    """Three questions: the size of the raw output, what suppression leaves, and what its threshold does."""
    cells = len(seen.raw)
    sides = [seen.side // stride for stride in STRIDES]
    grids = " + ".join(f"{side**2:,}" for side in sides)
    return (
        Question(
            NUMBER,
            f"Three grids, {sides[0]}, {sides[1]} and {sides[2]} cells wide, 85 numbers a cell: how many come out?",
            cells * NUMBERS,
            f"({grids}) × {NUMBERS} = {cells * NUMBERS:,}, whatever is on the photo.",
        ),
        Question(
            LEFT,
            f"{len(found.scores)} boxes have a score over {threshold:g}. How many are left after suppression?",
            len(left.kept),
            f"{len(left.kept)} are kept, {len(found.scores) - len(left.kept)} were doubles of a better one.",
        ),
        Question(
            TWICE,
            "The IoU threshold is raised. Are there then fewer boxes, as many, or more?",
            _MORE,
            "Only boxes that overlap more than the threshold are removed: a higher one removes fewer, so more stay "
            "(never fewer of greedy's first choices; on some photos as many).",
            (_FEWER, _SAME, _MORE),
        ),
    )
