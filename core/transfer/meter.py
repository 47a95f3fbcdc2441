"""How far a training is, counted in pictures through the network: a forward pass counts 1, a training step 3."""

import time

from core.jobs.steps import Tick

FORWARD, TRAIN = 1.0, 3.0
_EVERY_S = 0.25


class Meter:
    """Counts work and says when to tell it.

    Args:
        total: pictures that will go through, as far as is known.
    """

    def __init__(self, total: float) -> None:
        self._total, self._done = max(1.0, total), 0.0
        self._told = time.monotonic()
        self.photos = self.updates = 0

    @property
    def due(self) -> bool:
        """The last tick is a while ago."""
        return time.monotonic() - self._told > _EVERY_S

    def saw(self, photos: int, weight: float = FORWARD) -> None:
        """So many pictures went through, each counting `weight`."""
        self.photos += photos
        self._done += photos * weight

    def tick(self, what: str) -> Tick:
        """How far it is now."""
        self._told = time.monotonic()
        total = round(100 * self._total)
        return Tick(min(round(100 * self._done), total), total, what, self.photos, self.updates)
