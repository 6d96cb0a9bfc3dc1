"""When it is in vain to record paths: they are too many, and do not come again."""

from __future__ import annotations

from collections import deque

from ...scalar.user_line import describe_place, warn_user
from .faults import Faults
from .tree import Tree

__all__ = ["Patience"]

MOST_PATHS = 64
MOST_IN_VAIN = 16  # recordings while fewer than twice as many programs were of use


class Patience:
    """Says whether one more path may be recorded; once it is over, the function is called as it is."""

    def __init__(self, name: str, faults: Faults) -> None:
        self.is_over = False
        self.name = name
        self.faults = faults
        # How many programs had been of use, in calls or for some of the samples of a batch, when
        # each of the latest was recorded.
        self._recorded: deque[int] = deque([0], MOST_IN_VAIN)

    def allows(self, tree: Tree, waits: bool = False) -> bool:
        """Tell whether one more path may be recorded; if not, say why, and be over.

        One who `waits` may be allowed again when those that are known have been of use.
        """
        if self.is_over:
            return False
        used = sum(path.taken for path in tree.paths)
        often = len(self._recorded) == MOST_IN_VAIN
        in_vain = often and used - self._recorded[0] < 2 * MOST_IN_VAIN
        if len(tree.paths) < MOST_PATHS and not in_vain:
            self._recorded.append(used)
            return True
        if len(tree.paths) < MOST_PATHS and waits:
            return False
        where = describe_place(tree.parting())
        self.end(
            "takes another path at nearly each call, or one that hangs on rounding or errors, "
            f"{len(tree.paths)} until now",
            "choose with where(c, x, y), use max, min and abs of tinygrad_nn, or name in static what "
            "shapes the program" + (f"\n  most paths part at {where}" if where else ""),
        )
        return False

    def end(
        self, why: str, remedy: str = "use the functions of tinygrad_nn, not those of math"
    ) -> None:
        """Be over, and say why, once."""
        if not self.is_over:
            self.is_over = True
            warn_user(
                f"{self.name} {why}: it is called as it is from now on, one number at a time; "
                f"{remedy}",
                UserWarning,
            )
