"""What code asks of the classes of its numbers: a symbol answers as the number that was given.

`isinstance`, patterns, abstract classes and what dispatches by classes read ``__class__``, and names as
`bit_length` are those of some numbers only. Who reads them is the innermost frame that runs no code of
ours. What was asked is remembered, so that numbers of which it would be otherwise are other calls.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from types import CodeType, FrameType
from typing import Any

import numpy as np

from ...scalar import ops
from ...scalar.conditions import is_logical
from ...scalar.contexts import state, watched
from ...scalar.graph import CONSTANT, Node
from ...scalar.user_line import Place, describe_place, user_place
from ...scalar.value import Value
from .asked import FLOATS, NUMBERS, PLAIN, Asked, Kinds, Question, are_told
from .asking import calls_ours, classes_at, place_of, runs_ours, speaks_of
from .hashing import is_ours, ours_only
from .kinds import looks_at_kinds, place_of_kind
from .symbol import Symbol

__all__ = ["Classes", "classes_answered"]


_ARITHMETIC = frozenset(
    {ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.absolute, ops.mod, ops.floordiv, ops.power}
)
# NumPy's means, which ask a sum for its dtype, and divide it alike whether it has one or not.
_MEANS = frozenset({"numpy._core._methods", "numpy.core._methods"})
_ASKING = frozenset(
    {"abc", "_py_abc", "functools", "typing", "typing_extensions", Symbol.__module__}
)
_NAMES = ("dtype", "ndim", "shape", "tolist", "astype")  # of numbers of NumPy's


class Classes:
    """Answers for the symbols of one recording, `refuse` makes what ends it where there is no answer.

    Without the kinds of its numbers, every question that tells them apart is refused.
    """

    def __init__(
        self, asked: Asked, kinds: Sequence[Kinds] | None, refuse: Callable[[str], BaseException]
    ) -> None:
        self.asked = asked
        self.refused: BaseException | None = None
        self._kinds = kinds
        self._refuse = refuse
        self._symbols: list[Sequence[Node]] = []
        self._known: dict[int, Any] = {}  # the class of each node, by its identity
        self._kept: list[Node] = []  # as identities are to stay theirs

    def begin(self, symbols: Sequence[Node]) -> None:
        """Take the symbols of the next argument."""
        self._symbols.append(symbols)

    def meet(self, code: CodeType, space: dict[str, Any]) -> bool:
        """Look at code of the user's that is to run; tell whether it looks at the kind of things."""
        if not self.asked.of_values and speaks_of(code, space, Value):
            self.asked.of_values = True
        return looks_at_kinds(code)

    def read_values(self) -> None:
        """Note that the number of a Value is read, by the user or to make a Value of it."""
        self.asked.is_plain = True
        self.asked.of_values = True

    def look_at_kinds(self, frame: FrameType) -> None:
        """Refuse what looks at the type of a symbol in what runs now."""
        place = place_of_kind(frame)
        if place is not None:
            self.note_all()
            raise self._end(place)

    def answer(self, symbol: Symbol) -> type:
        """Give the class that a symbol is of, for who asks."""
        frame = _asking()
        if frame is None or runs_ours(frame):
            return type(symbol)
        return self.class_of(symbol, frame)

    def class_of(self, symbol: Symbol, frame: FrameType) -> type:
        """Give the class that a symbol is of, for who asks in a frame."""
        classes = classes_at(frame)
        told = classes is None or are_told(classes)
        if not told and not issubclass(float, classes or ()):
            return type(symbol)  # as no number is
        place = place_of(frame)
        kind = self._class(symbol, place)
        if told:
            self._note(classes, kind)
        if kind is Value or kind is Symbol or (kind in FLOATS and _leaves_floats(frame)):
            return type(symbol)
        if kind is None:
            if classes is None or are_told(classes, self._among()):
                raise self._end(place)
            kind = float
        if self.asked.as_values and kind in FLOATS:
            return type(symbol)
        if classes is not None and issubclass(Symbol, classes) and not issubclass(kind, classes):
            raise self._end(place)  # it is of that class whatever we say
        if classes is None or issubclass(kind, classes):
            self.asked.line = self.asked.line or describe_place(place)
        return kind

    def _among(self) -> tuple[type, ...]:
        """Give the classes that results may be of: NumPy's only where there are some in the call."""
        given = {kind for kinds in self._kinds or () for kind in kinds}
        return PLAIN if given <= {*PLAIN, Value} else NUMBERS

    def lacks(self, symbol: Symbol, name: str, frame: FrameType) -> None:
        """Leave a symbol without an attribute, as the number that was given is."""
        if frame.f_globals.get("__name__") in _MEANS:
            return
        place = place_of(frame)
        kind = self._class(symbol, place)
        self._note(name, kind)
        if kind is Value or kind is Symbol:
            return
        if kind is None or (hasattr(kind, name) and not self.asked.as_values):
            raise self._end(place)

    def needs(self, symbol: Node, name: str) -> None:
        """Leave a call to eager code if it does what only some numbers can, by a method of theirs.

        A symbol cannot, where it returns from here.
        """
        place = user_place() or ("", 0)
        kind = self._class(symbol, place)
        self._note(name, kind)
        if kind is Value or kind is Symbol:
            return
        if kind is None or hasattr(kind, name):
            raise self._end(place)

    def needs_index(self, symbol: Node) -> None:
        """Leave a call to eager code if a number is a place that is none, and that would be seen."""
        place = user_place() or ("", 0)
        kind = self._class(symbol, place)
        self._note("__index__", kind)
        if kind is Value or kind is Symbol:
            return
        if kind is None or not hasattr(kind, "__index__"):
            raise self._end(place)

    def note_all(self) -> None:
        """Note that numbers of any two classes may be told apart."""
        self._note(None, None)

    def show(self) -> None:
        """Refuse to make a text of a symbol, unless that is for us."""
        frame = _asking()
        if frame is not None and not calls_ours(frame):
            raise self._end(place_of(frame))

    def let_hash(self, symbols: bool) -> None:
        """Let symbols be hashed by identity, or by us only."""
        ours_only.let_hash(symbols)

    def _note(self, question: Question, kind: type | None) -> None:
        """Note what is asked of a number; what Values answer is so whatever is given, unless it is one."""
        if kind is Symbol or (kind is Value and not self._takes_values()):
            return
        for place in range(len(self._symbols)):
            self.asked.add(place, question)

    def _takes_values(self) -> bool:
        return any(Value in kinds for kinds in self._kinds or ())

    def _end(self, place: Place) -> BaseException:
        self.refused = self._refuse(describe_place(place))
        return self.refused

    def _class(self, symbol: Node, place: Place) -> type | None:
        """Find out of what class a number would be: Value where eager code has one."""
        if self._kinds is None:
            raise self._end(place)
        if not self._known:
            self._begin(self._kinds)
        known, varied = self._known, watched()
        if varied:  # while this call is open
            known = dict(known)
        if symbol.args and is_logical(symbol):  # True, or 1.0
            return None
        stack: list[Node] = [symbol]
        while stack:
            node = stack[-1]
            if id(node) in known:
                stack.pop()
            elif node in varied:
                known[id(node)] = Value
            else:
                missing = [one for one in node.args if id(one) not in known]
                if missing:
                    stack += missing
                else:
                    of = [known[id(one)] for one in node.args]
                    known[id(node)] = _joined(node, of) if of else self._leaf(node)
                    self._kept.append(node)
        found: type | None = known[id(symbol)]
        return found

    def _leaf(self, node: Node) -> type | None:
        """Say of what class a number is that is none of those given; None where that is not known."""
        if node.row is CONSTANT:  # or one of NumPy's, handed over as it is
            given = {kind for kinds in self._kinds or () for kind in kinds}
            return float if given <= {*PLAIN, *FLOATS, Value} else None
        return (
            Symbol if node.is_symbolic else Value
        )  # that of another recording; one from elsewhere

    def _begin(self, kinds: Sequence[Kinds]) -> None:
        for symbols, own in zip(self._symbols, kinds, strict=True):
            each = own * len(symbols) if len(own) == 1 else own
            self._known.update(zip(map(id, symbols), each, strict=True))


