"""Whether this process may run what it has written: LLVM does not notice if it may not, and crashes."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys

__all__ = ["refusal"]


def refusal() -> str:
    """Say why it may not run it; empty if it may, and on systems that are not asked."""
    if sys.platform == "win32":
        return ""
    reads = mmap.PROT_READ
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, mmap.PAGESIZE, flags=flags, prot=reads | mmap.PROT_WRITE) as room:
        room[0] = 0
        first = ctypes.c_char.from_buffer(room)
        place, size = ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(len(room))
        library = ctypes.CDLL(None, use_errno=True)
        is_refused = library.mprotect(place, size, reads | mmap.PROT_EXEC)
        del first  # which would hold the memory
        return os.strerror(ctypes.get_errno()) if is_refused else ""
