"""Pictures as files and in notebooks, and what renders them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from drawn import svg_texts

from tinygrad_nn import Value, draw
from tinygrad_nn.drawing import Drawing
from tinygrad_nn.errors import ArgumentError, DrawingError, MissingExtraError

BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "dot": b"digraph"}


@pytest.fixture
def picture() -> Drawing:
    result = Value(2.0, "a") * Value(3.0, "b")
    result.label = "c"
    return draw(result)


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def install_dot(folder: Path, script: str) -> None:
    program = folder / "bin" / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_every_format_begins_as_it_should(picture: Drawing, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"graph.{kind}"
    assert picture.save(path) == path
    assert path.read_bytes().startswith(BEGINNINGS[kind])
    assert list(tmp_path.iterdir()) == [path]


def test_the_suffix_may_be_in_capitals(picture: Drawing, tmp_path: Path) -> None:
    assert picture.save(str(tmp_path / "A.PNG")).read_bytes().startswith(BEGINNINGS["png"])


def test_dot_is_the_source(picture: Drawing, tmp_path: Path) -> None:
    assert picture.save(tmp_path / "a.dot").read_text(encoding="utf-8") == picture.source


def test_the_svg_is_well_formed_and_has_a_title(picture: Drawing) -> None:
    svg = picture._repr_svg_()
    title = ElementTree.fromstring(svg).find(".//{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "Computation graph of c"
    assert {"a", "b", "c", "data", "grad", "6"} <= set(svg_texts(svg))


def test_texts_lie_in_their_boxes(picture: Drawing) -> None:
    space = "{http://www.w3.org/2000/svg}"
    boxes = 0
    for group in ElementTree.fromstring(picture._repr_svg_()).iter(f"{space}g"):
        box = group.find(f".//{space}path")
        if group.get("class") != "node" or box is None:
            continue
        boxes += 1
        numbers = box.attrib["d"].replace("M", " ").replace("C", " ").replace(",", " ").split()
        xs, ys = [float(x) for x in numbers[::2]], [float(y) for y in numbers[1::2]]
        for text in group.iter(f"{space}text"):
            x, y, size = (float(text.attrib[key]) for key in ("x", "y", "font-size"))
            width = 0.62 * size * len((text.text or "").strip())  # of a wide face
            assert min(xs) < x < x + width < max(xs)
            assert min(ys) < y - 0.8 * size < y < max(ys)
    assert boxes == 3


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.svg.txt"])
def test_an_unknown_suffix_is_an_error_with_the_known_ones(
    picture: Drawing, name: str, tmp_path: Path
) -> None:
    with pytest.raises(ArgumentError, match=r"\.svg, \.png, \.pdf, \.dot"):
        picture.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(picture: Drawing, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="folder that does not exist"):
        picture.save(tmp_path / "none" / "a.svg")


# ------------------------------------------------------------------ what renders


@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_without_dot_the_libraries_render(picture: Drawing, kind: str, tmp_path: Path) -> None:
    assert picture.save(tmp_path / f"a.{kind}").read_bytes().startswith(BEGINNINGS[kind])


@pytest.mark.usefixtures("without_dot")
def test_dot_renders_where_there_is_one(
    picture: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)  # as if it were not installed
    install_dot(tmp_path, 'echo "made by dot $*"')
    assert picture._repr_svg_() == "made by dot -Kdot -Tsvg\n"


@pytest.mark.usefixtures("without_dot")
def test_without_any_renderer_the_error_names_the_extra(
    picture: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(MissingExtraError, match=r'pip install "tinygrad-nn\[draw\]"'):
        picture.save(tmp_path / "a.svg")
    assert not (tmp_path / "a.svg").exists()
    picture.save(tmp_path / "a.dot")  # which needs none


def test_without_the_package_graphviz_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(MissingExtraError, match=r'pip install "tinygrad-nn\[draw\]"'):
        draw(Value(1.0))


@pytest.mark.usefixtures("without_dot")
def test_a_failure_of_dot_leaves_nothing(picture: Drawing, tmp_path: Path) -> None:
    install_dot(tmp_path, 'echo half; echo "out of ink" >&2; exit 1')
    folder = tmp_path / "pictures"
    folder.mkdir()
    with pytest.raises(DrawingError, match="out of ink"):
        picture.save(folder / "a.png")
    assert list(folder.iterdir()) == []
    (folder / "a.png").write_bytes(b"before")
    with pytest.raises(DrawingError):
        picture.save(folder / "a.png")
    assert [path.read_bytes() for path in folder.iterdir()] == [b"before"]


@pytest.mark.usefixtures("without_dot")
def test_a_failure_of_the_libraries_leaves_nothing(
    picture: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pygraphviz

    def fail(*_: object, **__: object) -> bytes:
        raise ValueError("Graphviz raised a layout error.")

    monkeypatch.setattr(pygraphviz.AGraph, "draw", fail)
    with pytest.raises(DrawingError, match="layout error"):
        picture.save(tmp_path / "a.svg")
    assert not (tmp_path / "a.svg").exists()


def test_nothing_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, tinygrad_nn, tinygrad_nn.drawing\n"
        "assert not {'graphviz', 'pygraphviz', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
