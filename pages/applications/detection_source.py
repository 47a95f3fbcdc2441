"""What the detection page asks of detectors, kept between runs."""

from dataclasses import dataclass
from operator import attrgetter

import streamlit as st

from core.detection import detector as detectors
from core.detection.detector import Candidates, Seen
from core.detection.suppression import Suppression, suppress
from core.figures.encoding import Encoded, encode
from core.networks import DETECTORS
from core.photo import Photo
from pages.applications.detection_lesson import questions
from pages.shared import controls
from pages.shared.fetch_weights import offer
from pages.shared.heavy import kept
from pages.shared.lesson import ask
from pages.shared.plain_text import plain

METHODS = {
    "greedy": "Greedy",
    "diou": "DIoU",
    "soft-linear": "Soft, linear",
    "soft-gaussian": "Soft, Gaussian",
    "merge": "Merge by score",
}
SHARES = tuple(i / 100 for i in (1, 2, *range(5, 100, 5)))
_KEYS = {Photo: attrgetter("digest")}


@dataclass(frozen=True, slots=True)
class How:
    """How boxes are suppressed: the method, and whether classes are told apart."""

    method: str
    per_class: bool


def choose_detector() -> str:
    """One of the detectors, whether its file is on this computer or not."""
    names = tuple(detectors.TITLES)
    return controls.select(
        "Detector", "det_network", names[0], names, width=170, format_func=detectors.TITLES.get
    )


def choose_method() -> How:
    """How boxes are suppressed."""
    method = controls.select(
        "Suppression", "det_method", "greedy", tuple(METHODS), width=170, format_func=METHODS.get
    )
    return How(method, controls.toggle("Per class", "det_per_class", True))


@kept(st.cache_resource, 8, _KEYS)
def seen(photo: Photo, detector: str) -> Seen:
    """What a detector says of the photo."""
    return detectors.look(photo.pixels, detector)


def seen_or_said(photo: Photo, detector: str) -> Seen | None:
    """What a detector says of the photo, or None once the page has said why it cannot be asked."""
    if not detectors.is_here(detector):
        offer(DETECTORS[detector], "det_fetch", "Until then choose another detector.")
        return None
    try:
        return seen(photo, detector)
    except (LookupError, ValueError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def suppressed(found: Candidates, overlap: float, how: How) -> Suppression:
    """What is left of the candidates, and why."""
    labels = found.labels if how.per_class else None
    return suppress(found.boxes, found.scores, iou_threshold=overlap, labels=labels, method=how.method)


def asked(shown: Seen, threshold: float, overlap: float, how: How) -> bool:
    """Draw the menu of questions; whether one is open, and what it asks about must be hidden."""
    found = detectors.candidates(shown, threshold)
    return bool(ask(questions(shown, found, suppressed(found, overlap, how), threshold), "det"))


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=_KEYS)
def travelling(photo: Photo) -> Encoded:
    """The photo as the browser components show it."""
    return encode(photo.pixels)
