"""Questions for a class on the view Average precision; the answers belong to its present settings."""

from core.detection.evaluation import Curve, Matching, average_precision
from pages.shared.lesson import Question

HITS, TWICE, LAST = "det_ap_hits", "det_ap_twice", "det_ap_last"
_YES, _NO = "a hit again", "a false alarm"
_FALLS, _SAME = "AP falls", "AP stays"


def questions(matching: Matching, found: Curve, interpolation: str) -> tuple[Question, ...]:
    """Three questions: how many hits, what a second box on one object is, what a last false alarm costs."""
    hits, count = int(matching.hits.sum()), len(matching.hits)
    area = average_precision(found, interpolation, objects=matching.objects)
    return (
        Question(
            HITS,
            f"{count} detections, {matching.objects} objects, a hit from IoU {matching.iou_threshold:g}. How many "
            "hits are there?",
            hits,
            f"{hits}: each object is taken once, by the best score that reaches it.",
        ),
        Question(
            TWICE,
            "A second box lies exactly on an object that was taken already. What is it?",
            _NO,
            "One match for each object: the second box is a false alarm. That is what suppression is for.",
            (_YES, _NO),
        ),
        Question(
            LAST,
            "One more false alarm with the lowest score of all comes at the end of the list. What does AP do?",
            _SAME,
            f"It stays at {area:.3f}: recall rises no more after it, so no area is under that part of the curve.",
            (_FALLS, _SAME),
        ),
    )
