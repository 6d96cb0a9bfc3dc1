"""Programs in files: what is loaded computes what was saved, or says why it does not."""

from __future__ import annotations

import copy
import gc
import json
import math
import os
import pickle
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy

import tinygrad_nn
from tinygrad_nn import (
    Value,
    compile,
    custom,
    exp,
    grad,
    load_program,
    log,
    lookup,
    nn,
    relu,
    tanh,
    value_and_grad,
    where,
)
from tinygrad_nn.compiler import file
from tinygrad_nn.compiler.file import VERSION
from tinygrad_nn.errors import (
    ArgumentError,
    ArgumentTypeError,
    FileError,
    MissingExtraError,
    NonFiniteError,
    ShapeError,
    StateError,
)

RNG = np.random.default_rng(0)
Call = tuple[tuple[Any, ...], dict[str, Any]]


def given(*args: Any, **kwargs: Any) -> Call:
    return args, kwargs


def saved(function: Any, path: Path, *args: Any, **kwargs: Any) -> Any:
    """Call a compiled function, save its program, and load it."""
    function(*args, **kwargs)
    function.program.save(path / "f.safetensors")
    return load_program(path / "f.safetensors")


def layer(p: Any, x: Any) -> Any:
    W, b = p
    sums = [sum(w * v for w, v in zip(row, x, strict=True)) for row in W]
    return {"h": [tanh(z + c) for z, c in zip(sums, b, strict=True)], "n": (b[0], 3)}


def cost(p: Any, x: Any, y: Any) -> Any:
    return sum((a - b) ** 2 for a, b in zip(layer(p, x)["h"], y, strict=True))


