"""Scopes: names for parts of a computation, recorded where they are written."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from tinygrad_nn import Value, compile, debug, explain, grad, gradients, nn, no_grad, sin, tanh
from tinygrad_nn.check import check_grad
from tinygrad_nn.drawing import draw
from tinygrad_nn.errors import ArgumentTypeError
from tinygrad_nn.scalar.contexts import state
from tinygrad_nn.scalar.graph import ancestors
from tinygrad_nn.scalar.switch import switch
from tinygrad_nn.scopes import name_of, parameter_path, scope, scope_paths
from tinygrad_nn.viewing import view


def scope_of(node: Any) -> tuple[str, ...]:
    return () if node.info is None else node.info.scope


def test_operations_and_leaves_remember_the_scopes_they_were_made_in() -> None:
    x = Value(2.0, "x")
    with scope("outer"):
        w = Value(3.0)
        product = w * x
        with scope("inner"):
            result = tanh(product + 1)
        after = -result
    outside = after * 2
    assert scope_of(w) == scope_of(product) == ("outer",)
    assert scope_of(result) == scope_of(result.args[0]) == ("outer", "inner")
    assert scope_of(after) == ("outer",)
    assert scope_of(x) == scope_of(outside) == ()
    assert x.label == "x"


def test_numbers_and_derivatives_are_the_same_inside() -> None:
    def f(x: Any) -> Any:
        return sin(x) * x**2 - max(x, 0.5) / 3

    x, y = Value(0.7), Value(0.7)
    plain = f(x)
    with scope("part"):
        named = f(y)
        named.backward()
    plain.backward()
    assert (named.data, y.grad) == (plain.data, x.grad)
    with scope("part"):
        (slope,) = gradients(plain, [x])
        assert grad(f)(0.7) == slope.data == x.grad


def test_a_scope_costs_nothing_once_it_is_closed() -> None:
    with scope("a"):
        assert switch.active == 1
    assert switch.active == 0
    assert (Value(1.0) + Value(2.0)).info is None


def test_a_scope_closes_when_something_raises() -> None:
    with pytest.raises(ZeroDivisionError), scope("a"), scope("b"):
        raise ZeroDivisionError
    assert state.scope == ()
    assert switch.active == 0


def test_threads_have_scopes_of_their_own() -> None:
    found = []

    def work() -> None:
        with scope("theirs"):
            found.append(Value(1.0) * 2)

    with scope("ours"):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        found.append(Value(1.0) * 2)
    assert [scope_of(node) for node in found] == [("theirs",), ("ours",)]


def test_debug_and_no_grad_go_with_scopes() -> None:
    with scope("a"), debug():
        y = Value(2.0) * 3
    assert scope_of(y) == ("a",)
    assert y.info is not None
    assert y.info.place is not None
    with scope("a"), no_grad():
        assert (Value(2.0) * 3).args == ()


def test_recorded_code_may_name_its_parts() -> None:
    pytest.importorskip("numpy")
    seen = []

    def f(x: Any) -> Any:
        with scope("first"):
            y = tanh(x * 2)
        if isinstance(y, Value):  # it is a plain number where f is called with one
            seen.append(scope_of(y))
        with scope("second"):
            return y * y

    compiled = compile(f)
    for x in (0.3, -1.2):
        assert compiled(x) == pytest.approx(f(x), rel=1e-12)
    assert set(seen) == {("first",)}
    assert compile(grad(f))(0.3) == pytest.approx(grad(f)(0.3), rel=1e-12)


def test_recorded_operations_have_their_scope() -> None:
    from tinygrad_nn.compiler.trace.symbol import Symbol

    with scope("part"):
        y = Symbol("x") * 2
    assert scope_of(y) == ("part",)


@pytest.mark.parametrize("name", ["", " ", None, 3, ("a", "b")])
def test_a_name_that_is_none_is_an_error(name: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"name of a scope must be a text, got .*write"):
        scope(name)


# ------------------------------------------------------------------ scopes that are derived


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("layers.0.weight[3][1]", ("layer 1", "unit 4")),
        ("layers.11.bias[2]", ("layer 12", "unit 3")),
        ("weight[1][0]", ("unit 2",)),
        ("weight[1]", ()),  # of a neuron, which is the unit
        ("bias", ()),
        ("head.norm.gain", ("head", "norm")),
        ("blocks.3.attention.weight[0][0]", ("block 4", "attention", "unit 1")),
        ("knots[2]", ()),
        ("3.x", ("3",)),
    ],
)
def test_names_of_parameters_tell_their_scopes(name: str, path: tuple[str, ...]) -> None:
    assert parameter_path(name) == path


def test_a_scope_of_the_model_is_inside_of_those_recorded() -> None:
    w, x = Value(2.0), Value(3.0)
    with scope("encoder"):
        z = tanh(w * x)
    with scope("loss"):
        loss = z * z
    nodes = ancestors(loss)
    paths = dict(zip(nodes, scope_paths(nodes, {w: "layers.0.weight[0][0]"}, {}), strict=True))
    assert paths[z] == paths[z.args[0]] == ("encoder", "layer 1", "unit 1")
    assert paths[loss] == ("loss",)  # what enters from elsewhere says nothing of it


def test_a_given_name_goes_before_a_label_and_a_label_before_what_is_left() -> None:
    plain, labelled = Value(1.0), Value(1.0, label="alpha")
    assert name_of(labelled, {labelled: "weight[0]"}, {labelled: "x[0]"}) == "weight[0]"
    assert name_of(labelled, {}, {labelled: "x[0]"}) == "alpha"
    assert name_of(plain, {}, {plain: "x[0]"}) == "x[0]"
    assert name_of(plain, {}) == ""


def test_a_parameter_with_a_label_has_the_same_name_in_all_views(tmp_path: Path) -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            self.gain = Value(2.0, label="alpha")

        def __call__(self, x: Any) -> Any:
            return self.gain * x

    model = Line()
    result = model(Value(3.0, label="x"))
    shown = {
        "check": str(check_grad(lambda: model(3.0), wrt=model).entries),
        "explain": str(explain(result, model.gain, model=model)),
        "draw": draw(result, model=model).source,
        "view": view(model, 3.0, path=tmp_path / "page.html").html,
    }
    for text in shown.values():
        assert "gain" in text
        assert not {"alpha", "α"} & set(re.findall(r"\w+", text))
