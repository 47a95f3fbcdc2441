"""Cards: where a transform makes a picture's label wrong, or meaningless, whatever a network says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """A warning for some transforms.

    Args:
        title: in a few words.
        text: what goes wrong, in a sentence or two.
        transforms: the transforms that it is about.
    """

    title: str
    text: str
    transforms: tuple[str, ...]


CARDS = (
    Card(
        "Mirrored text",
        "Writing in a mirror is no writing that anybody meets: leave flips out where letters or signs matter.",
        ("flip", "flip_vertical"),
    ),
    Card(
        "Left and right classes",
        'Where the label says a side ("turn left", "left shoe"), a mirrored picture needs the other label; '
        "left and right keypoints are renamed here, classes are not.",
        ("flip", "flip_vertical"),
    ),
    Card(
        "Medical laterality",
        "A mirrored chest X-ray shows a heart on the right, which is a diagnosis of its own (dextrocardia); "
        "a mirrored retina belongs to the other eye.",
        ("flip", "flip_vertical"),
    ),
    Card(
        "6 and 9",
        "Half a turn makes a 9 of a 6: the label is now wrong. The network that answers 9 does not err.",
        ("rotate",),
    ),
    Card(
        "Up is up",
        "A car on its roof is an accident, not a car as it is met: turn upside down only where the camera may.",
        ("rotate", "flip_vertical"),
    ),
    Card(
        "Colour is the label",
        "Ripe and unripe, red light and green light, stains and skin differ by colour: leave it alone.",
        ("hue", "saturation", "greyscale", "invert", "solarize", "equalize", "posterize"),
    ),
    Card(
        "Size is the label",
        "Where the label is a size or a distance, a picture that was zoomed or cropped says something else.",
        ("zoom", "crop", "resized_crop", "resize"),
    ),
    Card(
        "The object is gone",
        "A small crop, a large shift or an erased box may leave nothing of what the label names.",
        ("crop", "resized_crop", "translate_x", "translate_y", "erasing", "zoom"),
    ),
)


def cards(name: str) -> tuple[Card, ...]:
    """The cards of one transform."""
    return tuple(card for card in CARDS if name in card.transforms)


def digit_meaning(digit: int, name: str, strength: float) -> int | None:
    """Which digit a reader sees after a transform: the label that would now be right; None where nobody can say.

    Turned by 120 degrees and more, a 6 reads as 9 and a 9 as 6 (0 and 8 stay); between 60 and 120 degrees, and upside
    down for the others, nobody can say. A mirrored 0 or 8 stays, the others are no digits. All else keeps its label.
    """
    if name == "rotate":
        turned = abs(strength)
        if turned < 60 or digit in (0, 8):
            return digit
        return {6: 9, 9: 6}.get(digit) if turned > 120 else None
    if name in ("flip", "flip_vertical") and strength:
        return digit if digit in (0, 8) else None
    return digit
