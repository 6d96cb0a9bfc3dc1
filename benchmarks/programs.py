"""Compiling itself: how long it takes, and how long the programs are that come out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from tinygrad_nn import compile
from tinygrad_nn.tree import flatten

from . import cases, report
from .cases import Case
from .functions import cross_entropy, margin
from .job import Job, same
from .problems import WORKLOADS, Network, digits, document, moons, rosenbrock
from .timing import Contestant, measure


def step_of_moons(samples: int) -> Case:
    return cases.unrolled(margin, moons(samples))


def step_of_digits(problem: Network) -> Case:
    return cases.per_sample(cross_entropy, problem)


def timed_cases() -> dict[str, Case]:
    """What the time to compile is measured with."""
    return {
        "two moons, 53 samples, whole step": step_of_moons(53),
        "two moons, 100 samples, whole step": step_of_moons(100),
        "two moons, 530 samples, whole step": step_of_moons(530),
        "784-128-10, batch=": step_of_digits(digits(64, (784, 128, 10))),
    }


def counted_cases() -> dict[str, Case]:
    """The programs that are counted."""
    return {
        "the expression of micrograd's README, gradient": cases.expression(
            WORKLOADS["expression"].problem()
        ),
        "Rosenbrock's function of 1000 numbers, gradient": cases.rosenbrock(rosenbrock()),
        "Rosenbrock's function of 30 numbers, Hessian (three diagonals)": cases.curvature(),
        "two moons, 100 samples, whole step": step_of_moons(100),
        "two moons, batch=, gradient": cases.per_sample(margin, moons()),
        "64-32-10, batch=, gradient": step_of_digits(digits()),
        "784-128-10, batch=, gradient": step_of_digits(digits(64, (784, 128, 10))),
        "price and Greeks of an option, batch=": cases.options(WORKLOADS["options"].problem()),
        "attention, 12 positions of width 8, gradient": cases.attention(),
        "recurrent network, 20 steps, gradient": cases.recurrent(),
        "convolution and max-pooling, gradient": cases.convolution(),
        "gravity of 30 bodies": cases.gravity(),
        "heat equation, 50 places, 100 steps, gradient": cases.heat(),
        "GPT, 8 characters, step with Adam": cases.gpt(document()),
        "GPT, 16 characters, step with Adam": cases.gpt(document("johannacarolyne")),
    }


def compile_and_call(case: Case, sizes: str = "auto") -> Any:
    """Give a freshly compiled function after its first run."""
    function = compile(case.function, sizes=sizes, **case.options)
    function(*case.args)
    return function


def nodes_of(case: Case) -> int:
    """Count the different numbers in the record of a call, where all of it is recorded."""
    function = compile_and_call(case, "fixed")
    return len(function._latest.trace.recording.tape)


def compile_section(rounds: int) -> str:
    """Time each case from `compile` to the first result."""
    timed = timed_cases()
    nodes = {name: nodes_of(case) for name, case in timed.items()}
    timings = measure({name: Contestant(job_of(case)) for name, case in timed.items()}, rounds)
    rows = []
    for name, timing in timings.items():
        low, high = map(report.duration, timing.quartiles)
        per_node = report.duration(timing.median / nodes[name])
        rows.append(
            [name, f"{nodes[name]:,}", report.duration(timing.median), f"{low} – {high}", per_node]
        )
    text = (
        "From `compile` to the first result: the function is recorded, its matrices are found, "
        "and the program runs once and is freed; many numbers are recorded at small lengths, and "
        "the program is proved. Nodes are the different numbers in a record of everything."
    )
    headings = ["compile", "nodes", "median", "middle half", "per node"]
    return f"### Compiling\n\n{text}\n\n{report.table(headings, rows)}"


def job_of(case: Case) -> Job:
    return Job({"run": lambda _: compile_and_call(case)}, lambda function: [])


def programs_section() -> str:
    """Count what the programs do, each after it has been compared with the eager engine."""
    return table_of(counted_cases())


def table_of(counted: Mapping[str, Case]) -> str:
    rows = []
    for name, case in counted.items():
        check(name, case)
        function = compile_and_call(case)
        stats = function.program.stats
        rows.append([name, f"{nodes_of(case):,}", str(stats.statements), str(stats.calls)])
    text = (
        "Array statements that the nodes of a function become, for one sample where it says "
        "batch=, and calls of NumPy in a run; what is a single number Python computes."
    )
    headings = ["program", "nodes", "statements", "calls of NumPy"]
    return f"### Programs\n\n{text}\n\n{report.table(headings, rows)}"


def check(name: str, case: Case) -> None:
    """Refuse to count a program that does not compute what its function does.

    One that takes many samples is tried with the first of them.
    """
    shared = len(case.args) - len(case.options.get("batch", ()))
    parameters, columns = case.args[:shared], case.args[shared:]
    result = case.function(*parameters, *(column[0] for column in columns))
    of_program = case.compiled()(*parameters, *(column[:1] for column in columns))
    expected, found = (list(map(float, flatten(r)[0])) for r in (result, of_program))
    if not same(expected, found):
        sys.exit(f"{name}: the program does not compute what the eager engine does")
