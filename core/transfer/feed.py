"""What the training part of the network is fed with: pixels, or what the frozen part has made of them once.

Features of a frozen trunk are valid as long as the trunk stands in evaluation mode and the pictures are those they were
computed from. So plain photos are cached; augmented ones only as so many whole passes as the recipe says.
"""

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.jobs.device import best_device
from core.networks.record import Preprocessing
from core.transfer.meter import Meter
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.squares import as_tensor, augmented, squares
from core.transfer.student import Student, front_output, without_front

CHUNK = 16
CACHE_BYTES_MOST = 600_000_000
_TOLERANCE = 1e-4


class Feed:
    """The inputs of one training, by the number of the photo.

    Args:
        how: preprocessing at the recipe's side.
        numbers: of the photos that are used: training, validation, test.
    """

    def __init__(
        self, photos: PhotoSet, numbers: Sequence[int], student: Student, recipe: Recipe, how: Preprocessing
    ) -> None:
        self._photos, self._student, self._recipe, self._how = photos, student, recipe, how
        self._rows = {number: row for row, number in enumerate(numbers)}
        self._pixels = squares([photos.samples[number].photo for number in numbers], how)
        self._plain: Tensor | None = None  # one row for each number
        self._passes: list[Tensor] = []  # rows as above, of augmented training photos
        self.body: Any = student.trunk
        self._device = best_device()
        self._ahead = ThreadPoolExecutor(1, "augment")
        self._next: tuple[tuple[int, ...], int, Future[Tensor]] | None = None

    @property
    def cached(self) -> bool:
        """The frozen part was computed once."""
        return self._plain is not None

    def fill(self, training: Sequence[int], meter: Meter) -> Generator[Any, bool | None, bool]:
        """Compute what can be cached. Returns whether it was told to stop."""
        frozen = self._student.trained == 0
        rest = None if frozen else self._rest()
        if not frozen and rest is None:
            return False
        if (yield from self._fill_plain(meter)):
            return True
        if frozen:
            self.body = None
            if self._recipe.chain.steps:
                return (yield from self._fill_passes(training, meter))
        else:
            self.body = rest
        return False

    def training(self, numbers: Sequence[int], epoch: int) -> Tensor:
        """Inputs of these photos as they are trained on in an epoch, from 1."""
        if self._passes:
            return self._passes[(epoch - 1) % len(self._passes)][self._at(numbers)]
        if self.cached or not self._recipe.chain.steps:
            return self.plain(numbers)
        key = tuple(numbers)
        if self._next and self._next[:2] == (key, epoch):
            return self._next[2].result().to(self._device)
        return self._augmented(key, epoch).to(self._device)

    def prepare(self, numbers: Sequence[int], epoch: int) -> None:
        """Augment these photos in a thread meanwhile; `training` is asked for them next."""
        if self._recipe.chain.steps and not self.cached:
            key = tuple(numbers)
            self._next = (key, epoch, self._ahead.submit(self._augmented, key, epoch))

    def plain(self, numbers: Sequence[int]) -> Tensor:
        """Inputs of these photos as they are."""
        if self._plain is not None:
            return self._plain[self._at(numbers)]
        return as_tensor(self._pixels[self._at(numbers)], self._how).to(self._device)

    def close(self) -> None:
        """End the thread."""
        self._ahead.shutdown(wait=False, cancel_futures=True)

    def _at(self, numbers: Sequence[int]) -> np.ndarray:
        return np.array([self._rows[number] for number in numbers], np.int64)

    def _augmented(self, numbers: Sequence[int], epoch: int) -> Tensor:
        photos = [self._photos.samples[number].photo for number in numbers]
        chain, seed = self._recipe.chain, self._recipe.seed
        return as_tensor(augmented(photos, numbers, self._how, chain, seed, epoch), self._how)

    @torch.inference_mode()
    def _frozen_part(self, pictures: Tensor) -> Tensor:
        whole = self._student.trained == 0
        pictures = pictures.to(self._device)
        return self._student.trunk(pictures) if whole else front_output(self._student, pictures)

    def _rest(self) -> Any:
        """The trunk behind its frozen front, where that can be cached; None where it cannot.

        It takes plain photos, room for the front's maps, and a rest that alone gives what the whole does.
        """
        if self._recipe.chain.steps or self._student.trained == len(self._student.stages):
            return None
        one = as_tensor(self._pixels[:1], self._how)
        found = self._frozen_part(one)
        if found.numel() * 4 * len(self._pixels) > CACHE_BYTES_MOST:
            return None
        with torch.inference_mode():
            whole = self._student.trunk(one.to(self._device))
            rest = without_front(self._student).eval()
            try:
                alone = rest(found)
            except RuntimeError:  # shapes do not fit: there is more between the modules
                return None
        same = alone.shape == whole.shape and torch.allclose(alone, whole, rtol=_TOLERANCE, atol=_TOLERANCE)
        return rest if same else None

    def _fill_plain(self, meter: Meter) -> Generator[Any, bool | None, bool]:
        made = []
        self._student.trunk.eval()
        for first in range(0, len(self._pixels), CHUNK):
            chunk = self._pixels[first : first + CHUNK]
            made.append(self._frozen_part(as_tensor(chunk, self._how)))
            meter.saw(len(chunk))
            if meter.due and (yield meter.tick("the frozen part sees every photo once")):
                return True
        self._plain = torch.cat(made).clone()
        return False

    def _fill_passes(self, training: Sequence[int], meter: Meter) -> Generator[Any, bool | None, bool]:
        assert self._plain is not None
        for epoch in range(1, self._recipe.passes + 1):
            rows = self._plain.clone()
            for first in range(0, len(training), CHUNK):
                chunk = training[first : first + CHUNK]
                rows[self._at(chunk)] = self._frozen_part(self._augmented(chunk, epoch))
                meter.saw(len(chunk))
                if meter.due and (yield meter.tick(f"augmented pass {epoch} of {self._recipe.passes}")):
                    return True
            self._passes.append(rows)
        return False
