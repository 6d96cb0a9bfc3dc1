"""Pieces of work done in several threads, what they give taken in the order of the pieces."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

__all__ = ["in_threads"]

MOST = 64  # threads beside those that ask for them

Found = TypeVar("Found")

_pools: list[ThreadPoolExecutor] = []  # none before it is needed, and none behind a fork
_making = threading.Lock()


def in_threads(
    threads: int,
    pieces: int,
    work: Callable[[int, int], Found],
    take: Callable[[Found], None],
    keep: Callable[[Found], Found],
) -> None:
    """Do pieces of work, each in one of some threads; the caller's is number 0.

    `work` is called with the numbers of the thread and of the piece. What it gives is taken in the
    order of the pieces, whichever was done first: `keep` copies what has to wait for its turn, as
    its thread goes on to the next piece. An error is that of the first piece that has one.
    """
    job = _Job(pieces, work, take, keep)
    others: list[Future[None]] = []
    try:
        others.extend(_pool().submit(job.run, n) for n in range(1, min(threads, pieces, MOST)))
        job.run(0)
    finally:
        _end(job, others)
    if job.errors:
        raise job.errors[min(job.errors)]


def _end(job: _Job[Found], others: list[Future[None]]) -> None:
    """Wait for those who have begun; who has not finds nothing to do.

    Ctrl-C is heard when they have ended: they write into memory that the next run is to have.
    """
    job.stops = True
    interrupt: KeyboardInterrupt | None = None
    while others:
        try:
            if not others[-1].cancel():
                wait(others[-1:])
            others.pop()
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt is not None:
        raise interrupt


class _Job(Generic[Found]):
    """Pieces that threads take one after the other."""

    def __init__(
        self,
        pieces: int,
        work: Callable[[int, int], Found],
        take: Callable[[Found], None],
        keep: Callable[[Found], Found],
    ) -> None:
        self._left = iter(range(1, pieces))  # one thread at a time asks for the next
        self._work = work
        self._take = take
        self._keep = keep
        self._turn = threading.Lock()
        self._waiting: dict[int, Found] = {}
        self._next = 0
        self.errors: dict[int, BaseException] = {}
        self.stops = False

    def run(self, thread: int) -> None:
        """Do pieces until none is left, or one has failed; the first is the caller's."""
        piece = next(self._left, -1) if thread else 0
        while piece >= 0 and not (self.stops or self.errors):
            try:
                self._hand_in(piece, self._work(thread, piece))
            except BaseException as error:
                self.errors[piece] = error
            piece = next(self._left, -1)

    def _hand_in(self, piece: int, found: Found) -> None:
        with self._turn:
            if piece != self._next:
                self._waiting[piece] = self._keep(found)
                return
            self._take(found)
            self._next += 1
            while self._next in self._waiting:
                self._take(self._waiting.pop(self._next))
                self._next += 1


def _pool() -> ThreadPoolExecutor:
    """Give the pool of this process."""
    with _making:
        if not _pools:
            _pools.append(ThreadPoolExecutor(MOST, "tinygrad_nn"))
        return _pools[0]


def _forget() -> None:
    """Begin anew in a forked process, which has none of the threads."""
    global _making
    _making = threading.Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
