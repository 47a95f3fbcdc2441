"""Zips made for the tests: good ones, and hostile ones of each kind."""

import io
import stat
import struct
import zipfile
from collections.abc import Iterable, Mapping

import numpy as np

from tests.core.picture_files import encoded, flat_png


def noise(seed: int, height: int = 40, width: int = 50) -> np.ndarray:
    """A picture of coarse random blocks: unlike any other's."""
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 10, 3), np.uint8)
    return blocks.repeat(-(-height // 8), axis=0).repeat(-(-width // 10), axis=1)[:height, :width]


def png(seed: int, height: int = 40, width: int = 50) -> bytes:
    return encoded(noise(seed, height, width), "PNG")


def zipped(
    files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED
) -> bytes:
    """A zip of files by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        for name, data in dict(files).items():
            made.writestr(name, data)
    return stream.getvalue()


def good() -> bytes:
    return zipped(
        {f"{name}/{i}.png": png(10 * c + i) for c, name in enumerate(("cat", "dog")) for i in range(3)}
    )


def named(name: str) -> bytes:
    """A good zip with one more entry of exactly this name, which zipfile would have cleaned."""
    stand_in = "N" * len(name.encode())
    data = zipped({"cat/1.png": png(1), stand_in: png(2)})
    return data.replace(stand_in.encode(), name.encode())


def moded(mode: int) -> bytes:
    """A good zip with one more entry of another kind: a link, a pipe ..."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("cat/1.png", png(1))
        entry = zipfile.ZipInfo("cat/2.png")
        entry.create_system, entry.external_attr = 3, (mode | 0o777) << 16
        made.writestr(entry, "/etc/passwd")
    return stream.getvalue()


def patched(data: bytes, local_at: int, central_at: int, value: bytes, which: int = -1) -> bytes:
    """The zip with bytes changed in the headers of one entry."""
    found, at = [], data.find(b"PK\1\2")
    while at >= 0:
        found.append(at)
        at = data.find(b"PK\1\2", at + 4)
    central = found[which]
    local = struct.unpack_from("<I", data, central + 42)[0]
    changed = bytearray(data)
    if local_at >= 0:
        changed[local + local_at : local + local_at + len(value)] = value
    changed[central + central_at : central + central_at + len(value)] = value
    return bytes(changed)


def encrypted() -> bytes:
    return patched(good(), 6, 8, b"\1\0")


def overlapping(count: int = 50) -> bytes:
    """Fifield's simplest: many entries of the table of contents name one and the same file."""
    data = zipped({"cat/1.png": png(1)})
    central = data.index(b"PK\1\2")
    end = data.index(b"PK\5\6")
    table = data[central:end] * count
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(table), central, 0)
    return data[:central] + table + tail


def bomb(megabytes: int = 20) -> bytes:
    """One member that unpacks to a thousand times its size."""
    return zipped({"cat/1.png": png(1), "cat/2.png": bytes(megabytes * 1_000_000)}, zipfile.ZIP_DEFLATED)


def lying(megabytes: int = 40) -> bytes:
    """Its headers say 1,000 bytes; more comes out."""
    data = bomb(megabytes)
    return patched(data, 22, 24, struct.pack("<I", 1000))


def picture_bomb() -> bytes:
    """Stored pictures that decode to 49 megapixels each."""
    return zipped({f"cat/{i}.png": flat_png(7000, 7000) for i in range(3)})


def many(count: int) -> bytes:
    return zipped({f"cat/{i}.png": b"x" for i in range(count)})


def claiming(megabytes: int, count: int = 3) -> bytes:
    """Stored entries whose headers claim so many bytes together; they are not there."""
    data = zipped({f"cat/{i}.png": bytes(60) for i in range(count)})
    each = struct.pack("<I", megabytes * 1_000_000 // count)
    for which in range(count):
        data = patched(data, 22, 24, each, which)
    return data


def thick_table() -> bytes:
    """A table of contents of 6 MB in a file of little more."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for i in range(100):
            entry = zipfile.ZipInfo(f"cat/{i}.png")
            entry.comment = b"c" * 60_000
            made.writestr(entry, b"x")
    return stream.getvalue()


HOSTILE = {
    "traversal": (lambda: named("../../evil.png"), "outside"),
    "traversal inside": (lambda: named("cat/../../evil.png"), "outside"),
    "absolute": (lambda: named("/tmp/evil.png"), "absolute"),
    "drive": (lambda: named("C:/evil.png"), "absolute"),
    "backslash": (lambda: named("cat\\evil.png"), "backslash"),
    "backslash traversal": (lambda: named("..\\evil.png"), "backslash"),
    "null": (lambda: named("cat/1.png\0.exe"), "backslash or a null"),
    "link": (lambda: moded(stat.S_IFLNK), "link"),
    "pipe": (lambda: moded(stat.S_IFIFO), "link or a device"),
    "device": (lambda: moded(stat.S_IFCHR), "link or a device"),
    "encrypted": (encrypted, "encrypted"),
    "overlapping": (overlapping, "overlap"),
    "too many": (lambda: many(2001), "2,001 files"),
    "ratio": (bomb, "more than 100 times"),
    "claims 600 MB": (lambda: claiming(600), "600 MB"),
    "claims a ratio": (lambda: claiming(400), "more than 100 times"),
    "thick table": (thick_table, "table of contents"),
    "no zip": (lambda: png(1), "not a zip"),
    "empty file": (lambda: b"", "not a zip"),
    "no files": (lambda: zipped({}), "no files"),
    "cut off": (lambda: good()[:-40], "not a zip"),
}
