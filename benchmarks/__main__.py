"""Measure speed and memory beside every other engine that is installed, here and now."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import machine, memory, report
from .engines import Loaded, load
from .job import Job, same
from .problems import WORKLOADS
from .timing import Contestant, measure

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
MEMORY, COMPILE, PROGRAMS = "memory", "compile", "programs"
DERIVATIVES, GRADBENCH, CONTROL = "derivatives", "gradbench", "control_flow"


def main() -> None:
    """Measure the workloads asked for, print the tables, and write them if that is asked for."""
    options = parse(sys.argv[1:])
    if options.write:
        report.around(options.write, machine.engine())  # fails now rather than in an hour
    machine.keep_to_one_thread()
    loaded = load()
    parts = [machine.description(loaded.versions, options.rounds)]
    if loaded.missing:
        parts.append(f"Not installed, and left out: {', '.join(loaded.missing)}.")
    print(*parts, sep="\n\n", flush=True)
    for name in options.workloads:
        parts.append(section(name, loaded, options.rounds))
        print(f"\n{parts[-1]}", flush=True)
    if options.write:
        report.write(options.write, machine.engine(), "\n\n".join(parts))


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    everything = [*WORKLOADS, GRADBENCH, CONTROL, DERIVATIVES, COMPILE, PROGRAMS, MEMORY]
    parser.add_argument(
        "workloads",
        nargs="*",
        metavar="WORKLOAD",
        default=everything,
        help=f"what to measure, all if not given: {', '.join(everything)}",
    )
    parser.add_argument(
        "--rounds", type=int, default=7, help="rounds of each workload, at least 2 (7)"
    )
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=PAGE,
        metavar="PAGE",
        help="replace our engine's tables on a page by these (docs/benchmarks.md)",
    )
    options = parser.parse_args(arguments)
    unknown = set(options.workloads) - set(everything)
    if unknown:
        parser.error(
            f"no such workload: {', '.join(sorted(unknown))}; there are {', '.join(everything)}"
        )
    if options.rounds < 2:
        parser.error("--rounds must be 2 at least: fewer have no spread")
    return options


def section(name: str, loaded: Loaded, rounds: int) -> str:
    """Measure what has this name."""
    if name == MEMORY:
        return measure_memory(loaded)
    if name == DERIVATIVES:
        from . import derivatives  # imports NumPy, whose threads have to be set before

        return derivatives.section(rounds)
    if name == GRADBENCH:
        from .gradbench import race  # as above

        return race.section(rounds)
    if name == CONTROL:
        from .control_flow import races  # as above

        return races.section(rounds)
    if name in (COMPILE, PROGRAMS):
        from . import programs  # as above

        return programs.compile_section(rounds) if name == COMPILE else programs.programs_section()
    return compare(name, loaded, rounds)


def compare(name: str, loaded: Loaded, rounds: int) -> str:
    """Time one workload on every engine that has it, after checking that all compute the same."""
    workload = WORKLOADS[name]
    problem = workload.problem()
    jobs = {e.name: e.jobs[name](problem) for e in loaded.engines if name in e.jobs}
    check_equal(name, jobs)
    timings = measure(contestants(jobs), rounds)
    return report.section(workload, timings, problem.units)


def contestants(jobs: dict[str, Job]) -> dict[str, Contestant]:
    """Enter each job once for each setting of the collector."""
    return {
        name if collector else f"{name}, collector off": Contestant(job, collector)
        for name, job in jobs.items()
        for collector in job.collectors
    }


def check_equal(workload: str, jobs: dict[str, Job]) -> None:
    """Refuse to time engines that do not compute the same value and gradients."""
    first, *others = jobs
    expected = answer(jobs[first])
    for name in others:
        if not same(answer(jobs[name]), expected):
            sys.exit(f"{workload}: {name} does not compute what {first} does")


def answer(job: Job) -> list[float]:
    """Run a job once, and list its value and gradients."""
    state = None
    for phase in job.phases.values():
        state = phase(state)
    return job.read(state)


def measure_memory(loaded: Loaded) -> str:
    """Measure the bytes of a node, for every engine that builds chains."""
    measured: memory.Bytes = {}
    for module in loaded.modules:
        measured |= memory.bytes_per_node(module)
    return report.memory_section(memory.NODES, measured)


if __name__ == "__main__":
    main()
