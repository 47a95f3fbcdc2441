"""A zip with one folder per class, read in memory.

Everything that a zip's directory says is checked before a byte is unpacked, and nothing that it says is believed while
unpacking: bytes are counted again. Nothing is written anywhere and no name becomes a path. A damaged member is listed
and the others are read. Source: APPNOTE.TXT 6.3.10 (PKWARE); Fifield 2019, "A better zip bomb" (overlapping entries).
"""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from core.photo import PhotoError
from core.photo.door import MAX_FILE_BYTES
from core.transfer.intake import Gathering, Skipped, class_name
from core.transfer.samples import PhotoSet

FILES_MOST = 2000
UNPACKED_BYTES_MOST = 500_000_000
RATIO_MOST = 100
ENTRIES_MOST = 10_000  # with folders and hidden files, which are not unpacked
_DIRECTORY_BYTES = 4_000_000  # of its table of contents
_LOCAL = struct.Struct("<4s22xHH")  # signature, lengths of name and extra field
_PIECE = 1 << 20
_PARTS = frozenset(("train", "training", "val", "valid", "validation", "test", "testing"))
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|bmp|tiff?|avif|heic)$", re.IGNORECASE)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MEMBER_ERRORS = (  # what zipfile was seen to raise on damaged members
    zipfile.BadZipFile,
    RuntimeError,
    NotImplementedError,
    zlib.error,
    struct.error,
    LookupError,
    ValueError,
    OSError,
    EOFError,
    OverflowError,
)


class ArchiveError(ValueError):
    """An archive that is refused as a whole; its text is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What was in a zip.

    Args:
        photos: the set with what the archive brought.
        skipped: its files that are no photos, with the reason.
        notes: sentences on how it was read.
    """

    photos: PhotoSet
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of the archive: its entry, its folders and its name."""

    entry: zipfile.ZipInfo
    folders: tuple[str, ...]
    name: str


def read_archive(
    data: bytes,
    name: str = "",
    *,
    joining: PhotoSet | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Archive:
    """The photos of a zip, the folder of each as its class.

    One common folder around all is left out. Where the folders are parts of a split (train, val, test ...), those
    inside them are the classes and the parts are joined: the set is split here. Files in deeper folders belong to the
    class above. Hidden files and `__MACOSX` are ignored.

    Args:
        data: the file. name: for messages only.
        joining: the set that the photos join.
        told: hears how many of how many files have been read.

    Raises: ArchiveError, before anything is unpacked: no zip, more than 2,000 files or 500 MB unpacked, one that
        unpacks to more than 100 times its size, links, encryption, names that leave the folder, overlapping entries;
        while unpacking: more bytes than the archive said.
    """
    subject = f"“{class_name(name)}”" if name else "This file"
    try:
        return _read(zipfile.ZipFile(_Bounded(data)), data, Gathering(joining), told)
    except ArchiveError as error:
        raise ArchiveError(f"{subject} {error}") from error.__cause__
    except _MEMBER_ERRORS as error:
        raise ArchiveError(
            f"{subject} is not a zip archive that can be read: it is damaged or none."
        ) from error


class _Bounded(io.BytesIO):
    """The archive's bytes; nobody reads many at once, so its table of contents cannot fill the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self.getbuffer().nbytes - self.tell())
        wanted = left if size is None or size < 0 else min(size, left)
        if wanted > _DIRECTORY_BYTES:
            _refuse(
                f"has a table of contents of {wanted / 1e6:.1f} MB: up to {_DIRECTORY_BYTES / 1e6:g} MB are read."
            )
        return super().read(wanted)


def _refuse(why: str) -> NoReturn:
    raise ArchiveError(why)


def _read(
    opened: zipfile.ZipFile, data: bytes, gathering: Gathering, told: Callable[[int, int], None] | None
) -> Archive:
    entries = opened.infolist()
    if len(entries) > ENTRIES_MOST:
        _refuse(f"has {len(entries):,} entries: up to {ENTRIES_MOST:,} are read.")
    for entry in entries:
        _check_entry(entry)
    members = [member for member in map(_member, entries) if member is not None]
    if not members:
        _refuse("holds no files.")
    _check_sizes([member.entry for member in members])
    _check_overlap(entries, data, opened.start_dir)
    members, notes = _classes(members)
    counter = _Counter(opened)
    for done, member in enumerate(members):
        if told is not None:
            told(done, len(members))
        _take(member, counter, gathering)
    return Archive(gathering.photos, tuple(gathering.skipped), (*notes, *gathering.notes))


