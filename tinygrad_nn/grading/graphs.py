"""Small graphs that tell mistakes apart: the smallest first.

Each is code as a student would write it, on leaves with the numbers given; its last name is the
output. The numbers are such that no two mistakes give the same result by chance: none is 0, 1 or 2,
and no two are alike, but where that is what is tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["GRAPHS", "Graph", "chain", "doubling"]


class Graph(NamedTuple):
    """Code on leaves; with `then`, more code on the same leaves once their gradients are 0 again."""

    code: str
    numbers: tuple[
        tuple[str, float], ...
    ]  # the leaves: hashable, so that what comes of it can be kept
    then: str = ""
    operation: str = ""  # the one that is tried here

    @property
    def leaves(self) -> dict[str, float]:
        """Give the numbers of the leaves by name."""
        return dict(self.numbers)

    @property
    def text(self) -> str:
        """Give the code and the leaves as a student would type them."""
        leaves = ", ".join(self.leaves)
        numbers = ", ".join(f"Value({number!r})" for number in self.leaves.values())
        rest = f"{self.last}.backward()"
        if self.then:
            zeros = " = ".join(f"{name}.grad" for name in self.leaves)
            rest += f"\n{zeros} = 0\n{self.then}\n{names(self.then)[-1]}.backward()"
        return f"{leaves} = {numbers}\n{self.code}\n{rest}"

    @property
    def last(self) -> str:
        """Give the name of the (first) output."""
        return names(self.code)[-1]


def names(code: str) -> list[str]:
    """List the names that code assigns."""
    return re.findall(r"^(\w+) = ", code, re.MULTILINE)


def _graph(code: str, leaves: dict[str, float], then: str = "", operation: str = "") -> Graph:
    return Graph(code, tuple(leaves.items()), then, operation)


X, Y, Z = 1.7, -0.6, 2.3


_FORMS: list[tuple[str, str, dict[str, float]]] = [  # the operation, code with it, its leaves
    ("x + y", "x + y", {"x": X, "y": Y}),
    ("x * y", "x * y", {"x": X, "y": Y}),
    ("-x", "-x", {"x": X}),
    ("x - y", "x - y", {"x": X, "y": Y}),
    ("x ** n", "x ** 3", {"x": X}),
    ("x ** n", "x ** 2", {"x": Z}),
    ("x ** n", "x ** -1", {"x": Z}),
    ("x / y", "x / y", {"x": X, "y": Y}),
    ("x + n", "x + 3", {"x": X}),
    ("x * n", "x * 3", {"x": X}),
    ("x - n", "x - 3", {"x": X}),
    ("x / n", "x / 4", {"x": X}),
    ("n + x", "3 + x", {"x": X}),
    ("n * x", "3 * x", {"x": X}),
    ("n - x", "3 - x", {"x": X}),
    ("n / x", "4 / x", {"x": X}),
    ("x.tanh()", "x.tanh()", {"x": 0.7}),
    ("x.tanh()", "x.tanh()", {"x": -1.3}),
    ("x.relu()", "x.relu()", {"x": X}),
    ("x.relu()", "x.relu()", {"x": Y}),
    ("x.exp()", "x.exp()", {"x": X}),
    ("x.exp()", "x.exp()", {"x": Y}),
    ("x.log()", "x.log()", {"x": X}),
    ("x.log()", "x.log()", {"x": 0.4}),
    ("x.sigmoid()", "x.sigmoid()", {"x": 0.7}),
    ("x.sigmoid()", "x.sigmoid()", {"x": -1.3}),
]


def _alone() -> Iterator[Graph]:
    """Each operation by itself, then with a factor behind it, then of a product."""
    for operation, code, leaves in _FORMS:
        yield _graph(f"a = {code}", leaves, operation=operation)
    for operation, code, leaves in _FORMS:
        yield _graph(f"a = {code}\nb = a * z", leaves | {"z": -2.9}, operation=operation)
        inner = {"z": 1.25, "w": round(leaves["x"] / 1.25, 3)}
        others = {name: number for name, number in leaves.items() if name != "x"}
        code = re.sub(r"\bx\b", "a", code)
        yield _graph(f"a = z * w\nb = {code}", inner | others, operation=operation)
    for operation in ("x + y", "x * y", "x - y", "x / y"):
        yield _graph(f"a = {operation.replace('y', 'x')}", {"x": X}, operation=operation)


def _shared() -> Iterator[Graph]:
    """Numbers that are used more than once: leaves first, then nodes that others lie below."""
    two, three = {"x": X, "y": Y}, {"x": X, "y": Y, "z": Z}
    for code in (
        "a = x + y\nb = a + x",
        "a = x * y\nb = a + x",
        "a = x + y\nb = x * a",
        "a = x * 3\nb = x * 5\nc = a + b",
        "a = 3 * x\nb = 5 * x\nc = a * b",
    ):
        yield _graph(code, two if "y" in code else {"x": X})
    for name in ("tanh", "relu", "exp", "sigmoid", "log"):
        yield _graph(f"a = x.{name}()\nb = a + x", {"x": 0.7})
        yield _graph(f"a = x * 3\nb = x.{name}()\nc = a + b", {"x": 0.7})
        yield _graph(f"b = x.{name}()\na = x * 3\nc = a + b", {"x": 0.7})
    for code in (
        "a = x ** 2\nb = a + x",
        "a = x - y\nb = a / x",
        "a = x / y\nb = a - x",
        "a = -x\nb = a * x",
    ):
        yield _graph(code, two if "y" in code else {"x": X})
    for code in (
        "a = x * y\nb = a + a",
        "a = x + y\nb = a * a",
        "a = x * y\nb = a * x\nc = a + b",
        "a = x * y\nb = a * x\nc = b + a",
        "a = x + y\nb = a * z\nc = a * b",
        "a = x + y\nb = a * z\nc = b * a",
        "a = x * y\nb = a + z\nc = b * x\nd = c + a",
        "a = x * y\nb = a + z\nc = b * x\nd = a + c",
        "a = x + y\nb = a * z\nc = a * x\nd = b * c",
        "a = x + y\nb = a * z\nc = b + a\nd = c * b\ne = d + a",
    ):
        yield _graph(code, three if "z" in code else two)


def _others() -> Iterator[Graph]:
    """Numbers that are equal and not the same, two graphs one after the other, and a neuron."""
    yield _graph("a = x * y\nb = a * z", {"x": X, "y": X, "z": Z})
    yield _graph("a = x + y\nb = z + w\nc = a * b", {"x": 1.5, "y": 0.7, "z": 1.2, "w": 1.0})
    yield _graph("a = x * y\nb = z * w\nc = a + b", {"x": 1.5, "y": 0.5, "z": 0.25, "w": 3.0})
    yield _graph("a = x * y", {"x": X, "y": Y, "z": Z}, then="b = x + z")
    yield _graph("a = x * y\nb = a + x", {"x": X, "y": Y}, then="c = x * y\nd = c * x")
    neuron = {"x": X, "y": Y, "w": 0.4, "v": -0.8, "b": 0.3}
    yield _graph("a = x * w\nc = y * v\nd = a + c\ne = d + b\nf = e.tanh()", neuron)
    yield _graph(
        "a = x * w\nc = y * v\nd = a + c\ne = d + b\nf = e.relu()\ng = f - y\nh = g ** 2", neuron
    )


GRAPHS = (*_alone(), *_shared(), *_others())


def chain(operations: int) -> Graph:
    """A sum of so many terms, one after the other: deep, and nothing else."""
    return _graph(f"a = x + y\nfor _ in range({operations}): a = a + x", {"x": X, "y": Y})


def doubling(times: int) -> Graph:
    """A node that two ways lead to, so many times over: 2 to the power of that ways in all."""
    return _graph(f"a = x + y\nfor _ in range({times}): a = a + a", {"x": X, "y": Y})
