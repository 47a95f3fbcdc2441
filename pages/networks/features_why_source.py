"""What the view "Why this class?" looks at, and what was computed of it; what takes long is made in the background."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
import streamlit as st

from core import networks
from core.features import probe
from core.features import scene as scenes
from core.features.explanations import (
    METHODS,
    Effort,
    Explanation,
    Subject,
    Trial,
    explain,
    explain_steps,
    layers_to_explain,
    subject_in,
    usable,
)
from core.features.explanations.faithfulness import Mode
from core.features.maps import Layer
from core.features.probe import Covered
from core.features.scene import Look
from core.features.trials import cascade_steps, faith_steps, order_for
from core.features.workbench import Job, Workbench
from core.figures import features_why as figures
from core.figures.encoding import Encoded
from core.figures.features_why import Style
from core.networks.softmax import softmax
from core.photo import Photo
from pages.networks import features_maps_source as maps_source
from pages.shared import session
from pages.shared.heavy import kept

BENCH = Workbench()
session.when_gone(BENCH.leave)
FIRST, SECOND, NOBODY = "first answer", "second answer", "no second class"
_LAYERED = {name for name, method in METHODS.items() if method.kind == "cam"} | {"score_cam"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to one network.

    Args:
        layer: whose maps class activation maps are made of; "" where the network has none with places.
        category: number of the output.
        effort: of the slow methods.
    """

    photo: Photo
    look: Look
    layer: str
    category: int
    effort: Effort

    def key(self, method: str) -> tuple[Hashable, ...]:
        """What the method's map depends on, in words and numbers."""
        layer = self.layer if needs_layer(method) else ""
        return self.photo.digest, self.look, layer, self.category, method, self.effort

    @property
    def network(self) -> str:
        """The network's name, by which a visitor's own is told from the others."""
        return self.look.network

    @property
    def name(self) -> str:
        """The category in words."""
        return networks.record(self.look.network).categories[self.category]

    @property
    def share(self) -> float:
        """The category's probability."""
        return float(shares(self.photo, self.look)[self.category])

    @property
    def pixels(self) -> np.ndarray:
        """The crop that the network saw."""
        return maps_source.scene(self.photo, self.look).pixels

    @property
    def trained(self) -> bool:
        """Whether the weights are trained ones."""
        return self.look.weights == maps_source.TRAINED


@dataclass(frozen=True, slots=True)
class Wish:
    """How it is to be shown.

    Args:
        method: of the large picture.
        style: how maps are drawn.
        opacity: of the map over the crop at first, 0 to 1.
        cover: side of the square that a click covers, in pixels.
        place: the pixel (row, column) around which it lies, or None.
        slow: slow methods are asked as well.
        seed: of random weights.
    """

    method: str
    style: Style
    opacity: float
    cover: int
    place: tuple[int, int] | None
    slow: bool
    seed: int


_KEYS: dict[str | type, Any] = {
    Photo: attrgetter("digest"),
    Look: repr,
    Asked: lambda asked: repr((asked.key("grad_cam"), asked.layer)),
}


def needs_layer(method: str) -> bool:
    """Whether the method's map is made of a layer's maps."""
    return method in _LAYERED


@kept(st.cache_resource, 64, _KEYS)
def subject(asked: Asked) -> Subject:
    """The question for core; shared and never changed."""
    scene = maps_source.scene(asked.photo, asked.look)
    return subject_in(scene.circuit, scene.tensor, asked.category, asked.layer)


@kept(st.cache_data, 64, _KEYS)
def layers(photo: Photo, look: Look) -> tuple[Layer, ...]:
    """The layers that are offered, the coarsest last."""
    return layers_to_explain(maps_source.scene(photo, look).circuit)


@kept(st.cache_data, 64, _KEYS)
def shares(photo: Photo, look: Look) -> np.ndarray:
    """The probability of every category."""
    return softmax(scenes.all_outputs(maps_source.scene(photo, look)))


@kept(st.cache_resource, 16)
def category_names(network: str) -> tuple[str, ...]:
    """Every category with its number, as links name it."""
    return tuple(f"{name} ({i})" for i, name in enumerate(networks.record(network).categories))


def category(name: str, photo: Photo, look: Look) -> int:
    """The number of a chosen category."""
    if name in (FIRST, SECOND):
        return int(np.argsort(-shares(photo, look), kind="stable")[(FIRST, SECOND).index(name)])
    return category_names(look.network).index(name)


def wanted(asked: Asked, wish: Wish) -> tuple[str, ...]:
    """The methods to ask: the quick ones, the chosen one, and the slow ones if they are wished for."""
    return tuple(
        name for name in fitting(asked) if wish.slow or name == wish.method or not METHODS[name].slow
    )


