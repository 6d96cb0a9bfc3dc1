"""Which engine runs: the core compiled to machine code, or the same files as plain Python.

Where the package was built with a C compiler, the core stands as binaries beside its
sources, and Python loads those. With ``TINYGRAD_NN_PURE=1`` in the environment the
sources are loaded instead, for the debugger and for coverage. This module is imported
before all others of the package, for that reason.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["describe_engine", "engine", "outdated"]

_PACKAGE = __name__.partition(".")[0]
_PURE = os.environ.get("TINYGRAD_NN_PURE", "0") not in ("", "0")


class _Sources:
    """Finds the sources of this package, also where there is a binary beside them."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] != _PACKAGE:
            return None
        for folder in path or ():
            spec = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)
            if spec is not None:
                return spec
        return None


if _PURE:
    sys.meta_path.insert(0, _Sources)


def engine() -> str:
    """Tell which engine runs.

    Returns
    -------
    str
        "native" where the compiled core is loaded, else "Python".

    Examples
    --------
    >>> engine() in ("native", "Python")
    True
    """
    value = sys.modules[f"{_PACKAGE}.scalar.value"]
    return "native" if str(value.__file__).endswith(tuple(EXTENSION_SUFFIXES)) else "Python"


def describe_engine() -> str:
    """Tell which engine runs, why, and whether it is that of the sources beside it.

    Examples
    --------
    >>> describe_engine().startswith(engine())
    True
    """
    if engine() == "native":
        changed = ", ".join(f"{name}.py" for name in outdated())
        return f"native, older than {changed}: make native" if changed else "native"
    if _PURE:
        return "Python, as TINYGRAD_NN_PURE is set"
    failure = _record().get("failure")
    return f"Python, as the core could not be compiled: {failure}" if failure else "Python"


def outdated(folder: Path | None = None) -> list[str]:
    """List the modules whose source is not the one that was compiled, if anything was."""
    from hashlib import sha256  # slow to import, as what `_record` takes

    folder = folder or _package()
    return [
        name
        for name, compiled in _record(folder).get("sources", {}).items()
        if sha256((folder / f"{name}.py").read_text("utf-8").encode()).hexdigest() != compiled
    ]


def _package() -> Path:
    from pathlib import Path

    return Path(__file__).parent.parent


def _record(folder: Path | None = None) -> dict[str, Any]:
    """Read what setup.py has noted of the build."""
    import json

    path = (folder or _package()) / "engine.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}
