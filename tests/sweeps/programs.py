"""Random programs of single numbers, in every way of calling: is it one number everywhere?

    python -m tests.sweeps.programs --count 20000 --seed 1 --engine both

Two thirds are programs of few numbers, one third of 65 to 4,000. Half of the small ones compute
with whole numbers: each number must be the same to the last bit. Where real functions round, the
order of sums shows, and numbers must agree to 1e-9 of themselves and to what the program's own
rounding does, which is measured with every operation shaken by 2**-50. Differences are printed as
small programs, and make the exit status 1.

With --machine all compiled programs run as machine code, for this processor or for a lesser one.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from tests.support.machine_code import PROCESSORS, running
from tests.support.thresholds import LOW, forced
from tests.sweeps import statements, vectors
from tests.sweeps.checking import check
from tests.sweeps.differences import Difference
from tests.sweeps.drafts import ENTRIES, Draft, nested
from tests.sweeps.options import parser_of
from tests.sweeps.program import Program
from tests.sweeps.shrinking import shrunk
from tinygrad_nn import engine
from tinygrad_nn.compiler.backends.machine import Machine

KNOWN = sorted({*statements.KINDS, *statements.REAL, *vectors.KINDS, "none", "graph"})


def drawn(seed: int, without: Collection[str] = ()) -> Program:
    """Draw a program: the same seed, the same program."""
    rng = random.Random(seed)
    long = seed % 3 == 0
    real = not long and rng.random() < 0.5
    sizes = [rng.randint(1, 4), rng.randint(1, 4)]
    if long:
        size = int(vectors.SHORTEST * (vectors.LONGEST / vectors.SHORTEST) ** rng.random())
        sizes[rng.randrange(2)] = size
    names = [f"{v}[{i}]" for v, n in zip("wx", sizes, strict=True) for i in range(min(n, 6))]
    draft = Draft(rng, real, without, names)
    missing = "x[-1]" if "missing" not in without and not long and rng.random() < 0.2 else ""
    if missing:
        draft.numbers.remove(f"x[{sizes[1] - 1}]")
    if long:
        pool = vectors.Vectors(draft, dict(zip("wx", sizes, strict=True)))
        vectors.written(pool, rng.randint(1, 6))
        result = vectors.nested(pool)
    else:
        statements.written(draft, rng.randint(2, 12))
        result = nested(draft)
    points = [_point(rng, sizes, real, bool(missing)) for _ in range(2)]
    return Program(seed, tuple(draft.lines), result, frozenset(draft.kinds), real, tuple(points))


def _point(rng: random.Random, sizes: Sequence[int], real: bool, missing: bool) -> Any:
    """Draw numbers, with zeros and ties among them."""

    def number() -> float:
        if real and rng.random() < 0.7:
            return round(rng.uniform(-2.0, 2.0), 3)
        return float(rng.choice([-4, -3, -2, -1, -1, 0, 0, 1, 1, 2, 3, 4]))

    w, x = ([number() for _ in range(n)] for n in sizes)
    if missing:
        x[-1] = rng.choice([float("nan"), float("inf"), float("-inf"), 0.0, 5.0])
    return w, x, [float(rng.randrange(ENTRIES)) for _ in range(2)]


@dataclass
class Found:
    """What came out of some programs."""

    differences: list[Difference]
    counts: Counter[str]
    refused: Counter[str]


def swept(seeds: Iterator[int], without: Collection[str] = ()) -> Iterator[Found]:
    """Try programs one by one; give all that is known so far after each."""
    found = Found([], Counter(), Counter())
    for seed in seeds:
        program = drawn(seed, without)
        found.differences += check(program, found.counts, found.refused, "graph" in without)
        found.counts["programs"] += 1
        yield found


def main(arguments: Sequence[str] | None = None) -> int:
    """Try programs, and print each difference when it is found."""
    options = _options(arguments)
    if options.engine != "this":
        return _in_engines(options)
    seeds = range(options.seed * 1_000_000, options.seed * 1_000_000 + options.count)
    if options.only is not None:
        seeds = range(options.only, options.only + 1)
        print(drawn(options.only, options.without).source)
    found = Found([], Counter(), Counter())
    before = shown = 0
    interrupted = False
    low = forced(LOW if options.low else {})
    with low, _backend(options.machine), _progress(len(seeds)) as progress:
        task = progress.add_task("", total=len(seeds))
        try:
            for found in swept(iter(seeds), options.without):
                new = found.differences[before:]
                before = len(found.differences)
                if new and shown < options.show:
                    print(told(new), flush=True)
                shown += bool(new)
                progress.update(task, advance=1, description=f"{shown} differ")
        except KeyboardInterrupt:
            print("Interrupted; until then:", file=sys.stderr)
            interrupted = True
    _print_summary(found)
    return 1 if found.differences or interrupted else 0


def told(differences: Sequence[Difference]) -> str:
    """Write the first difference of a program as a small one, and how else it differs."""
    first = shrunk(differences[0])
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


def _in_engines(options: argparse.Namespace) -> int:
    """Run the same in one process for each engine."""
    names = ["native", "plain"] if options.engine == "both" else [options.engine]
    status = 0
    for name in names:
        environment = os.environ | {"TINYGRAD_NN_PURE": "1" if name == "plain" else "0"}
        command = [sys.executable, "-m", "tests.sweeps.programs", "--engine", "this"]
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


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of(__doc__, 300, "programs", seed=1)
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
        help=f"kinds to leave out, of {', '.join(KNOWN)}",
    )
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.without) - set(KNOWN))
    if unknown:
        parser.error(f"no kind is called {', '.join(unknown)}: choose of {', '.join(KNOWN)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
