"""A visitor without a browser: a websocket client that speaks Streamlit's protocol and waits for each script run."""

import asyncio
import http.client
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_EDGE = "edge-of-a-part"
_T = TypeVar("_T")


def attend(visits: Coroutine[Any, Any, _T]) -> _T:
    """The result of visits, in a thread of their own: a browser that is driven from this one has an event loop here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, visits).result()


@dataclass(slots=True)
class Widget:
    """A widget as the server described it, and the fragment that it redraws by itself ("" for the page)."""

    element: Element
    fragment: str

    @property
    def id(self) -> str:
        """The name by which the server knows the widget; it ends with the widget's key."""
        return getattr(self.element, self.element.WhichOneof("type")).id


@dataclass(slots=True)
class Visitor:
    """One open page."""

    socket: websockets.ClientConnection
    port: int
    page: str
    query: str
    session: str = ""
    widgets: list[Widget] = field(default_factory=list)
    errors: list[str] = field(
        default_factory=list
    )  # what went wrong in the last run, as it stands on the page
    answers: list[bytes] | None = None  # every message of the server, for whoever sets a list here

    def widget(self, key: str) -> Widget:
        """The newest widget whose key ends like this."""
        for widget in reversed(self.widgets):
            if widget.id.endswith(key):
                return widget
        raise LookupError(f"no widget with the key {key} on {self.page}?{self.query}")

    async def run(self) -> float:
        """Ask for a run of the script and return how long it took in ms."""
        return await self._send(BackMsg())

    async def choose(self, key: str, option: str) -> float:
        """Move a slider over words to one of them."""
        widget, message = self.widget(key), BackMsg()
        state = message.rerun_script.widget_states.widgets.add(id=widget.id)
        state.string_array_value.data.append(option)
        message.rerun_script.fragment_id = widget.fragment
        return await self._send(message)

    async def press(self, key: str) -> float:
        """Press a button."""
        widget, message = self.widget(key), BackMsg()
        message.rerun_script.widget_states.widgets.add(id=widget.id).trigger_value = True
        message.rerun_script.fragment_id = widget.fragment
        return await self._send(message)

    async def upload(self, name: str, data: bytes) -> float:
        """Bring a picture through the uploader of the picture bar: its bytes over HTTP, then a run that takes it."""
        widget = next(
            found for found in reversed(self.widgets) if found.element.WhichOneof("type") == "file_uploader"
        )
        file = uuid4().hex
        status = await asyncio.to_thread(put, self.port, self.session, file, name, data)
        if status != 204:
            raise RuntimeError(f"the upload of {name} was answered with {status}")
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add(id=widget.id)
        info = state.file_uploader_state_value.uploaded_file_info.add(file_id=file, name=name, size=len(data))
        info.file_urls.file_id = file
        return await self._send(message)

    async def _send(self, message: BackMsg) -> float:
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        self.errors.clear()
        start = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            forward = ForwardMsg()
            answer = await self.socket.recv()
            if self.answers is not None:
                self.answers.append(answer)
            forward.ParseFromString(answer)
            kind = forward.WhichOneof("type")
            if kind == "new_session":
                self.session = forward.new_session.initialize.session_id or self.session
            elif kind == "delta":
                self._notice(forward.delta.new_element, forward.delta.fragment_id)
            elif kind == "script_finished":
                return (time.perf_counter() - start) * 1000

    def _notice(self, element: Element, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "alert" and element.alert.format == Alert.ERROR:
            self.errors.append(element.alert.body)
        elif kind and getattr(getattr(element, kind), "id", ""):
            widget = Widget(element, fragment)
            self.widgets = [old for old in self.widgets if old.id != widget.id] + [widget]


@asynccontextmanager
async def visit(port: int, page: str = "", query: str = "") -> AsyncIterator[Visitor]:
    """Open a page, as a browser does on a link, and close it at the end."""
    address, origin = f"ws://127.0.0.1:{port}/_stcore/stream", f"http://127.0.0.1:{port}"
    async with websockets.connect(
        address, subprotocols=["streamlit"], max_size=None, origin=origin
    ) as socket:
        visitor = Visitor(socket, port, page, query)
        await visitor.run()
        yield visitor


def put(port: int, session: str, file: str, name: str, data: bytes) -> int:
    """Send a file to the server for a session, with the token a browser has, and return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/_stcore/health", headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        answer.read()
        cookie = answer.getheader("set-cookie").split(";")[0]
        head = (
            f'--{_EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: image/png\r\n\r\n"
        )
        headers = {
            "Host": f"localhost:{port}",
            "Content-Type": f"multipart/form-data; boundary={_EDGE}",
            "Cookie": cookie,
            "X-Xsrftoken": cookie.partition("=")[2],
        }
        body = head.encode() + data + f"\r\n--{_EDGE}--\r\n".encode()
        connection.request("PUT", f"/_stcore/upload_file/{session}/{file}", body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
