"""What one session may leave on the server before a page has taken it in.

Streamlit limits each uploaded file and nothing limits their number: bytes that no script run collects would pile up
until some other visitor leaves. Uploads also go through a temporary file of Starlette's when they pass 1 MB; here
they stay in memory, as the page says.

Files larger than a picture are weights of networks and archives of photos: only a session whose page asks for them
may send one, one at a time, and only so many lie on the server together. A page that asks for a set of photos may get
more of them at once.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.freed_memory import give_back_soon

WAITING_BYTES = 200_000_000  # a card full of photos dropped at once
WAITING_FILES = 64
SET_BYTES, SET_FILES = 400_000_000, 500  # the same where a page asks for a set of photos
PICTURE_MIB, WEIGHTS_MIB, ARCHIVE_MIB = 50, 240, 240  # Streamlit counts in 2^20 bytes
LARGE_AT_ONCE = 2  # files of weights and archives, of all sessions together, that wait or are on their way
_LARGE_BYTES = (PICTURE_MIB << 20) + 100_000  # with what surrounds a file in a request
_ROUTE = "/_stcore/upload_file/"


def keep_uploads_in_memory() -> None:
    """Never write an upload to a temporary file, however large; `UploadAllowance` bounds it.

    The server's own limit, which knows no kinds of files, is raised to that of weights.
    """
    MultiPartParser.spool_max_size = 0  # 0 is SpooledTemporaryFile's word for no limit
    config.set_option("server.maxUploadSize", WEIGHTS_MIB)


_expecting: set[str] = set()
_gathering: set[str] = set()


def _leave(session: str) -> None:
    """The session has ended: what it sent and no page took in goes now, and not when some other visitor leaves."""
    _expecting.discard(session)
    _gathering.discard(session)
    if runtime.exists():
        runtime.get_instance().uploaded_file_mgr.remove_session_files(session)
        give_back_soon()


@st.cache_resource(scope="session", show_spinner=False, on_release=_leave)
def _expected(session: str, many: bool) -> str:
    _expecting.add(session)
    if many:
        _gathering.add(session)
    return session


def expect_weights() -> None:
    """This session's page has a box for weights: until the session ends it may send a file larger than a picture."""
    context = get_script_run_ctx()
    if context is not None:
        _expected(context.session_id, many=False)


def expect_photos() -> None:
    """This session's page has boxes for a set: until the session ends it may send many photos, or an archive."""
    context = get_script_run_ctx()
    if context is not None:
        _expected(context.session_id, many=True)


@dataclass(slots=True)
class UploadAllowance:
    """ASGI middleware that refuses an upload (413) of a session whose earlier ones still wait to be taken in."""

    app: ASGIApp
    _coming_bytes: Counter[str] = field(default_factory=Counter)  # by session, of uploads on their way
    _coming_files: Counter[str] = field(default_factory=Counter)
    _coming_large: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(_ROUTE):
            await self.app(scope, receive, send)
            return
        session = scope["path"].removeprefix(_ROUTE).partition("/")[0]
        size = _announced_bytes(scope)
        large = size > _LARGE_BYTES
        refusal = self._why_not_large(session) if large else self._why_not(session, size)
        if refusal:
            await PlainTextResponse(refusal, 413)(scope, receive, send)
            return
        coming = Counter({session: 1})
        self._coming_large += coming if large else Counter()
        self._coming_files += Counter() if large else coming
        self._coming_bytes += Counter() if large else Counter({session: size})
        try:
            await self.app(scope, receive, send)
        finally:
            self._coming_large -= coming if large else Counter()  # what falls to 0 is forgotten
            self._coming_files -= Counter() if large else coming
            self._coming_bytes -= Counter() if large else Counter({session: size})

    def _why_not(self, session: str, size: int) -> str:
        """Why a file must not come, or ""."""
        waiting = [length for length in _waiting(session) if length <= _LARGE_BYTES]
        many = session in _gathering
        files, most = (SET_FILES, SET_BYTES) if many else (WAITING_FILES, WAITING_BYTES)
        if (
            len(waiting) + self._coming_files[session] < files
            and sum(waiting) + self._coming_bytes[session] + size <= most
        ):
            return ""
        return f"Up to {files} files and {most / 1e6:g} MB of one visitor may wait here."

    def _why_not_large(self, session: str) -> str:
        """Why a file larger than a picture must not come, or ""."""
        if session not in _expecting:
            return f"A picture may have {PICTURE_MIB} MB."
        if self._coming_large[session] or any(length > _LARGE_BYTES for length in _waiting(session)):
            return "One large file at a time."
        if self._coming_large.total() + _large_of_all() >= LARGE_AT_ONCE:
            return "Other visitors are sending large files: try again in a moment."
        return ""


def _announced_bytes(scope: Scope) -> int:
    """How long the body says it is, or the most that the server will read of one that does not say."""
    most = config.get_option("server.maxUploadSize") * 1024 * 1024
    text = dict(scope["headers"]).get(b"content-length", b"").decode("latin-1")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 20 else most


def _waiting(session: str) -> list[int]:
    """Bytes of the files that lie on the server for a session."""
    return [len(file.data) for file in list(_storage().get(session, {}).values())]


def _large_of_all() -> int:
    """Large files that lie on the server for any session."""
    sessions = list(_storage())
    return sum(length > _LARGE_BYTES for session in sessions for length in _waiting(session))


def _storage() -> dict[str, Any]:
    return runtime.get_instance().uploaded_file_mgr.file_storage if runtime.exists() else {}
