"""Series and frames of pandas in transforms and compiled functions."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fields import Slots

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, grad, hessian, hvp, jacobian, value_and_grad
from tinygrad_nn.errors import ArgumentTypeError, DataError

pd = pytest.importorskip("pandas")

NUMBERS = [1.0, 2.0, 4.0]
WEIGHTS = pd.Series(NUMBERS, index=["a", "b", "c"], name="w")
FRAME = pd.DataFrame({"x": [1, 2], "y": [0.5, 1.5], "z": [True, False]}, index=["p", "q"])


def energy(w: Any) -> Any:
    return (w**2).sum() + w["a"] * w.b


def of_list(w: Any) -> Any:
    return w[0] ** 2 + w[1] ** 2 + w[2] ** 2 + w[0] * w[1]


def of_frame(frame: Any, w: Any) -> Any:
    return (frame.x * frame["y"]).sum() + (frame @ w.to_numpy()).sum() - frame.loc["p", "z"]


def test_derivatives_have_the_index_and_the_columns() -> None:
    slope = grad(energy)(WEIGHTS)
    pd.testing.assert_series_equal(
        slope, pd.Series(grad(of_list)(NUMBERS), index=WEIGHTS.index, name="w")
    )
    table = pd.DataFrame(hessian(of_list)(NUMBERS), index=WEIGHTS.index, columns=WEIGHTS.index)
    pd.testing.assert_frame_equal(hessian(energy)(WEIGHTS), table)
    pd.testing.assert_frame_equal(jacobian(lambda w: w**2)(WEIGHTS), pd.DataFrame(
        np.diag([2.0, 4.0, 8.0]), index=WEIGHTS.index, columns=WEIGHTS.index
    ))  # fmt: skip
    assert hvp(energy)(WEIGHTS, WEIGHTS).tolist() == hvp(of_list)(NUMBERS, NUMBERS)
    assert jacobian(lambda w: [w.a, w.sum()])(WEIGHTS)[1].tolist() == [1.0, 1.0, 1.0]
    value, (rows, weights) = value_and_grad(of_frame, argnums=(0, 1))(FRAME, WEIGHTS)
    assert value == 1 * 0.5 + 2 * 1.5 + (1 + 1 + 4) + (2 + 3) - 1
    expected = pd.DataFrame(
        [[1.5, 3.0, 3.0], [2.5, 4.0, 4.0]], index=FRAME.index, columns=FRAME.columns
    )
    pd.testing.assert_frame_equal(rows, expected)
    assert weights.to_dict() == {"a": 3.0, "b": 2.0, "c": 1.0}
    assert tg.check_grad(energy, WEIGHTS, seed=0).passed


@pytest.mark.parametrize("name", ["sum", "mean", "std", "var", "prod", "max", "median"])
def test_reductions_have_the_derivatives_of_numpys(name: str) -> None:
    slope = grad(lambda s: getattr(s, name)())(WEIGHTS)
    options = {"ddof": 1} if name in ("std", "var") else {}
    expected = grad(lambda x: getattr(np, name)(x, **options))(np.array(NUMBERS))
    assert slope.tolist() == pytest.approx(expected.tolist(), rel=1e-14)


def test_compiled_by_index() -> None:
    f, g = compile(grad(energy)), compile(value_and_grad(of_frame, argnums=(0, 1)))
    for _ in range(5):
        pd.testing.assert_series_equal(f(WEIGHTS.copy()), grad(energy)(WEIGHTS))
        _, (rows, weights) = g(FRAME.copy(), WEIGHTS)
    assert len(f._plans) == len(g._plans) == 1
    pd.testing.assert_frame_equal(rows, grad(of_frame)(FRAME, WEIGHTS))
    pd.testing.assert_series_equal(weights, grad(of_frame, argnums=1)(FRAME, WEIGHTS))
    turned = pd.Series(NUMBERS, index=["c", "b", "a"])
    pd.testing.assert_series_equal(f(turned), grad(energy)(turned))
    dated = pd.Series(NUMBERS, index=pd.date_range("2024-01-01", periods=3))
    half = compile(lambda s: s[s > 1.5] / 2)
    assert half(dated).tolist() == [1.0, 2.0]
    assert half(dated).index.equals(dated.index[1:])
    assert half(pd.Series([3.0, 1.0])).to_dict() == {0: 1.5}
    rows = compile(lambda row, k: row[1] * k, batch="row", reduce=None)(FRAME, 2.0)
    assert rows.tolist() == [1.0, 3.0]


def test_inside_other_containers_and_of_values() -> None:
    slope = grad(lambda p: (p.inner**2).sum() * p.level)(Slots(2.0, WEIGHTS))
    assert slope.inner.tolist() == [4.0, 8.0, 16.0]
    leaf = Value(2.0)
    mixed = pd.Series([leaf, 3.0, np.nan], dtype=object)
    assert grad(lambda s: s.iloc[0] * s.iloc[1])(mixed).tolist()[1] == leaf


@pytest.mark.parametrize(
    ("thing", "match", "kind"),
    [
        (FRAME.assign(city=["Bonn", "Kiel"]), "the column 'city' (is of the dtype|has 'Bonn')", 0),
        (pd.Series([1.0, "a"]), "the Series has 'a', of type str, at 1: expected numbers", 0),
        (
            pd.Series(pd.date_range("2024", periods=2), name="t"),
            "the Series 't' is of .* datetime",
            0,
        ),
        (pd.Series([1j]), "the Series is of the dtype complex128", 0),
        (
            pd.Series([1.0, None], ["a", "b"], name="age"),
            "the Series 'age' has no number at 'b'",
            1,
        ),
        (pd.DataFrame({"n": pd.array([1, None, None], "Int64")}), "'n' has .* at 1, one of 2", 1),
        (pd.Series([None, np.nan], dtype=object), "the Series has None, of type NoneType", 0),
        (pd.Series([1.0, np.nan], dtype=object), "the Series has no number at 1", 1),
    ],
    ids=str,
)
def test_texts_and_missing_numbers_are_refused_by_name(thing: Any, match: str, kind: int) -> None:
    for call in (grad(lambda s: 1.0), compile(lambda s: 1.0)):
        with pytest.raises(DataError if kind else ArgumentTypeError, match=match):
            call(thing)
    if thing.ndim == 2:
        with pytest.raises(DataError if kind else ArgumentTypeError, match=match):
            compile(lambda row: row[0], batch="row")(thing)


def test_the_example_of_the_documentation() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "arguments.md").read_text("utf-8")
    (block,) = re.findall(r"```py\n(.*?)```", page, re.DOTALL)  # others run without pandas
    test = doctest.DocTestParser().get_doctest(block, {}, "arguments.md", None, 0)
    doctest.DebugRunner(verbose=False).run(test)


def test_pandas_is_not_imported_for_other_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pandas"]:
        monkeypatch.delitem(sys.modules, name)
    tg.containers._way_of.cache_clear()
    for argument in (np.ones(2), Slots(np.ones(2), None)):
        compile(grad(lambda x: (getattr(x, "level", x) ** 2).sum()))(argument)
    assert "pandas" not in sys.modules
