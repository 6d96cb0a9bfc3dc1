"""What students hand in: sheets that are done in part, or with mistakes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from teaching.sheet import SHEETS, Sheet, read

__all__ = ["READ", "HandedIn", "handed_in"]

READ = {path.stem: read(path) for path in SHEETS}


class HandedIn(NamedTuple):
    """A sheet as a student hands it in, and the tasks that are right."""

    student: str
    sheet: Sheet
    right: frozenset[str]


# By sheet and student: what stands in the solution, what they wrote, and the tasks that then fail. The
# last of each sheet wrote it otherwise, and is right.
_MISTAKES: dict[str, dict[str, tuple[str, str, set[str]]]] = {
    "1_value_and_graph": {
        "keeps_numbers": (
            'Value(self.data + other.data, (self, other), "+")',
            'Value(self.data + other.data, (self.data, other.data), "+")',
            {"addition", "plain numbers", "nodes", "other operations", "formula", "again"},
        ),
        "changes_x": (
            'return Value(self.data * other.data, (self, other), "*")',
            "self.data *= other.data\n        return self",
            {"multiplication", "plain numbers", "nodes", "other operations", "formula", "again"},
        ),
        "turns_operands": (
            'f"({left} {root.op} {right})"',
            'f"({right} {root.op} {left})"',
            {"formula"},
        ),
        "asks_each": (
            "if node not in found:",
            "if all(node is not other for other in found):",
            set(),
        ),
    },
    "2_order_and_backward": {
        "assigns": ("operand.grad += ", "operand.grad = ", {"backward", "functions"}),
        "parents_first": (
            "            for operand in node.args:\n                visit(operand)\n            found.append(node)\n",
            "            found.append(node)\n            for operand in node.args:\n                visit(operand)\n",
            {"order", "backward", "other operations", "functions"},
        ),
        "drops_a_sign": (
            "return self + -as_value(other)",
            "return self + other",
            {"other operations"},
        ),
        "swaps_slopes": (
            "(other.data, self.data)",
            "(self.data, other.data)",
            {"slopes", "backward", "other operations", "functions"},
        ),
        "adds_one": (
            "        self.grad = 1.0\n        for node in reversed(order(self)):",
            "        self.grad += 1.0\n        for node in order(self)[::-1]:",
            set(),
        ),
    },
    "3_neuron_mlp_loss": {
        "one_for_all": (
            "[Neuron(inputs, rng) for _ in range(outputs)]",
            "[Neuron(inputs, rng)] * outputs",
            {"layer"},
        ),
        "sum_for_mean": ("return total / len(targets)", "return total", {"squared error"}),
        "unstable": ("if z.data > 0:", "if True:", {"stable cross entropy"}),
        "no_bias": ("return [*self.w, self.b]", "return [*self.w]", {"neuron", "layer", "MLP"}),
        "takes_a_sum": (
            "        z = self.b\n        for weight, number in zip(self.w, x):\n"
            "            z = z + weight * number\n        return z.tanh()",
            "        return (sum(w * n for w, n in zip(self.w, x)) + self.b).tanh()",
            set(),
        ),
    },
    "4_training_loop": {
        "no_reset": (
            "    for parameter in parameters:\n        parameter.grad = 0.0\n    value",
            "    value",
            {"step", "train", "early stopping"},
        ),
        "uphill": (
            "-= learning_rate * parameter.grad",
            "+= learning_rate * parameter.grad",
            {"step", "train", "early stopping"},
        ),
        "half_a_score": ("model(x).data > 0", "model(x).data > 0.5", {"accuracy"}),
        "keeps_numbers_of_now": ("parameter.data = number", "pass", {"early stopping"}),
        "writes_it_out": (
            "parameter.data -= learning_rate * parameter.grad",
            "parameter.data = parameter.data - learning_rate * parameter.grad",
            set(),
        ),
    },
}


def handed_in(name: str) -> list[HandedIn]:
    """List what is handed in of a sheet: all of it, the core alone, nothing, and mistakes."""
    whole = READ[name]
    tasks = [test.task for test in whole.tests]
    core = [test.task for test in whole.tests if test.level == "core"]
    levels = {"right": tasks, "half_done": core, "nothing": []}
    found = [
        HandedIn(who, whole.for_students(solved), frozenset(solved))
        for who, solved in levels.items()
    ]
    for who, (solution, mistake, wrong) in _MISTAKES.get(name, {}).items():
        sheet = _changed(whole.for_students(tasks), solution, mistake)
        found.append(HandedIn(who, sheet, frozenset(tasks) - wrong))
    return found


def _changed(sheet: Sheet, old: str, new: str) -> Sheet:
    assert sum(old in cell.source for cell in sheet.cells) == 1, f"{old!r} must be in one cell"
    cells = (replace(cell, source=cell.source.replace(old, new)) for cell in sheet.cells)
    return Sheet(sheet.name, tuple(cells))
