"""Archives touch nothing but memory (S1, S2), little of it (S3), and their names are shown letter by letter."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import psutil
import pytest

from benchmarks.server import Server, serve
from benchmarks.visitor import Visitor, attend, put, visit
from pages.shared.allowance import ARCHIVE_MIB, SET_BYTES, SET_FILES, WAITING_FILES
from tests.core import zip_files as zips
from tests.core.picture_files import encoded
from tests.security.test_memory import GNU

ROOT = Path(__file__).parents[2]
START = """
import gc, io, json, os, sys
sys.path.insert(0, sys.argv[1])
from core.transfer.archive import ArchiveError, read_archive
from tests.core import zip_files as zips

def tried(data):
    try:
        found = read_archive(data, "../../evil.zip")
    except ArchiveError as error:
        return str(error)
    return [list(found.photos.counts), [each.reason for each in found.skipped]]
"""
WATCHED = (
    START
    + """
files = {name: build() for name, (build, _) in zips.HOSTILE.items()}
files["good"], files["lying"], files["pictures"] = zips.good(), zips.lying(4), zips.picture_bomb()
files["escaping classes"] = zips.zipped({"~/1.png": zips.png(1), "$HOME/2.png": zips.png(2), "|ls/3.png": zips.png(3)})
files["programs"] = zips.zipped({"cat/1.py": b"open('/tmp/marker', 'w')", "cat/2.eps": b"%!PS-Adobe-3.0 EPSF-3.0"})
for data in files.values():  # once before watching: decoders are imported on first use
    tried(data)
touched = []

def watch(event, arguments):
    flags = os.O_WRONLY | os.O_RDWR
    writes = event == "open" and (str(arguments[1] or "r")[:1] in "wax+" or (arguments[2] or 0) & flags)
    if writes or event.split(".")[0] in ("subprocess", "socket", "shutil", "tempfile") or event in (
        "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.mkdir", "os.rename", "os.symlink", "os.link"
    ):
        touched.append([event, repr(arguments)])

sys.addaudithook(watch)
said = {name: tried(data) for name, data in files.items()}
watched = list(touched)
open(os.devnull, "w").close()
print(json.dumps([watched, len(touched), said]))
"""
)
MEMORY = (
    START
    + """
import resource
data = getattr(zips, sys.argv[2])(*map(int, sys.argv[3:]))
tried(zips.good())
gc.collect()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
said = tried(data)
print(json.dumps([(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, said]))
"""
)


def ran(script: str, *arguments: str) -> list:
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT), *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(done.stdout)


def test_nothing_is_written_started_or_called() -> None:
    touched, awake, said = ran(WATCHED)
    assert touched == []
    assert awake == 1  # the last one shows that the watch was awake
    assert said["good"] == [[3, 3], []]
    assert said["lying"][0] == [1]
    assert said["escaping classes"] == [[1, 1, 1], []]
    assert [len(each) for each in said["programs"]] == [0, 2]
    refused = {name for name, answer in said.items() if isinstance(answer, str)}
    assert refused == set(said) - {"good", "lying", "pictures", "escaping classes", "programs"}


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read as Linux says it")
@pytest.mark.parametrize(
    "bomb",
    [
        ("bomb", "200"),
        ("lying", "200"),
        ("overlapping", "5000"),
        ("picture_bomb",),
        ("thick_table",),
        ("many", "30000"),
    ],
    ids=" ".join,
)
def test_bombs_take_little_memory(bomb: tuple[str, ...]) -> None:
    """The bomb is made in the process that reads it; building it raises the peak before it is measured, so each is
    built small: the 200 MB of zeros are 0.2 MB when packed, and only their unpacking could show."""
    grown, said = ran(MEMORY, *bomb)
    assert grown < 400e6
    assert said


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The app as it ships, past its first visit, with what it loads in the background in memory."""
    with serve() as server:
        attend(stay(server.port))
        last, still = 0.0, 0
        deadline = time.monotonic() + 90
        while still < 6 and time.monotonic() < deadline:
            time.sleep(0.5)
            now = psutil.Process(server.pid).memory_info().rss / 1e6
            still = still + 1 if now > 300 and abs(now - last) < 1 else 0  # PyTorch alone takes more
            last = now
        yield server


async def stay(port: int) -> None:
    async with visit(port, "transfer"):
        await asyncio.sleep(2)


async def send(visitor: Visitor, size: int) -> int:
    return await asyncio.to_thread(put, visitor.port, visitor.session, uuid4().hex, "a.zip", bytes(size))


def test_only_a_page_with_the_box_takes_an_archive_or_many_photos(server: Server) -> None:
    async def try_both() -> None:
        async with visit(server.port, "features") as visitor:
            assert await send(visitor, 60_000_000) == 413
        async with visit(server.port, "transfer") as visitor:
            assert await send(visitor, (ARCHIVE_MIB << 20) + 1) == 413
            assert await send(visitor, 60_000_000) == 204
            assert await send(visitor, 60_000_000) == 413  # one at a time
            for _ in range(WAITING_FILES + 20):
                assert await send(visitor, 1000) == 204

    attend(try_both())


def test_many_photos_are_not_any_number(server: Server) -> None:
    async def hoard() -> None:
        async with visit(server.port, "transfer") as visitor:
            for _ in range(SET_BYTES // 45_000_000):
                assert await send(visitor, 45_000_000) == 204
            assert await send(visitor, 45_000_000) == 413
        async with visit(server.port, "transfer") as visitor:
            for _ in range(SET_FILES):
                assert await send(visitor, 1) == 204
            assert await send(visitor, 1) == 413

    attend(hoard())


@GNU
@pytest.mark.slow
def test_a_set_is_private_and_its_memory_comes_back(server: Server) -> None:
    """400 photos of 256 x 256 pixels take 79 MB; when their visitor leaves they go."""
    pixels = np.random.default_rng(0).integers(0, 256, (400, 32, 32, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    data = zips.zipped({f"class {i % 4}/{i}.bmp": encoded(each, "BMP") for i, each in enumerate(pixels)})
    del pixels
    process = psutil.Process(server.pid)

    async def bring() -> tuple[float, float]:
        async with visit(server.port, "transfer", "tl_set=your+own") as neighbour:
            before = process.memory_info().rss / 1e6
            async with visit(server.port, "transfer") as visitor:
                boxes = [
                    each for each in visitor.widgets if each.element.WhichOneof("type") == "file_uploader"
                ]
                for box in boxes[:-1]:  # the last one is the archive's
                    visitor.widgets.remove(box)
                visitor.answers = []
                await visitor.upload("set.zip", data)
                await visitor.run()
                assert visitor.errors == []
                assert b"4 classes, 400 photos" in b"".join(visitor.answers)
                with_it = process.memory_info().rss / 1e6
                neighbour.answers = []
                await neighbour.run()
                assert b"Nothing here yet" in b"".join(neighbour.answers)
            await asyncio.sleep(2)
            return with_it - before, process.memory_info().rss / 1e6 - before

    attend(bring())  # what the first set of all loads stays
    held, left = attend(bring())
    assert held > 60
    assert left < 40
