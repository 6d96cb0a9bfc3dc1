"""One file from many: the page's template with its style, its modules and the data in it."""

from __future__ import annotations

import json
import re
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import Any

__all__ = ["assemble", "modules", "script"]

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (class|const|function) (\w+)", re.MULTILINE)
_SLOT = re.compile(r"/\*(style\.css|ground\.css|data|operations|script)\*/")


def assemble(
    data: dict[str, Any], operations: str = "{}", page: str = "page.html", entry: str = "main"
) -> str:
    """Write a page of what it is told, as of a graph: an HTML document that loads nothing.

    `operations` are the functions that compute it again, as an object of JavaScript, and `entry`
    is the module that makes the page.
    """
    # < ends no element this way; and JSON in ASCII has no letter that a file could not.
    text = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    parts = {
        "style.css": _read("style.css"),
        "ground.css": _read("ground.css"),
        "data": text,
        "operations": operations,
        "script": script(entry),
    }
    return _SLOT.sub(lambda slot: parts[slot[1]], _read(page))


@cache
def script(entry: str = "main") -> str:
    """Join a module and all that it imports from to one, each after those that it imports from.

    Imports from a file are not allowed in a page that is itself opened from a file. So
    each module becomes a function, called at once, that returns what it exports.
    """
    texts = modules()
    imports: dict[str, list[str]] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name not in imports:
            imports[name] = [of for _, of in _IMPORT.findall(texts[name])]
            waiting.extend(imports[name])
    return "\n".join(
        _as_function(name, texts[name]) for name in TopologicalSorter(imports).static_order()
    )


def _as_function(name: str, text: str) -> str:
    exported = ", ".join(name for _, name in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(r"const \1 = \2_js;", text))
    return f"const {name}_js = (() => {{\n{body}return {{ {exported} }};\n}})();"


def modules() -> dict[str, str]:
    """Read the modules of the page, by name."""
    folder = files(__package__) / "page"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".js"))
    return {name.removesuffix(".js"): _read(name) for name in names}


@cache
def _read(name: str) -> str:
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")
