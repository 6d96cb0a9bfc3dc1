"""Grades engines where there are neither processes nor threads, and runs the sheets there."""

import runpy
import sys
from pathlib import Path

import tinygrad_nn
from tinygrad_nn import Value, grade


class Mine:
    """An engine with a mistake: the gradient of a sum is assigned."""

    def __init__(self, data, children=()):
        self.data, self.grad, self.children, self.step = data, 0.0, children, lambda: None

    def __add__(self, other):
        """Add, and forget what came before."""
        out = Mine(self.data + other.data, (self, other))

        def step():
            self.grad = out.grad
            other.grad = out.grad

        out.step = step
        return out

    def __mul__(self, other):
        """Multiply."""
        out = Mine(self.data * other.data, (self, other))

        def step():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.step = step
        return out

    def backward(self):
        """Walk in order, by recursion."""
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node.children:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        print("backward")
        for node in reversed(order):
            node.step()


assert sys.platform == "emscripten"
assert tinygrad_nn.engine() == "Python"
right = grade(Value)
assert right.passed, right
assert right.tried > 100, right
wrong = grade(Mine)
told = [finding.sentence for finding in wrong.findings]
assert any("assigned (`=`)" in sentence for sentence in told), told
assert any(sentence.startswith("Recursion") for sentence in told), told
assert "backward" in wrong.notes[0], wrong.notes
for sheet in sorted(Path("/sheets").glob("*.py")):
    runpy.run_path(str(sheet))
print(f"Pyodide, Python {sys.version.split()[0]}: {len(told)} mistakes named, sheets run")
