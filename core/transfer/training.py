"""One training, from a set of photos and a recipe to a network, as a generator of frozen steps.

Where others slip: frozen batch normalisation stays in evaluation mode (`core.transfer.student`); features are cached
only while they are valid (`core.transfer.feed`); only the training part is augmented; the optimiser holds exactly what
trains; no batch statistics are taken of a single photo; the best epoch is chosen on the validation part, whose accuracy
is therefore a little too good, and the test part is asked once, at the end.
"""

import math
import time
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core import networks
from core.jobs import work
from core.jobs.device import best_device, device_name
from core.networks.file_label import FileLabel, shown_at
from core.transfer.evaluation import cross_entropy, right_of
from core.transfer.feed import Feed
from core.transfer.meter import FORWARD, TRAIN, Meter
from core.transfer.recipe import Recipe
from core.transfer.result import counted, moved, packed
from core.transfer.samples import PhotoSet
from core.transfer.schedule import factor_at
from core.transfer.split import Split
from core.transfer.steps import Epoch, Trained
from core.transfer.student import Student, student
from core.transfer.updates import batches, optimiser_of, shuffled, update

Steps = Generator[Any, bool | None, Any]
_ASKED_AT_ONCE = 32  # photos in a batch of evaluation


@work
def fine_tune(
    photos: PhotoSet, split: Split, recipe: Recipe, *, lane: int = 0, own: tuple[str, bytes] | None = None
) -> Steps:
    """Train; hands out ticks, an `Epoch` before the first update and after each pass, and one `Trained`.

    Told to stop, it hands out what the best epoch so far has learnt; nothing if none was there yet.

    Args:
        lane: is written on every step.
        own: (architecture, a `.safetensors` file) to begin with instead of the recipe's published weights.

    Raises: ValueError naming the rule and the value found; WeightsMissing.
    """
    pupil, feed, architecture = prepared(photos, split, recipe, own)
    try:
        run = _Run(photos, split, recipe, lane, pupil, feed)
        if (yield from feed.fill(split.training, run.meter)):
            return
        run.seconds = time.monotonic() - run.began
        yield from run.epochs()
        yield from run.close(architecture)
    finally:
        feed.close()


def prepared(
    photos: PhotoSet, split: Split, recipe: Recipe, own: tuple[str, bytes] | None = None
) -> tuple[Student, Feed, str]:
    """The network that is to be trained, what it is fed with, and its architecture.

    Raises: as `fine_tune`.
    """
    check(photos, split)
    pupil = student(recipe, len(photos.classes), own)
    architecture = own[0] if own else networks.record(recipe.network).architecture
    how = shown_at(networks.record(architecture if own else recipe.network).preprocessing, recipe.size_px)
    pupil.trunk.to(best_device())
    pupil.head.to(best_device())
    numbers = (*split.training, *split.validation, *split.test)
    return pupil, Feed(photos, numbers, pupil, recipe, how), architecture


def check(photos: PhotoSet, split: Split) -> None:
    """The set can be learned from.

    Raises: ValueError naming the rule and the value found.
    """
    learned = {photos.samples[number].label for number in split.training}
    if len(learned) < 2:
        raise ValueError(
            f"A network learns to tell at least two classes with training photos, got {len(learned)}."
        )


