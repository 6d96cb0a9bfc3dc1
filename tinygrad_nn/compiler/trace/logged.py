"""Logged: a symbol of which nothing is kept but where it stands in a log of all operations.

A function that is called with such symbols leaves behind what it computes in 8 bytes an operation,
in the order in which it is done, and no graph.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Any, Final

from ...scalar import ops
from ...scalar.conditions import ASKING, among_floats
from ...scalar.contexts import EnoughError
from ...scalar.convert import is_number, to_number
from ...scalar.graph import CONSTANT, LEAF, NEVER, NOTHING, Node, blank, place
from ...scalar.operation import Op
from ...scalar.switch import switch
from ...scalar.value import Value
from ...tree import LEAVES
from .symbol import Symbol

if TYPE_CHECKING:
    from mypy_extensions import i64  # a number of the processor, where this is compiled

__all__ = ["INPUT_CODE", "NOBODY", "NUMBER_CODE", "PLACE", "Log", "Logged", "log_two"]

PLACE: Final = 26  # bits of an operand
NOBODY: Final = (1 << PLACE) - 1  # in place of an operand that there is not
MOST_CODES: Final = 1 << 10
INPUT_CODE: Final = 0  # of what is given: its operands are the array, and the place there
NUMBER_CODE: Final = 1  # of a plain number
_ADD_CODE: Final = 2
_SUB_CODE: Final = 3
_MUL_CODE: Final = 4
_ADD: Final = ops.add
_SUB: Final = ops.sub
_MUL: Final = ops.mul


class Log:
    """Operations in the order in which they were done, each with its operands in one integer.

    What cannot be logged ends the call: `ended` tells so where the function went on all the same.
    """

    def __init__(self) -> None:
        self.packed = array("q")
        self.rows: list[Op] = [LEAF, CONSTANT, _ADD, _SUB, _MUL]  # of each code
        self.numbers: dict[int, float] = {}  # of entries that are plain
        self.rest: dict[int, int] = {}  # third operands
        self.ended = False
        self.size: i64 = 0
        self._codes: dict[Op, int] = {row: code for code, row in enumerate(self.rows)}
        self._plain: dict[object, int] = {}
        self._append: Any = self.packed.append

    def inputs(self, number: int, count: int) -> list[Logged]:
        """Make the symbols of an array that is given."""
        return [self._write(INPUT_CODE, number, n) for n in range(count)]

    def entry(self, leaf: object) -> int:
        """Give the entry of a leaf of a result."""
        return _operand(self, leaf)

    def constant(self, number: float) -> int:
        """Give the entry of a plain number."""
        key: object = number if number != 0.0 and number == number else number.hex()
        known = self._plain.get(key)
        if known is None:
            known = self._plain[key] = self.size
            self.numbers[known] = number
            self._write(NUMBER_CODE, NOBODY, NOBODY)
        return known

    def code_of(self, row: Op) -> int:
        """Give the code of an operation."""
        code = self._codes.get(row)
        if code is None:
            code = self._codes[row] = len(self.rows)
            self.rows.append(row)
            if code >= MOST_CODES:
                raise self.end()
        return code

    def end(self) -> EnoughError:
        """Say that there is something that cannot be logged."""
        self.ended = True
        return EnoughError()

    def _write(self, code: i64, x: i64, y: i64) -> Logged:
        entry = self.size
        if entry >= NOBODY:
            raise self.end()
        self.size = entry + 1
        self._append((code << 2 * PLACE) | (x << PLACE) | y)
        node = blank(Logged)
        node.grad = 0.0
        node.row = self.rows[code]
        node.x = NOTHING
        node.y = NOTHING
        node.mark = NEVER
        node.info = None
        node.entry = entry
        node.log = self
        return node


class Logged(Symbol):
    """A number that is not known yet, and where it stands in a log."""

    __slots__ = ("entry", "log")

    entry: i64
    log: Log

    def __init__(self, log: Log, entry: i64) -> None:
        self.data = math.nan  # were it left out, every node of every graph would note if it has one
        self.grad = 0.0
        place(self, LEAF, NOTHING, NOTHING, NEVER)
        self.entry = entry
        self.log = log

    def __add__(self, other: object) -> Value:
        if type(other) is Logged and other.log is self.log and not switch.active:
            return self.log._write(_ADD_CODE, self.entry, other.entry)
        return log_two(_ADD, self, other)

    def __radd__(self, other: object) -> Value:
        return log_two(_ADD, other, self)

    def __sub__(self, other: object) -> Value:
        if type(other) is Logged and other.log is self.log and not switch.active:
            return self.log._write(_SUB_CODE, self.entry, other.entry)
        return log_two(_SUB, self, other)

    def __rsub__(self, other: object) -> Value:
        return log_two(_SUB, other, self)

    def __mul__(self, other: object) -> Value:
        if type(other) is Logged and other.log is self.log and not switch.active:
            return self.log._write(_MUL_CODE, self.entry, other.entry)
        return log_two(_MUL, self, other)

    def __rmul__(self, other: object) -> Value:
        return log_two(_MUL, other, self)

    def __truediv__(self, other: object) -> Value:
        return log_two(ops.div, self, other)

    def __rtruediv__(self, other: object) -> Value:
        return log_two(ops.div, other, self)

    def __pow__(self, other: object) -> Value:
        return log_two(ops.power, self, other)

    def __rpow__(self, other: object) -> Value:
        return log_two(ops.power, other, self)

    def __mod__(self, other: object) -> Value:
        return log_two(ops.mod, self, other)

    def __rmod__(self, other: object) -> Value:
        return log_two(ops.mod, other, self)

    def __floordiv__(self, other: object) -> Value:
        return log_two(ops.floordiv, self, other)

    def __rfloordiv__(self, other: object) -> Value:
        return log_two(ops.floordiv, other, self)

    def __neg__(self) -> Value:
        return self._apply(ops.neg, (self,))

    def __abs__(self) -> Value:
        return self._apply(ops.absolute, (self,))

    def __lt__(self, other: object) -> Any:
        return _compared(ops.lt, self, other)

    def __le__(self, other: object) -> Any:
        return _compared(ops.le, self, other)

    def __gt__(self, other: object) -> Any:
        return _compared(ops.gt, self, other)

    def __ge__(self, other: object) -> Any:
        return _compared(ops.ge, self, other)

    def __eq__(self, other: object) -> Any:
        return _compared(ops.eq, self, other)

    def __ne__(self, other: object) -> Any:
        equal = _compared(ops.eq, self, other)
        return equal if equal is NotImplemented else 1.0 - equal

    def _apply(self, op: Op, args: tuple[object, ...]) -> Value:
        log = self.log
        if switch.active or not op.listed or len(args) > 3:
            raise log.end()
        operands: list[int] = []
        for letter, arg in zip(op.letters, args, strict=True):
            operand: int = _operand(log, arg)
            if operand < 0:
                to_number(arg, f"argument {letter} of {op.name}")  # raises
            operands.append(operand)
        if len(operands) == 3:
            log.rest[log.size] = operands[2]
        y = operands[1] if len(operands) > 1 else NOBODY
        return log._write(log.code_of(op), operands[0], y)

    def _choose(self, x: object, y: object) -> object:
        raise self.log.end()

    def _chosen_from(self, rows: Any) -> list[object]:
        raise self.log.end()

    def _as_condition(self) -> Value:
        if self.row not in ASKING:  # it may be no condition: what is recorded has it looked at
            raise self.log.end()
        return self


Logged.__hash__ = Node.__hash__  # type: ignore[method-assign]  # as that of Symbol
LEAVES.add(Logged)


def _operand(log: Log, thing: object) -> i64:
    """Give the entry of an operand; -1 if it is no number."""
    if type(thing) is Logged:
        if thing.log is not log:
            raise log.end()
        return thing.entry
    if type(thing) is float:
        return log.constant(thing)
    if isinstance(thing, Value):
        if thing.row is not CONSTANT:
            raise log.end()
        return log.constant(thing.data)
    return log.constant(to_number(thing, "the operand")) if is_number(thing) else -1


def log_two(row: Op, left: object, right: object) -> Value:
    """Log an operation on two numbers."""
    if type(left) is Logged:
        log = left.log
    elif type(right) is Logged:
        log = right.log
    else:
        raise EnoughError
    if switch.active:
        raise log.end()
    x = _operand(log, left)
    y = _operand(log, right)
    if x < 0 or y < 0:
        return NotImplemented  # type: ignore[no-any-return]  # the operators hand it on
    return log._write(log.code_of(row), x, y)


def _compared(row: Op, symbol: Value, other: object) -> Value:
    if type(other) is not float and is_number(other):
        row, other = among_floats(row, other)
    return log_two(row, symbol, other)