P = ([[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], [0.1, -0.2, 0.3])
Q = ([[0.1, -0.2], [0.3, 0.4], [-0.5, 0.6]], [1.1, -0.2, 0.3])
Y = [0.5, -0.5, 1.0]
BATCH = RNG.normal(size=(5, 2)), RNG.normal(size=(5, 3))


def powers(x: Any, n: int, /, *, scale: Any = 2.0, mode: Any = "plain") -> Any:
    return [scale * x**k for k in range(n)] if mode == "plain" else [x] * n


CASES: dict[str, tuple[Any, Call, Call]] = {
    "nestings": (compile(layer), given(P, [1.0, 2.0]), given(Q, [-1, 0.5])),
    "gradient": (compile(value_and_grad(cost)), given(P, [1, 2], Y), given(Q, [0, 2], Y)),
    "arrays": (
        compile(lambda A, x: A @ x),
        given(np.eye(3), np.arange(3.0)),
        given(np.ones((3, 3)), np.arange(3)),
    ),
    "names": (compile(cost), given(P, y=Y, x=[1.0, 2.0]), given(Q, y=Y, x=[0.5, 2.0])),
    "batch of arrays": (
        compile(value_and_grad(cost), batch=("x", "y"), reduce="mean"),
        given(P, *BATCH),
        given(Q, BATCH[0][:3], BATCH[1][:3]),
    ),
    "batch of lists": (
        compile(value_and_grad(cost), batch=("x", "y"), reduce=(None, "sum")),
        given(P, BATCH[0].tolist(), BATCH[1].tolist()),
        given(Q, BATCH[0][:2].tolist(), BATCH[1][:2].tolist()),
    ),
    "batch by name": (
        compile(layer, batch="x", reduce={"h": "mean", "n": None}),
        given(P, BATCH[0]),
        given(Q, x=BATCH[0]),
    ),
    "no samples": (
        compile(layer, batch="x"),
        given(P, BATCH[0].tolist()),
        given(Q, []),
    ),
    "static": (
        compile(powers, static=("n", "mode")),
        given(2.0, 3, scale=1.5, mode="plain"),
        given(-1.0, 3, mode="plain", scale=2.5),
    ),
    "dicts": (
        compile(lambda d: OrderedDict(a=d["x"], b=[d[1], None, (d[(2, "k")],), []])),
        given({"x": 1.0, 1: 2.0, (2, "k"): 3.0}),
        given({"x": 4.0, 1: 5.0, (2, "k"): 6.0}),
    ),
    "many arguments": (compile(lambda *a: sum(a)), given(1.0, 2.0, 3.0), given(4.0, 5.0, 6.0)),
    "no arguments": (compile(lambda: [1.5, -0.0, math.inf]), given(), given()),
    "choices": (
        compile(value_and_grad(lambda E, i: sum(x * x for x in lookup(E, i)))),
        given([[1.0, 2.0], [3.0, 4.0]], 1),
        given([[1.0, 2.0], [3.0, 5.0]], 0),
    ),
    "a loop": (
        compile(grad(lambda x: sum_of_steps(x))),
        given(0.5),
        given(0.7),
    ),
}


def sum_of_steps(x: Any) -> Any:
    for _ in range(40):
        x = tanh(1.1 * x) + 0.1 * x
    return x


def same(one: Any, other: Any) -> None:
    assert repr(one) == repr(other)
    assert type(one) is type(other)


@pytest.mark.parametrize("name", CASES)
def test_what_is_loaded_computes_the_same(name: str, tmp_path: Path) -> None:
    function, first, second = CASES[name]
    again = saved(function, tmp_path, *first[0], **first[1])
    for args, kwargs in (first, second):
        same(again(*args, **kwargs), function(*args, **kwargs))
    assert str(again) == str(function)
    assert again.program.stats == function.program.stats
    again.program.save(tmp_path / "again.safetensors")
    contents = [(tmp_path / f"{n}.safetensors").read_bytes() for n in ("f", "again")]
    assert contents[0] == contents[1]


def test_arguments_in_another_order_and_by_name(tmp_path: Path) -> None:
    again = saved(compile(cost), tmp_path, P, y=Y, x=[1.0, 2.0])
    expected = cost(P, [1.0, 2.0], Y)
    assert again(P, [1.0, 2.0], Y) == again(x=[1.0, 2.0], p=P, y=Y) == pytest.approx(expected)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))]
)
def test_what_is_loaded_is_pickled_and_copied(again: Any, tmp_path: Path) -> None:
    function = compile(value_and_grad(cost))
    twin = again(saved(function, tmp_path, P, [1.0, 2.0], Y))
    assert twin(P, [1.0, 2.0], Y) == function(P, [1.0, 2.0], Y)
    assert str(twin) == str(function)
    assert repr(twin) == "<loaded program cost>"


def test_threads_share_a_program(tmp_path: Path) -> None:
    again = saved(compile(lambda x: [a * a for a in x]), tmp_path, [1.0, 2.0])
    calls = [[float(n), -float(n)] for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(again, calls)) == [[a * a for a in x] for x in calls]


def test_any_number_of_samples(tmp_path: Path) -> None:
    function = compile(value_and_grad(cost), batch=("x", "y"), reduce="sum")
    again = saved(function, tmp_path, P, *BATCH)
    for count in (1, 2, 3000):
        x, y = RNG.normal(size=(count, 2)), RNG.normal(size=(count, 3))
        same(again(P, x, y), function(P, x, y))


def test_a_graph(tmp_path: Path) -> None:
    u, v = Value(2.0), Value(3.0)
    area = compile({"area": u * v}, inputs=[u, v])
    again = saved(area, tmp_path)
    assert again([4.0, 5.0]) == {"area": 20.0}


# ---- what was taken from Values ------------------------------------------------------------------

WEIGHT = Value(3.0)


def test_captured_numbers_are_saved_as_they_stand(tmp_path: Path) -> None:
    labelled, other, rows = Value(2.0, label="scale"), Value(1.0, label="scale"), [Value(7.0)]
    function = compile(lambda x: x * labelled + other * WEIGHT + rows[0] - Value(0.5))
    function(1.0)
    labelled.data = 4.0
    again = saved(function, tmp_path, 1.0)
    assert again(1.0) == function(1.0) == 13.5
    names = {"scale": 4.0, "scale (1)": 1.0, "WEIGHT": 3.0, "rows[0]": 7.0}
    assert {name: again.captured[name] for name in names} == names
    labelled.data = 0.0
    assert again(1.0) == 13.5


