from __future__ import annotations

import copy
import gc
import pickle
import string
import weakref
from typing import Any

import pytest

pytest.importorskip("scipy")

from tinygrad_nn import Value, exp, grad, gradients, to_latex
from tinygrad_nn.errors import ConversionError
from tinygrad_nn.solvers import fixed_point, quad, root


def test_values_of_solvers_are_drawn_and_copied() -> None:
    a, b = Value(2.0, label="a"), Value(0.5, label="b")
    area = quad(lambda x, a, b: exp(-a * x) * b, 0.0, 1.0, (a, b))
    (slope,) = gradients(area, [a])
    assert to_latex(slope) == r"\partial_{1} \operatorname{quad}\left(a, b\right)"
    assert copy.deepcopy(area).data == area.data
    with pytest.raises(ConversionError, match=r"\.data"):
        pickle.dumps(area)
    x = fixed_point(lambda x: exp(-a * x), 0.5)
    assert to_latex(x).startswith(r"\operatorname{fixed\_point}\left(")
    again = pickle.loads(pickle.dumps(root(lambda x: x * x - a, 1.0)))
    assert again.data**2 == pytest.approx(2.0, rel=1e-15)


def test_any_number_of_operands_will_do() -> None:
    names = string.ascii_lowercase  # more than rows of the table may have

    def area(p: list[float]) -> float:
        return quad(lambda x, p: sum(c * x**k for k, c in enumerate(p)), 0.0, 1.0, (p,))

    found = grad(area)([1.0] * len(names))
    assert found == pytest.approx([1.0 / (k + 1) for k in range(len(names))], rel=1e-12)


def test_what_a_solver_holds_is_freed_with_its_result() -> None:
    class Rate:
        def __call__(self, t: float, y: Any, a: Any) -> Any:
            return -a * y

    rate = Rate()
    seen = weakref.ref(rate)
    gc.disable()
    try:
        y = quad(rate, 0.0, 1.0, (1.0, Value(2.0)))
        y.backward()
        del rate, y
        assert seen() is None
    finally:
        gc.enable()
