"""Machine code behind compile: the same results, and the rest as it was."""

from __future__ import annotations

import math
import pickle
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from machine_code import CODE, untried

from tinygrad_nn import Value, compile, custom, grad, lookup, sin, tanh, where
from tinygrad_nn.compiler.backends.llvm.engine import describe, target
from tinygrad_nn.errors import ArgumentError, DomainError, MissingExtraError


def spread(x: Any) -> Any:
    mean = sum(x) / len(x)
    return sum(tanh(a - mean) ** 2 for a in x)


def test_a_backend_that_nobody_knows() -> None:
    with pytest.raises(ArgumentError, match="'numpy', 'machine'"):
        compile(sin, backend="cuda")


@pytest.mark.skipif(bool(CODE), reason="machine code computes every program")
def test_without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    with untried():
        with pytest.raises(MissingExtraError, match=r'pip install "tinygrad-nn\[machine\]"'):
            compile(sin, backend="machine")
        assert describe()["backend"] == "numpy"
        assert "tinygrad-nn[machine]" in describe()["machine code"]
    assert compile(sin)(1.0) == math.sin(1.0)


class TestWithLLVM:
    @pytest.fixture(autouse=True)
    def llvm(self) -> None:
        pytest.importorskip("llvmlite")

    def test_a_function_and_its_gradient(self) -> None:
        def f(x: Any) -> Any:
            return sum(tanh(a) * b for a, b in pairwise(x))

        x = [0.3 * n - 1.0 for n in range(11)]
        compiled = compile(f, backend="machine")
        assert compiled(x) == pytest.approx(f(x), rel=1e-14)
        assert compiled.program.backend == "machine"
        assert compiled.program.calls == 0
        assert compile(grad(f), backend="machine")(x) == pytest.approx(grad(f)(x), rel=1e-13)
        assert compile(f)(x) == pytest.approx(f(x), rel=1e-14)

    def test_a_batch_of_any_size(self) -> None:
        def cost(w: Any, x: Any) -> Any:
            return tanh(sum(a * b for a, b in zip(w, x, strict=True))) ** 2

        fast = compile(grad(cost), batch="x", reduce="mean", backend="machine")
        slow = compile(grad(cost), batch="x", reduce="mean", backend="numpy")
        assert slow.program is None
        for count in (1, 7, 64, 300, 5000):
            x = [[math.sin(n + 3 * k) for k in range(3)] for n in range(count)]
            assert fast([0.1, 0.2, 0.3], x) == pytest.approx(slow([0.1, 0.2, 0.3], x), rel=1e-12)
        assert slow.program.backend == "numpy"

    def test_where_no_code_may_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: Any) -> None:
            raise OSError("not permitted")

        monkeypatch.setattr("tinygrad_nn.compiler.backends.llvm.engine.Engine", refused)
        with untried():
            with pytest.raises(ArgumentError, match=r"not permitted\): give backend='numpy'"):
                compile(sin, backend="machine")
            found = describe()
        assert found["backend"] == "numpy"
        assert found["machine code"] == "none: no code can be made that runs here (not permitted)"

    def test_what_it_is_made_with_and_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import llvmlite

        found = describe()
        assert "numpy, and machine code" in found["backend"]
        assert f"llvmlite {llvmlite.__version__}) for {target().cpu}" in found["machine code"]
        assert f"{target().width} numbers at once" in found["machine code"]
        assert "kept in" not in found
        tmp_path.chmod(0o700)
        monkeypatch.setenv("TINYGRAD_NN_CACHE", str(tmp_path))
        assert describe()["kept in"] == str(tmp_path)

    def test_a_graph(self) -> None:
        x = Value(2.0)
        assert compile(x * x + 1.0, inputs=x, backend="machine")(3.0) == 10.0

    def test_an_operation_of_the_users_runs_between_kernels(self) -> None:
        double = custom(lambda x: 2.0 * x, lambda x, z: 2.0)

        def f(x: Any) -> Any:
            return sum(sin(double(tanh(a)) % 0.7) for a in x)

        x = [0.1, 0.5, 0.9, 1.3]
        compiled = compile(f, backend="machine")
        assert compiled(x) == pytest.approx(f(x), rel=1e-14)
        assert compiled.program.calls > 0

    def test_what_is_no_number_is_found(self) -> None:
        def f(x: Any) -> Any:
            return where(x[0] > 0.0, lambda: 1.0 / x[1], 0.0) + x[2] / x[3]

        checked = compile(f, check=True, backend="machine")
        assert checked([1.0, 2.0, 3.0, 4.0]) == 1.25
        assert compile(f, backend="machine")([-1.0, 0.0, 3.0, 4.0]) == 0.75
        with pytest.raises(DomainError):
            checked([1.0, 2.0, 3.0, 0.0])

    def test_an_index_that_is_none_is_refused(self) -> None:
        compiled = compile(lambda table, i: lookup(table, i), backend="machine")
        assert compiled([1.0, 5.0, 9.0], 2.0) == 9.0
        with pytest.raises(ArgumentError, match="as an index"):
            compiled([1.0, 5.0, 9.0], 3.0)

    def test_it_is_pickled_with_its_backend(self) -> None:
        again = pickle.loads(pickle.dumps(compile(math.hypot, backend="machine")))
        assert again._asked.backend.name == "machine"

    def test_a_program_for_any_length(self) -> None:
        free = compile(grad(spread), sizes="free", backend="machine")
        full = compile(grad(spread), sizes="fixed", prove=True, backend="machine")
        numpy = compile(grad(spread))
        for count in (60, 90):
            x = [math.sin(n) for n in range(count)]
            for compiled in (free, full, pickle.loads(pickle.dumps(free))):
                assert compiled(x) == pytest.approx(numpy(x), rel=1e-12, abs=1e-14)
                assert (compiled.program.backend, compiled.program.calls) == ("machine", 0)
        assert free.program.sizes.free
        assert not full.program.sizes.free
        assert full.program.proved

    def test_programs_that_are_gone_leave_others_as_they_were(self) -> None:
        kept = compile(lambda x: sin(x) + 1.0, backend="machine")
        for n in range(5):
            compile(lambda x, n=n: sin(x) * n, backend="machine")(1.0)
            assert kept(0.5) == pytest.approx(math.sin(0.5) + 1.0, rel=1e-15)