@contextmanager
def classes_answered(classes: Classes | None) -> Iterator[None]:
    """Let questions about classes be answered inside this context; none lets symbols be symbols."""
    outside, state.classes = state.classes, classes
    alone = classes is not None and state.session is None
    try:
        with ours_only if alone else nullcontext():
            yield
        if classes is not None and classes.refused:  # the function went on all the same
            raise classes.refused
    finally:
        state.classes = outside


def _joined(node: Node, operands: Sequence[Any]) -> Any:
    """Say of what class a result is; None where that is not known."""
    if Value in operands:
        return Value
    if all(kind is float for kind in operands):
        return float
    return np.float64 if FLOATS.issuperset(operands) and node.row in _ARITHMETIC else None


# ---- who asks --------------------------------------------------------------------------------


def _asking() -> FrameType | None:
    """Give the frame that asks, unless code of ours runs in it."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") in _ASKING:
        frame = frame.f_back
    return None if frame is None or is_ours(frame) or _is_of_pandas(frame) else frame


def _is_of_pandas(frame: FrameType) -> bool:
    """Tell whether pandas runs in a frame: it holds objects, and does with them as with numbers."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "pandas"


def _leaves_floats(frame: FrameType) -> bool:
    """Tell whether code that runs leaves what it does not know to do the same as it does with floats."""
    return frame.f_globals.get("__name__") == "fractions"


def _attribute(name: str, symbol: Symbol) -> Any:
    classes = state.classes
    frame = None if classes is None else _asking()
    if frame is not None:
        classes.lacks(symbol, name, frame)
    raise AttributeError(f"{type(symbol).__name__!r} object has no attribute {name!r}")


def _counting(name: str) -> Callable[..., Any]:
    """Make a method of integers as symbols have it, for conditions if at all."""
    inherited = getattr(Value, name, None)

    def method(symbol: Symbol, *others: object) -> Any:
        if state.classes is not None and not is_logical(symbol):
            state.classes.needs(symbol, name)
        return NotImplemented if inherited is None else inherited(symbol, *others)

    return method


def _complete() -> None:
    """Let symbols notice who looks for what numbers have and Values have not, and for bits."""
    numbers = {name for kind in (float, int) for name in dir(kind) if not name.startswith("__")}
    for name in (*numbers, *_NAMES):
        if not hasattr(Symbol, name):
            setattr(Symbol, name, property(partial(_attribute, name)))
    for name in ("and", "or", "xor", "lshift", "rshift"):
        for method in (f"__{name}__", f"__r{name}__"):
            setattr(Symbol, method, _counting(method))
    setattr(Symbol, "__invert__", _counting("__invert__"))  # noqa: B010  # as the others


_complete()
