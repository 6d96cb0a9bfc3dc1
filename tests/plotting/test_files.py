"""Figures as files, the figures by name, and the page that shows them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib.image import imread

from tinygrad_nn.errors import ArgumentError, MissingExtraError
from tinygrad_nn.plotting import catalogue, plot_activations, plot_cost, save_figure
from tinygrad_nn.plotting.catalogue import FIGURES, plot_by_name
from tinygrad_nn.plotting.files import figure_bytes

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", list(FIGURES))
def test_every_name_is_drawn(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalogue, "FRAMES", 2)  # a page of the documentation has a long film
    path = plot_by_name(name)
    assert path == Path(f"{name}.gif" if name == "training" else f"{name}.png")
    magic = b"GIF89a" if name == "training" else b"\x89PNG\r\n\x1a\n"
    assert path.read_bytes().startswith(magic)
    assert list(tmp_path.iterdir()) == [tmp_path / path]


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(ArgumentError, match="did you mean 'contours'"):
        plot_by_name("contour")


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_bad_path_is_known_before_the_work(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FIGURES, name, lambda: pytest.fail("drawn all the same"))
    wrong, right = (".png", ".gif") if name == "training" else (".gif", ".png")
    with pytest.raises(ArgumentError, match=f"the format is {wrong}: expected"):
        plot_by_name(name, tmp_path / f"figure{wrong}")
    with pytest.raises(ArgumentError, match="create it first"):
        plot_by_name(name, tmp_path / "no" / f"figure{right}")


def test_dark_and_light(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    corners = [
        imread(plot_by_name("cross-entropy", tmp_path / "figure.png", dark=dark))[0, 0, :3].mean()
        for dark in (False, True)
    ]
    assert corners == [1.0, 0.0]
    assert dict(matplotlib.rcParams) == before


def test_several_axes_are_one_figure() -> None:
    assert figure_bytes(plot_activations(), "svg").startswith(b"<?xml")


@pytest.mark.parametrize("name", ["cost.gif", "cost.txt", "cost"])
def test_a_format_that_cannot_show_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"expected \.png or \.svg or \.pdf for a figure"):
        save_figure(plot_cost([1.0]), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="create it first"):
        save_figure(plot_cost([1.0]), tmp_path / "no" / "cost.png")


def test_the_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    assert save_figure(plot_cost([1.0]), tmp_path / "COST.PNG").read_bytes()[1:4] == b"PNG"


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.style", None)
    with pytest.raises(MissingExtraError, match=r"tinygrad-nn\[plot\]"):
        plot_by_name("cost", tmp_path / "cost.png")
    assert not list(tmp_path.iterdir())


def test_importing_loads_neither_matplotlib_nor_numpy() -> None:
    code = "import sys, tinygrad_nn.plotting.catalogue as c; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "numpy"} & set(done.stdout.split())


def test_the_page_shows_what_it_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_figures", ROOT / "docs/make_figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.PAGE.read_text(encoding="utf-8")
    shown = module.pictures(page)
    assert shown == {path.name for path in module.PICTURES.iterdir()}
    assert all(f'"{name}")' in module.code(page) for name in shown)
    assert all(name in page for name in FIGURES)
