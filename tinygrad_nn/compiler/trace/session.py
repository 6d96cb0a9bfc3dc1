"""What a function asks while it is recorded, and what the numbers of one call answer.

Symbols have numbers here: those of the call that is recorded. Each is computed when it is asked for.
A question is a number of the graph, its guard, and the answer: where a run of the program finds
another number there, the function goes another way, and the program is not what it computes.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import CodeType, FrameType
from typing import Any

from ...errors import ArgumentTypeError, TraceError
from ...scalar import ops
from ...scalar.branches import Undecided, counting
from ...scalar.conditions import is_logical
from ...scalar.contexts import state
from ...scalar.graph import NOTHING, Node
from ...scalar.operation import Op
from ...scalar.user_line import describe_place, user_place
from ...scalar.value import constant
from .asking import calls_ours
from .handlers import Handlers
from .hashing import is_ours, ours_only
from .kinds import looks_at_kinds, place_of_kind
from .questions import Question
from .symbol import Symbol, bare
from .ties import Ties

__all__ = ["Abandoned", "Session", "answered"]

MARGIN = 2.0**-51  # by which one rounding may move the sum of what a number is made of, four times
MOST_QUESTIONS = 10_000  # of one path


class Abandoned(BaseException):
    """A call is not recorded: run eagerly, the function does what no program can.

    If it is for good, `why` says so; if `is_of_kind`, as a symbol is no plain number. It is no
    `Exception`: no handler of the user's is to take it for one.
    """

    def __init__(self, why: str = "", is_of_kind: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.is_of_kind = is_of_kind


class Session:
    """The numbers of the symbols of one recording, and its questions in order."""

    def __init__(
        self, numbers: Callable[[], Iterable[Sequence[float]]], handlers: Handlers
    ) -> None:
        self._given = numbers
        self._symbols: list[Sequence[Node]] = []  # of each argument
        self._handlers = handlers
        self._ties = Ties(MARGIN, self.number)
        self._is_seen = False  # whether the user handles an error that an operation may raise
        self.questions: list[tuple[Node, Question]] = []  # with their guards
        self.abandoned: Abandoned | None = None
        self.is_refused = False  # something was, which the function may have caught
        self._numbers: dict[int, float] = {}  # by the identity of nodes, which are
        self._kept: list[Node] = []  # kept here, as their identities are to stay theirs
        self._answers: dict[tuple[int, Op | None], Any] = {}
        self._pending: list[Node] = []  # results since the latest question that may not be finite
        # Notes a result of an operation that has no finite one for some numbers: eager code raises
        # there. It is called for many.
        self.note: Callable[[Node], None] = self._pending.append

    def begin(self, symbols: Sequence[Node]) -> None:
        """Take the symbols of the next argument; their numbers are looked up when one is asked for."""
        self._symbols.append(symbols)

    def _look_up(self) -> None:
        self.is_refused, outside = (
            True,
            self.is_refused,
        )  # as this may be, and the function catch it
        given = self._given()
        self.is_refused = outside
        for symbols, numbers in zip(self._symbols, given, strict=True):
            for symbol, number in zip(symbols, numbers, strict=True):
                self._know(symbol, number)
        self._symbols = []

    def number(self, node: Node) -> float:
        """Compute the number of a symbol, as IEEE arithmetic does."""
        if self._symbols:
            self._look_up()
        known = self._numbers
        stack = [node]
        while stack:
            top = stack[-1]
            if id(top) in known:
                stack.pop()
            elif not top.is_symbolic:
                self._know(top, top.data)
            else:
                operands = top.args
                missing = [each for each in operands if id(each) not in known]
                if missing:
                    stack += missing
                elif operands:
                    self._know(top, top.row.quiet(*[known[id(each)] for each in operands]))
                else:
                    raise TraceError(
                        f"a question about {top!r}, an argument of another function that is being "
                        "recorded: hand it over as an argument"
                    )
        return known[id(node)]

    def _know(self, node: Node, number: float) -> None:
        self._numbers[id(node)] = number
        self._kept.append(node)

    # ---- what may fail ---------------------------------------------------------------------

    def note_in_branch(self, node: Node) -> None:
        """Note a result in a branch, which counts where that is chosen."""
        self.note(counting(node))

    def meet(self, code: CodeType, space: dict[str, Any]) -> bool:
        """Look at code of the user's that is to run; tell whether it looks at the kind of things."""
        if code.co_exceptiontable:  # an `except` may see an error from now on
            self.note = self._note_and_look
        return looks_at_kinds(code)

    def look_at_kinds(self, frame: FrameType) -> None:
        """Leave a function to eager code if the kind of a symbol is looked at in what runs now."""
        place = place_of_kind(frame)
        if place is not None:
            raise self.end_at(describe_place(place))

    def end_at(self, line: str) -> Abandoned:
        """Make what leaves a function to eager code that looks at the kind of a symbol at some line."""
        why = f"looks at the kind of a number, of which a symbol has another, at {line}"
        self.abandoned = Abandoned(why, True)
        return self.abandoned

    def _note_and_look(self, node: Node) -> None:
        self._pending.append(node)
        if self._handlers.are_there():
            self._is_seen = True
            if not math.isfinite(self.number(node)):
                self.abandon()

    def finish(self) -> None:
        """Ask the last question, if any was asked, or would be eagerly, by an `except`."""
        if self.questions or self._is_seen:
            self.settle()
        # Nobody asks any more. What looks for ties knows the session, and the session it: the
        # symbols of all arguments would wait for the collector.
        self._symbols, self._kept, self._numbers = [], [], {}
        self._pending.clear()

    def before_branch(self) -> tuple[int, bool, bool]:
        """Say what a branch may change that is not chosen in the end."""
        return len(self._pending), self._is_seen, self.is_refused

    def leave_branch(self, before: tuple[int, bool, bool]) -> None:
        """Forget what was noted in a branch that is of no use."""
        noted, self._is_seen, self.is_refused = before
        del self._pending[noted:]

    def settle(self) -> None:
        """Ask whether all operations since the latest question had a finite result."""
        self._ask_all([bare(ops.mul, node, constant(0.0)) for node in self._pending])
        self._pending.clear()

    def _ask_all(self, conditions: Iterable[Node]) -> None:
        """Ask whether all of some numbers, which are 0 if all is well, are that."""
        total: Node | None = None
        for one in conditions:
            if self.number(one) != 0.0:
                self.abandon()
            total = one if total is None else bare(ops.add, total, one)
        if total is not None:
            self.questions.append((total, Question(0.0, None)))

    def abandon(self, why: str = "", is_of_kind: bool = False) -> None:
        """Leave this call to eager code, or if it is said why, all of them."""
        self.abandoned = Abandoned(why, is_of_kind)
        raise self.abandoned

    def make_text(self) -> None:
        """Leave a call to eager code, as the function may look at the text of a number."""
        if state.classes is not None:
            state.classes.note_all()
        self.abandon(is_of_kind=True)

    def show(self) -> None:
        """Leave a call to eager code if it is the user's that makes a text of a symbol."""
        frame = sys._getframe(1)
        while frame.f_globals.get("__name__") == Symbol.__module__ and frame.f_back is not None:
            frame = frame.f_back
        if not is_ours(frame) and not calls_ours(frame):
            self.make_text()

    def make_plain(self, what: str) -> None:
        """Give a number that is no node any more: no program has it."""
        if state.classes is not None:
            state.classes.asked.is_plain = True
        here = describe_place(user_place())
        self.abandon(
            f"makes a number plain with {what}, of which a program would keep the one that was "
            "recorded" + (f", at {here}" if here else ""),
            True,
        )

    def let_hash(self, symbols: bool) -> None:
        """Let symbols be hashed by identity, or by us only."""
        ours_only.let_hash(symbols)

    # ---- what is asked -----------------------------------------------------------------------

    def truth(self, node: Node) -> bool:
        """Answer whether a number is not 0."""
        known = self._answers.get((id(node), None))
        if known is None:
            logical = is_logical(node)
            answer = self._ask(node if logical else bare(ops.eq, node, constant(0.0)), True)
            known = self._answers[id(node), None] = (answer != 0.0) == logical
        return bool(known)

    def whole(self, row: Op, node: Node) -> int:
        """Answer what whole number a row makes of a number; raise as Python does if there is none."""
        known = self._answers.get((id(node), row))
        if known is None:
            known = int(self._ask(bare(row, node, NOTHING)))
            self._answers[id(node), row] = known
        return int(known)

    def index(self, node: Node) -> int:
        """Answer what whole number a number is; raise as Python does if it is none."""
        if state.classes is not None and self._handlers.are_there():
            state.classes.needs_index(node)
        known = self._answers.get((id(node), ops.mul))
        if known is None:
            known = self._answers[id(node), ops.mul] = self._ask(node)
        if known != math.floor(known):
            raise ArgumentTypeError(f"{known!r} as an index: expected a whole number; take int(x)")
        return int(known)

    def integer(self, node: Node, name: str) -> int:
        """Answer what integer an argument is."""
        known = self._answers.get((id(node), ops.mul))
        if known is None:
            known = self._answers[id(node), ops.mul] = self._ask(node, name=name)
        return int(known)

    def _ask(self, guard: Node, is_logical: bool = False, name: str = "") -> float:
        if state.guards:
            raise Undecided  # in a branch that counts for some numbers only
        self.settle()
        if len(self.questions) >= MOST_QUESTIONS:
            self.abandon(f"asks more than {MOST_QUESTIONS} questions in one call")
        self._kept.append(guard)
        self._ask_all(self._ties.undecided(guard))
        answer = self.number(guard)
        self.questions.append((guard, Question(answer, user_place(), is_logical, name)))
        return answer


@contextmanager
def answered(session: Session | None) -> Iterator[None]:
    """Let a session answer inside this context; none refuses all questions."""
    outside, state.session = state.session, session
    try:
        with nullcontext() if session is None else ours_only:
            yield
        if session is not None and session.abandoned:  # the function went on all the same
            raise session.abandoned
        if session is not None and session.is_refused:  # as above
            session.abandon()
    finally:
        state.session = outside
