"""Engines as students write them: right ones in several styles, and changes that make them wrong."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["RIGHT", "WRONG", "engine"]

# Each operation keeps its own backward step in a closure; the rest is composed.
CLOSURES = """
class Value:
    def __init__(self, data, children=(), op=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._children = children
        self.op = op

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

    def __pow__(self, n):
        out = Value(self.data**n, (self,), "**")
        def _backward():
            self.grad += n * self.data**(n - 1) * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")
        def _backward():
            self.grad += (1 - t * t) * out.grad
        out._backward = _backward
        return out

    def relu(self):
        out = Value(max(0.0, self.data), (self,), "relu")
        def _backward():
            self.grad += (out.data > 0) * out.grad
        out._backward = _backward
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,), "exp")
        def _backward():
            self.grad += out.data * out.grad
        out._backward = _backward
        return out

    def __neg__(self): return self * -1
    def __sub__(self, other): return self + (-other)
    def __truediv__(self, other): return self * (other if isinstance(other, Value) else Value(other))**-1
    def __radd__(self, other): return self + other
    def __rmul__(self, other): return self * other
    def __rsub__(self, other): return Value(other) - self
    def __rtruediv__(self, other): return Value(other) / self

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._children)
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
"""

# Each number keeps its parents with the local slopes; sorted by counting uses.
SLOPES = """
class Value:
    def __init__(self, data, parents=()):
        self.data = float(data)
        self.parents = list(parents)
        self.grad = None

    @staticmethod
    def of(x): return x if isinstance(x, Value) else Value(x)

    def __add__(self, other):
        other = Value.of(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    __radd__ = __add__

    def __sub__(self, other):
        other = Value.of(other)
        return Value(self.data - other.data, [(self, 1.0), (other, -1.0)])
    def __rsub__(self, other): return Value.of(other) - self

    def __mul__(self, other):
        other = Value.of(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])
    __rmul__ = __mul__

    def __truediv__(self, other):
        other = Value.of(other)
        return Value(self.data / other.data, [(self, 1 / other.data), (other, -self.data / other.data**2)])
    def __rtruediv__(self, other): return Value.of(other) / self

    def __neg__(self): return Value(-self.data, [(self, -1.0)])
    def __pow__(self, n): return Value(self.data**n, [(self, n * self.data**(n - 1))])
    def exp(self):
        e = math.exp(self.data)
        return Value(e, [(self, e)])
    def log(self): return Value(math.log(self.data), [(self, 1 / self.data)])
    def sigmoid(self):
        s = 1 / (1 + math.exp(-self.data))
        return Value(s, [(self, s * (1 - s))])

    def backward(self):
        uses, stack = {self: 0}, [self]
        while stack:
            for parent, _ in stack.pop().parents:
                if parent not in uses:
                    uses[parent] = 0
                    stack.append(parent)
                uses[parent] += 1
        for node in uses:
            node.grad = node.grad if node.grad is not None and not node.parents else 0.0
        self.grad, ready = 1.0, [self]
        while ready:
            node = ready.pop()
            for parent, slope in node.parents:
                parent.grad += slope * node.grad
                uses[parent] -= 1
                if uses[parent] == 0:
                    ready.append(parent)
"""

# Numbers are made one after the other on a tape, and one function knows all derivatives.
TAPE = """
import itertools
counter = itertools.count()

class Value:
    def __init__(self, data, op="leaf", args=()):
        self.data, self.grad, self.op, self.args = data, 0, op, args
        self.number = next(counter)

    def _new(self, op, data, *args): return Value(data, op, args)
    def _lift(self, x): return x if isinstance(x, Value) else Value(x)
    def __add__(self, b): b = self._lift(b); return self._new("+", self.data + b.data, self, b)
    def __sub__(self, b): b = self._lift(b); return self._new("-", self.data - b.data, self, b)
    def __mul__(self, b): b = self._lift(b); return self._new("*", self.data * b.data, self, b)
    def __radd__(self, b): return self._lift(b) + self
    def __rsub__(self, b): return self._lift(b) - self
    def __rmul__(self, b): return self._lift(b) * self
    def __neg__(self): return 0 - self
    def tanh(self): return self._new("tanh", math.tanh(self.data), self)

    def backward(self):
        found, todo = {self.number: self}, [self]
        while todo:
            for x in todo.pop().args:
                if x.number not in found:
                    found[x.number] = x
                    todo.append(x)
        self.grad = 1
        for number in sorted(found, reverse=True):
            v = found[number]
            g = v.grad
            if v.op == "+":
                v.args[0].grad += g
                v.args[1].grad += g
            elif v.op == "-":
                v.args[0].grad += g
                v.args[1].grad -= g
            elif v.op == "*":
                v.args[0].grad += v.args[1].data * g
                v.args[1].grad += v.args[0].data * g
            elif v.op == "tanh":
                v.args[0].grad += (1 - v.data**2) * g
