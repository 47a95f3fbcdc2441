"""What a training leaves: the weights as a file, and how far each tensor moved."""

import math

from torch import Tensor

from core.networks.file_label import FileLabel
from core.transfer.steps import Moved
from core.transfer.student import Student


def packed(tensors: dict[str, Tensor], label: FileLabel) -> bytes:
    """A `.safetensors` file that says what it is."""
    from safetensors.torch import save

    return save({key: each.contiguous() for key, each in tensors.items()}, metadata=label.metadata())


def counted(pupil: Student) -> tuple[int, int]:
    """Parameters that train, and all."""
    trunk, head = pupil.parameters()
    training = sum(each.numel() for each in (*trunk, *head))
    return training, sum(each.numel() for each in (*pupil.trunk.parameters(), *pupil.head.parameters()))


def moved(pupil: Student, before: dict[str, Tensor], after: dict[str, Tensor]) -> tuple[Moved, ...]:
    """|after - before| / |before| of every tensor but the counters, NaN where before is all 0."""
    found = []
    for key, value in after.items():
        if not value.is_floating_point():
            continue
        start = before[key].double()
        size, way = float(start.norm()), float((value.double() - start).norm())
        relative = way / size if size else (math.nan if way else 0.0)
        stage = next((i for i, each in enumerate(pupil.stages) if each.holds(key)), len(pupil.stages))
        kind = "statistics" if key.endswith(("running_mean", "running_var")) else "weight"
        found.append(Moved(key, stage, kind, relative, value.numel()))
    return tuple(found)