def _take(member: _Member, counter: "_Counter", gathering: Gathering) -> None:
    """A member joins its class, or the list of what was skipped."""
    shown = class_name(member.name)
    if not member.folders:
        gathering.skipped.append(Skipped(shown, "It lies in no folder, so it has no class."))
        return
    gathering.take(class_name(member.folders[0]), shown, lambda: counter.read(member.entry))


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Refuse the whole archive for an entry that only a hostile or a locked one has."""
    name = entry.orig_filename
    shown = f"“{class_name(name)}”"
    if "\\" in name or "\0" in name:
        _refuse(f"is refused: its entry {shown} has a backslash or a null in its name.")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        _refuse(f"is refused: its entry {shown} has an absolute path.")
    if ".." in name.split("/"):
        _refuse(f"is refused: its entry {shown} points outside the archive.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        _refuse(f"is refused: its entry {shown} is a link or a device, not a file.")
    if entry.flag_bits & 0x2041:  # encrypted, strongly encrypted, masked
        _refuse(f"is refused: its entry {shown} is encrypted.")


def _member(entry: zipfile.ZipInfo) -> _Member | None:
    """The file of an entry; None for folders and what is hidden."""
    parts = [part for part in entry.orig_filename.split("/") if part not in ("", ".")]
    if entry.is_dir() or not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return None
    return _Member(entry, tuple(parts[:-1]), parts[-1])


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    """What the table of contents claims is within the limits."""
    if len(entries) > FILES_MOST:
        _refuse(f"has {len(entries):,} files: up to {FILES_MOST:,} are read.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > UNPACKED_BYTES_MOST:
        _refuse(f"unpacks to {unpacked / 1e6:,.0f} MB: up to {UNPACKED_BYTES_MOST / 1e6:g} MB are read.")
    for entry in entries:
        if entry.file_size > RATIO_MOST * entry.compress_size:
            _refuse(
                f"is refused: its entry “{class_name(entry.orig_filename)}” unpacks to {entry.file_size:,} bytes from "
                f"{entry.compress_size:,}, more than {RATIO_MOST} times as many."
            )


def _check_overlap(entries: list[zipfile.ZipInfo], data: bytes, end: int) -> None:
    """No two entries share bytes, and none reaches into the table of contents at `end`."""
    starts = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    for (start, packed), (following, _) in zip(starts, [*starts[1:], (end, 0)], strict=True):
        lengths = (0, 0)
        if 0 <= start <= len(data) - _LOCAL.size:
            lengths = _LOCAL.unpack_from(data, start)[1:]
        if start < 0 or start + _LOCAL.size + sum(lengths) + packed > following:
            _refuse("is refused: its entries overlap.")


def _classes(members: list[_Member]) -> tuple[list[_Member], tuple[str, ...]]:
    """The members with the folder of their class first, in the order of the classes' names, and what was decided."""
    while _has_wrapper(members):
        members = [_Member(each.entry, each.folders[1:], each.name) for each in members]
    notes: tuple[str, ...] = ()
    inner = [each for each in members if each.folders]
    found = {each.folders[0].lower() for each in inner}
    if inner and found <= _PARTS and any(len(each.folders) > 1 for each in inner):
        members = [_Member(each.entry, each.folders[1:], each.name) for each in members]
        notes = (f"Its parts ({', '.join(sorted(found))}) were joined: the set is split here.",)
    return sorted(members, key=lambda each: (each.folders[:1], each.folders, each.name)), notes


def _has_wrapper(members: list[_Member]) -> bool:
    """All lies in one folder, which has further folders and no pictures of its own."""
    return (
        len({each.folders[:1] for each in members}) == 1
        and any(len(each.folders) > 1 for each in members)
        and not any(len(each.folders) == 1 and _PICTURE.search(each.name) for each in members)
    )


class _Counter:
    """Unpacks members and counts what comes out, whatever the archive said."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened = opened
        self._left = UNPACKED_BYTES_MOST

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        """A member's bytes. Raises: PhotoError for this one, ArchiveError for all once the limit is passed."""
        if entry.file_size > MAX_FILE_BYTES:
            raise PhotoError(
                f"Files may have up to {MAX_FILE_BYTES / 1e6:g} MB, it has {entry.file_size / 1e6:.1f} MB."
            )
        if entry.compress_type not in _METHODS:
            raise PhotoError(
                f"It is packed by method {entry.compress_type}: stored (0) and deflated (8) are read."
            )
        try:
            return self._unpacked(entry)
        except (ArchiveError, PhotoError):
            raise
        except _MEMBER_ERRORS as error:
            raise PhotoError("It is damaged: it cannot be unpacked.") from error

    def _unpacked(self, entry: zipfile.ZipInfo) -> bytes:
        pieces, least = [], min(MAX_FILE_BYTES, RATIO_MOST * entry.compress_size)
        with self._opened.open(entry) as stream:
            while piece := stream.read(_PIECE):
                pieces.append(piece)
                self._left -= len(piece)
                least -= len(piece)
                if self._left < 0:
                    _refuse(f"unpacks to more than {UNPACKED_BYTES_MOST / 1e6:g} MB, which it did not say.")
                if least < 0:
                    raise PhotoError("It unpacks to more than it said.")
        return b"".join(pieces)
