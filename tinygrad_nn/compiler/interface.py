"""How numbers get into a program and out of it, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentTypeError, StateError
from ..scalar.value import Value
from ..tree import NONE, Key
from .program.precision import dtype_of
from .program.program import DOUBLE, Dtype
from .program.store import LARGEST, Plain
from .trace.recorder import Argument
from .trace.results import Reduce
from .trace.tracing import Trace

__all__ = ["Interface"]

DEEPEST = 100  # levels of a nesting
_KINDS: dict[str, type] = {"list": list, "tuple": tuple}
_ATOMS = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True, eq=False)
class Interface:
    """What a program is given and what it gives, beside the numbers.

    `names` are the parameters that arguments are given to by position, `statics` the arguments
    that shaped the program. What was `captured` may be found from `roots`, which have names;
    `proved` says that the program was shown to be the function.
    """

    name: str
    names: tuple[str, ...]
    arguments: tuple[Argument, ...]
    statics: tuple[tuple[str, Any], ...]
    result: Key
    reduce: Reduce
    captured: tuple[Value, ...]
    roots: tuple[tuple[str, Any], ...]
    chooses: bool
    check: bool
    proved: bool
    dtype: Dtype = DOUBLE

    @classmethod
    def of(
        cls,
        trace: Trace,
        name: str,
        names: tuple[str, ...],
        statics: tuple[tuple[str, Any], ...] = (),
        roots: tuple[tuple[str, Any], ...] = (),
        check: bool = False,
        proved: bool = False,
        dtype: Dtype = DOUBLE,
    ) -> Interface:
        """Take what a trace says."""
        return cls(
            name,
            names,
            trace.arguments,
            statics,
            trace.nesting.key,
            trace.reduce,
            trace.captured,
            roots,
            trace.chooses,
            check,
            proved,
            dtype,
        )

    def plain(self) -> dict[str, Plain]:
        """Write it as what JSON has, but for what was captured; classes of the user's are refused."""
        return {
            "name": self.name,
            "names": list(self.names),
            "arguments": [
                [a.name, _plain_key(a.nesting.key, a.name), a.per_sample] for a in self.arguments
            ],
            "statics": [[name, _plain_atom(value, name)] for name, value in self.statics],
            "result": _plain_key(self.result, "the result"),
            "reduce": _plain_reduce(self.reduce),
            "chooses": self.chooses,
            "check": self.check,
            "proved": self.proved,
            "dtype": self.dtype.name,
        }

    @classmethod
    def read(cls, x: Plain, captured: tuple[Value, ...]) -> Interface:
        """Read what `plain` has written; whatever it cannot have written is refused."""
        parts = [_part(x, name, kind) for name, kind in _PARTS.items()]
        name, names, arguments, statics, *flags = parts
        if not all(isinstance(one, str) for one in names):
            raise StateError("names are texts")
        found = []
        for one in arguments:
            of, key, per_sample = _row(one, 3)
            found.append(Argument(_text(of), _key(key, 0), _is(per_sample, bool)))
        fixed = tuple([(_text(of), _atom(value, 0)) for of, value in (_row(s, 2) for s in statics)])
        every = [a.name for a in found] + [of for of, _ in fixed]
        if not all(one.isprintable() for one in (name, *names, *every)):
            raise StateError("a name cannot be printed")
        if len(set(every)) < len(every):
            raise StateError("an argument is there twice")
        result, reduce = _key(x.get("result"), 0), _reduce(x.get("reduce"), 0)
        flags.append(dtype_of(_text(x.get("dtype", DOUBLE.name))))
        given = name, tuple(names), tuple(found), fixed
        return cls(*given, result, reduce, captured, (), *flags)


_PARTS: dict[str, type] = {
    "name": str,
    "names": list,
    "arguments": list,
    "statics": list,
    "chooses": bool,
    "check": bool,
    "proved": bool,
}


# ---- writing ----------------------------------------------------------------------------------


