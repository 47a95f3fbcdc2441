"""The photos that a network is to learn from: this visitor's set, its near-duplicates and its split.

A bundled set is named in the link. Own photos belong to this session alone: they stay while the visitor changes pages
and are freed when the session ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from threading import Lock

import streamlit as st

from core.freed_memory import give_back_soon
from core.transfer.bundled_sets import DEFAULT, SETS, BundledSet, bundled_set
from core.transfer.duplicates import duplicate_groups
from core.transfer.intake import Skipped
from core.transfer.samples import PhotoSet
from core.transfer.split import Split, split
from pages.shared import controls, session

OWN = "your own"
SET, EACH, SEED = "tl_set", "tl_each", "tl_split_seed"
_GO_OWN = "tl_go_own"
_COUNTS = (2, 5, 10, 15, 20, 30, 40, 60, 80, 100)


@dataclass(slots=True)
class _Place:
    """One visitor's own set, and what its last intake has to say."""

    photos: PhotoSet = field(default_factory=PhotoSet)
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    closed: bool = False
    lock: Lock = field(default_factory=Lock)

    def put(self, photos: PhotoSet, skipped: Sequence[Skipped], notes: Sequence[str]) -> None:
        """Take a set in the place of the one before; the session may have ended meanwhile."""
        with self.lock:
            self.photos = PhotoSet() if self.closed else photos
            self.skipped, self.notes = tuple(skipped), tuple(notes)

    def close(self) -> None:
        """The session has ended."""
        with self.lock:
            self.closed = True
        self.put(PhotoSet(), (), ())
        give_back_soon()


@st.cache_resource(scope="session", show_spinner=False, on_release=_Place.close)
def _place_of(owner: str) -> _Place:
    return _Place()


def _place() -> _Place:
    return _place_of(session.owner())


def own_set() -> PhotoSet:
    """What this visitor has brought, shown or not."""
    return _place().photos


def put(photos: PhotoSet, skipped: Sequence[Skipped] = (), notes: Sequence[str] = ()) -> None:
    """The visitor's own set is this one from now on, and it is the one that is shown (from the next run on).

    Args:
        photos: the set.
        skipped: files that did not become photos.
        notes: sentences about the intake.
    """
    _place().put(photos, skipped, notes)
    session.assign({_GO_OWN: True})


def skipped() -> tuple[Skipped, ...]:
    """Files of the last intake that did not become photos."""
    return _place().skipped


def notes() -> tuple[str, ...]:
    """What the last intake has to say."""
    return _place().notes


def choose_set() -> None:
    """The list of sets, and how many photos of a bundled one."""
    if session.held(_GO_OWN):
        session.assign({SET: OWN})
        session.drop(_GO_OWN)
    name = controls.select("Photos", SET, DEFAULT, (*SETS, OWN), width=190)
    slot = st.empty()  # always there: what follows keeps its place, and an open popover stays open
    if name in SETS:
        known = SETS[name]
        with slot:
            controls.choices_slider("Of each class", EACH, known.usual, _counts(known), width=170)


def _counts(known: BundledSet) -> tuple[int, ...]:
    return tuple(count for count in _COUNTS if count <= known.most)


def chosen() -> str:
    """The name of the set that is shown: one of `SETS`, or `OWN`."""
    if session.held(_GO_OWN):
        return OWN
    known = (*SETS, OWN)
    named = session.held(SET)
    if named in known:
        return named
    linked = st.query_params.get(SET)  # on a view that does not draw the list
    return linked if linked in known else DEFAULT


def current_set() -> PhotoSet:
    """The set that the visitor chose; their own may be empty."""
    name = chosen()
    if name == OWN:
        return own_set()
    known = SETS[name]
    each = _number(EACH, known.usual)
    return bundled_set(name, min(_counts(known), key=lambda count: abs(count - each)))


def split_seed() -> int:
    """The seed of the split, as its widget or the link says it."""
    return min(max(_number(SEED, 0), 0), 9999)


def _number(key: str, default: int) -> int:
    held = session.held(key)
    if isinstance(held, int):
        return held
    text = st.query_params.get(key, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default


def duplicates() -> tuple[tuple[int, ...], ...]:
    """Numbers of the photos of the present set that are near-duplicates of each other."""
    return _duplicates(current_set())


def current_split() -> Split:
    """The parts of the present set."""
    return _split(current_set(), split_seed())


def pixels_of(photos: PhotoSet) -> str:
    """Identifies the photos in their order, whatever their classes."""
    return "".join(sample.photo.digest for sample in photos.samples)


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs={PhotoSet: pixels_of})
def _duplicates(photos: PhotoSet) -> tuple[tuple[int, ...], ...]:
    return duplicate_groups([sample.photo for sample in photos.samples])


@st.cache_data(
    scope="session", max_entries=8, show_spinner=False, hash_funcs={PhotoSet: attrgetter("digest")}
)
def _split(photos: PhotoSet, seed: int) -> Split:
    return split(photos, seed=seed, groups=_duplicates(photos))
