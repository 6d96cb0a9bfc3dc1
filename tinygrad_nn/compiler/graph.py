"""A graph that was recorded already, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..scalar.contexts import collector_paused
from ..scalar.graph import CHOSEN, Node, ancestors, recompute
from ..scalar.reverse import dependent
from ..scalar.user_line import describe_place
from ..scalar.value import Value
from .backends.auto import AUTO
from .backends.backend import Backend
from .backends.choice import resumed
from .carried import NOTHING, Carried, packed, unpacked
from .entries.entries import Entries
from .interface import Interface
from .plan import Plan
from .program.program import DOUBLE, Dtype, Program
from .proof.claim import claim_of
from .tape.tape import input_number
from .trace.recorder import Argument, Recorder
from .trace.structure import Key, describe, flat, nesting_of
from .trace.tracing import Call, Trace, reduced

__all__ = ["CompiledGraph"]


class CompiledGraph:
    """A graph as a function of the numbers of its leaves, all of which are inputs.

    A graph is what Python computed when it was recorded. What Python looked at meanwhile may have
    chosen what came after, so that the graph would be another one for other inputs: nodes have a
    note of it, and those that an input reaches are refused.
    """

    def __init__(
        self,
        output: Any,
        inputs: Any,
        prove: bool = False,
        backend: Backend = AUTO,
        dtype: Dtype = DOUBLE,
    ) -> None:
        if inputs is None:
            raise ArgumentError(
                "inputs is missing: give the leaves whose numbers may change, as "
                "compile(cost, inputs=model.parameters())"
            )
        nodes: list[Any] = []
        key = describe(inputs, nodes, "inputs")
        for node in nodes:
            if not isinstance(node, Value):
                raise ArgumentTypeError(
                    f"inputs has {node!r}, of type {type(node).__name__}: expected Values"
                )
        self._prove = prove
        self._dtype = dtype
        with collector_paused():
            self._prepare(_record(output, key, nodes), None, backend)
        self._output = output
        self._inputs = nodes
        self._key = key
        self.__name__ = "graph"

    def _prepare(self, trace: Trace, program: Program | None, backend: Backend) -> None:
        names = ("inputs",)
        interface = Interface.of(trace, "graph", names, proved=self._prove, dtype=self._dtype)
        claim = claim_of(trace, "the graph") if self._prove and program is None else None
        self._plan = Plan(
            trace,
            False,
            interface=interface,
            program=program,
            claim=claim,
            backend=backend,
            dtype=self._dtype,
        )
        self._entries = Entries()

    def __getstate__(self) -> dict[str, Any]:
        """Leave the plan out, but for its program if a file can hold it."""
        state = {
            name: value for name, value in vars(self).items() if name not in ("_plan", "_entries")
        }
        carried = Carried.of(self._plan.data, NOTHING, None)
        package = None if carried is None else packed(carried)
        return state | {"package": package, "standing": self._plan.standing}

    def __setstate__(self, state: dict[str, Any]) -> None:
        package, backend = state.pop("package"), resumed(*state.pop("standing"))
        vars(self).update(state)
        carried = None if package is None else unpacked(package)
        if carried is None:
            self._prepare(_record(self._output, self._key, self._inputs), None, backend)
            return
        arguments = (Argument("inputs", self._key, False),)
        nesting, call = nesting_of(self._output, []), _again(self._output, self._inputs)
        trace = Trace(None, arguments, nesting, None, (), call)
        self._prepare(trace, carried.program, backend)

    @property
    def program(self) -> Any:
        """The program."""
        return self._plan.program

    def __call__(self, numbers: Any = None) -> Any:
        """Compute the outputs for numbers nested as the inputs, or for those these hold now."""
        if numbers is None:
            return self._plan.run([[node.data for node in self._inputs]])
        result = self._entries.call((numbers,), {})
        if result is not NotImplemented:
            return result
        leaves: list[Any] = []
        if describe(numbers, leaves, "numbers") != self._key:
            raise ShapeError(
                f"numbers is nested in another way than the inputs: expected {len(self._inputs)} "
                "numbers, nested alike"
            )
        result = self._entries.meet(self._plan, (self._key,), (numbers,), {}, [leaves])
        return self._plan.run([leaves]) if result is NotImplemented else result

    def __str__(self) -> str:
        return str(self.program)

    def __repr__(self) -> str:
        return "<compiled graph>"


def _record(output: Any, key: Key, nodes: list[Value]) -> Trace:
    inputs: dict[Node, int] = {}
    for place, value in enumerate(nodes):
        if value in inputs:
            raise ArgumentError(f"inputs names {value!r} twice: name each Value once")
        inputs[value] = input_number(0, place)
    _refuse_frozen(output, nodes)
    recorder = Recorder([Argument("inputs", key, False)], inputs)
    recorder.write(output, _refuse_leaf)
    return reduced(recorder, None, _again(output, nodes))


def _again(output: Any, inputs: Sequence[Value]) -> Call:
    """Make what computes a graph again, operation by operation, from other inputs."""
    leaves: list[Any] = []
    nesting = nesting_of(output, leaves)
    results = flat(leaves)
    roots = [number for number in results if isinstance(number, Value)]
    given = frozenset(inputs)
    order = [n for n in ancestors(*roots, until=given.__contains__) if n.args and n not in given]

    def call(nested: list[Any]) -> Any:
        numbers: list[Any] = []
        describe(nested[0], numbers, "numbers")
        found: dict[Node, Any] = dict(zip(inputs, flat(numbers), strict=True))
        recompute(order, found, lambda node: node, lambda node, operands: node.row(*operands))
        return nesting.rebuild([found.get(n, n) if isinstance(n, Value) else n for n in results])

    return call


def _refuse_frozen(output: Any, nodes: list[Value]) -> None:
    """Refuse what would be another graph for other inputs, and an input that reaches nothing."""
    found: list[Any] = []
    nesting_of(output, found)
    roots = [number for number in flat(found) if isinstance(number, Value)]
    order, varies = dependent(roots, nodes, nodes)
    for node in order:
        if node.mark & CHOSEN and node in varies:
            raise ArgumentError(_frozen(node))
    reached = set(order)
    for place, value in enumerate(nodes):
        if value not in reached and value.mark & CHOSEN:
            raise ArgumentError(_frozen(value))
        if value not in reached:
            raise ArgumentError(
                f"inputs has {value!r}, the number {place} of them, and the graph does not depend "
                "on it: leave it out; or look for .data, float(...), a copy or no_grad where the "
                "graph was recorded, which cut it off"
            )


def _frozen(node: Node) -> str:
    info = node.info
    text = (
        f"Python has looked at {node!r}{'' if node.is_leaf else f', made by {node.op}'}, in a "
        "comparison, if, max, sorted, int or float, or in a function that chooses by numbers, as "
        "norm or lookup: what was recorded may be another graph for other inputs. Compile the "
        "function that records it, compile(f), or choose with where(gt(x, 0.0), a, b); if nothing "
        "hangs on what Python saw, let it look at .data, and record with new Values"
    )
    if info is None or (info.place is None and info.chosen is None):
        return text + ". Record inside debug() to see the lines"
    made, seen = describe_place(info.place), describe_place(info.chosen)
    return text + (f"\n  made at {made}" if made else "") + (f"\n  seen at {seen}" if seen else "")


def _refuse_leaf(node: Node) -> None:
    raise ArgumentError(
        f"the graph has the leaf {node!r}, which is not among the inputs: add it to inputs, or "
        "make it a plain number if it is constant"
    )
