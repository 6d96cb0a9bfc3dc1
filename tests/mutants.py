"""Make small mistakes in the package, one at a time, and see whether the tests notice.

Run it in the root of the repository; each folder or file is given with the tests of its own::

    python mutants.py --seed 11 --count 30 tinygrad_nn/scalar=tests/scalar

Mistakes are made in a copy of the repository, with the plain engine. One that the own tests do
not notice is left to all tests. The same seed, count and folders draw the same mistakes.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

ROOT = Path.cwd()
NOT_COPIED = (
    *(".git", ".venv*", ".*cache", ".hypothesis", "__pycache__", "*.egg-info"),
    *("*.so", "engine.json", "build", "dist", "runs", "site"),
)
PATIENCE, LEAST_LIMIT = 4.0, 60.0  # tests hang that take 4 times as long, and 60 s at least

OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Eq: ast.NotEq, ast.Is: ast.IsNot, ast.In: ast.NotIn},
    **{ast.NotEq: ast.Eq, ast.IsNot: ast.Is, ast.NotIn: ast.In},
}
OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Add: ast.Sub, ast.Mult: ast.Div, ast.BitOr: ast.BitAnd, ast.And: ast.Or},
    **{ast.Sub: ast.Add, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.Or: ast.And},
    **{ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, **OPPOSITES},
}
# Before Python 3.12 the places of what stands in an f-string are wrong.
LEFT_ALONE = (ast.Import, ast.ImportFrom, ast.Assert, ast.JoinedStr)
LINES = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Raise, ast.Break, ast.Continue)


@dataclass(frozen=True)
class Mutant:
    """One mistake: what stands from a (line, byte) of a file to another, and is replaced."""

    file: Path
    kind: str
    span: tuple[tuple[int, int], tuple[int, int]]
    before: str
    after: str

    def applied(self, source: bytes) -> bytes:
        """Give the source of the file with the mistake in it."""
        lines = source.splitlines(keepends=True)
        start, end = (sum(map(len, lines[: line - 1])) + byte for line, byte in self.span)
        return source[:start] + self.after.encode() + source[end:]

    @property
    def place(self) -> str:
        """The file, the line and the column."""
        line, byte = self.span[0]
        return f"{self.file.as_posix()}:{line}:{byte + 1}"

    def __str__(self) -> str:
        before, after = (shorten(text, 60, placeholder=" …") for text in (self.before, self.after))
        return f"{before}  →  {after}"


@dataclass(frozen=True)
class Target:
    """A folder or file to make mistakes in, and the tests of its own."""

    path: Path
    tests: tuple[str, ...]

    @classmethod
    def parsed(cls, text: str) -> Target:
        """Read ``path=tests`` or ``path=tests,more``."""
        path, _, tests = text.partition("=")
        for name in (path, *tests.split(",")):
            if not name or not (ROOT / name).exists():
                raise argparse.ArgumentTypeError(f"{text!r}: there is no {name!r} in {ROOT}")
        return cls(Path(path), tuple(tests.split(",")))

    def mutants(self) -> list[Mutant]:
        """List every mistake there is to make."""
        whole = ROOT / self.path
        files = [whole] if whole.is_file() else sorted(whole.rglob("*.py"))
        return [mutant for file in files for mutant in mutants_of(file.relative_to(ROOT))]


# ---- what can be changed -------------------------------------------------------------------------


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Find the mistakes to make in a file."""
    for node, inside in _walk(ast.parse((ROOT / file).read_bytes()), False):
        for kind, part, after in _changes(node, inside):
            end = part.end_lineno or 0, part.end_col_offset or 0  # never 0 in a tree of a text
            span = (part.lineno, part.col_offset), end
            yield Mutant(file, kind, span, ast.unparse(part), after)


def _walk(node: ast.AST, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Visit what may be changed, and say of each whether it is inside a function."""
    yield node, inside
    inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for name, value in ast.iter_fields(node):
        if not _is_apart(node, name):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not isinstance(child, LEFT_ALONE):
                    yield from _walk(child, inside)


def _is_apart(node: ast.AST, field: str) -> bool:
    """Tell whether a part of a node is for people or type checkers, or cannot change results."""
    match node:
        case ast.Raise() | ast.Call(func=ast.Attribute(attr="warn")):
            return True  # the texts of errors
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return True
        case ast.ClassDef():
            return field != "body"
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Compare(left=ast.Name(id="__name__"))):
            return field != "orelse"
        case ast.keyword(arg="strict"):
            return True  # of zip: the same where lengths are equal
    return field in ("annotation", "returns", "decorator_list")


def _changes(node: ast.AST, inside: bool) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """Say what to make of a node: the kind, what is replaced, and by what."""
    tests: list[ast.expr] = []
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in OPERATORS:
            if inside or not isinstance(op, ast.BitOr):  # outside of functions it is one of types
                changed = _with(node, op=OPERATORS[type(op)]())
                yield "operator", node, changed if isinstance(node, ast.stmt) else f"({changed})"
        case ast.Compare(ops=ops):
            for i, sign in enumerate(ops):
                changed = _with(node, ops=[*ops[:i], OPERATORS[type(sign)](), *ops[i + 1 :]])
                yield "operator", node, f"({changed})"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "operator", node, f"({ast.unparse(operand)})"
        case ast.Constant(value=bool() as value):
            yield "constant", node, str(not value)
        case ast.Constant(value=int() | float() as value):
            more = value + 1  # of a great float the same
            yield "constant", node, repr(0 * value if value in (1, more) else more)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            tests = [] if _is_apart(node, "test") else [test]
        case ast.comprehension():
            tests = node.ifs
    for test in tests:
        if not isinstance(test, ast.Compare) or type(test.ops[0]) not in OPPOSITES:
            yield "condition", test, f"(not ({ast.unparse(test)}))"
    if isinstance(node, LINES) and _can_be_left_out(node):
        yield "left out", node, "pass"


def _with(node: ast.expr | ast.stmt, **fields: object) -> str:
    changed = copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return ast.unparse(changed)


def _can_be_left_out(node: ast.stmt) -> bool:
    """Tell whether a line is neither a text, nor missed at once as the first that gives a name."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(value))
    return not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant)