def _plain_key(key: Key, where: str) -> Plain:
    if key == 0 or key == NONE:
        return 0 if key == 0 else None
    kind, inner = key
    if kind == "array":
        return ["array", list(inner)]
    if kind is dict:
        parts = [
            [_plain_atom(name, f"a name in {where}"), _plain_key(part, where)]
            for name, part in inner
        ]
        return ["dict", parts]
    name = next((name for name, known in _KINDS.items() if known is kind), None)
    if name is None:
        raise ArgumentTypeError(
            f"{where} has a {kind.__name__}, which is a class and so code, and a file holds none: "
            "take a tuple, a list or a dict in place of it"
        )
    if isinstance(inner, int):
        return [name, inner]
    return [name, [_plain_key(part, where) for part in inner]]


def _plain_atom(x: Any, where: str) -> Plain:
    if type(x) is tuple:
        return [_plain_atom(part, where) for part in x]
    if type(x) not in _ATOMS:
        raise ArgumentTypeError(
            f"{where} is {x!r}, of type {type(x).__name__}: expected a number, a text, None or a "
            "tuple of them, which a file can hold"
        )
    return x if type(x) is not float else {"float": x.hex()}


def _plain_reduce(reduce: Reduce) -> Plain:
    if reduce is None or isinstance(reduce, str):
        return reduce
    if isinstance(reduce, dict):
        parts = [[_plain_atom(n, "a name in reduce"), _plain_reduce(r)] for n, r in reduce.items()]
        return ["dict", parts]
    return ["list", [_plain_reduce(part) for part in reduce]]


# ---- reading ----------------------------------------------------------------------------------


def _key(x: Plain, depth: int) -> Key:
    _check_depth(depth)
    if x is None:
        return NONE
    if type(x) is int and x == 0:
        return 0
    kind, inner = _row(x, 2)
    if kind == "array":
        return ("array", tuple([_size(size) for size in _is(inner, list)]))
    if kind == "dict":
        pairs = [_row(pair, 2) for pair in _is(inner, list)]
        names = [_atom(name, depth) for name, _ in pairs]
        if len(set(names)) < len(names):
            raise StateError("a dict has a name twice")
        parts = [_key(part, depth + 1) for _, part in pairs]
        return (dict, tuple(zip(names, parts, strict=True)))
    if not isinstance(kind, str) or kind not in _KINDS:
        raise StateError(f"{kind!r} is no kind of nesting")
    if isinstance(inner, list):
        made = tuple([_key(part, depth + 1) for part in inner])
        if made and all(part == 0 for part in made):
            raise StateError("a row of numbers is told by its length")
        return (_KINDS[kind], made)
    if inner == 0:
        raise StateError("an empty row is told by its parts")
    return (_KINDS[kind], _size(inner))


def _atom(x: Plain, depth: int) -> Any:
    _check_depth(depth)
    if isinstance(x, list):
        return tuple([_atom(part, depth + 1) for part in x])
    if isinstance(x, dict):
        try:
            return float.fromhex(_text(x.get("float")))
        except (ValueError, OverflowError):
            raise StateError(f"{x!r} is no number") from None
    return x


def _reduce(x: Plain, depth: int) -> Reduce:
    _check_depth(depth)
    if x is None or x in ("mean", "sum"):
        return x
    kind, inner = _row(x, 2)
    if kind == "list":
        return [_reduce(part, depth + 1) for part in _is(inner, list)]
    if kind != "dict":
        raise StateError(f"{kind!r} is no way to reduce")
    pairs = [_row(pair, 2) for pair in _is(inner, list)]
    return {_atom(name, depth): _reduce(part, depth + 1) for name, part in pairs}


def _part(x: Plain, name: str, kind: type) -> Any:
    if not isinstance(x, dict):
        raise StateError("the head is no object")
    return _is(x.get(name), kind)


def _is(x: Plain, kind: type) -> Any:
    if type(x) is not kind:
        raise StateError(f"{x!r:.60} is no {kind.__name__}")
    return x


def _text(x: Plain) -> str:
    text: str = _is(x, str)
    return text


def _row(x: Plain, count: int) -> list[Plain]:
    row: list[Plain] = _is(x, list)
    if len(row) != count:
        raise StateError(f"{x!r:.60} has not {count} parts")
    return row


def _size(x: Plain) -> int:
    size: int = _is(x, int)
    if not 0 <= size <= LARGEST:
        raise StateError(f"{size} is no length")
    return size


def _check_depth(depth: int) -> None:
    if depth > DEEPEST:
        raise StateError(f"it is nested in more than {DEEPEST} levels")
