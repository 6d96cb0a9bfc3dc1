"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

from .errors import FileError

__all__ = ["write_whole"]


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
    except OSError as error:
        temporary.unlink(missing_ok=True)
        remedy = "make room on the disk, or give another path; what was there is as it was"
        raise _not_written(path, error, remedy) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _not_written(path: str | os.PathLike[str], error: OSError, remedy: str) -> FileError:
    return FileError(
        f"path {os.fspath(path)!r} cannot be written ({error.strerror or error}): {remedy}"
    )
