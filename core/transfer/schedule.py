"""The learning rate over a training, in closed form: a factor between 0 and 1 for every update."""

import math

from core.transfer.recipe import Schedule

_WARM = 0.1  # of all updates
_DROPS = (0.6, 0.85)


def factor_at(schedule: Schedule, update: int, total: int) -> float:
    """What the rate is multiplied by at update number `update`, from 0, of `total`.

    "constant": 1. "step": 1, 0.1 after 60 %, 0.01 after 85 %. "cosine": (1 + cos(pi u / U)) / 2 (Loshchilov and Hutter
    2017, arXiv 1608.03983, equation 5, one period). "warm-up + cosine": rising evenly over the first 10 %, then cosine.

    Raises: ValueError unless 0 <= update < total.
    """
    if not 0 <= update < total:
        raise ValueError(f"An update is 0 to {total - 1}, got {update}.")
    if schedule == "constant":
        return 1.0
    if schedule == "step":
        return 0.1 ** sum(update >= share * total for share in _DROPS)
    warm = math.ceil(_WARM * total) if schedule == "warm-up + cosine" else 0
    if update < warm:
        return (update + 1) / (warm + 1)
    return (1 + math.cos(math.pi * (update - warm) / (total - warm))) / 2
