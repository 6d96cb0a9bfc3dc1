"""Importing the package is light, and its names are what they say."""

import subprocess
import sys

import pytest

import tinygrad_nn
from tinygrad_nn.scalar.ops import TABLE

HEAVY = {"numpy", "scipy", "sklearn", "matplotlib", "graphviz", "pygraphviz", "rich", "typer",
         "hypothesis", "safetensors", "tinygrad"}  # fmt: skip


def test_import_loads_nothing_heavy():
    code = "import sys, tinygrad_nn; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("name", list(TABLE))
def test_every_operation_is_a_public_name(name):
    assert getattr(tinygrad_nn, name) is TABLE[name]


def test_lazy_names_are_listed_and_load():
    listed = dir(tinygrad_nn)
    assert {"check_grad", "draw", "minimize", "nn", "Value", "__version__"} <= set(listed)
    for name in listed:
        assert getattr(tinygrad_nn, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tinygrad_nn.nothing


def test_a_star_import_leaves_the_builtins():
    names: dict[str, object] = {}
    exec("from tinygrad_nn import *", names)
    assert not {"abs", "max", "min", "pow"} & set(names)
    assert {"Value", "exp", "relu"} <= set(names)


def test_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert tinygrad_nn.__version__ == version("tinygrad-nn")


MISSING = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HEAVY:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
"""
STAR = """
names = {}
exec("from tinygrad_nn import *", names)
print(*names)
"""


def test_a_star_import_gives_all_and_needs_no_extra():
    code = (MISSING + STAR).replace("HEAVY", repr(HEAVY))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    given = set(done.stdout.split())
    hidden = {"abs", "cmath", "compile", "max", "min", "pow"}
    assert not hidden & given
    public = set(tinygrad_nn._LAZY) | tinygrad_nn._LAZY_MODULES | {"TABLE", "errors", "engine"}
    assert public - hidden <= given
    assert {*TABLE} - hidden <= given
    used = {"nn", "draw", "view", "explain", "minimize", "check_grad", "Trainer", "scope", "save"}
    assert used <= given
    inner = {"Any", "annotations", "import_module", "ops", "arrays", "scalar", "unknown_name"}
    assert not inner & given


def test_a_star_import_leaves_numpy_out_where_it_is_installed():
    code = (
        "import sys\nfrom tinygrad_nn import *\nprint(*{m.partition('.')[0] for m in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


INFO = """
sys.argv = ["tinygrad-nn", "info"]
from tinygrad_nn.cli import main
main()
"""


@pytest.mark.parametrize("missing", [{"numpy"}, {"numpy", "llvmlite"}])
def test_info_says_what_is_missing(missing: set[str]):
    code = (MISSING + INFO).replace("HEAVY", repr(missing))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'none: pip install "tinygrad-nn[compile]"' in done.stdout
