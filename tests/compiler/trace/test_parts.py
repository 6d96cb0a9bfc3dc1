"""Names of parts, as Python reaches them."""

from __future__ import annotations

from typing import Any

import pytest

from tinygrad_nn.compiler.trace.parts import parts_of
from tinygrad_nn.compiler.trace.structure import describe

NESTINGS: list[tuple[Any, list[tuple[str, int, tuple[int, ...]]]]] = [
    (1.0, [("p", 0, ())]),
    ([1.0, 2.0], [("p", 0, (2,))]),
    ([[1.0, 2.0], (3.0, 4.0)], [("p", 0, (4,)), ("p[0]", 0, (2,)), ("p[1]", 2, (2,))]),
    ([[1.0, 2.0]] * 3, [("p", 0, (3, 2))]),
    ([[1.0], []], [("p", 0, (1,)), ("p[0]", 0, (1,)), ("p[1]", 1, (0,))]),
    ((1.0, [2.0]), [("p", 0, (2,)), ("p[0]", 0, ()), ("p[1]", 1, (1,))]),
    (
        {"W": [[1.0], [2.0]], 3: {"b": 4.0}},
        [("p", 0, (3,)), ("p['W']", 0, (2, 1)), ("p[3]", 2, (1,)), ("p[3]['b']", 2, ())],
    ),
]


@pytest.mark.parametrize(("nesting", "expected"), NESTINGS)
def test_parts(nesting: Any, expected: list[tuple[str, int, tuple[int, ...]]]) -> None:
    key = describe(nesting, [], "p")
    assert [(piece.name, piece.start, piece.shape) for piece in parts_of("p", key)] == expected
