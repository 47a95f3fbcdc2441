"""Archives: what is read from good ones, what is refused, and that a bad member never spoils a good archive."""

import struct
import zipfile

import numpy as np
import pytest

from core.photo import PhotoError
from core.transfer import archive as rooms
from core.transfer import intake as door
from core.transfer.archive import ArchiveError, read_archive
from core.transfer.intake import Gathering, class_name, gathered, intake, reduced
from core.transfer.samples import PhotoSet
from tests.core import zip_files as zips
from tests.core.picture_files import encoded, small_files


def counts(data: bytes) -> dict[str, int]:
    photos = read_archive(data).photos
    return dict(zip(photos.classes, photos.counts, strict=True))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_folders_are_classes_and_pixels_are_those_of_the_files(method: int) -> None:
    files = {
        f"{name}/{i}.png": zips.png(10 * c + i) for c, name in enumerate(("dog", "cat")) for i in range(3)
    }
    found = read_archive(zips.zipped(files, method), "set.zip")
    assert found.photos.classes == ("cat", "dog")
    assert found.photos.counts == (3, 3)
    assert found.skipped == found.notes == ()
    for number, sample in enumerate(found.photos.samples):
        expected = zips.noise((10 if number < 3 else 0) + number % 3)
        assert np.array_equal(sample.photo.pixels, expected)
        assert sample.photo.name == f"{number % 3}.png"


LAYOUTS = {
    "one class": ({"cat/1.png": 1, "cat/2.png": 2}, {"cat": 2}),
    "wrapped": ({"set/cat/1.png": 1, "set/dog/2.png": 2}, {"cat": 1, "dog": 1}),
    "wrapped twice": ({"a/b/cat/1.png": 1, "a/b/dog/2.png": 2}, {"cat": 1, "dog": 1}),
    "wrapped, one class": ({"set/cat/1.png": 1}, {"cat": 1}),
    "deeper folders": ({"cat/1.png": 1, "cat/more/2.png": 2, "dog/a/b/3.png": 3}, {"cat": 2, "dog": 1}),
    "one class with deeper": ({"cat/1.png": 1, "cat/more/2.png": 2}, {"cat": 2}),
    "parts": ({"train/cat/1.png": 1, "train/dog/2.png": 2, "val/cat/3.png": 3}, {"cat": 2, "dog": 1}),
    "wrapped parts": ({"s/train/cat/1.png": 1, "s/Test/dog/2.png": 2}, {"cat": 1, "dog": 1}),
    "classes called train and test": ({"train/1.png": 1, "test/2.png": 2}, {"test": 1, "train": 1}),
    "hidden": (
        {"cat/1.png": 1, "cat/.2.png": 2, "__MACOSX/cat/._1.png": 3, ".git/x/4.png": 4, ".DS_Store": 5},
        {"cat": 1},
    ),
    "dots": ({"./cat/1.png": 1, "./dog/2.png": 2}, {"cat": 1, "dog": 1}),
    "same name twice": ({"cat/1.png": 1, "cat//1.png": 2}, {"cat": 2}),
    "no folder": ({"1.png": 1, "cat/2.png": 2}, {"cat": 1}),
}


