"""A small YOLO learns scenes that are drawn for it, from scratch, as long work: what a visitor sees after every epoch.

Every epoch draws new scenes, so nothing can be learned by heart; 64 held-out scenes stay the same from the first epoch
to the last. AdamW (Loshchilov and Hutter 2019); the rate rises over the first tenth of the updates and falls along half
a cosine to 0 (Smith and Topin 2018, "Super-Convergence"). Everything is drawn from the seed, so a run can be repeated.
"""

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.detection.evaluation import Evaluation, evaluate
from core.detection.live_loss import RULES, Parts, loss, taught
from core.detection.scenes import Scene, SceneSettings, scenes, truths
from core.detection.small_yolo import (
    Raw,
    Weights,
    as_input,
    detections,
    grid_of,
    network,
    raw_by,
    weights_of,
)
from core.jobs import Order, Tick, work

HELD_OUT, SHOWN, BATCH = 64, 6, 8
STEP = 4  # updates between two ticks: each tick travels to the web server and back
MOST_EPOCHS = 40
RATE, DECAY, CLIP, WARM = 1e-2, 1e-2, 10.0, 0.1


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """A training.

    Args:
        scenes: what is drawn.
        rule: which cells learn an object, one of `core.detection.live_loss.RULES`.
        stride: pixels of a cell, 8 or 16.
        epochs: 1 to 40. per_epoch: scenes in each, a multiple of 8, which is the batch.
        seed: of the initialisation and of all scenes, from 0.

    Raises: ValueError for settings out of range.
    """

    scenes: SceneSettings = field(default_factory=SceneSettings)
    rule: str = "around"
    stride: int = 8
    epochs: int = 16
    per_epoch: int = 512
    seed: int = 0

    def __post_init__(self) -> None:
        grid_of(self.stride)
        if self.rule not in RULES:
            raise ValueError(f"A rule is one of {', '.join(RULES)}, got {self.rule!r}.")
        if not 1 <= self.epochs <= MOST_EPOCHS:
            raise ValueError(f"The number of epochs is 1 to {MOST_EPOCHS}, got {self.epochs}.")
        if not BATCH <= self.per_epoch <= 4096 or self.per_epoch % BATCH:
            raise ValueError(
                f"An epoch is {BATCH} to 4096 scenes in batches of {BATCH}, got {self.per_epoch}."
            )
        if self.seed < 0:
            raise ValueError(f"A seed is a number from 0, got {self.seed}.")

    @property
    def updates(self) -> int:
        """Of the whole training."""
        return self.epochs * self.per_epoch // BATCH


@dataclass(frozen=True, slots=True, eq=False)
class LiveEpoch:
    """Where the training stands.

    Args:
        number: of the epoch, 0 before any update.
        whole: False for an epoch that was stopped midway.
        parts: means of the loss over the epoch's updates; NaN for number 0.
        ap50, ap: on the held-out scenes, IoU 0.5 and the mean over 0.5 to 0.95; NaN where these hold no objects.
        seen: scenes trained on so far.
        seconds: of training so far, without the evaluations. pace: scenes per second in this epoch.
        raw: what the network says of the first six held-out scenes.
        weights: all that it has learned.
    """

    number: int
    whole: bool
    parts: Parts
    ap50: float
    ap: float
    seen: int
    seconds: float
    pace: float
    raw: Raw
    weights: Weights


def live_order(settings: LiveSettings) -> Order:
    """The order for what `train_live` does."""
    return Order("core.detection.live_training:train_live", {"settings": settings})


def held_out(settings: LiveSettings, count: int = HELD_OUT) -> tuple[Scene, ...]:
    """The first of the scenes on which the training is measured."""
    return scenes(settings.scenes, "held out", settings.seed, 0, count)


def learning_rate(update: int, updates: int) -> float:
    """Of an update, from 0: up in a straight line over a tenth of them, then down along half a cosine."""
    warm = max(1, round(WARM * updates))
    if update < warm:
        return RATE * (update + 1) / warm
    return RATE * (1 + math.cos(math.pi * (update - warm) / max(1, updates - warm))) / 2


@work
def train_live(settings: LiveSettings) -> Generator[Any, bool | None, None]:
    """Train. Results: a `LiveEpoch` before the first update and after every epoch; a `Tick` after every four updates.

    Told to stop, it measures what it has learned so far and gives that as a last epoch.

    Raises: ValueError if the loss is no longer a finite number.
    """
    run = _Run(settings)
    if (yield run.measured(0, True)):
        return
    for number in range(1, settings.epochs + 1):
        for update in range(1, (last := settings.per_epoch // BATCH) + 1):
            run.update()
            if update % STEP and update < last:
                continue
            what = f"epoch {number} of {settings.epochs}"
            stop = yield Tick(
                run.updates, settings.updates, what, photos=BATCH * run.updates, updates=run.updates
            )
            if stop:
                yield run.measured(number, update == last)
                return
        if (yield run.measured(number, True)):
            return


class _Run:
    """The network, its optimiser, and what this epoch has cost so far."""

    def __init__(self, settings: LiveSettings) -> None:
        import torch

        self._settings, self._grid = settings, grid_of(settings.stride)
        self._held_out = held_out(settings)
        self._network = network(len(settings.scenes.classes), settings.stride, settings.seed).train()
        self._adam = torch.optim.AdamW(self._network.parameters(), RATE, weight_decay=DECAY)
        self._parts: list[tuple[float, float, float]] = []
        self._epoch_s = self._seconds = 0.0
        self.updates = 0

    def update(self) -> None:
        """One step on eight new scenes."""
        import torch

        began, made = time.perf_counter(), self._settings
        batch = scenes(made.scenes, "train", made.seed, BATCH * self.updates, BATCH)
        raw = self._network(as_input([each.pixels for each in batch]))
        now = raw.detach().numpy() if made.rule == "simota" else None
        parts = loss(raw, taught(made.rule, batch, self._grid, now), self._grid)
        numbers = tuple(float(each.detach()) for each in (parts.box, parts.objectness, parts.classes))
        if not all(map(math.isfinite, numbers)):
            raise ValueError(f"The loss must stay a finite number, got {sum(numbers)}: try another seed.")
        for group in self._adam.param_groups:
            group["lr"] = learning_rate(self.updates, made.updates)
        self._adam.zero_grad()
        parts.total.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), CLIP)
        self._adam.step()
        self._parts.append(numbers)
        self.updates += 1
        self._epoch_s += time.perf_counter() - began

    def measured(self, number: int, whole: bool) -> LiveEpoch:
        """How good it is now; the next epoch begins."""
        raw = raw_by(self._network, [each.pixels for each in self._held_out])
        found = measured(raw, self._held_out)
        means = np.mean(self._parts, axis=0).tolist() if self._parts else [math.nan] * 3
        trained, took = len(self._parts) * BATCH, self._epoch_s
        self._seconds += took
        self._parts, self._epoch_s = [], 0.0
        return LiveEpoch(
            number,
            whole,
            Parts(*means),
            found.at(0.5),
            found.mean,
            BATCH * self.updates,
            self._seconds,
            trained / took if took else 0.0,
            raw[:SHOWN].copy(),
            weights_of(self._network),
        )


def measured(raw: Raw, shown: Sequence[Scene]) -> Evaluation:
    """Average precision of what the network says of scenes: boxes with a score of 0.01 or more, suppressed at 0.5."""
    return evaluate(detections(raw), truths(shown))