def fitting(asked: Asked) -> tuple[str, ...]:
    """The methods that mean something for this network."""
    return usable(subject(asked))


def quick(asked: Asked) -> tuple[str, ...]:
    """Those of them that do not take long."""
    return tuple(name for name in fitting(asked) if not METHODS[name].slow)


@kept(st.cache_resource, 32, _KEYS)
def _at_once(asked: Asked, method: str) -> Explanation:
    return explain(method, subject(asked), asked.effort)


def explanation(asked: Asked, method: str) -> Explanation | None:
    """A method's map: from the background if it is there, computed now if that is quick, else None."""
    found = result("map", asked, method)
    if found is None and not METHODS[method].slow:
        return _at_once(asked, method)
    return found


@st.cache_data(max_entries=96, show_spinner=False, hash_funcs=_KEYS)
def drawn(asked: Asked, method: str, style: Style, _found: Explanation) -> Encoded:
    """A method's map as a tile."""
    return figures.tile(asked.pixels, _found, style)


@kept(st.cache_data, 64, _KEYS)
def covered(asked: Asked, pixel: tuple[int, int], side: int) -> Covered:
    """What covering a place does."""
    return probe.covered(subject(asked), pixel, side)


@kept(st.cache_data, 64, _KEYS)
def partly(asked: Asked, method: str, mode: Mode, share: float) -> np.ndarray:
    """What the network sees at one point of a curve."""
    how = networks.record(asked.look.network).preprocessing
    found = None if method not in METHODS else explanation(asked, method)
    own = subject(asked)
    return probe.partly(own, how, order_for(own, found), mode, share)


# In the background: "map" is an explanation, "faith" both curves of it, "cascade" the sanity check.


def ask(kind: str, asked: Asked, method: str, seed: int = 0) -> Job:
    """A piece of work, done already, on its way or begun now."""
    own, effort = subject(asked), asked.effort
    makers = {
        "map": lambda: explain_steps(method, own, effort),
        "faith": lambda: faith_steps(own, method, effort),
        "cascade": lambda: cascade_steps(own, method, seed),
    }
    return BENCH.ask(session.owner(), _key(kind, asked, method, seed), makers[kind])


def peek(kind: str, asked: Asked, method: str, seed: int = 0) -> Job | None:
    """The same, if it was asked for before."""
    return BENCH.peek(session.owner(), _key(kind, asked, method, seed))


def result(kind: str, asked: Asked, method: str, seed: int = 0) -> Any:
    """What it gave, if it is done: Explanation, Faithfulness or Trials."""
    job = peek(kind, asked, method, seed)
    return job.result if job and job.state == "done" else None


@st.cache_data(max_entries=400, show_spinner=False, hash_funcs=_KEYS)
def _rung(asked: Asked, method: str, seed: int, depth: int, _trial: Trial) -> Encoded:
    return figures.small_tile(asked.pixels, _trial.found)


def rungs(asked: Asked, method: str, trials: tuple[Trial, ...], seed: int) -> list[Encoded]:
    """The maps of the sanity check as small tiles, as far as they are there."""
    return [_rung(asked, method, seed, trial.depth, trial) for trial in trials]


def results(kind: str, asked: Asked, methods: Iterable[str], seed: int = 0) -> Mapping[str, Any]:
    """What is there of several, by method; of the sanity check also what is half done."""
    jobs = {name: peek(kind, asked, name, seed) for name in methods}
    return {name: job.result for name, job in jobs.items() if job and job.result is not None}


def finished(kind: str, asked: Asked, methods: Iterable[str], seed: int = 0) -> Mapping[str, Any]:
    """What several give, waited for.

    Raises: ValueError if one of them failed.
    """
    names = tuple(methods)
    jobs = {name: ask(kind, asked, name, seed) for name in names}
    for name, job in jobs.items():
        while not BENCH.wait(job, 2.0):
            for each in names:
                peek(kind, asked, each, seed)  # still looked at: it is not given up
        if job.state != "done":
            raise ValueError(job.error or f"The work for “{name}” was stopped.")
    return {name: job.result for name, job in jobs.items()}


def stop(kind: str, asked: Asked, methods: Iterable[str], seed: int = 0) -> None:
    """This visitor no longer waits for these."""
    BENCH.stop(session.owner(), [_key(kind, asked, name, seed) for name in methods])


def _key(kind: str, asked: Asked, method: str, seed: int) -> tuple[Hashable, ...]:
    return kind, *asked.key(method), seed