@pytest.mark.parametrize(("files", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_layouts(files: dict[str, int], expected: dict[str, int]) -> None:
    assert counts(zips.zipped({name: zips.png(seed) for name, seed in files.items()})) == expected


def test_what_is_decided_about_the_layout_is_said() -> None:
    files = {"train/cat/1.png": zips.png(1), "val/cat/3.png": zips.png(3), "readme.txt": b"hello"}
    found = read_archive(zips.zipped(files))
    assert found.notes == ("Its parts (train, val) were joined: the set is split here.",)
    assert [(each.name, each.reason) for each in found.skipped] == [
        ("readme.txt", "It lies in no folder, so it has no class.")
    ]


@pytest.mark.parametrize("name", zips.HOSTILE)
def test_hostile_archives_are_refused_before_anything_is_unpacked(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, why = zips.HOSTILE[name]
    data = build()
    opened: list[object] = []
    monkeypatch.setattr(rooms._Counter, "read", lambda _self, entry: opened.append(entry))
    with pytest.raises(ArchiveError, match=why) as error:
        read_archive(data, "bad.zip")
    assert opened == []
    assert str(error.value).startswith("“bad.zip” ")
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_limits_themselves_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "FILES_MOST", 6)
    assert sum(counts(zips.good()).values()) == 6
    monkeypatch.setattr(rooms, "FILES_MOST", 5)
    with pytest.raises(ArchiveError, match="6 files: up to 5"):
        read_archive(zips.good())


def test_bytes_are_counted_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of what the table claims is passed; then more arrives than may."""
    monkeypatch.setattr(rooms, "_check_sizes", lambda entries: None)
    monkeypatch.setattr(rooms, "UNPACKED_BYTES_MOST", 1_000_000)
    with pytest.raises(ArchiveError, match="unpacks to more than 1 MB"):
        read_archive(zips.bomb(4))


def test_a_header_that_says_too_little_costs_that_member_alone() -> None:
    found = read_archive(zips.lying())
    assert found.photos.counts == (1,)
    assert [each.reason for each in found.skipped] == ["It is damaged: it cannot be unpacked."]


def broken_members() -> dict[str, bytes]:
    """One bad member each, beside two good ones."""
    files = {"cat/1.png": zips.png(1), "cat/2.png": zips.png(2), "cat/bad.png": zips.png(3)}
    data, packed = zips.zipped(files), zips.zipped(files, zipfile.ZIP_DEFLATED)
    start = data.rindex(b"cat/bad.png", 0, data.index(b"PK\1\2"))
    body = packed.rindex(b"cat/bad.png", 0, packed.index(b"PK\1\2")) + 11
    return {
        "checksum": zips.patched(data, 14, 16, b"\0\0\0\0"),
        "flipped pixels": data[: start + 60] + b"\xff\xff" + data[start + 62 :],
        "broken deflate": packed[:body] + b"\xff" * 20 + packed[body + 20 :],
        "other name inside": data[:start] + b"cat/BAD.png" + data[start + 11 :],
        "no local header": data[: start - 30] + b"XX" + data[start - 28 :],
        "method 9": zips.patched(data, 8, 10, b"\x09\0"),
        "method bzip2": zipped_with(files, zipfile.ZIP_BZIP2),
        "method lzma": zipped_with(files, zipfile.ZIP_LZMA),
        "claims too little": zips.patched(data, 22, 24, struct.pack("<I", 20)),
        "text": zips.zipped({**files, "cat/bad.png": b"no picture"}),
        "empty": zips.zipped({**files, "cat/bad.png": b""}),
        "cut off picture": zips.zipped({**files, "cat/bad.png": zips.png(3)[:-30]}),
        "zip in zip": zips.zipped({**files, "cat/bad.png": zips.good()}),
    }


def zipped_with(files: dict[str, bytes], method: int) -> bytes:
    """The last file is packed in another way."""
    import io

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, data in files.items():
            made.writestr(name, data, method if name.endswith("bad.png") else zipfile.ZIP_STORED)
    return stream.getvalue()


@pytest.mark.parametrize("kind", broken_members())
def test_a_bad_member_never_spoils_a_good_archive(kind: str) -> None:
    found = read_archive(broken_members()[kind])
    assert found.photos.counts == (2,)
    assert [sample.photo.name for sample in found.photos.samples] == ["1.png", "2.png"]
    assert [each.name for each in found.skipped] == ["bad.png"]
    assert found.skipped[0].reason.endswith(".")


@pytest.mark.parametrize("seed", range(150))
def test_damaged_archives_end_in_photos_or_in_a_sentence(seed: int) -> None:
    dice = np.random.default_rng(seed)
    method = zipfile.ZIP_DEFLATED if seed % 2 else zipfile.ZIP_STORED
    data = bytearray(zips.zipped({f"cat/{i}.png": zips.png(i, 8, 10) for i in range(3)}, method))
    places = range(len(data)) if seed % 3 else range(data.index(b"PK\1\2"), len(data))
    for place in dice.choice(places, int(dice.integers(1, 6))):
        data[place] = dice.integers(256)
    try:
        found = read_archive(bytes(data))
    except ArchiveError as error:
        assert str(error).endswith(".")
    else:
        assert len(found.photos.samples) + len(found.skipped) <= 3


def test_an_archive_joins_a_set() -> None:
    first = read_archive(zips.good()).photos
    more = zips.zipped({"dog/9.png": zips.png(90), "hen/1.png": zips.png(91)})
    both = read_archive(more, joining=first).photos
    assert both.classes == ("cat", "dog", "hen")
    assert both.counts == (3, 4, 1)
    assert both.samples[:6] == first.samples


def test_progress_is_told() -> None:
    heard: list[tuple[int, int]] = []
    read_archive(zips.good(), told=lambda done, count: heard.append((done, count)))
    assert heard == [(done, 6) for done in range(6)]


NAMES = {
    "plain": ("cat", "cat"),
    "spaces": ("  black \t cat\n", "black cat"),
    "tags": ("<b>hen</b>", "‹b›hen‹/b›"),
    "unprintable": ("a\x00b\u202ec", "a b c"),
    "long": ("x" * 80, "x" * 60),
    "nothing": (" \n\x07", "unnamed"),
    "other letters": ("Füchse 狐", "Füchse 狐"),
}


@pytest.mark.parametrize(("text", "expected"), NAMES.values(), ids=NAMES)
def test_class_names_are_cleaned(text: str, expected: str) -> None:
    assert class_name(text) == expected


SIZES = {
    "small stays": ((40, 50), (40, 50)),
    "exact": ((256, 300), (256, 300)),
    "landscape": ((600, 800), (256, 341)),
    "portrait": ((900, 450), (512, 256)),
    "strip": ((30, 3000), (10, 1024)),
}


@pytest.mark.parametrize(("given", "expected"), SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_intake_reduces_the_shorter_side(
    kind: str, given: tuple[int, int], expected: tuple[int, int]
) -> None:
    photo = intake(encoded(np.full((*given, 3), 90, np.uint8), kind), "a")
    assert photo.pixels.shape[:2] == expected
    assert photo.original_hw == given


def test_intake_opens_and_refuses_what_the_door_does() -> None:
    for name, data in small_files().items():
        try:
            assert min(intake(data, name).pixels.shape[:2]) <= 256
        except PhotoError as error:
            assert str(error)
    with pytest.raises(PhotoError, match="HEIC"):
        intake(b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(PhotoError, match="not a picture"):
        intake(b"no picture")


def test_a_set_that_is_too_large_is_reduced_and_then_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PIXEL_BYTES_MOST", 700_000)
    files = [(f"{i}.png", encoded(zips.noise(i, 256, 256), "PNG")) for i in range(12)]
    found = gathered(PhotoSet(), "cat", files)
    sides = {sample.photo.pixels.shape for sample in found.photos.samples}
    assert found.reduced
    assert sides == {(160, 160, 3)}
    assert len(found.photos.samples) == 700_000 // (3 * 160 * 160) == 9
    assert [each.reason for each in found.skipped] == ["The set is full: its pixels take 1 MB."] * 3
    assert "reduced to 160 pixels" in found.notes[0]
    small = reduced(intake(files[0][1]), 160)
    assert np.array_equal(found.photos.samples[0].photo.pixels, small.pixels)


def test_photos_and_classes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PHOTOS_MOST", 2)
    found = gathered(PhotoSet(), "cat", [(str(i), zips.png(i)) for i in range(3)])
    assert (len(found.photos.samples), found.skipped[0].reason) == (2, "The set is full: it holds 2 photos.")
    classes = Gathering()
    monkeypatch.setattr(door, "PHOTOS_MOST", 100)
    for i in range(51):
        classes.take(str(i), "a.png", lambda i=i: zips.png(i))
    assert len(classes.photos.classes) == 50
    assert classes.skipped[0].reason == "The set has 50 classes, which is the most."