"""


def engine(source: str, *changes: tuple[str, str]) -> Any:
    """Make the class of a source after some of its text is changed."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    space: dict[str, Any] = {"math": math}
    exec(source, space)
    return space["Value"]


_ZEROS = "        self.grad = 1.0\n        for node in reversed(order):"
_WALK = CLOSURES[CLOSURES.index("        order, seen") :]

RIGHT = {
    "closures": engine(CLOSURES),
    "slopes": engine(SLOPES),
    "tape": engine(TAPE),
    "children in a set": engine(CLOSURES, ("self._children = children", "self._children = set(children)")),
    "all gradients set to 0 first": engine(
        CLOSURES, (_ZEROS, "        for node in order: node.grad = 0.0\n" + _ZEROS)
    ),
    "gradients as numbers of NumPy's kind": engine(
        CLOSURES, ("self.data = data\n", "self.data = data * 1.0\n"), ("self.grad = 0.0", "self.grad = 0")
    ),
    "slots": engine(
        CLOSURES,
        ("class Value:\n", 'class Value:\n    __slots__ = ("data", "grad", "_backward", "_children", "op")\n'),
    ),
    "operands turned round": engine(CLOSURES, ("(self, other), ", "(other, self), ")),
    "sum by lists": engine(SLOPES, ("self.parents = list(parents)", "self.parents = tuple(parents)")),
    "the log of the data": engine(TAPE, ("math.tanh(self.data)", "(1 - 2 / (math.exp(2 * self.data) + 1))")),
}  # fmt: skip

_ADD = "            self.grad += out.grad\n            other.grad += out.grad"
_MUL = (
    "            self.grad += other.data * out.grad\n            other.grad += self.data * out.grad"
)

