"""The file of a page, and the modules that it is made of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from viewed import LOSS, Reader, network, told, told_by

from tinygrad_nn import Value
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.viewing import view
from tinygrad_nn.viewing.assembly import modules, script


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "graph.html"


# ------------------------------------------------------------------ the file


@pytest.mark.parametrize("name", ["graph.htm", "graph", "none/graph.html"])
def test_a_bad_path_is_refused_before_anything_is_done(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArgumentError, match="path"):
        view(Value(1.0), path=tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_file_that_was_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("before")

    def fail(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="full"):
        view(Value(1.0), path=path)
    assert [file.read_text() for file in path.parent.iterdir()] == ["before"]


def test_the_page_of_the_network_is_small_and_loads_nothing(path: Path) -> None:
    page = view(network(), [0.5, -1.0], 1, loss=LOSS, path=path)
    assert path.stat().st_size < 500_000
    for _, attributes in Reader(page.html).tags:
        assert not {"src", "srcset", "action"} & set(attributes)
        assert (attributes.get("href") or "data:").startswith("data:")
    assert "http:" not in page.html.replace("http://www.w3.org", "")
    assert "https:" not in page.html
    assert "@import" not in page.html
    assert "url(" not in page.html


@pytest.mark.parametrize(
    "label",
    ["</script><script>alert(1)</script>", "<!--<script>", '"\'`&amp;\\', "α₁\u2028\x00", "\ud800", "/*script*/"],
)  # fmt: skip
def test_labels_stay_texts(path: Path, label: str) -> None:
    page = view(Value(1.0, label) * 2, path=path)
    assert told(page)["nodes"][0]["label"] == label
    plain = view(Value(1.0, "plain") * 2, path=path)
    assert [tag for tag, _ in Reader(page.html).tags] == [tag for tag, _ in Reader(plain.html).tags]


def test_a_notebook_gets_the_page_in_a_frame(path: Path) -> None:
    label = '</script>"><b>'
    page = view(Value(1.0, label) * 2, path=path)
    ((tag, attributes),) = Reader(page._repr_html_()).tags
    assert tag == "iframe"
    assert attributes["srcdoc"] == page.html == path.read_text(encoding="utf-8")
    assert attributes["title"] == page.title


def test_extras_are_not_needed(tmp_path: Path) -> None:
    program = (
        "import sys\nsys.modules['numpy'] = None\n"
        "from tinygrad_nn.viewing import view\nfrom tinygrad_nn import Value\n"
        "page = view(Value(1.0) * 2)\n"
        "assert not {'graphviz', 'pygraphviz', 'matplotlib'} & set(sys.modules)\n"
        "assert 'const printed = {\\n\\n};' in page.html\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)
    missing = told_by((tmp_path / "graph.html").read_text(encoding="utf-8"))["missing"]
    assert 'pip install "tinygrad-nn[compile]"' in missing


# ------------------------------------------------------------------ its modules


@pytest.mark.parametrize("name", modules())
def test_a_module_is_short_and_imports_only_its_neighbours(name: str) -> None:
    text = modules()[name]
    assert len(text.splitlines()) <= 300
    assert "</script" not in text
    # What the modules are joined by knows no other forms.
    imports = re.findall(r'^import \{[\w,\s]*\} from "\./(\w+)\.js";$', text, re.MULTILINE)
    assert len(imports) == len(re.findall(r"^import\b", text, re.MULTILINE))
    assert set(imports) < set(modules())
    assert not re.search(r"\bas\b", " ".join(re.findall(r"^import \{[^}]*\}", text, re.MULTILINE)))
    exports = re.findall(r"^export (\w+)", text, re.MULTILINE)
    assert set(exports) <= {"class", "const", "function"}


def test_a_module_comes_after_those_it_imports() -> None:
    text = script()
    assert "\nimport " not in text
    assert "\nexport " not in text
    assert text.index("const graph_js") < text.index("const main_js")


PARSE = """
const { SourceTextModule } = require("vm");
for (const [identifier, text] of Object.entries(JSON.parse(require("fs").readFileSync(0, "utf8"))))
  new SourceTextModule(text, { identifier });
"""


def test_the_syntax_of_the_modules() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    command = [node, "--experimental-vm-modules", "--no-warnings", "--eval", PARSE]
    given = json.dumps(modules())
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    broken = json.dumps({**modules(), "broken": "const x = 1; const x = 2;"})
    done = subprocess.run(command, input=broken, capture_output=True, text=True, check=False)
    assert "broken:1" in done.stderr
