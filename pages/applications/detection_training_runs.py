"""Trainings of the small YOLO, as the view Train one shows them; what one visitor trained serves all."""

from dataclasses import dataclass

import streamlit as st

from core.detection.live_training import SHOWN, LiveEpoch, LiveSettings, held_out, live_order
from core.detection.scenes import Scene
from core.figures.detection_training import travelling
from core.figures.encoding import Encoded
from core.jobs import Job
from pages.shared import jobs, session
from pages.shared.long_run import just_ended

NAME = "live_detector"
EPOCH = "det_live_epoch"
EVERY_S = 1.0
_KNOWN_MOST = 6
_known: dict[LiveSettings, tuple[LiveEpoch, ...]] = {}  # whole trainings; the oldest goes first


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the view shows.

    Args:
        settings: of the training that is shown; those of the controls unless another one is on its way.
        epochs: so far.
        job: this visitor's own, if it is the one that is shown.
    """

    settings: LiveSettings
    epochs: tuple[LiveEpoch, ...] = ()
    job: Job | None = None

    @property
    def active(self) -> bool:
        """More epochs are to come."""
        return bool(self.job and self.job.active)


def start(settings: LiveSettings) -> None:
    """Begin a training, for a button's callback; the last epoch is looked at."""
    session.drop(EPOCH)
    jobs.start(NAME, live_order(settings))


def shown(settings: LiveSettings) -> Shown:
    """The training of these settings, this visitor's or an equal one; or another one while it is on its way."""
    job = jobs.mine(NAME)
    own = job is not None and job.order.arguments["settings"] == settings
    if job is not None and own and job.state == "done":
        _remember(settings, job.results)
    if settings in _known:
        if job is not None and own and job.active:  # somebody else's equal training was done first
            jobs.stop(NAME)
        return Shown(settings, _known[settings], job if own and not job.active else None)
    if job is not None and (own or job.active):
        return Shown(job.order.arguments["settings"], job.results, job)
    return Shown(settings)


def ended() -> bool:
    """Whether this visitor's training ended since the last time this was asked."""
    return just_ended(jobs.mine(NAME), "followed_det_live")


@st.cache_resource(max_entries=16, show_spinner=False)
def scenes_shown(settings: LiveSettings) -> tuple[tuple[Scene, Encoded], ...]:
    """The held-out scenes that stand on the page, and each as the browser takes it."""
    return tuple((each, travelling(each)) for each in held_out(settings, SHOWN))


def _remember(settings: LiveSettings, epochs: tuple[LiveEpoch, ...]) -> None:
    _known.setdefault(settings, epochs)
    for oldest in list(_known)[:-_KNOWN_MOST]:
        _known.pop(oldest, None)
