"""Objects that are called by a function of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Called"]


class Called:
    """What is called by a function that it has, which may be another one each time.

    Python looks for ``__call__`` in the class, where a slot says where it is in the object: so a call
    goes there with no function of the class between.
    """

    __slots__ = ("__call__",)
    __call__: Callable[..., Any]
