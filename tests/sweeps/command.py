"""What the sweeps of random programs share: their command line, their engines and what they print."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from tests.support.machine_code import PROCESSORS, running
from tests.support.thresholds import LOW, forced
from tests.sweeps.differences import Difference, Draw
from tinygrad_nn import engine
from tinygrad_nn.compiler.backends.machine import Machine


class Check(Protocol):
    """Tries every way of calling a program."""

    def __call__(
        self, program: Any, counts: Counter[str], refused: Counter[str], frozen: bool
    ) -> list[Difference]: ...


@dataclass(frozen=True)
class Sweep:
    """Programs, and how they are tried and told."""

    module: str  # which is run, in a process for each engine
    doc: str | None
    kinds: Collection[str]  # of statements, which can be left out
    drawn: Callable[[int, Collection[str]], Draw]
    check: Check
    told: Callable[[Sequence[Difference]], str]


@dataclass
class Found:
    """What came out of some programs."""

    differences: list[Difference]
    counts: Counter[str]
    refused: Counter[str]


def swept(sweep: Sweep, seeds: Iterator[int], without: Collection[str] = ()) -> Iterator[Found]:
    """Try programs one by one; give all that is known so far after each."""
    found = Found([], Counter(), Counter())
    for seed in seeds:
        program = sweep.drawn(seed, without)
        found.differences += sweep.check(program, found.counts, found.refused, "graph" in without)
        found.counts["programs"] += 1
        yield found


def main(sweep: Sweep, arguments: Sequence[str] | None = None) -> int:
    """Try programs, and print each difference when it is found."""
    options = _options(sweep, arguments)
    if options.engine != "this":
        return _in_engines(sweep, options)
    seeds = range(options.seed * 1_000_000, options.seed * 1_000_000 + options.count)
    if options.only is not None:
        seeds = range(options.only, options.only + 1)
        print(sweep.drawn(options.only, options.without).source)
    found = Found([], Counter(), Counter())
    before = shown = 0
    interrupted = False
    low = forced(LOW if options.low else {})
    with low, _backend(options.machine), _progress(len(seeds)) as progress:
        task = progress.add_task("", total=len(seeds))
        try:
            for found in swept(sweep, iter(seeds), options.without):
                new = found.differences[before:]
                before = len(found.differences)
                if new and shown < options.show:
                    print(sweep.told(new), flush=True)
                shown += bool(new)
                progress.update(task, advance=1, description=f"{shown} differ")
        except KeyboardInterrupt:
            print("Interrupted; until then:", file=sys.stderr)
            interrupted = True
    _print_summary(found)
    return 1 if found.differences or interrupted else 0


def written(first: Difference, differences: Sequence[Difference]) -> str:
    """Write the first difference of a program, and how else it differs."""
    others = sorted({f"# also: {other.way}" for other in differences if other.way != first.way})
    return "\n".join([str(first), *others, ""])


def _backend(processor: str | None) -> AbstractContextManager[None]:
    """Run programs as machine code for a processor, if one is named."""
    if processor is None:
        return nullcontext()
    return running(Machine(PROCESSORS[processor]))


def _print_summary(found: Found) -> None:
    counts = dict(found.counts)
    print(", ".join(f"{counts[key]:,} {key}" for key in sorted(counts)), f"({engine()} engine)")
    for message, count in found.refused.most_common():
        print(f"{count:6} refused: {message}")
    kinds = Counter(f"{d.way}: {d.what}" for d in found.differences)
    for way, count in kinds.most_common():
        print(f"{count:6} differ: {way}")
    print(f"{len({d.program.seed for d in found.differences})} programs differ.")


def _progress(count: int) -> Any:
    """Show how far it is, where somebody looks."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True, soft_wrap=True)
    columns = TextColumn("program"), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn()
    return Progress(
        *columns,
        TextColumn("{task.description}"),
        console=console,
        disable=not console.is_terminal,
    )


def _in_engines(sweep: Sweep, options: argparse.Namespace) -> int:
    """Run the same in one process for each engine."""
    names = ["native", "plain"] if options.engine == "both" else [options.engine]
    status = 0
    for name in names:
        environment = os.environ | {"TINYGRAD_NN_PURE": "1" if name == "plain" else "0"}
        command = [sys.executable, "-m", sweep.module, "--engine", "this"]
        for option in ("count", "seed", "show"):
            command += [f"--{option}", str(getattr(options, option))]
        if options.only is not None:
            command += ["--only", str(options.only)]
        if options.low:
            command.append("--low")
        if options.machine:
            command += ["--machine", options.machine]
        if options.without:
            command += ["--without", ",".join(options.without)]
        with subprocess.Popen(command, env=environment) as process:
            try:
                status |= process.wait()
            except KeyboardInterrupt:  # the process has had it too, and tells what it found
                process.wait()
                return 1
    return status


def _options(sweep: Sweep, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=sweep.doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=300, help="how many programs (300)")
    parser.add_argument("--seed", type=int, default=1, help="which programs (1)")
    parser.add_argument("--only", type=int, help="the seed of one program, as it was printed")
    parser.add_argument("--show", type=int, default=20, help="differences that are printed (20)")
    parser.add_argument("--low", action="store_true", help="with every threshold forced low")
    parser.add_argument("--machine", choices=[*PROCESSORS], help="run machine code, made for this")
    parser.add_argument(
        "--engine",
        choices=["this", "native", "plain", "both"],
        default="this",
        help="in which engine, each in a process of its own (this)",
    )
    parser.add_argument(
        "--without",
        type=lambda text: tuple(filter(None, text.split(","))),
        default=(),
        metavar="KIND[,KIND]",
        help=f"kinds to leave out, of {', '.join(sweep.kinds)}",
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.without) - set(sweep.kinds))
    if unknown:
        parser.error(f"no kind is called {', '.join(unknown)}: choose of {', '.join(sweep.kinds)}")
    return options
