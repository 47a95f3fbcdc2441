"""Limits come before work: each refusal names the file, the rule and the value found, in little memory and time."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.photo import PhotoError, open_photo
from tests.core.picture_files import bmp, claiming, encoded, flat_png, png, png_chunk, scene

ROOT = Path(__file__).parents[2]
JPEG = encoded(scene(), "JPEG")
PROGRESSIVE = encoded(scene(), "JPEG", progressive=True, subsampling=0)
WEBP_6000 = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + struct.pack("<I", 5999 | 5999 << 14) + bytes(9)
WEBP_34 = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + struct.pack("<I", 16382 | 16382 << 14) + bytes(9)


def refusal(data: bytes, name: str = "holiday.jpg", **options: int) -> str:
    with pytest.raises(PhotoError) as error:
        open_photo(data, name, **options)
    return str(error.value)


def many_scans(count: int) -> bytes:
    """A progressive JPEG that claims 6000 x 6000 pixels and repeats its last scan."""
    at = PROGRESSIVE.rfind(b"\xff\xda")
    return claiming(PROGRESSIVE[:at] + PROGRESSIVE[at:-2] * count + b"\xff\xd9", 6000, 6000)


def test_an_empty_file():
    assert refusal(b"") == "“holiday.jpg” is empty: a picture has at least one byte, this file has 0."


def test_a_file_over_fifty_megabytes():
    sentence = refusal(JPEG + bytes(50_000_001))
    assert sentence == "“holiday.jpg” is too large: files may have up to 50 MB, this one has 50.0 MB."


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (png((13000, 13000), 8, 2, b""), "169.0 (13000 × 13000)"),
        (claiming(JPEG, 12000, 7000), "84.0 (12000 × 7000)"),
        (WEBP_34, "268.4 (16383 × 16383)"),
        (b"GIF89a" + struct.pack("<HHBBB", 9000, 9000, 0, 0, 0) + b"," + bytes(20), "81.0 (9000 × 9000)"),
        (bmp(8000, 8000, 0, 8, b""), "64.0 (8000 × 8000)"),
        (
            encoded(scene(), "AVIF").replace(struct.pack(">II", 60, 40), struct.pack(">II", 9999, 9999)),
            "100.0",
        ),
        (b"II*\0\x08\0\0\0\x02\0" + struct.pack("<HHIIHHIII", 256, 4, 1, 8000, 257, 4, 1, 9000, 0), "72.0"),
    ],
    ids=["png", "jpeg", "webp", "gif", "bmp", "avif", "tiff"],
)
def test_over_fifty_megapixels(data, value):
    sentence = refusal(data)
    assert sentence.startswith(
        "“holiday.jpg” is too large: a picture may have up to 50 megapixels, this one has "
    )
    assert value in sentence


@pytest.mark.parametrize("size", [(20_001, 1), (1, 20_001)], ids=str)
def test_over_twenty_thousand_pixels_a_side(size):
    sentence = refusal(flat_png(*size))
    assert "a side may have up to 20,000 pixels" in sentence
    assert f"{size[0]} × {size[1]}" in sentence


def test_the_longest_side_that_is_allowed():
    assert open_photo(flat_png(20_000, 1)).pixels.shape == (1, 20_000, 3)


@pytest.mark.parametrize("data", [JPEG[:-200], encoded(scene(), "PNG")[:-100]], ids=["jpeg", "png"])
def test_a_truncated_file(data):
    assert f"its {len(data):,} bytes are damaged or incomplete" in refusal(data)


def test_no_pixels():
    assert "it is 0 × 5 pixels" in refusal(flat_png(0, 5))


@pytest.mark.parametrize(
    ("data", "phrase"),
    [
        (WEBP_6000, "would take 576 MB of memory"),
        (claiming(PROGRESSIVE, 8000, 6200), "would take 4"),
        (many_scans(100), "it repeats its 6000 × 6000 pixels in 109 scans"),
        (png((8000, 6000), 16, 6, b""), "its pixels unpack to 384 MB, up to 150 MB are read"),
        (bmp(2000, 1500, 1, 8, b"\0\0" * 50), "2 megapixels and 1 MB, this one has 3.0 and 0.0"),
    ],
    ids=["webp", "progressive", "scans", "16-bit rgba", "run-length bmp"],
)
def test_work_beyond_the_budget_is_refused_before_it_begins(data, phrase):
    assert phrase in refusal(data)


def test_more_chunks_blocks_and_segments_than_a_picture_has():
    start = flat_png(1, 1)[:33]
    assert "more than 100,000 chunks" in refusal(start + png_chunk(b"tEXt", b"") * 100_001)
    assert "more than 100,000 extensions" in refusal(b"GIF89a" + bytes(7) + b"!\xfe\0" * 100_001)
    assert "more than 1,000,000 blocks" in refusal(b"GIF89a" + bytes(7) + b"!\xfe" + b"\1\1" * 1_000_001)
    assert "its tables do not end" in refusal(b"\xff\xd8" + b"\xff\xe1\0\2" * 10_001)


@pytest.mark.parametrize(
    ("tag", "kind", "count", "phrase"),
    [
        (273, 4, 1_000_000, "its tag 273 has 1,000,000 values, 1 to 100,000 are read"),
        (256, 4, 2, "its tag 256 has 2 values, 1 to 1 are read"),
        (320, 3, 60_000, "the values of tag 320 lie beyond the end of the file"),
        (259, 3, 1, "its compression 34925 is none of those that are read"),
    ],
    ids=["strips", "two widths", "far palette", "lzma"],
)
def test_absurd_tiff_tags(tag, kind, count, phrase):
    entry = struct.pack("<HHII", tag, kind, count, 34925)
    assert phrase in refusal(b"II*\0\x08\0\0\0\x01\0" + entry + bytes(4))


def test_heic_says_what_to_do():
    sentence = refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_1.HEIC")
    assert sentence == "“IMG_1.HEIC” is a HEIC picture, which is not opened here: export it as JPEG."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "This file is empty"),
        ("a\nb\r\n\tc.png", "“a b c.png” is empty"),
        ("<script>alert(1)</script>.png", "“<script>alert(1)</script>.png” is empty"),
        ("\u202egnp.exe\u200b", "“gnp.exe” is empty"),
        ("x" * 500 + ".png", "“" + "x" * 29 + "…" + "x" * 26 + ".png” is empty"),
    ],
    ids=["none", "lines", "html", "invisible", "long"],
)
def test_names_stand_in_one_printable_line(name, shown):
    sentence = refusal(b"", name)
    assert sentence.startswith(shown)
    assert sentence.isprintable()
    assert "\n" not in sentence


MEASURE = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
from core.photo import PhotoError, open_photo
from core.bundled import bundled
bundled("Cat")
data = sys.stdin.buffer.read()
before = int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
seconds = []
for longest_px in (1024, None):
    start = time.process_time()
    try:
        open_photo(data, "bomb", longest_px=longest_px)
    except PhotoError as error:
        assert "bomb" in str(error)
    seconds.append(time.process_time() - start)
after = int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
print(after - before, max(seconds))
"""


BOMBS = {
    "png of 169 megapixels": lambda: flat_png(13000, 13000),
    "png of 50 megapixels": lambda: flat_png(8300, 6000),
    "rgba png of 37 megapixels": lambda: flat_png(6000, 6200, colour=6),
    "jpeg that claims 84 megapixels": lambda: claiming(JPEG, 12000, 7000),
    "jpeg that claims 50 megapixels": lambda: claiming(JPEG, 8000, 6200),
    "progressive jpeg that claims 50 megapixels": lambda: claiming(PROGRESSIVE, 8000, 6200),
    "webp of 34 bytes": lambda: WEBP_34,
    "webp of 23 megapixels": lambda: encoded(np.zeros((4800, 4800, 3), np.uint8), "WEBP", method=0),
    "float tiff of 35 megapixels": lambda: encoded(
        np.zeros((5000, 7000), np.float32), "TIFF", compression="zstd"
    ),
}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("name", BOMBS)
def test_less_than_400_megabytes_and_3_seconds_of_work(name):
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(ROOT)],
        input=BOMBS[name](),
        capture_output=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    kibibytes, seconds = run.stdout.split()
    assert int(kibibytes) * 1024 < 400e6
    assert float(seconds) < 3
