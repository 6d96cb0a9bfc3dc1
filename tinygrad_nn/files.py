"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

from .errors import FileError

__all__ = ["check_writable", "write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file so that nobody ever meets half of it, not even after a power cut."""
    target = Path(path).resolve()  # through a link, so that the link stays
    temporary = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        file = temporary.open("xb")
    except OSError as error:
        raise _not_written(path, error, "give one in a folder that you may write to") from error
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
        _keep_name(target.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        remedy = "make room on the disk, or give another path; what was there is as it was"
        raise _not_written(path, error, remedy) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check that a file can be written there, and leave no trace."""
    target = Path(path).resolve()
    temporary = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        temporary.touch(exist_ok=False)
        temporary.unlink()
    except OSError as error:
        raise _not_written(path, error, "give one in a folder that you may write to") from error


def _keep_name(folder: Path) -> None:
    """See that a new name in a folder outlasts a power cut too, where systems can tell."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _not_written(path: str | os.PathLike[str], error: OSError, remedy: str) -> FileError:
    return FileError(
        f"path {os.fspath(path)!r} cannot be written ({error.strerror or error}): {remedy}"
    )
