"""How many paths through a network have which field: a residual network is a mixture of short and long ones.

Each path from the picture to a unit takes one branch wherever branches meet (block or shortcut, one of Inception's
four). A path alone is a plain stack, so it has a field of its own. All are counted with whole numbers in one pass
over the graph. Source: Veit, Wilber and Belongie, "Residual Networks Behave Like Ensembles of Relatively Shallow
Networks" (NeurIPS 2016), section 3.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.receptive_field.network import recording
from core.receptive_field.sight import Sight

if TYPE_CHECKING:
    from core.receptive_field.tape import Step

PICTURE = -1
Sizes = Counter[tuple[int, int]]  # field (down, across) -> paths


def path_histogram(name: str, layer: str | None = None, input_size: int = 224) -> dict[int, int]:
    """Number of paths from the picture to `layer` per field size in pixels (the longer side), sizes ascending.

    ResNet-18 has 2^8 paths to its last map. Paths through a squeeze-and-excitation gate see the whole image and are
    left out.

    Args:
        layer: a name as in `network_fields`; None for the last map before global pooling.

    Raises: ValueError for an unknown network or layer.
    """
    steps = recording(name, (input_size, input_size)).steps
    found = [i for i, step in enumerate(steps) if step.signal.sight and layer in (None, step.name)]
    if not found:
        raise ValueError(f"The layer is one of network_fields({name!r}), got {layer!r}.")
    histogram: Counter[int] = Counter()
    for size, paths in count_paths(steps)[found[-1]].items():
        histogram[max(size)] += paths
    return dict(sorted(histogram.items()))


def count_paths(steps: "Sequence[Step]") -> Mapping[int, Sizes]:
    """For each step the number of paths from the picture per field (down, across); none where space is averaged away.

    A window adds (k - 1) d times the jump below it to the field of every path; where branches meet, their counts
    add up.
    """
    sights: dict[int, Sight | None] = {PICTURE: Sight()}
    counts: dict[int, Sizes] = {PICTURE: Counter({(1, 1): 1})}
    for index, step in enumerate(steps):
        sights[index] = step.signal.sight
        seeing = [i for i in step.inputs if sights[i] is not None]
        counts[index] = Counter()
        if step.signal.sight is None:
            continue
        growth = _growth(sights[seeing[0]], step.signal.sight) if len(step.inputs) == 1 else (0, 0)
        for source in seeing:
            for (rows, columns), paths in counts[source].items():
                counts[index][rows + growth[0], columns + growth[1]] += paths
    return counts


def _growth(below: Sight | None, above: Sight) -> tuple[int, int]:
    """What a window adds to every path's field: the same as it adds to the hull of all."""
    assert below is not None
    return above.rows.size - below.rows.size, above.columns.size - below.columns.size