def test_the_parameters_of_a_model_have_their_names(tmp_path: Path) -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    again = saved(compile(model), tmp_path, [1.0, 2.0])
    assert again([1.0, 2.0]) == pytest.approx(model([1.0, 2.0]).data)
    assert set(again.captured.values()) == {p.data for p in model.parameters()}
    assert again.captured["layers[0].neurons[0].w[1]"] == model.layers[0].neurons[0].w[1].data


# ---- calls that are refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (given([1.0], 2.0, 3), ShapeError, "x is a list of 1 number: expected a list of 2 numbers"),
        (given(np.ones(2), 2.0, 3), ShapeError, r"x is an array of shape \(2,\): expected"),
        (
            given([[1.0], []], 2.0, 3),
            ShapeError,
            "x is a list of .a list of 1 number; an empty list",
        ),
        (given([1.0, 2.0], 2.0, 4), ArgumentError, "n is 4: expected 3, which shaped the program"),
        (given([1.0, 2.0], 2.0, 3.0), ArgumentError, "n is 3.0: expected 3"),
        (given([1.0, 2.0], 2.0), ArgumentTypeError, "is given x, y: expected x, y, n"),
        (given([1.0, 2.0], 2.0, 3, 4), ArgumentTypeError, "is given x, y, n, argument 3: expected"),
        (given([1.0, 2.0], 2.0, x=3), ArgumentTypeError, "x is given twice"),
        (given([1.0, 2.0], Value(2.0), 3), ArgumentTypeError, "a Value is given, and a loaded"),
        (given(["a", 2.0], 2.0, 3), ArgumentTypeError, "x has 'a', of type str"),
    ],
)
def test_other_arguments_are_refused(
    call: Call, error: type[Exception], match: str, tmp_path: Path
) -> None:
    again = saved(compile(lambda x, y, n: x[0] * y**n, static="n"), tmp_path, [1.0, 2.0], 2.0, 3)
    with pytest.raises(error, match=match):
        again(*call[0], **call[1])
    with pytest.raises(ArgumentTypeError, match="a Value is given"):
        compile(lambda x: again([x, 1.0], 2.0, 3))(1.0)
    assert again([2.0, 0.0], 2.0, 3) == 16.0


def test_a_place_outside_of_a_table_is_refused_as_before(tmp_path: Path) -> None:
    again = saved(compile(lambda t, i: lookup(t, i)), tmp_path, [1.0, 2.0], 1)
    with pytest.raises(ArgumentError, match=r"5"):
        again([1.0, 2.0], 5)


def test_results_that_are_not_finite_are_looked_for_as_before(tmp_path: Path) -> None:
    again = saved(compile(lambda x: log(x), check=True), tmp_path, 1.0)
    with pytest.raises(NonFiniteError, match="a result is infinite or NaN"):
        again(0.0)


def test_nan_that_the_function_might_go_around_is_a_warning(tmp_path: Path) -> None:
    function = compile(grad(lambda x: where(x > 0, lambda: x**-3.0 * exp(x), x)))
    again = saved(function, tmp_path, 1.0)
    with pytest.warns(
        RuntimeWarning, match="a result is NaN, and it goes through choices"
    ) as found:
        assert math.isnan(again(1e-200))
    assert found[0].filename == __file__
    assert again(-1.0) == 1.0


# ---- what is not saved ---------------------------------------------------------------------------

Point = namedtuple("Point", "x y")


class Mode:
    def __hash__(self) -> int:
        return 0


