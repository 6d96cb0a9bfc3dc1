"""The compiled core and the plain one: the same results, errors and documentation."""

import ast
import doctest
import importlib
import inspect
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_nn
from tinygrad_nn import Value, engine
from tinygrad_nn.scalar import native

FOLDER = Path(tinygrad_nn.__file__).parent
COMPILED = list(native._record().get("sources", {})) if engine() == "native" else []
only_native = pytest.mark.skipif(engine() != "native", reason="the plain files are running")


def run(code: str, *, pure: bool, **options):
    """Run code in an interpreter of its own, on the plain files or on what is installed."""
    environment = {**os.environ, "TINYGRAD_NN_PURE": "1" if pure else "0"}
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(FOLDER.parent), str(Path(__file__).parents[1] / "support")]
    )
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True, **options
    ).stdout


def test_binaries_are_those_of_the_sources_beside_them():
    assert engine() == "Python" or not native.outdated(), "compile the core again: make native"


def test_a_changed_source_is_noticed(tmp_path):
    (tmp_path / "value.py").write_text("x = 1\n")
    (tmp_path / "engine.json").write_text(json.dumps({"sources": {"value": "an older hash"}}))
    assert native.outdated(tmp_path) == ["value"]


def test_the_plain_files_can_be_asked_for():
    code = "import tinygrad_nn as t; print(t.engine(), t.scalar.value.__file__, t.scalar.native.describe_engine())"
    said = run(code, pure=True, text=True).split(maxsplit=2)
    assert said[0] == "Python"
    assert said[1].endswith("value.py")
    assert "TINYGRAD_NN_PURE" in said[2]


@only_native
def test_a_node_holds_its_fields_and_nothing_else():
    words = object.__sizeof__(Value(1.0)) // 8
    assert (
        words == 3 + 7
    )  # reference count, type, table of methods; data, grad, row, x, y, mark, info


@pytest.mark.parametrize("module", COMPILED)
def test_what_is_compiled_is_loaded(module):
    loaded = importlib.import_module(f"tinygrad_nn.{module}".replace("/", "."))
    assert not str(loaded.__file__).endswith(".py")


@pytest.mark.parametrize("module", COMPILED)
def test_documentation_and_doctests_are_those_of_the_source(module):
    loaded = importlib.import_module(f"tinygrad_nn.{module}".replace("/", "."))
    tree = ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))
    documented = {"": tree}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            documented[node.name] = node
        for inner in node.body if isinstance(node, ast.ClassDef) else ():
            decorators = "".join(map(ast.unparse, getattr(inner, "decorator_list", ())))
            if hasattr(inner, "name") and inner.name[:2] != "__" and "setter" not in decorators:
                documented[f"{node.name}.{inner.name}"] = inner
    examples = 0
    for path, node in documented.items():
        thing = loaded
        for name in filter(None, path.split(".")):
            thing = inspect.getattr_static(thing, name)
        text = ast.get_docstring(node, clean=False)
        found = inspect.getdoc(thing)
        assert (found or "") == inspect.cleandoc(text or found or ""), path
        examples += ">>>" in (text or "")
    collected = doctest.DocTestFinder(exclude_empty=True).find(loaded)
    assert len([test for test in collected if test.examples]) == examples


@only_native
def test_signatures_are_readable():
    assert str(inspect.signature(Value)) == "(data, label='', **unknown)"
    assert (
        str(inspect.signature(Value.backward)) == "(self, /, seed=1.0, *, check=False, **unknown)"
    )