def drawn(targets: Sequence[Target], count: int, seed: int) -> list[tuple[Target, Mutant]]:
    """Draw as many from each target, and there from each kind as often as from another."""
    rng = random.Random(seed)
    found: list[tuple[Target, Mutant]] = []
    for number, target in enumerate(targets):
        kinds: dict[str, list[Mutant]] = {}
        for mutant in target.mutants():
            kinds.setdefault(mutant.kind, []).append(mutant)
        for _ in range(count // len(targets) + (number < count % len(targets))):
            left = [kind for kind in sorted(kinds) if kinds[kind]]
            if left:
                mutants = kinds[rng.choice(left)]
                found.append((target, mutants.pop(rng.randrange(len(mutants)))))
    return found


# ---- running the tests ---------------------------------------------------------------------------


class Copy:
    """A copy of the repository, in which tests are run."""

    def __init__(self, root: Path, processes: int) -> None:
        self.root = root
        self.processes = processes
        self._limits: dict[tuple[str, ...], float] = {}
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_COPIED))

    def verdict(self, target: Target, mutant: Mutant) -> str:
        """Say which tests notice a mistake, and whether they would not end."""
        for tests, name in ((target.tests, "own tests"), ((), "suite")):
            if tests not in self._limits:
                self._limits[tests] = self._limit(tests)
            file = self.root / mutant.file
            source = file.read_bytes()
            file.write_bytes(mutant.applied(source))
            code = self._run(tests, self._limits[tests])
            file.write_bytes(source)
            if code != 0:
                return f"{name}, hang" if code is None else name
        return "SURVIVED"

    def _limit(self, tests: tuple[str, ...]) -> float:
        """Run tests without a mistake: they must pass, and show how long they may take."""
        begin = time.monotonic()
        if self._run(tests, None) != 0:
            sys.exit(f"{' '.join(tests) or 'the suite'}: fails without any mistake")
        return max(LEAST_LIMIT, PATIENCE * (time.monotonic() - begin))

    def _run(self, tests: tuple[str, ...], limit: float | None) -> int | None:
        """Give what pytest returns, or None if the time is up."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        command += ["-n", str(self.processes)] if self.processes else []
        variables = {
            "CI": "true",  # random tests draw the same in each run
            "PYTHONDONTWRITEBYTECODE": "1",  # it would be taken for that of the next mistake
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(self.root),  # before what is installed, also in other folders
            "TINYGRAD_NN_PURE": "1",
        }
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env=os.environ | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that what the tests have started ends with them
        )
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


# ---- the command ---------------------------------------------------------------------------------


def main() -> None:
    """Draw mistakes, try them, and print a table."""
    options = parse(sys.argv[1:])
    rows = list(enumerate(drawn(options.targets, options.count, options.seed), start=1))
    rows = [row for row in rows if not options.only or row[0] in options.only]
    width = max((len(mutant.place) for _, (_, mutant) in rows), default=0)
    verdicts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = None if options.list else Copy(Path(folder, "tree"), options.processes)
        for number, (target, mutant) in rows:
            found = tree.verdict(target, mutant) if tree else ""
            verdicts[found] += 1
            cells = f"{number:4}  {mutant.place:<{width}}", f"{found:<15}" if tree else ""
            print(*filter(None, cells), f"{mutant.kind:<9}", mutant, sep="  ", flush=True)
    print(*(f"{count} {name or 'drawn'}" for name, count in sorted(verdicts.items())), sep=", ")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("targets", nargs="+", type=Target.parsed, metavar="PATH=TESTS[,TESTS]")
    parser.add_argument("--seed", type=int, default=0, help="of the draw (0)")
    parser.add_argument("--count", type=int, default=20, help="how many mistakes in all (20)")
    parser.add_argument("--list", action="store_true", help="print the mistakes without running")
    parser.add_argument("--only", type=numbers, help="run these numbers of the list, as 3,7")
    parser.add_argument("--processes", type=int, default=0, help="pytest-xdist's -n (0: without)")
    return parser.parse_args(arguments)


def numbers(text: str) -> set[int]:
    """Read numbers with commas between them."""
    return {int(number) for number in text.split(",")}


if __name__ == "__main__":
    main()
