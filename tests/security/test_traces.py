"""Promise S8: nothing of a session stays on disk, and no picture leaves with what a camera wrote into it."""

import base64
import http.client
import io
import os
import re
import runpy
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from benchmarks.server import serve
from benchmarks.visitor import attend, visit
from core import bundled

ROOT = Path(__file__).parents[2]
CAMERA, AUTHOR = b"A camera that tells", b"Somebody's comment"
VIEWS = [
    ("", ""),
    ("convolution", "conv_view=Numbers&conv_source=Photo"),
    ("convolution", "conv_view=Photo"),
    ("receptive_field", "rf_view=On%20your%20photo"),
]
_INLINE = re.compile(rb"data:image/[a-z]+;base64,([A-Za-z0-9+/=]+)")
_SERVED = re.compile(rb"/media/[0-9a-f]+\.(?:png|jpe?g|webp|gif)")


def telling_picture() -> bytes:
    """A photo with the place it was taken, the camera, a comment and a thumbnail's worth of private data."""
    image, buffer = Image.fromarray(bundled.bundled("Cat").pixels), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = CAMERA.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.5), 3: "E", 4: (2.0, 17.0, 40.2)})
    image.save(buffer, "JPEG", exif=exif, comment=AUTHOR, quality=90)
    return buffer.getvalue()


def noise_png(megabytes: int) -> bytes:
    pixels, buffer = (
        np.random.default_rng(0).integers(0, 256, (1000, 350 * megabytes, 3), np.uint8),
        io.BytesIO(),
    )
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def files_in(*folders: Path) -> set[Path]:
    """All files there, but for what Python compiles."""
    found = (path for folder in folders for path in folder.rglob("*") if ".git" not in path.parts)
    return {path for path in found if ".venv" not in path.parts and "__pycache__" not in path.parts}


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[tuple[dict[str, str], tuple[Path, ...]]]:
    """Variables that give a server temporary and home folders of its own, and the folders to look into."""
    own = {name: tmp_path / name for name in ("tmp", "home", "cache")}
    for folder in own.values():
        folder.mkdir()
    variables = {
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(own["tmp"])),
        **dict.fromkeys(("HOME", "USERPROFILE"), str(own["home"])),
        "XDG_CACHE_HOME": str(own["cache"]),
    }
    yield variables, tuple(own.values())


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True], ids=["closed", "killed"])
def test_nothing_of_a_session_stays_on_disk(folders, killed: bool) -> None:
    variables, looked_at = folders
    project = files_in(ROOT / "assets", ROOT / "core", ROOT / "pages", ROOT / ".streamlit")
    with serve(environment=variables) as server:
        before = files_in(*looked_at)
        attend(use(server.port, server.pid, killed))
        if not killed:
            assert files_in(*looked_at) == before
    assert files_in(*looked_at) == before
    assert files_in(ROOT / "assets", ROOT / "core", ROOT / "pages", ROOT / ".streamlit") == project


async def use(port: int, pid: int, killed: bool) -> None:
    """Bring pictures and look at them, then leave, or have the server killed in the middle of it."""
    async with visit(port) as visitor:
        for name in ("first.png", "second.png"):
            await visitor.upload(name, noise_png(8))
            assert visitor.errors == []
            assert name in visitor.widget("-photo").element.selectbox.options
        if killed:
            os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


def test_an_upload_is_never_spooled_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1 << 20)  # as it comes; put back afterwards
    runpy.run_path(str(ROOT / "app.py"), run_name="app")  # as the server reads it
    edge, data = b"edge", bytes(5_000_000)
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        + data
        + b"\r\n--edge--\r\n"
    )

    async def parts():
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]

    async def parsed():
        headers = Headers({"content-type": f"multipart/form-data; boundary={edge.decode()}"})
        form = await MultiPartParser(headers, parts()).parse()
        upload = form["file"]
        assert await upload.read() == data
        in_memory = upload._in_memory
        await form.close()
        return in_memory

    assert attend(parsed())


def test_pictures_leave_without_what_the_camera_wrote() -> None:
    data = telling_picture()
    with Image.open(io.BytesIO(data)) as image:  # the picture does tell
        assert image.getexif().get_ifd(0x8825)
        assert image.info["comment"] == AUTHOR
    with serve() as server:
        answers, own = attend(look(server.port, data))
        pictures = [base64.b64decode(found) for answer in answers for found in _INLINE.findall(answer)]
        served = {path.decode() for answer in answers for path in _SERVED.findall(answer)}
        pictures += [fetched(server.port, path) for path in sorted(served)]
    assert own
    assert len(pictures) >= len(VIEWS)
    for text in (CAMERA, AUTHOR, b"Exif\0\0"):
        assert not any(text in sent for sent in (*answers, *pictures))
    for picture in set(pictures):
        with Image.open(io.BytesIO(picture)) as image:
            image.load()
            assert not image.getexif()
            assert not {"exif", "comment", "icc_profile", "xmp", "photoshop"} & image.info.keys()


async def look(port: int, data: bytes) -> tuple[list[bytes], bool]:
    """Bring a picture and look at it on every page; all that the server sent, and whether it was the own picture."""
    async with visit(port) as visitor:
        visitor.answers = []
        await visitor.upload("mine.jpg", data)
        for visitor.page, visitor.query in VIEWS:
            await visitor.run()
            assert visitor.errors == []
        return visitor.answers, "mine.jpg" in visitor.widget("-photo").element.selectbox.options


def fetched(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": f"localhost:{port}"})
    answer = connection.getresponse()
    assert answer.status == 200
    content = answer.read()
    connection.close()
    return content