def test_operations_of_the_users_own_are_refused(tmp_path: Path) -> None:
    own = custom(math.floor, None, name="my floor")
    with pytest.raises(ArgumentError, match="my floor, which is your own"):
        saved(compile(lambda x: own(x)), tmp_path, 1.5)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("function", "call", "match"),
    [
        (compile(lambda p: p.x), given(Point(1.0, 2.0)), "p has a Point, which is a class"),
        (compile(lambda x: Point(x, x)), given(1.0), "the result has a Point, which is a class"),
        (compile(lambda m: 1.0, static="m"), given(Mode()), "m is <.*>, of type Mode: expected"),
        (compile(lambda d: d[b"x"]), given({b"x": 1.0}), "a name in d is b'x', of type bytes"),
    ],
)
def test_what_no_file_holds_is_refused_by_name(
    function: Any, call: Call, match: str, tmp_path: Path
) -> None:
    with pytest.raises(ArgumentTypeError, match=match):
        saved(function, tmp_path, *call[0])
    assert not list(tmp_path.iterdir())


def test_a_step_of_a_training_is_refused(tmp_path: Path) -> None:
    model = nn.MLP(1, [1], seed=0)
    descent = tinygrad_nn.optim.GradientDescent(model.parameters(), lr=0.1)
    trainer = tinygrad_nn.Trainer(model, nn.squared_error, descent)
    trainer.step([[1.0]], [2.0])
    with pytest.raises(ArgumentError, match="a part of a training"):
        trainer.program.programs[0].save(tmp_path / "x")


def test_folders_that_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        saved(compile(lambda x: x * 2), tmp_path / "none", 1.0)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = saved(compile(lambda x: x * 2), tmp_path, 1.0)
    before = (tmp_path / "f.safetensors").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="No space left on device"):
        again.program.save(tmp_path / "f.safetensors")
    assert [p.name for p in tmp_path.iterdir()] == ["f.safetensors"]
    assert (tmp_path / "f.safetensors").read_bytes() == before


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    function = compile(lambda x: x * 2)
    function(1.0)
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    monkeypatch.setitem(__import__("sys").modules, "safetensors.numpy", None)
    for what in (function.program.save, load_program):
        with pytest.raises(MissingExtraError, match=r'pip install "tinygrad-nn\[save\]"'):
            what(tmp_path / "f")


# ---- files that are not what was saved -----------------------------------------------------------

Change = Callable[[str, dict[str, Any]], str | None]
ENTRY = "tinygrad_nn program"


