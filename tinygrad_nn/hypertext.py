"""Hypertext: what notebooks show of a thing; each text is escaped here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["few", "listing", "table"]

_HEAD, _TAIL = 6, 3  # rows that are shown of a long table


def table(caption: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Write a table; floats have four digits, and None is an empty cell.

    Examples
    --------
    >>> table("a < b", ["x"], [[0.5]])
    '<table><caption>a &lt; b</caption><tr><th scope="col">x</th></tr><tr><td>0.5</td></tr></table>'
    """
    head = "".join(f'<th scope="col">{_escape(heading)}</th>' for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{_escape(_text(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><caption>{_escape(caption)}</caption><tr>{head}</tr>{body}</table>"


def listing(text: str) -> str:
    """Write lines as they stand, in letters of one width."""
    return f'<pre style="line-height: 1.3; overflow-x: auto">{_escape(text)}</pre>'


def _escape(text: str) -> str:
    from html import escape  # slow to import, rarely needed

    return escape(text)


def few(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Take the first and the last rows of many, with a row of dots between them."""
    if len(rows) <= _HEAD + _TAIL + 1:
        return list(rows)
    return [*rows[:_HEAD], ["..."] * len(rows[0]), *rows[-_TAIL:]]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
