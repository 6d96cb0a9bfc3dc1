"""Entries of programs that were saved, and of graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from entered import NEVER, described

from tinygrad_nn import Value, compile, load_program, tanh, value_and_grad
from tinygrad_nn.errors import ShapeError


def cost(w: Any, x: Any) -> Any:
    return sum(tanh(a * b) for a, b in zip(w, x, strict=True))


def test_what_is_loaded_has_entries(tmp_path: Path) -> None:
    function = compile(value_and_grad(cost))
    w, x = [1.0, 2.0, 3.0], np.array([0.5, 1.5, 2.5])
    expected = described(function(w, x))
    function.program.save(tmp_path / "program")
    loaded = load_program(tmp_path / "program")
    for args, kwargs in [((w, x), {}), ((w,), {"x": x}), ((), {"x": x, "w": w})] * 6:
        assert described(loaded(*args, **kwargs)) == expected
    assert len(loaded._entries.all) == 1
    with pytest.raises(ShapeError):
        loaded(w, [0.5, 1.5, 2.5])


def test_arguments_in_another_order_are_told_apart(tmp_path: Path) -> None:
    function = compile(lambda a, b, c: a - 2.0 * b + 4.0 * c)
    assert function(1.0, c=3.0, b=2.0) == 9.0
    function.program.save(tmp_path / "program")
    loaded = load_program(tmp_path / "program")
    for _ in range(10):
        assert loaded(1.0, 2.0, 3.0) == 9.0
        assert function(1.0, c=3.0, b=2.0) == function(1.0, b=2.0, c=3.0) == 9.0


def test_graphs_have_entries() -> None:
    x, y = Value(1.0), Value(2.0)
    graph = compile([x * y, tanh(x)], inputs=[x, y])
    expected = described(graph([0.5, 4.0]))
    graph._plan.due = 0
    for _ in range(3):
        assert described(graph([0.5, 4.0])) == expected
        assert graph() == [2.0, graph([1.0, 2.0])[1]]
    assert len(graph._entries.all) == 1
    graph._plan.due = NEVER
    assert graph([Value(0.5), 4.0])[0].data == 2.0
