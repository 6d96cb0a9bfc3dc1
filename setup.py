"""Compile the core with mypyc where that is possible; pyproject.toml says everything else.

Without a C compiler, or where compiling fails, the same files are installed as they are: the build
says so, and so does ``tinygrad-nn info``. TINYGRAD_NN_BUILD_PURE=1 asks for that.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

sys.path.insert(0, str(Path(__file__).parent))  # a build front end does not look here
from edit_generated_c import edited

PACKAGE = Path("tinygrad_nn")
COMPILED = (
    "scalar/convert",
    "scalar/operation",
    "scalar/arities",
    "scalar/choice",
    "scalar/ops",
    "scalar/custom",
    "scalar/branches",
    "scalar/graph",
    "scalar/reverse",
    "scalar/passes",
    "scalar/simplify",
    "scalar/switch",
    "scalar/number",
    "scalar/diagnosis",
    "scalar/value",
    "scalar/inputs",
    "scalar/log_sums",
    "functions",
    "transforms/direct",
    "compiler/trace/symbol",
    "compiler/trace/logged",
    "compiler/proof/arithmetic",
    "compiler/proof/element",
    "compiler/proof/recorded",
    "compiler/tape/depths",
    "compiler/tape/operands",
    "compiler/tape/record",
    "compiler/tape/tape",
    "compiler/roll/absorbing",
    "compiler/roll/coincidences",
    "compiler/roll/colours",
    "compiler/roll/few",
    "compiler/roll/flatten",
    "compiler/roll/growing",
    "compiler/roll/levels",
    "compiler/roll/sets",
    "compiler/roll/uses",
)
RECORD = "engine.json"  # what tinygrad_nn/scalar/native.py reads
PURE = os.environ.get("TINYGRAD_NN_BUILD_PURE", "0") not in ("", "0")


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
    sources = {module: source(module) for module in COMPILED}
    code.write_text(edited(code.read_text("utf-8"), str(PACKAGE), sources), "utf-8")
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


if __name__ == "__main__":
    setup(
        distclass=TinygradDistribution,
        cmdclass={"build_ext": NativeBuild, "bdist_wheel": Wheel},
    )
