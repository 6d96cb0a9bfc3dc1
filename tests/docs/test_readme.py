"""Each row of the README's table of abilities does what it says, and its pictures are ours."""

from __future__ import annotations

import builtins
import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from drawn import svg_texts

import tinygrad_nn
from tinygrad_nn import cli

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^\| [^|]+ \| `([^`]+)` \|$", TEXT, re.MULTILINE)


def test_the_table_is_found() -> None:
    assert len(SHOWN) > 10


@pytest.mark.parametrize(
    "snippet", [each for each in SHOWN if not each.startswith(("make", "tinygrad-nn"))]
)
def test_snippet(snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    public = [name for name in dir(tinygrad_nn) if not hasattr(builtins, name)]
    namespace: dict[str, Any] = {name: getattr(tinygrad_nn, name) for name in public}
    namespace |= {"compile": tinygrad_nn.compile, "np": np, "model": tinygrad_nn.nn.MLP(2, [1])}
    exec(snippet, namespace)


@pytest.mark.parametrize("command", [each for each in SHOWN if each.startswith("tinygrad-nn")])
def test_command(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)
    quick = ["--epochs", "1"] if words[1] == "train" else []
    monkeypatch.setattr("sys.argv", [*words, *quick])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    made = words[-1] if words[1] != "train" else f"{words[-1]}/model.safetensors"
    assert (tmp_path / made).stat().st_size > 1000


@pytest.mark.parametrize("command", re.findall(r"make ([a-z]+)", TEXT))
def test_make_has_the_target(command: str) -> None:
    assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", TEXT))
def test_links_lead_somewhere(path: str) -> None:
    assert (ROOT / path).exists()


# --------------------------------------------------------------------- pictures


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make", ROOT / "docs" / "images" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pictures_are_what_is_drawn_today(
    make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Their texts: places and sizes depend on the fonts of a machine.
    monkeypatch.setattr(make, "FOLDER", tmp_path)
    make.main()
    kept = ROOT / "docs" / "images"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in kept.glob("*.svg")
    )
    for path in tmp_path.iterdir():
        assert svg_texts(path.read_text("utf-8")) == svg_texts(
            (kept / path.name).read_text("utf-8")
        )
