"""Machine code kept in a folder, where the variable TINYGRAD_NN_CACHE names one.

What is read there is run, so the folder and its files must be the user's own, and nobody else may
write to them. A file that is not whole is as good as none.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import warnings
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any

__all__ = ["VARIABLE", "folder", "keep", "kept", "name_of"]

VARIABLE = "TINYGRAD_NN_CACHE"
PACKAGE = Path(__file__).parents[3]
SOURCES = ("compiler/backends", "compiler/program", "compiler/entries", "scalar")
HASH = 32  # bytes
OTHERS = stat.S_IWGRP | stat.S_IWOTH


def folder() -> Path | None:
    """Give the folder that code is kept in; None where none is asked for, or none may be used."""
    asked = os.environ.get(VARIABLE, "")
    return _checked(asked) if asked else None


def name_of(*about: Any) -> str:
    """Name what follows from these things, which their texts tell, and from what makes code here."""
    texts = [_sources(), *map(repr, about)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def kept(name: str) -> bytes | None:
    """Find what is kept by a name; None if there is nothing whole."""
    place = folder()
    content = None if place is None else _content(place / name)
    if content is None or content[:HASH] != _hash(name, content[HASH:]):
        return None
    return content[HASH:]


def keep(name: str, content: bytes) -> None:
    """Keep something by a name, whole or not at all."""
    place = folder()
    if place is None:
        return
    temporary = place / f".{name}.{token_hex(4)}"
    try:
        try:
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
            with os.fdopen(file, "wb") as opened:
                opened.write(_hash(name, content) + content)
            temporary.replace(place / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        _say(str(place), f"cannot be written ({error.strerror or error})")


@cache
def _sources() -> str:
    """Say of which text what makes code is: our version does not tell that from one to the next.

    To read it all takes longer than to load a program: what it was found to be is kept too.
    """
    files = sorted(
        (entry.path, _state(entry.stat()))
        for source in SOURCES
        for folder, _, _ in os.walk(PACKAGE / source)
        for entry in os.scandir(folder)
        if entry.name.endswith(".py")
    )
    name = hashlib.sha256(repr(files).encode()).hexdigest()
    known = kept(name)
    if known is not None:
        return known.decode()
    found = hashlib.sha256()
    for path, _ in files:
        found.update(Path(path).read_bytes())
    keep(name, found.hexdigest().encode())
    return found.hexdigest()


def _state(found: os.stat_result) -> tuple[int, ...]:
    """Say what is another as soon as somebody has written."""
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


_BINARY = getattr(os, "O_BINARY", 0)
_NEITHER_LINK_NOR_WAIT = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def _hash(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + content).digest()


def _content(path: Path) -> bytes | None:
    """Read a file of the user's own."""
    try:
        file = os.open(path, os.O_RDONLY | _BINARY | _NEITHER_LINK_NOR_WAIT)
    except OSError:
        return None
    with os.fdopen(file, "rb") as opened:
        found = os.fstat(file)
        is_own = stat.S_ISREG(found.st_mode) and not _trouble(found)
        return opened.read() if is_own else None


@cache
def _checked(asked: str) -> Path | None:
    """Make a folder, if there is none, and look whether code of it may be run."""
    path = Path(asked).expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        trouble = _trouble(path.stat())
    except OSError as error:
        trouble = f"cannot be used ({error.strerror or error})"
    if not trouble and sys.platform == "win32" and not _is_at_home(path):
        trouble = "is not in your home folder"
    if trouble:
        _say(asked, trouble)
        return None
    return path


def _trouble(found: os.stat_result) -> str:
    """Say why a file or a folder is not to be trusted, on systems that tell whose it is."""
    if sys.platform == "win32":
        return ""
    if found.st_uid != os.getuid():
        return "belongs to another user"
    return "may be written to by other users" if found.st_mode & OTHERS else ""


def _is_at_home(path: Path) -> bool:
    return path.resolve().is_relative_to(Path.home().resolve())


@cache
def _say(where: str, trouble: str) -> None:
    warnings.warn(
        f"{VARIABLE} names {where!r}, which {trouble}: no machine code is kept there; name a folder "
        "of your own that nobody else may write to, as ~/.cache/tinygrad_nn",
        RuntimeWarning,
        stacklevel=2,
    )