RANDOM_GRAPHS = """
import random
from tinygrad_nn import TABLE, Value
from tinygrad_nn.errors import ArgumentError, DomainError

rows = [row for row in TABLE.values()]
for seed in range(150):
    rng = random.Random(seed)
    leaves = [Value(rng.uniform(-2.0, 2.0)) for _ in range(4)]
    nodes = list(leaves)
    for _ in range(25):
        row = rng.choice(rows)
        args = [
            rng.choice(nodes) if rng.random() < 0.8 else rng.choice([2, 0.5, -1.0, 3])
            for _ in range(row.arity)
        ]
        if not any(isinstance(arg, Value) for arg in args):
            continue
        try:
            nodes.append(row(*args))
        except (ArgumentError, DomainError) as error:
            print(type(error).__name__, str(error).splitlines()[0])
    root = nodes[-1] + nodes[-2] * nodes[-3] - nodes[-4]
    root.backward()
    print(seed, *(node.data.hex() for node in nodes), *(node.grad.hex() for node in nodes))
"""


@only_native
def test_both_engines_agree_to_the_last_bit():
    plain, native_build = (run(RANDOM_GRAPHS, pure=pure, text=True) for pure in (True, False))
    assert len(plain.splitlines()) > 150
    assert plain == native_build


GRAPH = """
from tinygrad_nn import Value, tanh, where
x = Value(0.5, label="x")
y = tanh(x * x) + where(x > 0, x, 2.0) ** 2
y.backward()
"""
DUMP = GRAPH + "import pickle, sys; sys.stdout.buffer.write(pickle.dumps((x, y, tanh)))"
LOAD = """
import pickle, sys
x, y, tanh = pickle.loads(sys.stdin.buffer.read())
assert tanh is __import__("tinygrad_nn").tanh
print(repr(x), repr(y))
x.grad = 0.0
y.backward()
print(x.grad.hex())
"""


@only_native
@pytest.mark.parametrize("pure", [False, True])
def test_each_engine_reads_the_pickles_of_the_other(pure):
    dumped = run(DUMP, pure=pure)
    said = run(LOAD, pure=not pure, input=dumped)
    names = {}
    exec(GRAPH, names)
    x, y = names["x"], names["y"]
    assert said.decode().split("\n")[:2] == [f"{x!r} {y!r}", x.grad.hex()]
    assert pickle.loads(dumped)[1].data == y.data


ERRORS = """
from tinygrad_nn import Value, custom, log
from tinygrad_nn.compiler.trace.symbol import Symbol
x = Value(0.0, label="x")
for attempt in (
    lambda: Value("a"), lambda: Value(1.0, label=3), lambda: x + "a", lambda: "a" / x,
    lambda: log(x), lambda: 1 / x, lambda: x ** -1, lambda: x.backward("a"), lambda: x < "a",
    lambda: type("Sub", (Value,), {}), lambda: x.no_such_method(), lambda: custom(3, None),
    lambda: divmod(x, "a"), lambda: Symbol("s").data, lambda: range(Symbol("s")),
    lambda: bool(Symbol("s")), lambda: Value(10**400), lambda: max(Symbol("s"), 1),
):
    try:
        print(attempt())
    except Exception as error:
        print([kind.__name__ for kind in type(error).__mro__], error.__context__)
        print("\\n".join(line for line in str(error).splitlines() if not line.startswith("  at")))
print(x, repr(x), f"{x:.2f}", repr(log), log.__doc__, hash(x) == hash(x), {x: 1}[x], Value.__name__)
"""


@only_native
def test_both_engines_raise_and_show_the_same():
    plain, native_build = (run(ERRORS, pure=pure, text=True) for pure in (True, False))
    assert plain.splitlines() == native_build.splitlines()


DEEP = """
import sys
from tinygrad_nn import Value
sys.setrecursionlimit(150)
for turn in range({turns}):
    x = Value(1.0)
    chain = x
    for _ in range({nodes}):
        chain = chain + x
    chain.backward()
    total = x * x
    for _ in range({nodes}):
        total = total + x * x
    nested = [Value(1.0) * x]
    for _ in range(200_000):
        nested = [nested, x * x]
    keep = [chain.x.x * x for _ in range(100)]
    del chain, total, keep
    del nested
print("freed")
"""


def test_deep_graphs_and_nestings_are_freed():
    assert run(DEEP.format(turns=2, nodes=300_000), pure=False, text=True) == "freed\n"
