"""One proof at a time: what its numbers have in common, and a second try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...errors import ProofError
from ...locks import lock_of_process
from .element import proving
from .field import unions
from .plain import plain

__all__ = ["tried"]

_LOCK = lock_of_process()  # all elements have in common what they are a part of


def tried(compare: Callable[[bool], None]) -> None:
    """Compare, and once more where something was assumed that need not be so.

    It was assumed that it counts how often a number is there of which the greatest is taken; and
    that no leaf that is captured is one that the function makes in each call, of a plain number:
    `compare` is told then that captured ones are as they stand.
    """
    with _LOCK, _apart():
        try:
            _tried_twice(compare)
        except ProofError as error:
            if plain.strange:
                raise ProofError(_strange(plain.strange[0])) from None
            if plain.rounded is None:
                raise
            raise ProofError(
                f"{error}; or it cannot be proved, as {plain.rounded!r} may have been rounded: hand "
                "over as an argument what it is made of"
            ) from None


def _tried_twice(compare: Callable[[bool], None]) -> None:
    try:
        _begin(False)
        compare(False)
    except ProofError:
        if plain.strange or not (unions.met or proving.made_leaves):
            raise
        made = proving.made_leaves
        _begin(unions.met)
        compare(made)


@contextmanager
def _apart() -> Iterator[None]:
    """Leave a proof as it is that is under way: its function may compile others, and prove them."""
    states = [vars(plain).copy(), vars(unions).copy()]
    known = proving.plain, proving.made_leaves
    try:
        yield
    finally:
        for one, state in zip((plain, unions), states, strict=True):
            vars(one).update(state)
        proving.plain, proving.made_leaves = known


def _strange(number: float) -> str:
    return (
        f"it cannot be proved: the program has the number {number!r}, which is none of the function, "
        "and no fraction nor product of them: it was rounded, or is NaN. Hand over as arguments what "
        "it is made of"
    )


def _begin(keeps_unions: bool) -> None:
    plain.begin()
    proving.plain = {}
    proving.made_leaves = False
    unions.begin(keeps_unions)
