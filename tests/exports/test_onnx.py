"""Graphs of ONNX compute what Python does: onnxruntime runs all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported import (
    Case,
    called,
    close,
    flat,
    of_programs,
    of_random_functions,
    of_the_table,
    slopes_of_the_table,
    wrong,
)

from tinygrad_nn import custom, grad, lookup, nn, to_onnx
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.exports.arrays.leaves import leaves_of
from tinygrad_nn.exports.source import source_of

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

KINDS = {"tensor(double)": np.float64, "tensor(float)": np.float32}


def loaded(model: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(name: str, case: Case, **options: Any) -> Any:
    """Give a function that is called as the one that was exported."""
    session = loaded(to_onnx(case.thing, name=name, **options))
    given = source_of(case.thing).given.values()

    def function(*arguments: Any) -> Any:
        arrays = []
        for one, argument in zip(given, arguments, strict=True):
            for path, _, _ in leaves_of(one.nesting.key):
                array = argument
                for step in path:
                    array = array[step]
                arrays.append(array)
        inputs = session.get_inputs()
        fed = {i.name: np.asarray(a, KINDS[i.type]) for i, a in zip(inputs, arrays, strict=True)}
        return session.run(None, fed)

    return function


@pytest.mark.parametrize(
    "cases", [of_the_table, slopes_of_the_table, of_programs, of_random_functions]
)
def test_every_graph_computes_what_python_does(cases: Any) -> None:
    assert not wrong(run, cases())


def test_float32_is_the_type_of_all_tensors() -> None:
    assert not wrong(lambda name, case: run(name, case, dtype="float32"), of_programs(), 2e-5)


def test_the_file_has_what_is_returned(tmp_path: Path) -> None:
    model = nn.MLP(3, [4, 2], activation="tanh", seed=0)
    made = to_onnx(model, tmp_path / "model.onnx")
    assert onnx.load(tmp_path / "model.onnx") == made
    assert made.opset_import[0].version == 21
    assert {"layers.0.weight", "layers.1.bias"} < {one.name for one in made.graph.initializer}
    (result,) = made.graph.output
    assert [d.dim_param or d.dim_value for d in result.type.tensor_type.shape.dim] == ["samples", 2]
    rows = np.random.default_rng(0).normal(size=(5, 3))
    found = loaded(made).run(None, {"x": rows})[0]
    assert close(flat(found), flat(model.predict(rows)))
    with pytest.raises(ArgumentError, match=r"path must end in \.onnx"):
        to_onnx(model, tmp_path / "model.pb")


def test_steps_are_one_loop() -> None:
    nodes = to_onnx(of_programs()["steps"].thing).graph.node
    assert [node.op_type for node in nodes].count("Loop") == 2


def test_results_have_their_names() -> None:
    made = to_onnx(called(lambda x: {"twice": 2.0 * x, "both": (x, [x * x, x])}, 2.0))
    assert [one.name for one in made.graph.output] == ["twice", "both_0", "both_1"]


def test_a_number_that_is_no_place_gives_nan() -> None:
    session = loaded(to_onnx(called(lambda t, i: lookup(t, i), [1.0, 2.0], 1)))
    t = np.array([3.0, 4.0])
    for index, wanted in ((1.0, 4.0), (2.0, np.nan), (-1.0, np.nan), (0.5, np.nan)):
        names = [one.name for one in session.get_inputs()]
        (found,) = session.run(None, dict(zip(names, (t, np.array(index)), strict=True)))
        assert close([float(found)], [wanted])


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
def test_activations_of_the_greatest_numbers_are_finite(name: str) -> None:
    f = getattr(nn, name)
    for compiled in (called(f, 1.0), called(grad(f), 1.0)):
        session = loaded(to_onnx(compiled))
        (given,) = session.get_inputs()
        for x in (1e308, -1e308, 1.7e308, 1e160, -1e160):
            (found,) = session.run(None, {given.name: np.array(x)})
            assert close([float(found)], [compiled(x)])
            assert np.isfinite(found)


def test_an_operation_of_ones_own_is_refused() -> None:
    own = custom(lambda x: 2.0 * x, lambda x, z: 2.0, name="own")
    with pytest.raises(ArgumentError, match="the operation own, which is your own"):
        to_onnx(called(own, 1.0))
