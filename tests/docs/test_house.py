"""The picture of the packages shows the imports as they are."""

from __future__ import annotations

import importlib.util
import re
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("grimp")
pytest.importorskip("pygraphviz")

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "make_house.py"


@pytest.fixture(scope="module")
def house() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_house", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(picture: Path) -> tuple[set[str], set[tuple[str, ...]]]:
    titles = [unescape(title) for title in re.findall("<title>(.*?)</title>", picture.read_text())]
    arrows = {tuple(title.split("->")) for title in titles if "->" in title}
    return {
        title for title in titles if title.startswith("tinygrad_nn.") and "->" not in title
    }, arrows


def test_the_picture_is_that_of_the_imports(house: ModuleType) -> None:
    found = house.reduced(house.rooms())
    arrows = {(room, target) for room, targets in found.items() for target in targets}
    assert shown(house.PICTURE) == (set(found), arrows), "draw it again: python docs/make_house.py"


def test_an_arrow_that_follows_from_others_is_left_out(house: ModuleType) -> None:
    arrows = {"a": {"b", "c", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}
    assert house.reduced(arrows) == {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": set()}
