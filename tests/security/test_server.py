"""Promise S6: the settings that ship keep the app to this computer and its uploads to its own pages."""

import base64
import http.client
import os
import runpy
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.server import serve

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
FORM = (
    b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
    b"Content-Type: image/png\r\n\r\nhello\r\n--edge--\r\n"
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of the app as it ships."""
    with serve() as server:
        yield server.port


def ask(
    port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    """One request to the app; `Host` names it unless the headers say otherwise."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Host": f"localhost:{port}", "Connection": "close"} | named)
    response = connection.getresponse()
    if response.status != 101:
        response.read()
    connection.close()
    return response


def handshake(port: int, origin: str, host: str = "localhost") -> int:
    """The status that answers the opening of a websocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    return ask(
        port, "/_stcore/stream", Host=f"{host}:{port}", Origin=origin, Sec_WebSocket_Key=key, **upgrade
    ).status


def test_only_this_computer_is_answered(port):
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(3)
        other.connect(("127.0.0.2", port))  # reaches a server that listens on every address
    assert SETTINGS["server"]["address"] == "127.0.0.1"


def test_a_websocket_opens_for_the_app_itself(port):
    assert handshake(port, f"http://localhost:{port}") == 101


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost.evil.example", "null"])
def test_a_websocket_from_a_foreign_page_is_refused(port, origin):
    assert handshake(port, origin) == 403


def test_a_websocket_under_a_foreign_name_is_refused(port):
    assert handshake(port, f"http://evil.example:{port}", host="evil.example") == 403


def upload(port: int, **headers: str) -> int:
    form = {"Content_Type": "multipart/form-data; boundary=edge"}
    return ask(port, "/_stcore/upload_file/session/file", "PUT", FORM, **form, **headers).status


def test_an_upload_without_its_token_is_refused(port):
    assert upload(port) == 403
    assert upload(port, X_Xsrftoken="2|0|0|0") == 403


def test_an_upload_with_its_token_gets_past_that_check_and_needs_a_session(port):
    cookie = ask(port, "/_stcore/health").getheader("set-cookie").split(";")[0]
    assert upload(port, Cookie=cookie, X_Xsrftoken=cookie.partition("=")[2]) == 400


@pytest.mark.parametrize(
    "path", ["/../app.py", "/%2e%2e/app.py", "/media/../../app.py", "/app/static/app.py"]
)
def test_no_file_of_the_project_is_served(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    assert b"def navigation" not in connection.getresponse().read()
    connection.close()


def test_every_answer_carries_the_content_policy(port):
    policy = ask(port, "/").getheader("content-security-policy")
    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "https:" not in policy


def test_settings():
    server, browser, client = (SETTINGS[section] for section in ("server", "browser", "client"))
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert set(server["allowedHosts"]) == {"localhost", "127.0.0.1"}
    assert 1 <= server["maxUploadSize"] <= 50
    assert server["enableStaticServing"] is False
    assert browser["gatherUsageStats"] is False
    assert client["showErrorDetails"] in ("type", "none")
    assert client["showErrorLinks"] is False


def test_the_server_asks_nobody_for_its_address(monkeypatch):
    """Streamlit would ask a machine on the internet when it refuses a foreign origin; app.py keeps it from that."""
    import requests
    from streamlit import net_util

    asked = []
    monkeypatch.setattr(requests, "get", lambda url, **_: asked.append(url))
    monkeypatch.setattr(net_util, "_external_ip", None)
    runpy.run_path(str(ROOT / "app.py"), run_name="app")
    assert net_util.get_external_ip() == "127.0.0.1"
    assert asked == []
