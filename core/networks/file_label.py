"""What a file of weights that this app has written says of itself: the architecture, the classes, the picture's side.

It stands in the metadata of the safetensors format. A file from elsewhere has none and is asked about by the page.
"""

import json
from dataclasses import dataclass, replace

from core.networks.limits import HEADER_BYTES_MOST
from core.networks.record import NetworkRecord, Preprocessing

_MARK = "convnet_explorer"
_LETTERS = 60
_SIDES = (8, 320)
_CLASSES_MOST = 21_843  # ImageNet-21k


@dataclass(frozen=True, slots=True)
class FileLabel:
    """What is needed to use the weights.

    Args:
        architecture: a name of `core.receptive_field.NETWORKS`.
        classes: the outputs' names in order, at least one, each of 1 to 60 printable letters.
        side_px: side of the square that it was trained on, 8 to 320.

    Raises: ValueError naming the rule and the value found.
    """

    architecture: str
    classes: tuple[str, ...]
    side_px: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.classes) <= _CLASSES_MOST:
            raise ValueError(f"The number of classes is 1 to {_CLASSES_MOST:,}, got {len(self.classes)}.")
        for name in self.classes:
            if not 1 <= len(name) <= _LETTERS or not name.isprintable():
                raise ValueError(
                    f"The name of a class has 1 to {_LETTERS} printable letters, got {name[:80]!r}."
                )
        if not _SIDES[0] <= self.side_px <= _SIDES[1]:
            raise ValueError(f"The side is {_SIDES[0]} to {_SIDES[1]} pixels, got {self.side_px}.")

    def metadata(self) -> dict[str, str]:
        """As the safetensors format keeps it."""
        return {
            _MARK: "1",
            "architecture": self.architecture,
            "classes": json.dumps(self.classes, ensure_ascii=False),
            "side_px": str(self.side_px),
        }


def label_of(data: bytes) -> FileLabel | None:
    """The label of a `.safetensors` file; None for a file without one, or with one that breaks its rules."""
    length = int.from_bytes(data[:8], "little")
    if not 0 < length <= min(HEADER_BYTES_MOST, len(data)):
        return None
    try:
        found = json.loads(data[8 : 8 + length])["__metadata__"]
        if found[_MARK] != "1":
            return None
        classes = json.loads(found["classes"])
        if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
            return None
        return FileLabel(str(found["architecture"]), tuple(classes), int(found["side_px"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def trained_on(record: NetworkRecord, side_px: int) -> NetworkRecord:
    """The record of a network that is shown squares of another side, cut from the photo in the same proportion."""
    return replace(record, preprocessing=shown_at(record.preprocessing, side_px))


def shown_at(how: Preprocessing, side_px: int) -> Preprocessing:
    """The same preprocessing for another side: resize and crop keep their proportion."""
    return replace(how, resize_px=max(side_px, round(how.resize_px * side_px / how.crop_px)), crop_px=side_px)
