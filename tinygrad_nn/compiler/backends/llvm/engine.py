"""Text of LLVM made into machine code of this processor, by llvmlite."""

from __future__ import annotations

import ctypes
import sys
import threading
from functools import cache
from typing import Any

from ....errors import MissingExtraError
from ....extras import load_extra
from .operations import LIBRARY, PREFIX

__all__ = ["Engine", "Target", "describe", "target"]

LEVEL = 1  # of code generation; higher ones, and passes before, gain nothing: loops are as they run
_LOCK = threading.Lock()  # llvmlite's own state is one for the process


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
    return Target(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())


class Engine:
    """The code of some text."""

    def __init__(self, text: str, target: Target) -> None:
        llvm = _llvm()
        with _LOCK:
            machine = llvm.Target.from_default_triple().create_target_machine(
                cpu=target.cpu, features=target.features, opt=LEVEL, jit=True
            )
            parsed = llvm.parse_assembly(text)
            parsed.triple = machine.triple
            self._engine: Any = llvm.create_mcjit_compiler(parsed, machine)  # which owns both
            self._engine.finalize_object()

    def function(self, name: str, returns: bool = False) -> Any:
        """Give a function of pointers, the number of samples, and how far their rows lie apart.

        It may return an integer.
        """
        address = self._engine.get_function_address(name)
        kinds = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
        found: Any = ctypes.PYFUNCTYPE(ctypes.c_int64 if returns else None, *kinds)(address)
        found.engine = self  # it lives as long as what can be called
        return found


def describe() -> str:
    """Say for what processor machine code is made, or what is missing for it."""
    try:
        processor = target()
        version = _llvm().llvm_version_info
    except MissingExtraError:
        return 'none: pip install "tinygrad-nn[machine]"'
    llvm = ".".join(map(str, version))
    return f"LLVM {llvm} for {processor.cpu}, {processor.width} numbers at once"


@cache
def _llvm() -> Any:
    """Load LLVM, and tell it where the functions of the library of C are."""
    llvm = load_extra("llvmlite.binding", "machine", "machine code")
    with _LOCK:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        library = ctypes.cdll.ucrtbase if sys.platform == "win32" else ctypes.CDLL(None)
        for name in LIBRARY:
            function = ctypes.cast(getattr(library, name), ctypes.c_void_p)
            llvm.add_symbol(f"{PREFIX}{name}", function.value)
    return llvm