class _Run:
    """The state of one training."""

    def __init__(
        self, photos: PhotoSet, split: Split, recipe: Recipe, lane: int, pupil: Student, feed: Feed
    ) -> None:
        self.photos, self.split, self.recipe, self.lane = photos, split, recipe, lane
        self.pupil, self.feed = pupil, feed
        self.never_one = pupil.norms_move and pupil.trained > 0
        self.per_epoch = len(batches(split.training, recipe.batch, never_one=self.never_one))
        self.total = recipe.epochs * self.per_epoch
        if recipe.updates_most:
            self.total = min(self.total, recipe.updates_most)
        self.meter = Meter(self._expected())
        self.optimiser = optimiser_of(pupil, recipe)
        self.at_start = pupil.state()
        nobody = np.zeros((0, len(photos.classes)), np.float32)
        self.best = (math.inf, 0, self.at_start, nobody)  # validation loss, epoch, tensors, what they say
        self.began = time.monotonic()
        self.seconds = 0.0  # of training, with the caching
        self.stopped, self.why = False, ""
        self.labels = {number: photos.samples[number].label for number in feed._rows}

    def _expected(self) -> float:
        """Pictures that will go through the network."""
        split, recipe, epochs = self.split, self.recipe, max(1, self.total // self.per_epoch)
        training, asked = len(split.training), len(split.validation)
        if self.pupil.trained == 0:
            passes = recipe.passes if recipe.chain.steps else 0
            return FORWARD * (training * (1 + passes) + asked + len(split.test))
        return FORWARD * (training + asked + len(split.test)) + epochs * (TRAIN * training + FORWARD * asked)

    def epochs(self) -> Steps:
        """All epochs, and the one before the first update."""
        training = self.split.training
        start = self._scores(training, (yield from self._asked(training)))
        if (yield (yield from self._measured(0, start))):
            self._stop()
        number = 0
        while not self.stopped and not self.why:
            number += 1
            step = yield from self._measured(number, (yield from self._pass(number)))
            self._judge(step)
            if (yield step):
                self._stop()

    def _stop(self) -> None:
        self.stopped, self.why = True, "Stopped by you: the best epoch so far is kept."

    def _pass(self, epoch: int) -> Steps:
        """One epoch of updates; returns its mean loss and accuracy."""
        recipe, losses, right, seen = self.recipe, 0.0, 0, 0
        cut = batches(
            shuffled(self.split.training, recipe.seed, epoch), recipe.batch, never_one=self.never_one
        )
        for i, numbers in enumerate(cut):
            since = time.monotonic()
            inputs = self.feed.training(numbers, epoch)
            if i + 1 < len(cut):
                self.feed.prepare(cut[i + 1], epoch)
            loss, hits = self._update(inputs, self._targets(numbers))
            self.seconds += time.monotonic() - since
            losses, right, seen = losses + loss * len(numbers), right + hits, seen + len(numbers)
            if not math.isfinite(loss):
                self.why = f"The loss became {loss} in epoch {epoch}: take a smaller learning rate."
            elif self.meter.updates >= self.total:
                self.why = self._all_done()
            elif recipe.seconds_most and self.seconds >= recipe.seconds_most:
                self.why = f"The budget of {recipe.seconds_most:g} s is used up."
            if self.why:
                break
            if self.meter.due and (yield self.meter.tick(f"epoch {epoch} of {recipe.epochs}")):
                self._stop()
                break
        return losses / seen, right / seen

    def _all_done(self) -> str:
        if self.recipe.updates_most and self.total == self.recipe.updates_most:
            return f"The budget of {self.total:,} updates is used up."
        return f"All {self.recipe.epochs} epochs are done."

    def _update(self, inputs: Tensor, targets: Tensor) -> tuple[float, int]:
        """One step of the optimiser: the loss before it, and how many it had right."""
        times = factor_at(self.recipe.schedule, min(self.meter.updates, self.total - 1), self.total)
        rate, smoothing, body = self.recipe.rate * times, self.recipe.label_smoothing, self.feed.body
        found = update(self.pupil, body, self.optimiser, inputs, targets, rate=rate, smoothing=smoothing)
        self.meter.updates += 1
        self.meter.saw(len(inputs), TRAIN if body is not None else 0.0)
        return found

    def _targets(self, numbers: Sequence[int]) -> Tensor:
        return torch.tensor([self.labels[number] for number in numbers], device=best_device())

    def _judge(self, step: Epoch) -> None:
        """Remember the best epoch; stop early without progress."""
        judged = step.validation_loss if self.split.validation else -float(step.number)
        if judged < self.best[0]:
            tensors = self.pupil.state()
            if all(bool(each.isfinite().all()) for each in tensors.values()):  # a rate too large breaks them
                self.best = (judged, step.number, tensors, step.probabilities)
        waited = step.number - self.best[1]
        if self.recipe.patience and self.split.validation and waited >= self.recipe.patience and not self.why:
            self.why = f"No better validation loss for {waited} epochs."

    def _measured(self, number: int, trained_on: tuple[float, float]) -> Steps:
        """The epoch as a step: asked about the validation part."""
        probabilities = yield from self._asked(self.split.validation)
        of_loss, of_accuracy = self._scores(self.split.validation, probabilities)
        groups = self.optimiser.param_groups
        trunk = groups[0]["lr"] if self.pupil.trained else 0.0
        step = Epoch(
            self.lane, number, self.meter.updates, self.seconds, *trained_on, of_loss, of_accuracy,
            groups[-1]["lr"], trunk, self.meter.photos, probabilities,
        )  # fmt: skip
        if number == 0:
            self.best = (of_loss if self.split.validation else 0.0, 0, self.at_start, probabilities)
        return step

    def _scores(self, numbers: Sequence[int], probabilities: np.ndarray) -> tuple[float, float]:
        """Mean cross-entropy and accuracy; NaN without photos."""
        if not numbers:
            return math.nan, math.nan
        labels = np.array([self.labels[number] for number in numbers])
        return cross_entropy(probabilities, labels), float(right_of(probabilities, labels).mean())

    def _asked(self, numbers: Sequence[int]) -> Steps:
        """Probabilities [photos, classes] in evaluation mode."""
        found = np.zeros((len(numbers), len(self.photos.classes)), np.float32)
        for first in range(0, len(numbers), _ASKED_AT_ONCE):
            chunk = numbers[first : first + _ASKED_AT_ONCE]
            with torch.inference_mode():
                inputs = self.feed.plain(chunk)
                if self.feed.body is not None:
                    self.pupil.set_mode(self.feed.body, training=False)
                    inputs = self.feed.body(inputs)
                    self.meter.saw(len(chunk))
                shares = self.pupil.logits(inputs, dropping=False).softmax(1)
            found[first : first + len(chunk)] = shares.cpu().numpy()
            if self.meter.due and (yield self.meter.tick("asked about photos that it does not train on")):
                self._stop()
        return found

    def close(self, architecture: str) -> Steps:
        """Put the best epoch back and ask it once more."""
        _, best, tensors, validation = self.best
        self.pupil.restore(tensors)
        test = yield from self._asked(self.split.test)
        label = FileLabel(architecture, self.photos.classes, self.recipe.size_px)
        yield Trained(
            lane=self.lane,
            recipe=self.recipe,
            classes=self.photos.classes,
            weights=packed(tensors, label),
            best_epoch=best,
            stopped=self.stopped,
            why=self.why,
            validation=validation,
            test=test,
            moved=moved(self.pupil, self.at_start, tensors),
            trainable=counted(self.pupil)[0],
            parameters=counted(self.pupil)[1],
            seconds=self.seconds,
            photos=self.meter.photos,
            device=device_name(),
            how=self._how(),
            cached=self.feed.cached,
        )

    def _how(self) -> str:
        if self.pupil.trained == 0:
            return "float32, channels last, features cached"
        return f"float32, channels last{', frozen front cached' if self.feed.cached else ''}"
