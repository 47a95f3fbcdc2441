"""Archives touch nothing but memory (S1, S2), little of it (S3), and their names are shown letter by letter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
