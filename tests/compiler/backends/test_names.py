"""Names of code that is kept, and that what is kept computes the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import compile, custom, sin, tanh, value_and_grad
from tinygrad_nn.compiler.backends import machine, names
from tinygrad_nn.compiler.backends.llvm import disk
from tinygrad_nn.compiler.backends.llvm.engine import Target, trouble
from tinygrad_nn.compiler.backends.memory import Layout
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import with_accesses

CPU = Target("znver5", "+avx512f")


def rough(x: Any) -> Any:
    """Through a table."""
    return sum(tanh(x[n]) * x[n + 1] for n in (0, 4, 1, 7, 3)) + 0.5 * sum(a * a for a in x)


X = [math.sin(n) for n in range(9)]


@pytest.fixture
def layout() -> Layout:
    compiled = compile(value_and_grad(rough))
    compiled(X)
    return Layout(split(compiled.program))


class TestNames:
    @pytest.fixture(autouse=True)
    def version(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(names, "versions", lambda: ("0.50.0", "22.1.0"))

    def test_the_same_is_called_the_same(self, layout: Layout) -> None:
        again = compile(value_and_grad(rough))
        again([0.1] * 9)
        other = Layout(split(again.program))
        assert names.name_of(layout, {}, CPU) == names.name_of(other, {}, CPU) != ""

    def test_whatever_makes_other_code_gives_another_name(
        self, layout: Layout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program, ends = layout.program, np.zeros(9)
        first = [tables[:1] for tables in program.tables]
        others = [
            replace(program, statements=program.statements[:-1]),
            replace(program, tables=[*reversed(program.tables), program.tables[0] + 1]),
            replace(program, results=program.results[:1]),
            replace(
                program,
                statements=[
                    with_accesses(one, lambda access: replace(access, start=access.start + 1))
                    for one in program.statements
                ],
            ),
            replace(program, arrays=[replace(one, size=one.size + 1) for one in program.arrays]),
        ]
        assert first
        found = [names.name_of(Layout(one), {}, CPU) for one in (program, *others)]
        found += [
            names.name_of(layout, {0: ends}, CPU),
            names.name_of(layout, {0: ends, 1: ends[1:]}, CPU),
            names.name_of(layout, {0: ends, 1: np.zeros(8)}, CPU),
            names.name_of(layout, {}, Target("znver5", "+avx2,+fma")),
            names.name_of(layout, {}, Target("znver4", "+avx512f")),
        ]
        layout.start[-1] += 1
        found.append(names.name_of(layout, {}, CPU))
        monkeypatch.setattr(names, "versions", lambda: ("0.50.0", "22.1.1"))
        found.append(names.name_of(layout, {}, CPU))
        monkeypatch.setattr(disk, "_sources", lambda: "edited")
        found.append(names.name_of(layout, {}, CPU))
        assert len({*found}) == len(found)

    def test_operations_of_the_users_have_no_name(self) -> None:
        twice = custom(lambda x: 2.0 * x, lambda x, z: 2.0)
        compiled = compile(lambda x: sin(twice(x)))
        compiled(1.0)
        assert names.name_of(Layout(split(compiled.program)), {}, CPU) == ""


class TestKept:
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        pytest.importorskip("llvmlite")
        assert not trouble()  # which makes code too
        monkeypatch.setenv(disk.VARIABLE, str(tmp_path))
        tmp_path.chmod(0o700)
        yield tmp_path
        disk._checked.cache_clear()

    def test_code_is_made_once(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        function = value_and_grad(rough)
        expected = compile(function, backend="machine")(X)
        contents = {path: path.read_bytes() for path in place.iterdir()}
        for path in contents:
            path.unlink()
        assert compile(function, backend="machine")(X) == expected
        for path, content in contents.items():
            assert path.read_bytes() == content  # nothing in it is where it was only now
        monkeypatch.setattr(machine, "lowered", None)
        compiled = compile(function, backend="machine")
        assert compiled(X) == expected
        assert compiled.program.backend == "machine"
        assert compiled.program.calls == 0

    def test_damage_is_mended(self, place: Path) -> None:
        expected = compile(rough, backend="machine")(X)
        contents = {path: path.read_bytes() for path in place.iterdir()}
        for path, content in contents.items():
            path.write_bytes(content[:-1])
            assert compile(rough, backend="machine")(X) == expected
            assert path.read_bytes() == content
        assert {*place.iterdir()} == contents.keys()

    def test_batches_of_any_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def loss(w: Any, x: Any) -> Any:
            return tanh(sum(a * b for a, b in zip(w, x, strict=True))) ** 2

        x = np.random.default_rng(0).normal(size=(300, 9))
        found = []
        for _ in range(2):
            step = compile(value_and_grad(loss), batch="x", reduce="mean", backend="machine")
            found.append([step(X, x[:count]) for count in (1, 300, 17)])
            monkeypatch.setattr(machine, "lowered", None)
        assert found[0] == found[1]

    def test_of_what_numpy_does_in_between_the_kernels_are_kept(self, place: Path) -> None:
        def function(x: Any) -> Any:
            return sum(sin(a) % 0.7 for a in x)

        compiled = compile(function, backend="machine")
        expected = compiled(X)
        assert compiled.program.calls > 0
        contents = {path: path.read_bytes() for path in place.iterdir()}
        assert compile(function, backend="machine")(X) == expected
        assert contents == {path: path.read_bytes() for path in place.iterdir()}
