"""Edit the C that mypyc writes, where it does otherwise than Python.

To see that a new mypyc still fits, raise its bounds in pyproject.toml and run ``make native``:
each edit counts the places that it finds, and where they are not those of the sources the build
says so, and goes on without the C. Then run ``make test``: tests/scalar/test_native.py compares
what is compiled with the plain files, documentation and signatures included.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

__all__ = ["edited"]

Documented: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef


class UnexpectedCodeError(Exception):
    """The C that mypyc has written is not what is relied upon here."""


def edited(code: str, package: str, sources: Mapping[str, str]) -> str:
    """Make all edits in the C of some modules, given by their paths in the package."""
    code = with_quick_constructor(with_not_implemented(without_getattr(code), sources))
    modules = {path: f"{package}.{path.replace('/', '.')}" for path in sources}
    names = names_in_c(modules.values())
    for path, source in sources.items():
        module = modules[path]
        for place, node in documented(module, names[module], ast.parse(source)):
            code = with_docstring(code, place, node)
    return code


def without_getattr(code: str) -> str:
    """Take away the slot of ``Value.__getattr__``, which the source deletes: it is for checkers."""
    return replaced(code, r"\.tp_getattro = \w+,", "", 1)


def with_not_implemented(code: str, sources: Mapping[str, str]) -> str:
    """Let operators return NotImplemented, which is no Value: mypyc would raise TypeError."""
    pattern = (
        r"( (\w+) = \(PyObject \*\)&_Py_NotImplementedStruct;\n\s*CPy_INCREF\(\2\);\n\s*)"
        r"if \(likely\(.*\)\)\n"
    )
    returned = sum(
        sources[module].count("  return NotImplemented")
        for module in (
            "scalar/value",
            "compiler/trace/symbol",
            "compiler/trace/logged",
            "compiler/proof/element",
        )
    )
    return replaced(code, pattern, "\\1if (1)\n", returned)


def with_quick_constructor(code: str) -> str:
    """Let ``Value(2.0)`` make no dict of the keywords that it does not have."""
    parse = (
        r'(if \(!CPyArg_ParseTupleAndKeywords\(args, kw, "%O\|O", "__init__", kwlist, NULL, '
        r"&obj_unknown, &obj_data, &obj_label\)\))"
    )
    quick = (
        "static PyObject *no_keywords = NULL;\n"
        "if (no_keywords == NULL && (no_keywords = PyDict_New()) == NULL) return NULL;\n"
        "if (kw == NULL && (PyTuple_GET_SIZE(args) == 1 || PyTuple_GET_SIZE(args) == 2)) {\n"
        "    obj_data = PyTuple_GET_ITEM(args, 0);\n"
        "    if (PyTuple_GET_SIZE(args) == 2) obj_label = PyTuple_GET_ITEM(args, 1);\n"
        "    obj_unknown = Py_NewRef(no_keywords);\n"
        r"} else \1"
    )
    return replaced(code, parse, quick, 1)


def replaced(code: str, pattern: str, new: str, count: int) -> str:
    """Replace what matches a pattern, which must be so many places."""
    code, found = re.subn(pattern, new, code)
    if found != count:
        raise UnexpectedCodeError(f"{found} places in the C, not {count}, are {pattern}")
    return code


# ---- docstrings, which mypyc leaves out ------------------------------------------------------


def names_in_c(modules: Iterable[str]) -> dict[str, str]:
    """Name modules as mypyc does: by their last parts, as many as no other module ends in."""
    parts = {module: module.split(".") for module in modules}
    ends = Counter(tuple(own[-n:]) for own in parts.values() for n in range(1, len(own) + 1))
    shortest = {
        module: next(own[-n:] for n in range(1, len(own) + 1) if ends[tuple(own[-n:])] == 1)
        for module, own in parts.items()
    }
    return {module: "___".join(end) for module, end in shortest.items()}


def documented(module: str, short: str, tree: ast.Module) -> Iterator[tuple[str, Documented]]:
    """Yield what may have a docstring, each with the place of it in the C, as a pattern."""
    yield rf'"{re.escape(module)}",\s*', tree
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield function_entry(short, node.name), node
        elif isinstance(node, ast.ClassDef):
            name = f"{short}___{node.name}"
            yield rf"\.tp_methods = {name}_methods,\n(?:.*\n)*?\s*\.tp_doc = ", node
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    decorators = {ast.unparse(decorator) for decorator in inner.decorator_list}
                    if decorators == {"property"}:
                        entry = rf"\(getter\){name}_get_{inner.name},\s*"
                        yield entry + r"(?:\(setter\)\w+|NULL),\s*", inner
                    elif not decorators:
                        yield function_entry(name, inner.name), inner


def function_entry(owner: str, name: str) -> str:
    """Find where the table of functions documents one of them."""
    return rf"\(PyCFunction\)CPyPy_{owner}___{name},\s*[\w| ]+, "


def with_docstring(code: str, place: str, node: Documented) -> str:
    """Put signature and docstring after a place."""
    docstring = ast.get_docstring(node, clean=False)
    if docstring is None:
        return code
    literal = "".join(
        character if " " <= character <= "~" and character not in '"\\?' else f"\\\\{byte:03o}"
        for character in signature(node) + docstring
        for byte in character.encode()
    )
    pattern = rf'({place})(?:NULL|PyDoc_STR\((?:NULL|".*?")\))'
    return replaced(code, pattern, rf'\1PyDoc_STR("{literal}")', 1)


def signature(node: Documented) -> str:
    """Write what ``inspect.signature`` reads, as "f($self, x, *, check=False)"."""
    function = node
    if isinstance(node, ast.ClassDef):
        named = {f.name: f for f in node.body if isinstance(f, ast.FunctionDef)}
        function = named.get("__init__", node)
    if not isinstance(function, ast.FunctionDef) or function.decorator_list:  # as a property
        return ""
    arguments = function.args
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    shown = ast.unparse(arguments)
    if isinstance(node, ast.ClassDef):
        shown = shown.removeprefix("self, ")
    elif shown.startswith("self"):
        shown = f"${shown}"
    return f"{node.name}({shown})\n--\n\n"