def changed(path: Path, change: Change, seal: bool = True) -> Path:
    """Change a file's head and arrays, with a checksum that is right again."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    version, checksum, text = json.loads(content[8 : 8 + size])["__metadata__"][ENTRY].split(" ", 2)
    arrays = safetensors.numpy.load(content)
    found = change(text, arrays)
    text = text if found is None else found
    if seal:
        checksum = file._checksum(text, arrays)
    metadata = {ENTRY: f"{version} {checksum} {text}"}
    path.write_bytes(safetensors.numpy.save(arrays, metadata))
    return path


def head(change: Callable[[dict[str, Any]], Any]) -> Change:
    def changing(text: str, _: dict[str, Any]) -> str:
        x = json.loads(text)
        change(x)
        return json.dumps(x)

    return changing


def text(old: str, new: str) -> Change:
    return lambda text, _: text.replace(old, new)


SAVED = compile(value_and_grad(lambda w, x: relu(w[0] * x[0]) + 0.5 * w[1] ** 2 * x[1] * WEIGHT))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    saved(SAVED, tmp_path, [1.0, 2.0], [3.0, 4.0])
    return tmp_path / "f.safetensors"


def test_the_helper_changes_nothing_by_itself(path: Path) -> None:
    changed(path, lambda t, a: None)
    assert load_program(path)([1.0, 2.0], [3.0, 4.0]) == SAVED([1.0, 2.0], [3.0, 4.0])


CHANGES: dict[str, list[Change]] = {
    "is damaged .a name is there twice": [text('"check":false', '"check":false,"check":false')],
    "is damaged .NaN is no JSON": [text('"check":false', '"check":NaN')],
    "is damaged": [
        text('"check":false', '"check":' + "[" * 100_000),
        text('"check":false', '"check":' + "9" * 5_000),
        text(
            "{",
            "",
        ),
        head(lambda x: x.pop("name")),
        head(lambda x: x.update(names=[1])),
        head(lambda x: x.update(name="\x1b[2J")),
        head(lambda x: x.update(reduce="mean")),
        head(lambda x: x.update(reduce=["list", ["mean", "sum"]])),
        head(lambda x: x.update(result=["list", 4])),
        head(lambda x: x.update(result=["list", 1 << 40])),
        head(lambda x: x.update(result=["list", 1 << 60])),
        head(lambda x: x.update(result=["set", 3])),
        head(lambda x: x["arguments"].pop()),
        head(lambda x: x["arguments"].append(["x", 0, False])),
        head(lambda x: x["arguments"][0].__setitem__(2, True)),
        head(lambda x: x["arguments"][0].__setitem__(1, ["list", 3])),
        head(lambda x: x["statics"].append(["n", {"float": "x"}])),
        head(lambda x: x["program"]["arrays"][0].update(size=1 << 40)),
        head(lambda x: x["program"]["arrays"][0].update(role={"role": "inner"})),
        head(lambda x: x["program"]["arrays"].append(x["program"]["arrays"][0])),
        head(lambda x: x["program"]["results"][0].update(size=1 << 40)),
        head(lambda x: x["program"]["statements"][0].update(nest=[1 << 40])),
        head(lambda x: x["program"].update(statements=x["program"]["statements"][::-1])),
        head(lambda x: x["captured"].append("more")),
        lambda t, a: a.clear(),
        lambda t, a: a.update(captured=np.array([1])),
        lambda t, a: a.update({"7": np.zeros(3)}),
        lambda t, a: a.update({"0": np.zeros(3, dtype=np.float32)}),
        lambda t, a: "",
    ],
}


@pytest.mark.parametrize(
    ("match", "change"), [(match, change) for match, many in CHANGES.items() for change in many]
)
def test_a_file_that_was_changed_is_refused(match: str, change: Change, path: Path) -> None:
    with pytest.raises(StateError, match=f"{path}.*{match}"):
        load_program(changed(path, change))


def test_a_checksum_is_what_was_saved(path: Path) -> None:
    def other(_: str, arrays: dict[str, Any]) -> None:
        arrays["captured"] += 1.0

    with pytest.raises(StateError, match="its contents are not what was saved"):
        load_program(changed(path, other, seal=False))


def test_another_version_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "VERSION", VERSION + 1)
    with pytest.raises(
        StateError, match=r"is of version 1 of program files, and this .* version 2"
    ):
        load_program(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    nn.save(nn.MLP(1, [1]), tmp_path / "model")
    (tmp_path / "text").write_text("hello")
    (tmp_path / "empty").touch()
    for name in ("model", "text", "empty"):
        with pytest.raises(StateError, match=f"{name} (holds no program|is no whole safetensors)"):
            load_program(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        load_program(tmp_path / "nothing")


def test_called_again_by_what_the_collector_of_garbage_calls(tmp_path: Path) -> None:
    def call(phase: str, _: object) -> None:
        if phase == "start" and not inside:
            inside.append(True)
            try:
                found.append(loaded([2.0] * 9))
            finally:
                inside.clear()

    loaded = saved(compile(lambda x: [[v * v] for v in x]), tmp_path, [1.0] * 9)
    expected = [[[v * v]] * 9 for v in (1.0, 2.0)]
    inside: list[bool] = []
    found: list[object] = []
    before = gc.get_threshold()
    gc.callbacks.append(call)
    gc.set_threshold(1)
    try:
        for _ in range(20):
            assert loaded([1.0] * 9) == expected[0]
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(call)
    assert len(found) > 20
    assert all(one == expected[1] for one in found)
