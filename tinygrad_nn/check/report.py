"""What a check has found: entries, and a report that prints itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import TinygradNNError
from .judge import Status

__all__ = ["Entry", "GradientError", "Report"]

SHOWN = 20  # rows of a table; a wrong rule shows in all of a thousand parameters alike


class GradientError(TinygradNNError, AssertionError):
    """Derivatives disagree with finite differences."""


@dataclass(frozen=True)
class Entry:
    """One derivative.

    Attributes
    ----------
    argument : str
        By what: an argument's path, a parameter's name, or a direction.
    order : int
        1 for a derivative of the function, 2 for one of its derivative along a
        random direction, and so on.
    analytic : float
        By the rules of the table.
    numeric : float
        By differences; NaN where there are none. At a kink that of both sides together.
    error : float
        The estimated error of `numeric`.
    status : str
        "ok", "wrong", "kink", "edge" or "inconclusive".
    note : str
        Why, in words.
    """

    argument: str
    order: int
    analytic: float
    numeric: float
    error: float
    status: Status
    note: str = ""


class Report:
    """The result of `check_grad`: true if nothing is wrong; printing it shows why.

    Kinks, edges of the domain and what rounding hides are shown, and are no failures.

    Attributes
    ----------
    entries : tuple of Entry
        One for each argument and each random direction, of each order.
    looked_at : int
        By how many leaves the function was differentiated.
    total : int
        How many leaves its result was made from, looked at or not.

    Examples
    --------
    >>> from tinygrad_nn.check import check_grad
    >>> print(check_grad(abs, 0.0, directions=0))
    check_grad passed: 1 of 1 derivative: 1 kink
      argument  analytic  numeric  error  estimated error  status
      args[0]   0         0        0      4.4e-16          kink: slope -1 on the left, 1 on the right
    """

    def __init__(self, entries: Sequence[Entry], looked_at: int, total: int) -> None:
        self.entries = tuple(entries)
        self.looked_at = looked_at
        self.total = total

    @property
    def failures(self) -> tuple[Entry, ...]:
        """The entries that are wrong."""
        return tuple(entry for entry in self.entries if entry.status == "wrong")

    @property
    def passed(self) -> bool:
        """Whether no entry is wrong."""
        return not self.failures

    def __bool__(self) -> bool:
        return self.passed

    def raise_if_failed(self) -> None:
        """Raise `GradientError` with the table if an entry is wrong."""
        if not self.passed:
            raise GradientError(str(self))

    def __str__(self) -> str:
        return "\n".join([self._summary(), *self._table()])

    __repr__ = __str__

    def _summary(self) -> str:
        statuses = Counter(entry.status for entry in self.entries)
        found = ", ".join(f"{number} {status}" for status, number in statuses.items())
        what = f"{self.looked_at:,} of {self.total:,} derivative{'s' * (self.total != 1)}"
        directions = sum(entry.order == 1 for entry in self.entries) - self.looked_at
        if directions > 0:
            what += f" and {directions} direction{'s' * (directions != 1)}"
        order = max((entry.order for entry in self.entries), default=1)
        if order > 1:
            what += f" to order {order}"
        return f"check_grad {'passed' if self.passed else 'FAILED'}: {what}: {found}"

    def _table(self) -> Iterator[str]:
        """Lay out the entries that are not ok, the wrong ones first."""
        remarkable = [entry for entry in self.entries if entry.status != "ok"]
        remarkable.sort(key=lambda entry: entry.status != "wrong")
        if not remarkable:
            return
        rows: list[tuple[str, ...]] = [
            ("argument", "analytic", "numeric", "error", "estimated error", "status")
        ]
        rows += [_row(entry) for entry in remarkable[:SHOWN]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            yield ("  " + "  ".join(cells)).rstrip()
        if len(remarkable) > SHOWN:
            yield f"  ... and {len(remarkable) - SHOWN} more"


def _row(entry: Entry) -> tuple[str, ...]:
    argument = entry.argument if entry.order == 1 else f"{entry.argument} (order {entry.order})"
    return (
        argument,
        f"{entry.analytic:.10g}",
        f"{entry.numeric:.10g}",
        f"{abs(entry.analytic - entry.numeric):.2g}",
        f"{entry.error:.2g}",
        f"{entry.status}: {entry.note}" if entry.note else entry.status,
    )
