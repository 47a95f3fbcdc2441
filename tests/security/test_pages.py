"""Pages under bad conditions: no network (S7), hostile uploads (S3, S5, R1), pictures of odd shapes (R3)."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.plain_text import plain
from tests.core.picture_files import claiming, encoded, flat_png, png, scene, small_files

ROOT = Path(__file__).parents[2]
CONVOLUTION = "pages/foundations/convolution.py"
RECEPTIVE_FIELD = "pages/foundations/receptive_field.py"
AUGMENTATION = "pages/foundations/augmentation.py"
VIEWS = [
    ("pages/start/overview.py", "", ""),
    *((CONVOLUTION, "conv_view", view) for view in ("Numbers", "Photo", "Cost")),
    *((RECEPTIVE_FIELD, "rf_view", view) for view in ("Stack", "Real networks", "On your photo")),
    *((AUGMENTATION, "aug_view", view) for view in ("Draws", "Targets", "Label", "Odds")),
    *((AUGMENTATION, "aug_view", view) for view in ("Leak", "Feature space", "Take home")),
    *(("pages/networks/features.py", "feat_view", view) for view in ("Maps", "Filters", "Why this class?")),
    *(("pages/networks/transfer.py", "tl_view", view) for view in ("Photos", "Train", "Race", "Look inside")),
    *(
        ("pages/applications/detection.py", "det_view", view)
        for view in ("Boxes", "Suppression", "From the tensor")
    ),
    *(("pages/applications/detection.py", "det_view", view) for view in ("Who is responsible?", "Two boxes")),
    ("pages/applications/detection.py", "det_view", "Average precision"),
    ("pages/applications/detection.py", "det_view", "Train one"),
    *(
        ("pages/applications/style.py", "style_view", view)
        for view in ("At once", "Step by step", "Three codes", "Why it works")
    ),
    *(
        ("pages/applications/two_stage.py", "ts_view", view)
        for view in ("Sliding window", "Selective search", "R-CNN and Fast R-CNN", "Faster R-CNN")
    ),
    ("pages/applications/two_stage.py", "ts_view", "One or two stages?"),
]
LOCAL = {"localhost", "127.0.0.1", "::1"}


@pytest.fixture(autouse=True)
def calls_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[list]:
    """Refuse and remember every connection that leaves this machine; the test fails if there was one."""
    calls: list = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(this: socket.socket, address: object) -> None:
        if this.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            calls.append(address)
            raise OSError(f"no network in this test: {address}")
        connect(this, address)

    def guarded_look_up(host: object, *rest: object, **more: object) -> list:
        if host not in LOCAL:
            calls.append(host)
            raise OSError(f"no network in this test: {host}")
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield calls
    assert calls == []


def visit(page: str, key: str = "", view: str = "") -> AppTest:
    """The app on one view of a page."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    if page != VIEWS[0][0]:
        app.switch_page(page)
        app.query_params[key] = view
        app.run()
    unharmed(app)
    return app


def unharmed(app: AppTest) -> None:
    assert not app.exception, app.exception[0].message


def upload(app: AppTest, name: str, data: bytes) -> None:
    next(iter(app.file_uploader)).upload(name, data, "image/png").run()
    unharmed(app)


def test_the_guard_refuses_and_remembers(calls_out):
    with socket.socket() as outward:
        for attempt in (
            lambda: outward.connect(("192.0.2.1", 80)),
            lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
            lambda: socket.getaddrinfo("pypi.org", 443),
        ):
            with pytest.raises(OSError, match="no network"):
                attempt()
    assert calls_out == [("192.0.2.1", 80), "192.0.2.1", "pypi.org"]
    calls_out.clear()


def test_every_page_is_visited_here():
    listed = re.findall(r'"(pages/\w+/\w+\.py)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    assert set(listed) == {page for page, _, _ in VIEWS}


@pytest.mark.slow
@pytest.mark.parametrize(("page", "key", "view"), VIEWS, ids=[f"{page}-{view}" for page, _, view in VIEWS])
def test_odd_shapes_open_in_every_view_without_network(page, key, view):
    app = visit(page, key, view)
    for height, width in ((1, 1), (1, 8000), (8000, 1), (8, 8)):
        picture = np.full((height, width, 3), 90, np.uint8)
        picture[:, : width // 2] = 10
        upload(app, f"{height}x{width}.png", encoded(picture, "PNG"))
        assert app.selectbox(key="photo").value == f"{height}x{width}.png"
        if view:
            assert app.session_state[key] == view


HOSTILE = {
    "empty.png": b"",
    "text.jpg": b"hello",
    "page.png": b"<svg onload=alert(1)>",
    "cut.jpg": encoded(scene(), "JPEG")[:-300],
    "bomb.png": flat_png(13000, 13000),
    "claim.jpg": claiming(encoded(scene(), "JPEG"), 12000, 7000),
    "wide.png": png((30_000, 1), 8, 2, b""),
    "camera.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "<img src=x onerror=alert(1)>.png": b"\0",
    "**bold** [link](http://evil.example) $x$ :red[y].png": b"\0",
}


def test_hostile_files_give_one_sentence_each_and_the_picture_stays():
    app = visit("pages/start/overview.py")
    for name, data in HOSTILE.items():
        upload(app, name, data)
        assert len(app.error) == 1
        sentence = app.error[0].value
        assert sentence.startswith(plain(f"“{name}”"))
        assert not re.search(
            r"(?<!\\)[<>*$:`\[\]]", sentence
        )  # nothing that Markdown, LaTeX or HTML would read
        assert app.selectbox(key="photo").value == "Cat"
    upload(app, "good.png", encoded(scene(), "PNG"))
    assert not app.error


def test_every_kind_of_file_passes_the_widget():
    app = visit("pages/start/overview.py")
    files = small_files()
    for name in (
        "baseline.jpg",
        "deep.png",
        "animated.gif",
        "lossless.webp",
        "rle8.bmp",
        "float.tif",
        "still.avif",
    ):
        upload(app, name, files[name])
        assert app.selectbox(key="photo").value == name