# What is changed in a right engine, and a part of the sentence that says it.
WRONG: dict[str, tuple[str, tuple[tuple[str, str], ...], str]] = {
    "= for += everywhere": (CLOSURES, (("grad += ", "grad = "),), "assigned (`=`)"),
    "= for += in a sum": (CLOSURES, ((_ADD, _ADD.replace("+=", "=")),), "`x + y` a gradient is assigned"),
    "= for += in a product": (CLOSURES, ((_MUL, _MUL.replace("+=", "=")),), "`x * y` a gradient is assigned"),
    "= for += on a tape": (TAPE, (("grad += ", "grad = "), ("grad -= g", "grad = -g")), "assigned (`=`)"),
    "x * x counted once": (
        SLOPES,
        (("in node.parents:\n                parent.grad", "in dict(node.parents).items():\n                parent.grad"),
         ("uses[parent] -= 1", "uses[parent] -= sum(p is parent for p, _ in node.parents)")),
        "only one of them is counted",
    ),
    "row by row": (
        CLOSURES,
        ((_WALK, "        self.grad, todo, seen = 1.0, [self], {self}\n        for node in todo:\n"
          "            node._backward()\n            for c in node._children:\n"
          "                if c not in seen: seen.add(c); todo.append(c)\n"),),
        "The order of backward is wrong",
    ),
    "going down": (
        CLOSURES,
        ((_WALK, "        self.grad, seen = 1.0, set()\n        def down(node):\n"
          "            if node in seen: return\n            seen.add(node); node._backward()\n"
          "            for c in node._children: down(c)\n        down(self)\n"),),
        "The order of backward is wrong",
    ),
    "from the leaves": (CLOSURES, (("in reversed(order)", "in order"),), "(the order is reversed)"),
    "everything met again": (
        CLOSURES,
        ((_WALK, "        self.grad = 1.0\n        def down(node):\n            node._backward()\n"
          "            for c in node._children: down(c)\n        down(self)\n"),),
        "passes its gradient on twice",
    ),
    "a list that stays": (
        CLOSURES,
        (("    def backward(self):\n        order, seen, stack = [], set(),",
          "    def backward(self, order=[]):\n        seen, stack = set(),"),),
        "is still there in the next",
    ),
    "no seed": (CLOSURES, (("        self.grad = 1.0\n", ""),), "does not give the output a gradient"),
    "seed by the number": (CLOSURES, (("self.grad = 1.0", "self.grad = self.data"),), "output's number"),
    "equal numbers are one": (
        CLOSURES,
        (("    def __neg__", "    def __eq__(self, other): return self.data == other.data\n"
          "    def __hash__(self): return hash(self.data)\n    def __neg__"),),
        "taken for the same node",
    ),
    "the sign of a difference": (TAPE, (("grad -= g", "grad += g"),), "wrong sign"),
    "the sign of a negation": (SLOPES, (("[(self, -1.0)]", "[(self, 1.0)]"),), "`-x` the slope has the wrong sign"),
    "the power stays": (CLOSURES, (("n * self.data**(n - 1)", "n * self.data**n"),), "not lowered"),
    "the power does not come down": (
        CLOSURES, (("n * self.data**(n - 1)", "self.data**(n - 1)"),), "does not come down"),
    "3 - x is x - 3": (CLOSURES, (("return Value(other) - self", "return self - other"),), "`3 - x` gives `x - 3`"),
    "4 / x is x / 4": (SLOPES, (("return Value.of(other) / self", "return self / other"),), "`3 / x` gives `x / 3`"),
    "a product's slopes swapped": (
        SLOPES, (("[(self, other.data), (other, self.data)]", "[(self, self.data), (other, other.data)]"),),
        "swapped"),
    "y not squared": (SLOPES, (("-self.data / other.data**2", "-self.data / other.data"),), "y squared belongs"),
    "tanh by x": (CLOSURES, (("(1 - t * t)", "(1 - self.data**2)"),), "`tanh` is computed from x"),
    "no chain in tanh": (CLOSURES, (("(1 - t * t) * out.grad", "(1 - t * t)"),), "`x.tanh()` the gradient of the result is left out"),
    "no chain at all": (CLOSURES, ((" * out.grad", ""), ("+= out.grad", "+= 1.0")), "In all operations the gradient of the result is left out"),
    "relu lets all through": (CLOSURES, (("(out.data > 0) * out.grad", "out.grad"),), "on the negative side too"),
    "exp by x": (CLOSURES, (("out.data * out.grad", "self.data * out.grad"),), "`exp` is x"),
    "a step that nobody calls": (
        CLOSURES,
        (("            self.grad += out.data * out.grad\n        out._backward = _backward\n", "            self.grad += out.data * out.grad\n"),),
        "nothing is passed back",
    ),
    "operands not kept": (CLOSURES, (("(self,), \"tanh\"", "(), \"tanh\""),), "does not remember its operands"),
    "one operand kept": (CLOSURES, (("(self, other), \"*\"", "(self,), \"*\""),), "does not remember its right operand"),
    "one step back": (
        CLOSURES,
        ((_WALK, "        self.grad = 1.0\n        self._backward()\n"),),
        "stops after one step",
    ),
    "in place": (
        CLOSURES,
        (("        out = Value(self.data + other.data, (self, other), \"+\")\n", "        self.data += other.data\n        return self\n"),),
        "in place",
    ),
    "without end": (CLOSURES, (("    def __radd__(self, other): return self + other", "    def __radd__(self, other): return other + self"),), "Recursion: a method calls itself"),
    "too deep": (
        CLOSURES,
        ((_WALK, "        order, seen = [], set()\n        def visit(node):\n            if node not in seen:\n"
          "                seen.add(node)\n                for c in node._children: visit(c)\n"
          "                order.append(node)\n        visit(self)\n" + _ZEROS + "\n            node._backward()\n"),),
        "Recursion: backward calls itself once for each operation",
    ),
    "two at once": (
        CLOSURES, (("(1 - t * t)", "(1 - t)"), ("return Value(other) - self", "return self - other")),
        "lacks the square",
    ),
    "three at once": (
        SLOPES,
        (("[(self, e)]", "[(self, 1.0)]"), ("[(self, -1.0)]", "[(self, 1.0)]"), ("s * (1 - s)", "s")),
        "`exp` is 1",
    ),
}  # fmt: skip
