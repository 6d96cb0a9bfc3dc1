"""Text of LLVM made into machine code of this processor, by llvmlite."""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from functools import cache
from typing import Any

from ....errors import MissingExtraError
from ....extras import load_extra
from ..guard import MAKING, watch_the_process
from .disk import folder, keep, kept, name_of
from .operations import LIBRARY, PREFIX
from .permission import refusal

__all__ = ["Engine", "Target", "describe", "target", "trouble", "versions"]

_made: dict[int, Any] = {}  # here too, or the collector would free code at any time
_freed: deque[int] = deque()  # what nobody can call any more

LEVEL = 1  # of code generation; higher ones, and passes before, gain nothing: loops are as they run


class Target:
    """A processor that code is made for; `width` is how many doubles its vectors have."""

    def __init__(self, cpu: str, features: str) -> None:
        self.cpu = cpu
        self.features = features
        known = features.split(",")
        self.width = 8 if "+avx512f" in known else 4 if "+avx2" in known and "+fma" in known else 2


@cache
def target() -> Target:
    """Give the processor that this runs on."""
    llvm = _llvm()
    with MAKING:
        return Target(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())


class Engine:
    """The code of some text, made or kept from before; `name` is what it is kept by, if it is."""

    def __init__(self, text: str, target: Target) -> None:
        self.name = _name_of(text, target) if folder() else ""
        found = kept(self.name) if self.name else None
        if found is None:
            self._make(text, target)
        else:
            self._load(found, target)

    @classmethod
    def known(cls, name: str, target: Target) -> Engine | None:
        """Give the code that is kept by a name; None if there is none."""
        code = kept(name)
        if code is None:
            return None
        found = cls.__new__(cls)
        found.name = name
        found._load(code, target)
        return found

    def _make(self, text: str, target: Target) -> None:
        objects: list[bytes] = []
        with MAKING:
            self._begin(text, target)
            if self.name:
                self._engine.set_object_cache(notify_func=lambda _, code: objects.append(code))
            self._engine.finalize_object()
        if objects:
            keep(self.name, objects.pop())

    def _load(self, code: bytes, target: Target) -> None:
        with MAKING:
            self._begin("", target)
            self._engine.add_object_file(_llvm().ObjectFileRef.from_data(code))
            self._engine.finalize_object()

    def __del__(self) -> None:
        """Leave it to whoever makes code next: LLVM is at work only where a fork waits for it."""
        if "_engine" in vars(self):
            _freed.append(id(self._engine))

    def _begin(self, text: str, target: Target) -> None:
        llvm = _llvm()
        while _freed:
            _made.pop(_freed.popleft()).close()
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=target.cpu, features=target.features, opt=LEVEL, jit=True
        )
        parsed = llvm.parse_assembly(text)
        parsed.triple = machine.triple
        self._engine: Any = llvm.create_mcjit_compiler(parsed, machine)  # which owns both
        _made[id(self._engine)] = self._engine

    def address(self, name: str) -> int:
        """Tell where a function is, as long as this lives."""
        with MAKING:
            found: int = self._engine.get_function_address(name)
        return found

    def function(self, name: str, returns: bool = False, releases: bool = False) -> Any:
        """Give a function of pointers, the number of samples, and how far their rows lie apart.

        It may return an integer. It releases Python's lock while it runs, or keeps it, which takes
        less time.
        """
        found: Any = _kind(returns, releases)(self.address(name))
        found.engine = self  # it lives as long as what can be called
        return found


@cache
def _kind(returns: bool, releases: bool) -> Any:
    """Make a class of functions once, as `ctypes` makes it anew each time."""
    kinds = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
    kind = ctypes.CFUNCTYPE if releases else ctypes.PYFUNCTYPE
    return kind(ctypes.c_int64 if returns else None, *kinds)


@cache
def trouble() -> str:
    """Say why no code can be made that runs here; empty if it can be, and is.

    Where code is kept, it is known from before that it can be made.
    """
    why = refusal()
    if not why:
        name = name_of("trial", versions(), target().cpu, target().features) if folder() else ""
        if name and kept(name) is not None:
            return ""
        why = _trial()
        if name and not why:
            keep(name, b"")
    return why and f"no code can be made that runs here ({why})"


def _trial() -> str:
    """Make some code and run it; say why that cannot be done."""
    text = "define void @nothing(ptr %t, i64 %n, i64 %r) {\n  ret void\n}\n"
    try:
        Engine(text, target()).function("nothing")(None, 0, 0)
    except (RuntimeError, OSError) as error:
        return str(error)
    return ""


def describe() -> dict[str, str]:
    """Say what runs programs, for what processor code is made or what is missing, and where it is kept."""
    try:
        load_extra("numpy", "compile", "compile a function")
    except MissingExtraError:
        return {"backend": 'none: pip install "tinygrad-nn[compile]"'}
    found = {"backend": "numpy"}
    try:
        package, llvm = versions()
    except MissingExtraError:
        return found | {"machine code": 'none: pip install "tinygrad-nn[machine]"'}
    why = trouble()
    if why:
        return found | {"machine code": f"none: {why}"}
    processor = target()
    found["backend"] = "numpy, and machine code for programs that run often"
    found["machine code"] = (
        f"LLVM {llvm} (llvmlite {package}) for {processor.cpu}, {processor.width} numbers at once"
    )
    place = folder()
    return found if place is None else found | {"kept in": str(place)}


@cache
def versions() -> tuple[str, str]:
    """Give the versions of llvmlite and of its LLVM."""
    llvm = _llvm()
    package = load_extra("llvmlite", "machine", "machine code").__version__
    return package, ".".join(map(str, llvm.llvm_version_info))


def _name_of(text: str, target: Target) -> str:
    return name_of("code", versions(), target.cpu, target.features, text)


@cache
def _llvm() -> Any:
    """Load LLVM, and tell it where the functions of the library of C are."""
    watch_the_process()
    with MAKING:  # a process that is forked while a module is loaded can never load it
        llvm = load_extra("llvmlite.binding", "machine", "machine code")
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        library = ctypes.cdll.ucrtbase if sys.platform == "win32" else ctypes.CDLL(None)
        for name in LIBRARY:
            function = ctypes.cast(getattr(library, name), ctypes.c_void_p)
            llvm.add_symbol(f"{PREFIX}{name}", function.value)
    return llvm
