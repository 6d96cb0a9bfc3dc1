"""Modules of JavaScript compute what Python does: node runs all of them."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from exported import (
    Case,
    called,
    different,
    of_programs,
    of_random_functions,
    of_the_table,
    slopes_of_the_table,
)
from in_javascript import needs_node, run

import tinygrad_nn as tg
from tinygrad_nn import custom, lookup, to_javascript
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.tree import flatten


def as_rows(nesting: Any) -> Any:
    """Give a dict as the list of its parts."""
    return flatten(nesting)[0] if isinstance(nesting, dict | tuple) else nesting


def calls_of(name: str, made: Case) -> list[Any]:
    if name.startswith("model"):  # one sample in a call
        return [(row,) for (rows,) in made.calls for row in rows]
    if name.startswith("each"):
        return [(row, w) for rows, w in made.calls for row in rows]
    if name.startswith("random") and isinstance(made.calls[0][1][0], list):
        return [(p, x) for p, xs in made.calls for x in xs]
    return [tuple(map(as_rows, call)) for call in made.calls]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    cases = of_the_table() | slopes_of_the_table() | of_programs() | of_random_functions()
    modules = {name: to_javascript(made.thing, name=name) for name, made in cases.items()}
    calls = {name: calls_of(name, made) for name, made in cases.items()}
    single = {f"{name}_float": made for name, made in of_programs().items()}
    modules |= {n: to_javascript(m.thing, name=n, dtype="float32") for n, m in single.items()}
    calls |= {name: calls_of(name, made) for name, made in single.items()}
    return run(modules, calls, tmp_path_factory.mktemp("javascript"))


def wrong(
    found: dict[str, Any], cases: dict[str, Case], suffix: str = "", allowed: float = 1e-12
) -> Any:
    missed: dict[Any, Any] = {}
    for name, made in cases.items():
        results, wanted = found[name + suffix], list(made.wanted)
        if len(results) != len(made.calls):
            results, wanted = [[*chain(*results)]], [[*chain(*made.wanted)]]
        for call, a, b in zip(made.calls, results, wanted, strict=False):
            missed |= different(name, made, call, a, b, allowed)
    return missed


@needs_node
@pytest.mark.parametrize(
    "cases", [of_the_table, slopes_of_the_table, of_programs, of_random_functions]
)
def test_every_module_computes_what_python_does(found: dict[str, Any], cases: Any) -> None:
    assert not wrong(found, cases())


@needs_node
def test_float32_is_what_is_kept(found: dict[str, Any]) -> None:
    assert not wrong(found, of_programs(), "_float", 1e-5)


# ---- what else holds -----------------------------------------------------------------------------


def test_what_is_exported_stands_in_the_file(tmp_path: Path) -> None:
    f = called(lambda x, y: {"p": x * y, "s": [x]}, 1.0, 2.0)
    for suffix in (".mjs", ".js"):
        path = tmp_path / f"my-product{suffix}"
        text = to_javascript(f, path)
        assert path.read_text() == text
        assert "export function my_product(x, y)" in text
        assert "return {p: p[0], s};" in text
    with pytest.raises(ArgumentError, match=r"path must end in one of \.mjs, \.js"):
        to_javascript(f, tmp_path / "product.py")


def test_names_are_names_of_the_language() -> None:
    f = called(lambda double, let, Math: double + let * Math, 1.0, 2.0, 3.0)
    assert "function my(double, let_2, Math_2)" in to_javascript(f, name="my")
    for name in ("class", "a-b", "1st"):
        with pytest.raises(ArgumentError, match="a name that JavaScript has no use for"):
            to_javascript(f, name=name)


def test_an_operation_of_ones_own_is_refused() -> None:
    own = custom(lambda x: 2.0 * x, lambda x, z: 2.0, name="own")
    with pytest.raises(ArgumentError, match="the operation own, which is your own"):
        to_javascript(called(own, 1.0))


@needs_node
def test_wrong_arguments_are_refused(tmp_path: Path) -> None:
    f = to_javascript(called(lambda t, at, c: lookup(t, at) * c, [1.0, 2.0], 1, 2.0), name="f")
    g = called(lambda w, x: tg.dot(w, x), [1.0, 2.0], [[3.0, 4.0]], batch="x", reduce="mean")
    calls = {
        "f": [
            ([1, 2], 1, 3),
            ([1, 2], 2, 3),
            ([1, 2, 3], 1, 3),
            ([1, 2], 1, "NaN"),
            ([1, 2], [1], 3),
        ],
        "g": [([1, 2], [[3, 4], [5, 6]]), ([1, 2], [3, 4, 5])],
    }
    found = run({"f": f, "g": to_javascript(g, name="g")}, calls, tmp_path)
    assert found["f"][0] == [6.0]
    assert str(found["f"][3]) == "[nan]"
    assert found["f"][1] == "RangeError: 2 is no place of a table of 2"
    assert found["f"][2] == "RangeError: t has 3 numbers: expected 2"
    assert found["f"][4] == "TypeError: at: expected a number"
    assert found["g"] == [[14.0], "RangeError: x, 2 for each sample, has 3 numbers: expected 2"]
