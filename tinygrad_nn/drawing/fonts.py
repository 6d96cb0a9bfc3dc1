"""Fonts: what their library says of its own settings is not for people who draw."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

__all__ = ["without_font_warnings"]

_WARNING = b"Fontconfig warning:"  # of settings of the system that an older or newer library wrote
_STDERR = 2


@contextmanager
def without_font_warnings() -> Iterator[None]:
    """Leave out the warnings of fontconfig; all else on the stream of errors follows afterwards.

    The library writes there past Python, so the stream itself is led elsewhere meanwhile.
    """
    try:
        kept = os.dup(_STDERR)
    except OSError:  # there is none, as in a service
        yield
        return
    with TemporaryFile() as said:
        os.dup2(said.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            said.seek(0)
            others = b"".join(line for line in said if not line.startswith(_WARNING))
            if others.strip():
                os.write(_STDERR, others)
