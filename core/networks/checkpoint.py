"""From the bytes of an uploaded file to tensors by name, with every limit checked before any work.

Two formats are read, told by content and not by name: safetensors, and the archives of `torch.save` (since PyTorch
1.6) that hold a state dict. What would run code, claim more than it holds or is cut off is refused in a sentence.
"""

import io
import json
import math
import zipfile
from dataclasses import dataclass
from typing import Any

from core.networks import pickled
from core.networks.limits import (
    FILE_BYTES_MOST,
    HEADER_BYTES_MOST,
    KEYS_MOST,
    CheckpointError,
    too_large,
    too_many_keys,
)
from core.networks.pickled import HOW_TO_SAVE, ITEM_BYTES, Described

_WRAPPERS = ("state_dict", "model_state_dict", "model")
_PREFIXES = ("module.", "_orig_mod.", "model.")
_FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Tensors by name (float32; counters int64) and what a person should know about them."""

    tensors: dict[str, Any]
    notes: tuple[str, ...]


def read_checkpoint(data: bytes, most: int = FILE_BYTES_MOST) -> Checkpoint:
    """The tensors of a `.safetensors` or `.pt` file of at most `most` bytes; nothing in it is executed.

    Raises: CheckpointError whose text says what was expected and what was found.
    """
    if len(data) > most:
        raise too_large(len(data), most)
    if data[:4] == b"PK\x03\x04":
        tensors = _from_archive(data, most)
    elif len(data) > 8 and data[8:9] == b"{" and int.from_bytes(data[:8], "little") < 2**40:
        tensors = _from_safetensors(data, most)
    else:
        raise _stranger(data)
    return _cleaned(tensors)


def _stranger(data: bytes) -> CheckpointError:
    if data[:1] == b"\x80":
        program = data[: 2 * HEADER_BYTES_MOST]
        pickled.refuse_code(program)
        return CheckpointError(
            "This file was saved in the format from before PyTorch 1.6: load it where you trained and save it again "
            f"with {HOW_TO_SAVE}."
        )
    if not data:
        return CheckpointError("A checkpoint holds tensors, got an empty file.")
    return CheckpointError(
        "A checkpoint is a .safetensors file or a .pt file with a state dict, got neither; save one with "
        f"{HOW_TO_SAVE}."
    )


def _from_archive(data: bytes, most: int) -> dict[str, Any]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, IndexError, OSError, NotImplementedError) as error:
        raise _cut_off() from error
    members = {info.filename: info for info in archive.infolist()}
    unpacked = sum(info.file_size for info in members.values())
    if unpacked > most:
        raise too_large(unpacked, most)
    if len(members) > KEYS_MOST + 100:
        raise too_many_keys(f"{len(members):,} members in the archive")
    if any(info.compress_type != zipfile.ZIP_STORED for info in members.values()) or unpacked > len(data):
        raise CheckpointError(
            "A checkpoint is saved by torch.save, which does not compress, got a compressed archive "
            f"({len(data) / 1e6:.1f} MB that unpack to {unpacked / 1e6:.1f} MB)."
        )
    programs = [name for name in members if name.endswith("/data.pkl") or name == "data.pkl"]
    if any("/code/" in f"/{name}" for name in members):
        raise CheckpointError(
            f"This is a TorchScript program, which is code: save its tensors with {HOW_TO_SAVE}."
        )
    if len(programs) != 1:
        raise CheckpointError(f"This is a zip archive and no checkpoint; save one with {HOW_TO_SAVE}.")
    _check_described(archive, programs[0])
    return _loaded(data)


def _check_described(archive: zipfile.ZipFile, program_name: str) -> None:
    try:
        found, made = pickled.described(archive, program_name)
        named = _all_tensors(found)
        names = {id(tensor): name for name, tensor in named}
        tensors = [each for each in made if isinstance(each, Described)]
        if max(len(named), len(tensors)) > KEYS_MOST:  # one tensor may stand under many names
            raise too_many_keys(f"{max(len(named), len(tensors)):,}")
        folder = program_name.removesuffix("data.pkl")
        for each in made:
            size = archive.getinfo(f"{folder}data/{each.member}").file_size
            if isinstance(each, Described):
                _check_dense(names.get(id(each), "hidden in the file"), each, size)
            elif each.items * ITEM_BYTES[each.kind] != size:
                raise _cut_off()
    except CheckpointError:
        raise
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        EOFError,
        OSError,
        RuntimeError,
        OverflowError,
    ) as error:
        raise _cut_off() from error


def _all_tensors(found: dict[str, Any]) -> list[tuple[str, Described]]:
    tensors, waiting, seen = [], [("", found)], set()
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Described):
            tensors.append((name, value))
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen.add(id(value))
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting.extend((str(key), each) for key, each in inner)
    return tensors


def _check_dense(name: str, tensor: Described, member_bytes: int) -> None:
    items = math.prod(tensor.shape)
    held = tensor.storage_items * tensor.item_bytes
    if held != member_bytes or tensor.offset + items > tensor.storage_items:
        raise CheckpointError(
            f"The tensor {name[:80]} claims {items * tensor.item_bytes / 1e6:,.1f} MB and the file holds "
            f"{member_bytes / 1e6:,.1f} MB for it."
        )
    if not items:
        return
    permuted = sorted((s, n) for n, s in zip(tensor.shape, tensor.stride, strict=True) if n != 1)
    reach = 1
    for (
        stride,
        size,
    ) in permuted:  # dense in any order of dimensions: each stride is the product of the smaller ones
        if stride != reach:
            raise CheckpointError(
                f"The tensors of a checkpoint are dense, got {name[:80]} of shape {list(tensor.shape)} with strides "
                f"{list(tensor.stride)}; save {HOW_TO_SAVE} of tensors made contiguous."
            )
        reach *= size


def _loaded(data: bytes) -> dict[str, Any]:
    import torch

    try:
        found = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")
    except Exception as error:
        raise _cut_off() from error
    for wrapper in _WRAPPERS:
        if isinstance(found.get(wrapper), dict):
            found = found[wrapper]
    tensors = {str(key): value for key, value in found.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise CheckpointError(
            f"A checkpoint is a dict of tensors by name, got none in it; save {HOW_TO_SAVE}."
        )
    return tensors


def _from_safetensors(data: bytes, most: int) -> dict[str, Any]:
    length = int.from_bytes(data[:8], "little")
    if length > HEADER_BYTES_MOST:
        raise too_many_keys(f"a list of {length:,} bytes")
    try:
        header = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        kinds = {name: (each["dtype"], each["shape"]) for name, each in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _cut_off() from error
    if len(kinds) > KEYS_MOST:
        raise too_many_keys(f"{len(kinds):,}")
    for name, (kind, shape) in kinds.items():
        if kind not in _FLOATS:
            raise CheckpointError(
                f"The tensors of a checkpoint are floating point, got {name[:80]} of type {kind}."
            )
        if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
            raise _cut_off()
        claimed = math.prod(shape) * _FLOATS[kind]
        if claimed > len(data):
            raise too_large(claimed, most) if claimed > most else _cut_off()
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(data)
    except SafetensorError as error:
        raise _cut_off() from error


def _cut_off() -> CheckpointError:
    return CheckpointError(
        f"This file is cut off or damaged: copy it again, or save it again with {HOW_TO_SAVE}."
    )


def _cleaned(tensors: dict[str, Any]) -> Checkpoint:
    """Names without wrappers' prefixes, values as float32; a note for what was changed and what is not a number."""
    import torch

    notes, cleaned, halves, not_numbers = [], {}, 0, 0
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
    for name, value in tensors.items():
        if value.is_floating_point():
            halves += value.dtype != torch.float32
            not_numbers += not bool(value.isfinite().all())
            cleaned[name] = value.detach().float().contiguous()
        elif name.endswith("num_batches_tracked"):
            cleaned[name] = value.detach()
        else:
            raise CheckpointError(
                f"The tensors of a checkpoint are floating point, got {name[:80]} of type {value.dtype}."
            )
    if halves:
        notes.append(f"{halves} tensors were saved in another precision and are used as float32.")
    if not_numbers:
        notes.append(
            f"{not_numbers} tensors contain values that are infinite or not a number: expect no sensible result."
        )
    return Checkpoint(cleaned, tuple(notes))
