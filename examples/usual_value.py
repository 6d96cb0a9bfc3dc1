"""A Value of the usual kind, to compare with: tuples of operands and of local derivatives.

It is as short as such a class can be, and has what the examples use: it differentiates
by a recursive topological sort, and each node keeps its operands and its derivative
by each of them.
"""

from __future__ import annotations

import math


class Value:
    """A number, the Values it was made from, and its derivative by each of them."""

    __slots__ = ("children", "data", "grad", "slopes")

    def __init__(
        self, data: float, children: tuple[Value, ...] = (), slopes: tuple[float, ...] = ()
    ) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.slopes = slopes

    def __add__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, power: float) -> Value:
        return Value(self.data**power, (self,), (power * self.data ** (power - 1),))

    def exp(self) -> Value:
        """The exponential function of this number."""
        power = math.exp(self.data)
        return Value(power, (self,), (power,))

    def log(self) -> Value:
        """The natural logarithm."""
        return Value(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> Value:
        """The number itself if it is positive, else 0."""
        return Value(max(0.0, self.data), (self,), (float(self.data > 0.0),))

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Value | float) -> Value:
        return self + -other

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1.0

    def backward(self) -> None:
        """Add the derivative of this number to `grad` of everything it was made from."""
        order: list[Value] = []
        met: set[Value] = set()

        def visit(node: Value) -> None:
            if node not in met:
                met.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for child, slope in zip(node.children, node.slopes, strict=True):
                child.grad += slope * node.grad
