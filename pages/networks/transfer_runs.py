"""What this visitor has trained: the runs by name, the networks that came out, and the one that is looked into."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import streamlit as st

from core import networks
from core.features.scene import Look
from core.freed_memory import give_back_soon
from core.jobs import Job
from core.transfer.recipe import Recipe
from core.transfer.samples import PhotoSet
from core.transfer.split import Split
from core.transfer.steps import Epoch, Trained
from pages.networks.transfer_settings import TITLES
from pages.shared import jobs, session
from pages.shared.heavy import heavy
from pages.shared.plain_text import plain

TRAIN, RACE, ADVICE, RATE = "train", "race", "advice", "rate"
_ALL = 100  # more stages than any network has


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """A network that came out of a run, with what it learned from."""

    title: str
    photos: PhotoSet
    split: Split
    trained: Trained

    def labels(self, numbers: Sequence[int]) -> np.ndarray:
        """The true class of each of these photos."""
        return np.array([self.photos.samples[number].label for number in numbers], np.int64)

    @property
    def judged(self) -> tuple[tuple[int, ...], np.ndarray, str]:
        """The photos that judge it, what it says of them, and the part's name: the test part where there is one."""
        if self.split.test:
            return self.split.test, self.trained.test, "test"
        return self.split.validation, self.trained.validation, "validation"


def epochs_of(job: Job, lane: int = 0) -> tuple[Epoch, ...]:
    """The epochs of a run's lane, as far as they have come."""
    return tuple(step for step in job.results if isinstance(step, Epoch) and step.lane == lane)


def trained_of(job: Job | None) -> tuple[Trained, ...]:
    """The networks that a run has given so far."""
    return tuple(step for step in (job.results if job else ()) if isinstance(step, Trained))


def why_not(photos: PhotoSet, split: Split) -> str:
    """Why this set cannot be trained on, in a sentence, or ""."""
    learned = {photos.samples[number].label for number in split.training}
    if len(learned) >= 2:
        return ""
    return f"A network learns to tell at least two classes, here are photos to train on of {len(learned)}: see Photos."


def about_set(photos: PhotoSet, split: Split) -> str:
    """What is learned from, in a line."""
    parts = [f"{len(split.training)} photos train", f"{len(split.validation)} choose the best epoch"]
    if split.test:
        parts.append(f"{len(split.test)} judge it at the end")
    names = ", ".join(plain(name) for name in photos.classes[:4]) + (" …" if len(photos.classes) > 4 else "")
    return f"{names}: {', '.join(parts)}."


def trainings() -> dict[str, Training]:
    """Every trained network of this visitor, the latest run first."""
    found: dict[str, Training] = {}
    for name, words in ((TRAIN, "Your run"), (RACE, "Race")):
        job = jobs.mine(name)
        for trained in trained_of(job):
            title = f"{words}: {title_of(trained.recipe)}"
            arguments = job.order.arguments  # type: ignore[union-attr]  it gave something
            found[title] = Training(title, arguments["photos"], arguments["split"], trained)
    return found


def title_of(recipe: Recipe) -> str:
    """The approach in a few words."""
    title = TITLES[recipe.approach].lower()
    if recipe.approach != "tune":
        return title
    return f"{title}, everything" if recipe.stages >= _ALL else f"{title}, last {recipe.stages}"


@dataclass(slots=True)
class _Guest:
    """The trained network that is used on this server now: its weights and its name."""

    weights: bytes = b""
    name: str = ""
    closed: bool = False
    lock: Lock = field(default_factory=Lock)

    def put(self, weights: bytes, name: str) -> None:
        """Take a network in the place of the one before; the session may have ended meanwhile."""
        with self.lock:
            before, self.weights, self.name = self.name, weights, name
            if self.closed:
                before, self.name = name, ""
        networks.let_go(before)

    def close(self) -> None:
        """The session has ended."""
        with self.lock:
            self.closed = True
        self.put(b"", "")
        give_back_soon()


@st.cache_resource(scope="session", show_spinner=False, on_release=_Guest.close)
def _guest_of(owner: str) -> _Guest:
    return _Guest()


def as_guest(trained: Trained) -> str:
    """The network's name for `core.networks`, this visitor's alone.

    Raises: CheckpointError where all visitors' networks together take too much room.
    """
    held = _guest_of(session.owner())
    if held.weights is not trained.weights:
        with heavy(), st.spinner("Taking the network in …"):
            architecture = networks.record(trained.recipe.network).architecture
            name = networks.bring(
                trained.weights, architecture, len(trained.classes), trained.classes, "trained here"
            )
        held.put(trained.weights, name)
    return held.name


def look_of(trained: Trained) -> Look:
    """The network as the features room looks at it."""
    return Look(as_guest(trained), "trained")
