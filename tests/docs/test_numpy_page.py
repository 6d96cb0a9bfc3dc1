from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.numpy_cases import CASES, NO_CONCERN, REFUSED, public_names

FOLDER = Path(__file__).resolve().parents[2] / "docs"
PAGE = (FOLDER / "numpy.md").read_text()

pytestmark = pytest.mark.skipif(
    f"`numpy.linalg` {'.'.join(np.__version__.split('.')[:2])} was" not in PAGE,
    reason="the page is about another version of NumPy",
)


def maker() -> Any:
    spec = importlib.util.spec_from_file_location("make_numpy", FOLDER / "make_numpy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_function_of_numpy_has_its_place() -> None:
    unconcerned = {name for names in NO_CONCERN.values() for name in names.split()}
    assert [n for n in public_names() if n not in CASES and n not in unconcerned] == []
    assert set(REFUSED) <= set(CASES)


def test_the_page_is_as_the_lists_say() -> None:
    assert maker().page() == PAGE, "run: python docs/make_numpy.py"
