"""Look into a PyTorch checkpoint without opening it: which tensors its pickle describes, and whether it would run code.

A pickle is a program for a small stack machine. A state dict needs only a few of its instructions: texts, numbers,
dicts, and "rebuild this tensor". Those are followed here on descriptions, with nothing imported, called or allocated;
any other instruction, and any other function that a file names, ends the reading. Format: Python's `pickletools`, and
`torch.serialization` for archives.
"""

import io
import pickletools
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.networks.limits import KEYS_MOST, PICKLE_BYTES_MOST, CheckpointError, too_many_keys

HOW_TO_SAVE = "torch.save(model.state_dict(), 'weights.pt')"
ITEM_BYTES = {
    "DoubleStorage": 8,
    "FloatStorage": 4,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "LongStorage": 8,
}
_HARMLESS = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    *(f"torch {storage}" for storage in ITEM_BYTES),
}
_MARK = object()


@dataclass(frozen=True, slots=True)
class Described:
    """A tensor as the file describes it: member of the archive, item size, offset, shape and strides in items."""

    member: str
    item_bytes: int
    storage_items: int
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(slots=True)
class _Name:
    """A function or class that the file names; it is never looked up."""

    full: str


@dataclass(frozen=True, slots=True)
class Storage:
    """The numbers behind tensors as the file describes them: member of the archive, kind and count of items."""

    member: str
    kind: str
    items: int


def named_by(program: bytes) -> Iterator[str]:
    """The functions and classes that a pickle names, as "module name"; stops where it cannot be read."""
    texts: list[str] = []
    try:
        for opcode, argument, _ in pickletools.genops(program):
            if opcode.name in ("GLOBAL", "INST"):
                yield str(argument)
            elif opcode.name == "STACK_GLOBAL":
                yield " ".join(texts[-2:])
            elif isinstance(argument, str):
                texts = [*texts[-1:], argument]
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError):
        return


def refuse_code(program: bytes) -> None:
    """Raises CheckpointError if the pickle names anything but tensors and dicts; nothing is executed."""
    strange = next((name for name in named_by(program) if name not in _HARMLESS), None)
    if strange is not None:
        raise CheckpointError(
            f"A checkpoint holds tensors by name only, and this file would call {strange.replace(' ', '.')[:80]} when "
            f"it is opened: it was not opened; save the state dict alone with {HOW_TO_SAVE}."
        )


def described(
    archive: zipfile.ZipFile, program_name: str
) -> tuple[dict[str, Any], list[Described | Storage]]:
    """The object that the archive's pickle describes, tensors as `Described`, and all that is made on the way.

    Raises: CheckpointError for code, for instructions that a state dict does not need and for too many keys.
    """
    if archive.getinfo(program_name).file_size > PICKLE_BYTES_MOST:
        raise too_many_keys(f"a list of {archive.getinfo(program_name).file_size:,} bytes")
    program = archive.read(program_name)
    refuse_code(program)
    try:
        machine = _Machine()
        result = machine.run(program)
    except (
        IndexError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"The list of tensors in this file is damaged or not a state dict; save one with {HOW_TO_SAVE}."
        ) from error
    if not isinstance(result, dict):
        raise CheckpointError(
            f"A checkpoint is a dict of tensors by name, got a {type(result).__name__}; save {HOW_TO_SAVE}."
        )
    return result, machine.made


class _Machine:
    """The part of pickle's stack machine that state dicts use, on descriptions."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.made: list[Described | Storage] = []

    def run(self, program: bytes) -> Any:
        argument: Any
        for opcode, argument, _ in pickletools.genops(io.BytesIO(program)):
            if opcode.name == "STOP":
                return self.stack.pop()
            if opcode.name in _PUSHED:
                self.stack.append(argument)
            elif opcode.name in _MADE:
                self.stack.append(_MADE[opcode.name]())
            elif opcode.name in ("BINPUT", "LONG_BINPUT"):
                self.memo[argument] = self.stack[-1]
            elif opcode.name in ("BINGET", "LONG_BINGET"):
                self.stack.append(self.memo[argument])
            elif opcode.name == "GLOBAL":
                self.stack.append(_Name(argument))
            elif opcode.name != "PROTO":
                getattr(self, f"_{opcode.name.lower()}")()
        raise ValueError("no end")

    def _above_mark(self) -> list[Any]:
        above: list[Any] = []
        while (value := self.stack.pop()) is not _MARK:
            above.append(value)
        return above[::-1]

    def _taken(self, count: int) -> tuple[Any, ...]:
        taken = tuple(self.stack[-count:])
        if len(taken) < count:
            raise ValueError("too few values")
        del self.stack[-count:]
        return taken

    def _tuple(self) -> None:
        self.stack.append(tuple(self._above_mark()))

    def _tuple1(self) -> None:
        self.stack.append(self._taken(1))

    def _tuple2(self) -> None:
        self.stack.append(self._taken(2))

    def _tuple3(self) -> None:
        self.stack.append(self._taken(3))

    def _append(self) -> None:
        (value,) = self._taken(1)
        self.stack[-1].append(value)

    def _appends(self) -> None:
        values = self._above_mark()
        self.stack[-1].extend(values)

    def _setitem(self) -> None:
        self._put(self._taken(2))

    def _setitems(self) -> None:
        self._put(self._above_mark())

    def _put(self, pairs: Any) -> None:
        self.stack[-1].update(zip(pairs[::2], pairs[1::2], strict=True))

    def _build(self) -> None:
        self._taken(1)  # versions of layers, which hang on the dict

    def _binpersid(self) -> None:
        ((_, kind, member, _, items),) = self._taken(1)
        self._make(Storage(str(member), kind.full.split()[1], int(items)))

    def _reduce(self) -> None:
        function, arguments = self._taken(2)
        self._make(_CALLS[function.full](*arguments))

    def _make(self, value: Any) -> None:
        if isinstance(value, Described | Storage):
            self.made.append(value)
            if len(self.made) > 4 * KEYS_MOST:
                raise too_many_keys(f"more than {KEYS_MOST:,}")
        self.stack.append(value)


def _tensor(storage: Storage, offset: int, shape: tuple, stride: tuple, *_: Any) -> Described:
    numbers = (storage.items, offset, *shape, *stride)
    if not all(type(each) is int and each >= 0 for each in numbers) or len(shape) != len(stride):
        raise ValueError("sizes are whole numbers")
    return Described(
        storage.member, ITEM_BYTES[storage.kind], storage.items, offset, tuple(shape), tuple(stride)
    )


def _ordered(pairs: Any = ()) -> dict:
    return dict(pairs)


_CALLS: dict[str, Callable[..., Any]] = {
    "collections OrderedDict": _ordered,
    "torch._utils _rebuild_tensor_v2": _tensor,
    "torch._utils _rebuild_parameter": lambda tensor, *_: tensor,
}
_PUSHED = {"BINUNICODE", "SHORT_BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"}
_MADE: dict[str, Callable[[], Any]] = {
    "MARK": lambda: _MARK,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
}
