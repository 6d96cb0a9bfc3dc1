"""The edits of generated C: each module is found by the name that mypyc gives it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parents[1] / "edit_generated_c.py"


@pytest.fixture(scope="module")
def edits() -> Any:
    spec = importlib.util.spec_from_file_location("edit_generated_c", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_modules_are_named_by_as_many_parts_as_tell_them_apart(edits: Any) -> None:
    modules = ["p.a.levels", "p.b.levels", "p.a.ops", "p.c.a.levels"]
    assert edits.names_in_c(modules) == {
        "p.a.levels": "p___a___levels",
        "p.b.levels": "b___levels",
        "p.a.ops": "ops",
        "p.c.a.levels": "c___a___levels",
    }


def test_docstrings_of_files_of_one_name_stay_apart(edits: Any) -> None:
    sources = {
        "a/levels": '"""First."""\ndef level(x): "One."\n',
        "b/levels": '"""Second."""\ndef level(x): "Two."\n',
    }
    code = "".join(
        f'"p.{own}.levels",\n    NULL,\n(PyCFunction)CPyPy_{own}___levels___level,\n    METH_O, NULL\n'
        for own in ("a", "b")
    )
    names = edits.names_in_c(["p.a.levels", "p.b.levels"])
    for path, source in sources.items():
        module = f"p.{path.replace('/', '.')}"
        for place, node in edits.documented(module, names[module], edits.ast.parse(source)):
            code = edits.with_docstring(code, place, node)
    first, second = code.split('"p.b.levels"')
    assert "First." in first
    assert "(x)\\012--\\012\\012One." in first
    assert "Second." in second
    assert "(x)\\012--\\012\\012Two." in second
