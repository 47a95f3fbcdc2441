"""Opening pictures touches nothing but memory (S1, S2, S4, S8), and sessions at once do not mix (M1)."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageFile

from core.photo import PhotoError, open_photo
from tests.core.picture_files import small_files

ROOT = Path(__file__).parents[2]
WATCHED = """
import io, os, sys
sys.path.insert(0, sys.argv[1])
from PIL import Image
from core.photo import PhotoError, open_photo
from tests.core.picture_files import small_files

files = small_files()
files["../../../tmp/escape.png"] = files["rgb.png"]
files["eps.png"] = b"%!PS-Adobe-3.0 EPSF-3.0\\n%%BoundingBox: 0 0 99 99\\n(marker) (w) file closefile\\nshowpage\\n"
files["link.svg"] = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='http://evil.example/a.png'/></svg>"
for name, data in files.items():  # once before watching: decoders are imported on first use
    try:
        open_photo(data, name)
    except PhotoError:
        pass
touched = []

def watch(event, arguments):
    writes = event == "open" and (arguments[1] or "r")[:1] in "wax+"
    if writes or event.split(".")[0] in ("subprocess", "socket", "shutil") or event in (
        "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.mkdir", "os.rename", "os.symlink", "os.link"
    ):
        touched.append((event, arguments))

sys.addaudithook(watch)
for name, data in files.items():
    for longest_px in (16, None):
        try:
            open_photo(data, name, longest_px=longest_px)
        except PhotoError:
            pass
watched = len(touched)
open(os.devnull, "w").close()
print(watched, len(touched))
"""


def test_nothing_is_written_started_or_called():
    run = subprocess.run(
        [sys.executable, "-c", WATCHED, str(ROOT)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run.stdout.split() == ["0", "1"]  # the last one shows that the watch was awake


def digest_of(data: bytes) -> str:
    try:
        return open_photo(data, longest_px=24).digest
    except PhotoError as error:
        return str(error)


def test_eight_sessions_at_once_get_their_own_pictures():
    files = [*small_files().values(), b"no picture", small_files()["rgb.png"][:-60]] * 8
    alone = [digest_of(data) for data in files]
    with ThreadPoolExecutor(8) as sessions:
        assert list(sessions.map(digest_of, files)) == alone


def test_the_settings_of_pillow_stay_as_they_are():
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    for data in small_files().values():
        digest_of(data)
        assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_photo_carries_no_metadata():
    fields = set(open_photo(small_files()["baseline.jpg"]).__slots__)
    assert fields == {"pixels", "digest", "name", "notes", "original_hw"}
