"""What belongs to one visitor: the only file that touches st.session_state.

Values of widgets live in the URL (pages/shared/controls.py); here is the little that cannot: own pictures, which
question was revealed, and values that a button or a browser component sets for a widget.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.freed_memory import give_back_soon
from core.photo import Photo

ALBUM_LIMIT = 8  # own pictures kept per visitor; the oldest goes first


@dataclass(slots=True)
class Album:
    """The pictures a visitor brought along, by name, in order of arrival. They live in memory only."""

    photos: dict[str, Photo] = field(default_factory=dict)

    def add(self, photo: Photo, taken: tuple[str, ...]) -> str:
        """Keep a picture and return the name it is listed under, which is none of those taken."""
        name, number = photo.name, 2
        while name in taken or (name in self.photos and self.photos[name].digest != photo.digest):
            name, number = f"{photo.name} ({number})", number + 1
        self.photos[name] = photo
        while len(self.photos) > ALBUM_LIMIT:
            del self.photos[next(iter(self.photos))]
        return name


def _gone(_album: Album) -> None:
    """The session has ended: what it held goes back to the computer, not just to Python."""
    give_back_soon()


@st.cache_resource(scope="session", show_spinner=False, on_release=_gone)
def _album(owner: str) -> Album:
    """An empty album: the session's cache keeps it, and frees it as soon as the session ends."""
    return Album()


_FAREWELLS: list[Callable[[str], None]] = []


def when_gone(told: Callable[[str], None]) -> None:
    """For a module that works for visitors: from now on it hears the name of each whose session has ended."""
    _FAREWELLS.append(told)


def _farewell(owner: str) -> None:
    for told in _FAREWELLS:
        told(owner)


@st.cache_resource(scope="session", show_spinner=False, on_release=_farewell)
def _presence(owner: str) -> str:
    """Kept by the session's cache, which lets go of it when the session ends."""
    return owner


def owner() -> str:
    """This visitor's name, which nobody else can know."""
    if "owner" not in st.session_state:
        st.session_state["owner"] = uuid4().hex
    return _presence(st.session_state["owner"])


def album() -> Album:
    """This visitor's own pictures."""
    return _album(owner())


def held(key: str, default: Any = None) -> Any:
    """The value that is kept under a key, or the default."""
    return st.session_state.get(key, default)


def assign(values: Mapping[str, Any]) -> None:
    """Set values of widgets from a callback (a preset, a component's edit): the URL follows."""
    for key, value in values.items():
        st.session_state[key] = value


def drop(key: str) -> None:
    """Forget what is kept under a key."""
    st.session_state.pop(key, None)


def keys(prefix: str) -> list[str]:
    """The kept keys that begin with a prefix."""
    return sorted(str(key) for key in st.session_state if str(key).startswith(prefix))


def release_upload(file: UploadedFile) -> None:
    """Let go of an uploaded file's bytes now; Streamlit would keep them until some other visitor leaves."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)
        file.truncate(
            0
        )  # the widget remembers it until the next run, or as long as a closed session is remembered
        give_back_soon()
