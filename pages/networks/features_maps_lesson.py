"""The three questions of the maps view; their answers come from the photo and the layer in sight."""

from core.features import wire
from core.features.maps import Layer
from core.features.scene import Look
from core.features.statistics import statistics_formulas
from core.photo import Photo
from pages.networks import features_maps_source as source
from pages.shared import session
from pages.shared.lesson import Question

_RISES, _FALLS, _SAME = "it rises", "it falls", "it stays within 1 %"


def questions(photo: Photo, look: Look, layer: Layer, channel: int) -> tuple[Question, ...]:
    """What the network says, what a cut does, and how sparse the layer is."""
    answers = source.predictions(photo, look)
    others = _others(photo, look)
    found = source.statistics(photo, look, layer.name)
    return (
        Question(
            "top",
            "What does the network take the photo for?",
            answers[0][0],
            f"It gives it a probability of {answers[0][1]:.1%}.",
            tuple(sorted({answers[0][0], *others})),
        ),
        Question(
            "sparse",
            "What percentage of this layer's values is exactly zero?",
            round(100 * found.sparsity),
            statistics_formulas(found)[0],
        ),
        _cut_question(photo, look, layer, channel),
    )


def _others(photo: Photo, look: Look) -> list[str]:
    return [category for category, _ in source.predictions(photo, look)[1:4]]


def _cut_question(photo: Photo, look: Look, layer: Layer, channel: int) -> Question:
    prompt = f"Channel {channel} is switched off. What happens to the output of the leading class?"
    answer, why = _SAME, ""
    if session.held("ask") == "cut":  # only then is it worth the time
        before = source.cut_outputs(photo, look, layer.name, 0, 1.0)
        after = source.cut_outputs(photo, look, layer.name, channel, 0.0)
        leader = wire.leaders(before, before, 1)[0]
        change = float(after[leader] - before[leader])
        small = abs(change) <= 0.01 * abs(float(before[leader]))
        answer = _SAME if small else _RISES if change > 0 else _FALLS
        why = f"It goes from {before[leader]:.3f} to {after[leader]:.3f}: many channels say similar things."
    return Question("cut", prompt, answer, why, (_RISES, _FALLS, _SAME))
