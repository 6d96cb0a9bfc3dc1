"""Engines in other styles than micrograd's: dispatch by text, tapes, classes, dataclasses, paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from tinygrad_nn import grade


def in_order(root: Any, below: Callable[[Any], Sequence[Any]]) -> list[Any]:
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((x, False) for x in below(node))
    return order


@dataclass(eq=False)
class Named:
    """Operations by their sign, and plain numbers kept as such."""

    data: float
    op: str = ""
    args: tuple[Any, ...] = ()
    grad: float = 0.0
    sign: ClassVar[float] = -1.0
    power: ClassVar[int] = 2

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, Named):
            return type(self)(self.data + other, "+number", (self,))
        return type(self)(self.data + other.data, "+", (self, other))

    def __sub__(self, other: Any) -> Any:
        return type(self)(self.data - other.data, "-", (self, other))

    def __mul__(self, other: Any) -> Any:
        return type(self)(self.data * other.data, "*", (self, other))

    def __truediv__(self, other: Any) -> Any:
        return type(self)(self.data / other.data, "/", (self, other))

    def backward(self) -> None:
        self.grad = 1.0
        for node in reversed(in_order(self, lambda x: x.args)):
            g = node.grad
            match node.op, node.args:
                case "+", (x, y):
                    x.grad += g
                    y.grad += g
                case "+number", (x,):
                    x.grad += g
                case "-", (x, y):
                    x.grad += g
                    y.grad += self.sign * g
                case "*", (x, y):
                    x.grad += g * y.data
                    y.grad += g * x.data
                case "/", (x, y):
                    x.grad += g / y.data
                    y.grad -= g * x.data / y.data**self.power


class Minus(Named):
    sign = 1.0


class Quotient(Named):
    power = 1


class Taped:
    """All operations of all graphs on one list."""

    tape: ClassVar[list[Any]] = []
    forwards: ClassVar[bool] = False

    def __init__(self, data: float) -> None:
        self.data, self.grad = data, 0.0

    def record(self, data: float, *slopes: Any) -> Any:
        out = type(self)(data)
        self.tape.append((out, slopes))
        return out

    def lift(self, x: Any) -> Any:
        return x if isinstance(x, Taped) else type(self)(x)

    def __add__(self, other: Any) -> Any:
        other = self.lift(other)
        return self.record(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other: Any) -> Any:
        other = self.lift(other)
        return self.record(self.data * other.data, (self, other.data), (other, self.data))

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        self.grad = 1.0
        for out, slopes in self.tape if self.forwards else reversed(self.tape):
            for x, slope in slopes:
                x.grad += slope * out.grad
        self.tape.clear()


class FromTheFront(Taped):
    tape: ClassVar[list[Any]] = []
    forwards = True


class Counted:
    """NumPy's scalars, and nodes that wait until all that use them are done."""

    def __init__(self, data: Any, slopes: Sequence[Any] = ()) -> None:
        self.data, self.grad, self.slopes = np.float64(data), np.float64(0.0), slopes

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Counted) else Counted(other)
        return Counted(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Counted) else Counted(other)
        return Counted(self.data * other.data, [(self, other.data), (other, self.data)])

    def tanh(self) -> Any:
        return Counted(np.tanh(self.data), [(self, 1 - np.tanh(self.data) ** 2)])

    def backward(self) -> None:
        users: dict[Any, int] = {}
        for node in in_order(self, lambda x: [y for y, _ in x.slopes]):
            for x, _ in node.slopes:
                users[x] = users.get(x, 0) + 1
        self.grad, ready = np.float64(1.0), [self]
        while ready:
            node = ready.pop()
            for x, slope in node.slopes:
                x.grad = x.grad + slope * node.grad
                users[x] -= 1
                if not users[x]:
                    ready.append(x)


class Path:
    """Every path by itself, with all that has come."""

    def __init__(self, data: float, slopes: Sequence[Any] = ()) -> None:
        self.data, self.grad, self.slopes = data, 0.0, slopes

    def __add__(self, other: Any) -> Any:
        return Path(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other: Any) -> Any:
        return Path(self.data * other.data, [(self, other.data), (other, self.data)])

    def backward(self, part: float = 1.0) -> None:
        self.grad += part
        for x, slope in self.slopes:
            x.backward(self.grad * slope)


@pytest.mark.parametrize("kind", [Named, Taped, Counted])
def test_nothing_is_said_against_those_that_are_right(kind: type[Any]) -> None:
    found = grade(kind)
    assert found.passed, str(found)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Minus, "`x - y` the slope of the right operand has the wrong sign"),
        (Quotient, "y in its denominator where y squared belongs"),
        (FromTheFront, "begins at the leaves"),
        (Path, "hands on all that a node has got so far"),
    ],
)
def test_what_is_wrong_is_said(kind: type[Any], sentence: str) -> None:
    found = grade(kind, seconds=0.1)
    assert any(sentence in finding.sentence for finding in found.findings), str(found)
