"""Programs as safetensors files, with a head of JSON: numbers and names, and no code."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import StateError, TinygradNNError
from ..extras import load_extra
from ..files import write_whole
from ..scalar.value import Value
from .backends.choice import BACKENDS
from .captured import names_of
from .interface import Interface
from .program.limits import check_limits
from .program.program import Floats, Program, Role
from .program.split import split
from .program.store import Numbers, Plain, plain, restored
from .program.verify import verify
from .trace.parts import parts_of
from .trace.results import segments
from .trace.structure import Nesting

__all__ = ["VERSION", "content_of", "parsed", "read", "write"]

VERSION = 1  # of what is in such a file
PURPOSE = "a program file"
_CAPTURED = "captured"
_TYPES = {"F64": np.dtype("<f8"), "I64": np.dtype("<i8")}
_ENTRY = "tinygrad_nn program"


def write(
    program: Program, interface: Interface, path: str | os.PathLike[str], backend: str
) -> None:
    """Write a program, and the name of what runs it: a whole file or none."""
    write_whole(path, content_of(program, interface, backend))


def content_of(program: Program, interface: Interface, backend: str) -> bytes:
    """Give what a file has."""
    safetensors = load_extra("safetensors.numpy", "save", PURPOSE)
    numbers: list[Numbers] = []
    head = interface.plain()
    head["backend"] = backend
    head["captured"] = names_of(interface.captured, interface.roots)
    head["program"] = plain(program, numbers, Program)
    arrays = {str(number): array for number, array in enumerate(numbers)}
    arrays[_CAPTURED] = np.array([value.data for value in interface.captured], dtype=np.float64)
    text = json.dumps(head, allow_nan=False, separators=(",", ":"))
    # One entry: their order is not told.
    metadata = {_ENTRY: f"{VERSION} {_checksum(text, arrays)} {text}"}
    content: bytes = safetensors.save(arrays, metadata)
    return content


def read(path: str | os.PathLike[str]) -> tuple[Program, Interface, str]:
    """Read a program that may be run, and what ran it; any other is refused."""
    load_extra("safetensors", "save", PURPOSE)
    return parsed(Path(path).read_bytes(), os.fspath(path))


def parsed(content: bytes, where: str) -> tuple[Program, Interface, str]:
    """Read what a file has; errors call it by `where` it was."""
    safetensors = load_extra("safetensors", "save", PURPOSE)
    try:
        tensors = dict(safetensors.deserialize(content))
        head = _json(content[8 : 8 + int.from_bytes(content[:8], "little")].decode())
        metadata = head.get("__metadata__", {})
    except (safetensors.SafetensorError, ValueError, RecursionError, StateError) as error:
        raise StateError(
            f"{where} is no whole safetensors file ({error}): save the program again"
        ) from None
    if _ENTRY not in metadata:
        raise StateError(
            f"{where} holds no program: it is not written by program.save; a model is read by "
            "nn.load"
        )
    version, _, rest = metadata[_ENTRY].partition(" ")
    if version != str(VERSION):
        raise StateError(
            f"{where} is of version {version:.20} of program files, and this package reads version "
            f"{VERSION}: compile the function with this package, and save its program"
        )
    checksum, _, text = rest.partition(" ")
    try:
        return _whole(checksum, text, tensors)
    except (TinygradNNError, ValueError, RecursionError) as error:
        raise StateError(f"{where} is damaged ({error}): save the program again") from None


def _whole(checksum: str, text: str, tensors: dict[str, Any]) -> tuple[Program, Interface, str]:
    arrays = {name: _array(tensor) for name, tensor in tensors.items()}
    if checksum != _checksum(text, arrays):
        raise StateError("its contents are not what was saved")
    head = _json(text)
    captured = _captured(head, arrays.pop(_CAPTURED, None))
    interface = Interface.read(head, captured)
    numbers = [arrays.get(str(number)) for number in range(len(arrays))]
    if any(array is None for array in numbers):
        raise StateError("an array of numbers is missing")
    program = restored(head.get("program"), numbers)  # type: ignore[arg-type]  # none is None
    check_limits(program)
    verify(program)
    check_limits(split(program))  # as it runs
    _check_fit(program, interface)
    backend = head.get("backend")
    if backend not in BACKENDS:
        raise StateError(f"what runs it is {backend!r:.20}")
    return program, interface, backend


def _array(tensor: Mapping[str, Any]) -> Numbers:
    kind = _TYPES.get(tensor["dtype"])
    if kind is None:
        raise StateError(f"numbers of type {tensor['dtype']} are in no program")
    array = np.frombuffer(tensor["data"], kind).reshape(tensor["shape"])
    return array.astype(kind.newbyteorder("="))  # its own, as others write into what they get


def _checksum(text: str, arrays: Mapping[str, Numbers]) -> str:
    found = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        found.update(f"\n{name} {little.dtype.str} {little.shape}\n".encode())
        found.update(np.ascontiguousarray(little).tobytes())
    return found.hexdigest()


def _json(text: str) -> dict[str, Plain]:
    """Read JSON of which no name is there twice."""

    def once(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise StateError("a name is there twice")
        return found

    def refuse(constant: str) -> None:
        raise StateError(f"{constant} is no JSON")

    head = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    if not isinstance(head, dict):
        raise StateError("the head is no object")
    return head


def _captured(head: dict[str, Plain], numbers: Floats | None) -> tuple[Value, ...]:
    """Make Values of the numbers that were taken from elsewhere, labelled by their names."""
    names = head.get("captured")
    named = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not named or numbers is None or numbers.shape != (len(names),):  # type: ignore[arg-type]  # a list
        raise StateError("what was captured has a name and a number each")
    if numbers.dtype != np.float64:
        raise StateError("what was captured are floats")
    pairs = zip(numbers.tolist(), names, strict=True)  # type: ignore[arg-type]  # a list
    return tuple([Value(number, label=name) for number, name in pairs])


def _check_fit(program: Program, interface: Interface) -> None:
    """Refuse an interface that is not that of the program."""
    arguments = interface.arguments
    given = [(a.nesting.size, a.per_sample, Role.INPUT) for a in arguments]
    given += [(len(interface.captured), False, Role.CAPTURED), (2, False, Role.BATCH)]
    roles = (Role.INPUT, Role.CAPTURED, Role.BATCH)
    found = [(a.size, a.per_sample, a.role) for a in program.arrays]
    _fits(found[: len(given)] == given, "arguments")
    _fits(all(role not in roles for _, _, role in found[len(given) :]), "arguments")
    named = [(a.name, a.pieces) for a in program.arrays[: len(arguments)]]
    _fits(named == [(a.name, a.pieces) for a in arguments], "names of arguments")
    _fits(program.pieces == parts_of("result", interface.result), "names of results")
    batched = any(argument.per_sample for argument in arguments)
    _fits(batched or not any(per_sample for _, per_sample, _ in found), "samples")
    _fits(batched or interface.reduce is None, "samples")
    ends = 0
    shared = np.ones(sum(run.size for run in program.results), dtype=bool)
    for run in program.results:
        varies = not isinstance(run.where, float) and program.arrays[run.where.array].per_sample
        shared[ends : ends + run.size] = not varies
        ends += run.size
    _fits(ends == Nesting(interface.result).size, "results")
    begin = 0
    for how, part in segments(interface.reduce, interface.result):
        end = begin + Nesting(part).size
        _fits(how is None or bool(shared[begin:end].all()), "what is reduced")
        begin = end


def _fits(holds: bool, what: str) -> None:
    if not holds:
        raise StateError(f"the {what} of the program are not those that the file tells")
