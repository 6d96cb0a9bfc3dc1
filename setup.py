"""Compile the core with mypyc where that is possible; pyproject.toml says everything else.

Without a C compiler, or where compiling fails, the same files are installed as they are: the build
says so, and so does ``tinygrad-nn info``. TINYGRAD_NN_BUILD_PURE=1 asks for that.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

PACKAGE = Path("tinygrad_nn")
COMPILED = (
    "scalar/convert",
    "scalar/operation",
    "scalar/ops",
    "scalar/custom",
    "scalar/graph",
    "scalar/reverse",
    "scalar/simplify",
    "scalar/switch",
    "scalar/number",
    "scalar/diagnosis",
    "scalar/value",
    "functions",
    "compiler/trace/symbol",
    "compiler/tape/operands",
    "compiler/tape/tape",
    "compiler/roll/colours",
    "compiler/roll/flatten",
    "compiler/roll/growing",
    "compiler/roll/levels",
    "compiler/roll/sets",
)
RECORD = "engine.json"  # what tinygrad_nn/scalar/native.py reads
PURE = os.environ.get("TINYGRAD_NN_BUILD_PURE", "0") not in ("", "0")


class UnexpectedCodeError(Exception):
    """The C that mypyc has written is not what is relied upon here."""


class TinygradDistribution(Distribution):
    """A distribution with an extension, until compiling it has failed."""

    pure = PURE

    def has_ext_modules(self) -> bool:
        """Tell whether there is, or is to be, anything compiled."""
        return not self.pure


class NativeBuild(build_ext):
    """Compile the core; if that fails, say so and leave the plain files."""

    def run(self) -> None:
        """Build the extension, and the record of what it was built from."""
        reason = ""
        try:
            self.distribution.ext_modules = compiled_core(self.build_temp)
            self.swig_opts = None  # as it must be when the options are finalized, now with the C
            self.finalize_options()
            super().run()
        except (Exception, SystemExit) as error:  # mypyc exits where a source has an error
            reason = f"{type(error).__name__}: {error}"
            self.fall_back(reason)
        folder = PACKAGE if self.inplace else Path(self.build_lib, PACKAGE)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RECORD).write_text(json.dumps(record(reason), indent=1) + "\n", "utf-8")

    def fall_back(self, reason: str) -> None:
        """Take away what was compiled, now or earlier, and go on without."""
        self.warn(f"the core could not be compiled ({reason}); tinygrad_nn is installed as plain")
        self.warn("Python: it computes the same, several times slower. TINYGRAD_NN_BUILD_PURE=1")
        self.warn("asks for that without trying.")
        for folder in (Path(self.build_lib), Path()) if self.inplace else (Path(self.build_lib),):
            suffix = self.get_ext_filename("*")
            for binary in (
                *folder.glob(f"{PACKAGE}__mypyc{suffix[1:]}"),
                *(folder / PACKAGE).rglob(suffix),
            ):
                binary.unlink()
        self.distribution.ext_modules = self.extensions = []
        self.distribution.pure = True


class Wheel(bdist_wheel):
    """A wheel for this system, or for all where nothing could be compiled."""

    def run(self) -> None:
        """Build first: only then is it known what the wheel is for."""
        self.run_command("build")
        self.root_is_pure = not self.distribution.has_ext_modules()
        super().run()


def record(failure: str) -> dict[str, Any]:
    """Describe the build: why it failed, or the hash of every source that was compiled."""
    sources = {} if failure else {name: source_hash(name) for name in COMPILED}
    return {"failure": failure, "sources": sources}


def source_hash(module: str) -> str:
    """Hash a source file, whatever its line ends."""
    return hashlib.sha256(source(module).encode()).hexdigest()


def source(module: str) -> str:
    """Read a source file."""
    return (PACKAGE / f"{module}.py").read_text("utf-8")


def compiled_core(folder: str) -> list[Any]:
    """Translate the core to C, and say how to compile it."""
    from mypyc.build import mypycify

    allocate_nodes()
    # What the core does not import need not be right, nor installed, for it to be compiled.
    paths = ["--follow-imports=silent", *(str(PACKAGE / f"{module}.py") for module in COMPILED)]
    extensions = mypycify(paths, group_name=str(PACKAGE), target_dir=folder)
    code = Path(folder, f"__native_{PACKAGE}.c")
    edited = with_documentation(with_not_implemented(without_getattr(code.read_text("utf-8"))))
    code.write_text(edited, "utf-8")
    for extension in extensions:
        # A fused multiply-add would round differently from the plain files.
        extension.extra_compile_args.append("-ffp-contract=off")
    return extensions


def allocate_nodes() -> None:
    """Teach mypyc that ``blank(Value)`` is an allocation.

    The node is taken off the list of the cyclic collector: a graph has no cycles, is freed by
    reference counting, and would be walked again and again while it grows. Nodes of a class that
    only the running program knows stay on it.
    """
    from mypy.nodes import CallExpr, NameExpr, RefExpr, TypeInfo
    from mypyc.ir.ops import ERR_NEVER, Call, Value
    from mypyc.ir.rtypes import object_rprimitive, void_rtype
    from mypyc.irbuild.builder import IRBuilder
    from mypyc.irbuild.specialize import specialize_function
    from mypyc.primitives.generic_ops import setup_object
    from mypyc.primitives.registry import custom_op

    untrack = custom_op(
        arg_types=[object_rprimitive],
        return_type=void_rtype,
        c_function_name="PyObject_GC_UnTrack",
        error_kind=ERR_NEVER,
    )

    @specialize_function(f"{PACKAGE}.scalar.graph.blank")
    def allocate(builder: IRBuilder, call: CallExpr, callee: RefExpr) -> Value:
        (kind,) = call.args
        class_object = builder.accept(kind)
        if not isinstance(kind, NameExpr) or not isinstance(kind.node, TypeInfo):
            return builder.call_c(setup_object, [class_object], call.line)
        setup_function = builder.mapper.type_to_ir[kind.node].setup
        node = builder.add(Call(setup_function, [class_object], call.line))
        builder.call_c(untrack, [node], call.line)
        return node


def without_getattr(code: str) -> str:
    """Take away the slot of ``Value.__getattr__``, which the source deletes: it is for checkers."""
    code, found = re.subn(r"\.tp_getattro = \w+,", "", code)
    if found != 1:
        raise UnexpectedCodeError(f"{found} classes have a slot for __getattr__, not 1")
    return code


def with_not_implemented(code: str) -> str:
    """Let operators return NotImplemented, which is no Value: mypyc would raise TypeError."""
    pattern = re.compile(
        r"( (\w+) = \(PyObject \*\)&_Py_NotImplementedStruct;\n\s*CPy_INCREF\(\2\);\n\s*)"
        r"if \(likely\(.*\)\)\n"
    )
    code, found = pattern.subn(r"\1if (1)\n", code)
    returned = sum(
        source(module).count("  return NotImplemented")
        for module in ("scalar/value", "compiler/trace/symbol")
    )
    if found != returned:
        raise UnexpectedCodeError(f"NotImplemented is returned {found} times, not {returned}")
    return code


def with_documentation(code: str) -> str:
    """Give what is compiled the docstrings of the source, which mypyc leaves out."""
    for path in COMPILED:
        tree = ast.parse(source(path))
        module = path.rpartition("/")[2]
        code = with_docstring(code, rf'"{PACKAGE}\.{path.replace("/", ".")}",\s*', tree)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                code = with_docstring(code, function_entry(module, node.name), node)
            elif isinstance(node, ast.ClassDef):
                code = with_docstrings_of_class(code, module, node)
    return code


def with_docstrings_of_class(code: str, module: str, kind: ast.ClassDef) -> str:
    """Document a class, its methods and its properties."""
    name = f"{module}___{kind.name}"
    code = with_docstring(code, rf"\.tp_methods = {name}_methods,\n(?:.*\n)*?\s*\.tp_doc = ", kind)
    for node in kind.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
        if decorators == {"property"}:
            getter = rf"\(getter\){name}_get_{node.name},\s*(?:\(setter\)\w+|NULL),\s*"
            code = with_docstring(code, getter, node)
        elif not decorators:
            code = with_docstring(code, function_entry(name, node.name), node)
    return code


def signature(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    """Write what ``inspect.signature`` reads, as "f($self, x, *, check=False)"."""
    if isinstance(node, ast.ClassDef):
        functions = [
            f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"
        ]
    else:
        functions = [node] if isinstance(node, ast.FunctionDef) else []
    if not functions or functions[0].decorator_list:  # a property has none
        return ""
    arguments = functions[0].args
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    shown = ast.unparse(arguments)
    if isinstance(node, ast.ClassDef):
        shown = shown.removeprefix("self, ")
    elif shown.startswith("self"):
        shown = f"${shown}"
    return f"{node.name}({shown})\n--\n\n"


def function_entry(owner: str, name: str) -> str:
    """Find where the table of functions documents one of them."""
    return rf"\(PyCFunction\)CPyPy_{owner}___{name},\s*[\w| ]+, "


def with_docstring(code: str, place: str, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    """Put signature and docstring after a place, which must occur exactly once."""
    text = ast.get_docstring(node, clean=False)
    if text is None:
        return code
    text = signature(node) + text
    literal = "".join(
        character if " " <= character <= "~" and character not in '"\\?' else f"\\{byte:03o}"
        for character in text
        for byte in character.encode()
    )
    code, found = re.subn(
        rf'({place})(?:NULL|PyDoc_STR\((?:NULL|".*?")\))',
        lambda match: f'{match[1]}PyDoc_STR("{literal}")',
        code,
    )
    if found != 1:
        raise UnexpectedCodeError(f"the place of a docstring occurs {found} times: {place}")
    return code


if __name__ == "__main__":
    setup(
        distclass=TinygradDistribution,
        cmdclass={"build_ext": NativeBuild, "bdist_wheel": Wheel},
    )
