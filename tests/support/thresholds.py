"""Every threshold of the package, and all of them low, so that small programs go the large ones' ways.

A number with a capital name is a threshold where what is computed, or how, depends on it. Those of
the files that are compiled natively are fixed there: they are forced in the plain engine only.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

import tinygrad_nn

PACKAGE = Path(tinygrad_nn.__file__).parent

LOW: dict[str, float] = {  # the value that is forced
    "compiler.backends.llvm.sums.BROAD": 1,
    "compiler.backends.joint.LONG": 0,
    "compiler.backends.llvm.sums.CHAINS": 1,
    "compiler.backends.llvm.sums.LARGE": 1,
    "compiler.backends.llvm.calls.COPIES": 1,
    "compiler.backends.llvm.contraction.MOST_ROWS": 1,
    "compiler.backends.llvm.contraction.FOLLOWING": 0,
    "compiler.backends.llvm.splitting.RANGE": 2,
    "compiler.backends.llvm.sums.EXPECTED": 1,
    "compiler.backends.llvm.sums.UNROLLED": 1,
    "compiler.backends.groups.FEW": 0,
    "compiler.backends.llvm.module.LONGEST": 1,
    "compiler.backends.schedule.MOST_NESTS": 1,
    "compiler.backends.llvm.module.MOST_POINTERS": 1,
    "compiler.backends.schedule.MOST_TOGETHER": 1,
    "compiler.backends.schedule.LONG": 1,
    "compiler.backends.schedule.WINDOW": 2,
    "compiler.backends.llvm.special.FARTHEST": 1.0,
    "compiler.backends.machine.MOST_PRODUCTS": 1,
    "compiler.backends.memory.LINE": 8,
    "compiler.backends.memory.MOST_PORTS": 0,
    "compiler.backends.numpy.contraction.FEW_ROWS": 0,
    "compiler.backends.numpy.elements.MOST_TERMS": 1,
    "compiler.backends.numpy.few.MOST_PRODUCTS": 1,
    "compiler.backends.numpy.few.MOST_RESULTS": 1,
    "compiler.backends.numpy.moving.MOST_STEPS": 1,
    "compiler.backends.runner.CACHE": 1,
    "compiler.backends.runner.LONG": 0.0,
    "compiler.backends.runner.WHOLE": 1,
    "compiler.backends.runner.WORTH_WHILE": 0.0,
    "compiler.backends.runner.LEAST": 1,
    "compiler.backends.runner.MOST_AT_ONCE": 1,
    "compiler.backends.runner.MOST_SIZES": 1,
    "compiler.backends.numpy.sums.LONGEST_DOT": 1,
    "train.engines.at_once.OFTEN": 1,
    "compiler.entries.entries.LATER": 1,
    "compiler.entries.entries.MOST_KEPT": 1,
    "compiler.entries.gives.FEW": 0,
    "compiler.entries.guards.FEW": 0,
    "compiler.entries.nesting.FEW": 0,
    "compiler.entries.reading.FEW": 0,
    "compiler.entries.source.MOST_TERMS": 20,
    "compiler.entries.takes.ALIKE": 1,
    "compiler.entries.takes.FEW": 0,
    "compiler.function.MOST_ALIKE": 1,
    "compiler.function.MOST_PROGRAMS": 1,
    "compiler.function.WARN_AT": 0,  # never: to keep few programs is to record anew often
    "compiler.plan.REPEATED": 1,
    "compiler.paths.batch.FINENESS": 1,
    "compiler.paths.batch.LEAST": 2,
    "compiler.paths.batch.MOST_PADDED": 2,
    "compiler.paths.samples.MOST_ANSWERS": 4,
    "compiler.paths.together.NEAR": 3,
    "compiler.program.nests.MOST_AXES": 1,
    "compiler.proof.run.MOST_AT_ONCE": 1,
    "compiler.proof.steps.FEW_NUMBERS": 0,
    "compiler.readout.LONG_RUN": 1,
    "compiler.roll.colours._ROUNDS": 0,
    "compiler.roll.groups.FEW": 0,
    "compiler.roll.repeats.LEAST": 2,
    "compiler.roll.repeats.LONGEST": 4,
    "compiler.roll.repeats.ODD_ENDS": 1,
    "compiler.roll.merging.LEAST": 2,
    "compiler.roll.parting.LEAST": 2,
    "compiler.roll.stacking.FEW": 0,
    "compiler.roll.stacking.LEAST": 2,
    "compiler.roll.groups.GATHERED": 2,
    "compiler.roll.stencils.INSIDE": 2,
    "compiler.roll.own_sums.MOSTLY": 0.0,
    "compiler.roll.stencils.LEAST_SHIFTED": 1,
    "compiler.roll.stencils.MOST_SHIFTS": 4,
    "compiler.roll.stencils.MOST_SLICES": 2,
    "compiler.roll.stencils.MOST_PARTS": 2,
    "compiler.sizes.functions.MANY_NUMBERS": 0,
    "compiler.sizes.functions.MOST_ALIKE": 1,
    "compiler.sizes.functions.VERY_MANY": 0,
    "compiler.sizes.in_turns.LONG_LOOP": 0,
    "compiler.sizes.turns.LONG_TAPE": 0,
    "compiler.tape.turns.FEW": 2,
    "compiler.tape.turns.GOOD": 4,
    "compiler.tape.stretches.LEAST": 14,
    "compiler.tape.stretches.MOST_GAPS": 100,
    "compiler.tape.stretches.PARTS": 8,
    "compiler.sizes.functions.MOST_KNOWN": 1,
    "compiler.sizes.loops.LONGEST": 2,
    "compiler.sizes.recordings.SMALL": 0,
    "compiler.sizes.tables.LONGEST": 2,
    "compiler.sizes.tables.MOST_LOOPS": 2,
    "compiler.sizes.tables.SHORT": 1,
    "compiler.sizes.tables.MOST_MULTIPLES": 8,
    "compiler.sizes.tables.MOST_NUMBERS": 1,
    "compiler.watch.watch.ASKED": 1,
    "compiler.watch.watch.MOST_TERMS": 1,
    "linalg.determinants.MOST_BY_MINORS": 1,
    "nn.compiled.any_size.CLOSE": 0,
    "nn.compiled.any_size.LARGE": 0,
    "nn.compiled.any_size.QUICK": 0,
    "data.validation.EXACT": 1,
    "sklearn.shared.LONG": 1,
    "train.engines.sides.MOST_SIZES": 1,
    "train.engines.spread.PARTS": 2,
    "sparse.derivatives.MOST_PATTERNS": 1,
    "train.engines.spread.MOST_PROGRAMS": 1,
    "train.length.LEAST_SQUARE": 1e300,
    "train.samples.MOST_KNOWN": 1,
    "transforms.series.LONG": 1,
}

NONE: dict[str, str] = {  # why it is no threshold
    "train.engines.workers.ATTEMPTS": "how often lost workers are replaced",
    "train.engines.workers.GRACE": "how long a cluster is waited for",
    "compiler.watch.settled.ATTEMPTS": "how often other threads may disturb a recording",
    "sklearn.estimator.LARGEST_BATCH": "a default",
    "sklearn.shared.MOST_NUMBERS": "how much is kept, not what is computed",
    "sklearn.shared.OF_A_STEP": "a weight in an estimate",
    "compiler.backends.work.ALONE": "when machine code takes over",
    "compiler.backends.llvm.body.ALONE": "a mark",
    "compiler.backends.llvm.body.ALONG_SAMPLES": "a mark",
    "compiler.backends.llvm.sums.NONE": "a mark",
    "compiler.backends.llvm.faults.AT_ONCE": "an order of looking, not of computing",
    "compiler.backends.llvm.faults.FIELDS": "the width of a table",
    "compiler.backends.llvm.singles.LN2_HIGH": "a part of a number",
    "compiler.backends.llvm.singles.LN2_LOW": "a part of a number",
    "compiler.backends.llvm.singles.MAGIC": "whose last bits are whole numbers",
    "compiler.backends.llvm.singles.MAGIC_BITS": "the bits of MAGIC",
    "compiler.backends.llvm.singles.ONE_BITS": "the bits of 1",
    "compiler.backends.llvm.singles.ROOT_BITS": "the bits of a root",
    "compiler.backends.llvm.reals.VECTOR": "the longest vectors there are",
    "compiler.backends.llvm.disk.HASH": "of the form of files",
    "compiler.backends.joint.GIVEN_NOT_FINITE": "a mark",
    "compiler.backends.joint.NOT_TAKEN": "a mark",
    "compiler.backends.llvm.in_blocks.HEAD": "how many things are said of all blocks",
    "compiler.backends.joint.WORDS_OF_GIVEN": "how many things are said of an array",
    "compiler.backends.llvm.taking.RECORDS_RO": "a mark of Python's",
    "compiler.backends.llvm.engine.LEVEL": "how long code is looked at, not what it computes",
    "compiler.backends.llvm.exponentials.LN2_HIGH": "a part of a number",
    "compiler.backends.llvm.exponentials.LN2_LOW": "a part of a number",
    "compiler.backends.llvm.exponentials.MAGIC": "whose last bits are whole numbers",
    "compiler.backends.llvm.exponentials.MAGIC_BITS": "the bits of MAGIC",
    "compiler.backends.llvm.exponentials.ONE_BITS": "the bits of 1",
    "compiler.backends.llvm.exponentials.ROOT_BITS": "the bits of a root",
    "compiler.backends.looks.NOT_FINITE": "a mark",
    "compiler.backends.looks.NO_PLACE": "a mark",
    "compiler.backends.loops.OUTSIDE": "a number of an arena",
    "compiler.backends.loops.SAMPLES": "a number of an arena",
    "compiler.backends.loops.SHARED": "a number of an arena",
    "exports.loops.printed.MOST_LINES": "of a comment",
    "exports.loops.printed.MOST_PIECES": "of comments",
    "data.columns.MOST_CATEGORIES": "what is refused",
    "data.columns.SHOWN": "names that a message shows",
    "data.csv_files.PIECE": "lines that are read at a time",
    "data.csv_files.SNIFFED": "lines that are looked at",
    "optim.clipping.MARGIN": "part of the formula",
    "saved.saving.FORM": "of a file",
    "exports.onnx_.expansions.LARGE": "part of the formula",
    "exports.onnx_.expansions.TERMS": "of a series",
    "exports.onnx_.model.OPSET": "of the format",
    "exports.onnx_.model.VERSION": "of the format",
    "exports.onnx_.writer.INT64": "of the format",
    "exports.python.file.LONGEST": "what is written on a line",
    "exports.python.printer.FEW": "numbers that are written out",
    "exports.tex.formulas.LONGEST": "what is written inside of something else",
    "exports.tex.printer.FEW": "numbers that are shown of many",
    "train.lbfgs.LEAST": "a budget of SciPy's",
    "train.checkpoint.FORM": "of a file",
    "exports.folding.LARGER": "what is computed beforehand",
    "exports.loops.function.LONGEST": "lines of a function",
    "exports.loops.schedule.MOST": "what is written together",
    "exports.example.MANY": "how close results are to be",
    "exports.example.SAMPLES": "that a test has",
    "exports.loops.language.WIDTH": "of lines",
    "compiler.program.precision.ROUNDED": "what is rounded more is refused",
    "compiler.backends.work.CALL": "when machine code takes over",
    "compiler.backends.work.LOADING": "when machine code takes over",
    "compiler.backends.work.MAKING": "when machine code takes over",
    "compiler.backends.work.NUMBER": "when machine code takes over",
    "compiler.backends.work.PRODUCT": "when machine code takes over",
    "compiler.backends.work.STATEMENT": "when machine code takes over",
    "compiler.backends.threads.MOST": "threads, not what they compute",
    "compiler.plan.MOST_TWINS": "memory that is kept",
    "compiler.plan.PATIENCE": "seconds, after which there is other memory",
    "compiler.captured.MOST": "where names of Values are looked for",
    "compiler.entries.stepping.KERNELS": "a place in a table",
    "compiler.entries.stepping.WORDS_OF_KERNEL": "how many things are said of a kernel",
    "compiler.entries.words.BITS": "of a word",
    "compiler.entries.words.EIGHT": "bytes of a word",
    "compiler.entries.words.NO_ADDRESS": "a mark",
    "compiler.entries.making.FAST_CALL": "a flag of Python",
    "compiler.entries.nesting.FORTRAN": "a flag of NumPy",
    "compiler.entries.objects.PAGE": "where no object is",
    "compiler.entries.objects.NEW_ARRAY": "the number of a function",
    "compiler.file.VERSION": "a mark",
    "compiler.interface.DEEPEST": "what is deeper is refused",
    "compiler.program.limits.MOST_AXES": "what is larger is refused",
    "compiler.program.limits.MOST_NUMBERS": "what is larger is refused",
    "compiler.program.limits.MOST_RESULTS": "what is larger is refused",
    "compiler.program.limits.MOST_STEPS": "what is larger is refused",
    "compiler.program.limits.MOST_WORK": "what is larger is refused",
    "compiler.program.store.DEEPEST": "what is deeper is refused",
    "compiler.backends.llvm.splitting.LARGEST": "beyond, not all whole numbers are floats",
    "compiler.program.store.LARGEST": "what is larger is refused",
    "compiler.backends.numpy.views.MOST_SHAPES": "a cache of what is the same when made anew",
    "compiler.proof.arrays._CHUNK": "how many elements are made at once",
    "compiler.proof.field.MOST_FACTORS": "which powers are products in a proof, on both sides",
    "compiler.proof.field.P": "a prime",
    "compiler.proof.field.POWER": "part of what max is in a proof",
    "compiler.proof.field.Q": "a prime",
    "compiler.paths.patience.MOST_IN_VAIN": "what has more paths is called as it is",
    "train.engines.parted.MOST_TRIED": "samples of which one is to have a program",
    "compiler.paths.patience.MOST_PATHS": "what has more paths is called as it is",
    "compiler.trace.handlers._GENERATOR": "flags of a code",
    "compiler.trace.handlers._LOOKED_AT": "how far a handler is read",
    "compiler.trace.handlers.MOST_CODES": "a cache of what is the same when made anew",
    "compiler.paths.tree.MOST_DENIED": "what is left to the function itself",
    "compiler.whole.LARGEST": "beyond, whole numbers are no floats",
    "compiler.paths.samples.NEARLY_ALL": "which path is tried first",
    "compiler.planning.CLOSE": "what counts as the same result",
    "compiler.paths.by_classes.MOST_CLASSES": "what is called with more is called as it is",
    "compiler.trace.asking.BACK": "how far what names classes is read",
    "compiler.trace.session.MARGIN": "what is left to the function itself",
    "compiler.trace.ties.BITS": "of a float",
    "compiler.trace.ties.FEW": "what is left to the function itself",
    "compiler.trace.ties.FINE": "what is left to the function itself",
    "compiler.trace.ties.FINEST": "what is left to the function itself",
    "compiler.trace.ties.MOST_WHOLE": "what is left to the function itself",
    "compiler.trace.session.MOST_QUESTIONS": "what asks more is not recorded",
    "compiler.proof.field._ROUNDS": "of a random function",
    "compiler.proof.plain._DENOMINATOR": "which constants are fractions in a proof, on both sides",
    "compiler.proof.plain._DIGITS": "which constants are decimals in a proof, on both sides",
    "compiler.proof.plain._FACTOR": "which constants are products in a proof, on both sides",
    "compiler.proof.plain._MOST_OTHERS": "which constants are products in a proof",
    "compiler.proof.plain._NEAR": "what rounding is in a proof",
    "compiler.proof.plain._NOT_FAR": "what rounding is in a proof",
    "compiler.proof.plain.MOST_WHOLE": "which constants are fractions in a proof, on both sides",
    "compiler.proof.prove.SAMPLES": "of a proof",
    "compiler.proof.trial.ALONG": "of random numbers of a proof",
    "compiler.proof.memory.RANDOM": "of random numbers of a proof",
    "compiler.proof.memory.PLACES": "of random numbers of a proof",
    "compiler.proof.arrays._MANY": "which of two ways a remainder is found in a proof",
    "compiler.proof.field.MIX": "of random numbers of a proof",
    "compiler.proof.field.MIX_MORE": "of random numbers of a proof",
    "compiler.proof.field.SPREAD": "of random numbers of a proof",
    "compiler.proof.field.WORD": "of random numbers of a proof",
    "compiler.proof.steps.QUICK": "which of two ways a proof takes, with the same numbers",
    "compiler.sizes.fit.LARGEST": "how finely a number is read as a fraction",
    "compiler.sizes.recordings.LEAST": "a budget: lower, less is found",
    "compiler.sizes.recordings.RECORDING": "a budget: higher, less is found",
    "compiler.sizes.recordings.SHARE": "a budget: higher, less is found",
    "compiler.waiting.LONG": "when something is shown",
    "compiler.roll.cancelling._DEPTH": "part of the rule of parentheses",
    "compiler.roll.choices.NOWHERE": "a mark",
    "compiler.roll.absorbing._SIGNS": "parts a key",
    "compiler.roll.flatten.EXTREME": "a kind",
    "compiler.roll.flatten.OPERATION": "a kind",
    "compiler.roll.flatten.SUM": "a kind",
    "compiler.roll.growing.WANTED": "a mark",
    "compiler.roll.sets.MANY": "parts the two halves of a key",
    "compiler.roll.shapes.NOTHING": "a mark",
    "compiler.roll.shapes.NUMBER": "a mark",
    "compiler.roll.stacking.ROUNDS": "1 is low",
    "compiler.roll.uses.CHAINED": "a mark",
    "compiler.roll.uses.COPIED": "a mark",
    "compiler.roll.uses.FACTOR": "a mark",
    "compiler.roll.uses.LIVE": "a mark",
    "compiler.roll.uses.NEGATED": "a mark",
    "compiler.roll.uses.SCALED": "a mark",
    "compiler.roll.uses.STAYS": "a mark",
    "compiler.roll.written.FEW": "part of the rule of parentheses",
    "compiler.roll.written._RANK": "parts a key",
    "compiler.roll.written._RUN": "parts a key",
    "compiler.roll.uses._LEAST": "beyond, products of coefficients would leave the floats",
    "compiler.roll.uses._MOST": "beyond, products of coefficients would leave the floats",
    "compiler.roll.parting.MOST_CHAINS": "how many chains may be loops of their own",
    "compiler.tape.tape.MOST_ENTRIES": "parts the halves of a key",
    "compiler.tape.tape.NOBODY": "a mark",
    "compiler.tape.tape.SEVERAL": "a mark",
    "compiler.tape.stretches.EDGE": "how much of a stretch stays as it is",
    "compiler.tape.stretches.PLACES": "where it is looked first, whether anything repeats",
    "compiler.sizes.turns.FEW_BESIDE": "which tapes are chains",
    "compiler.sizes.turns.LONG_CHAIN": "LONG_TAPE comes first",
    "compiler.sizes.turns.TURNS": "turns that are always there",
    "compiler.tape.stretches.LARGE": "what may be there by chance",
    "compiler.tape.stretches.FEWEST": "entries in which a period is seen",
    "compiler.tape.turns.KEPT": "turns that are always there",
    "compiler.tape.stretches.MOST_ODD": "of the places where it is looked first",
    "compiler.tape.stretches.SHORT": "gaps in which nothing is looked for",
    "compiler.tape.periods.SEEN": "how often a period is seen at least",
    "compiler.tape.periods.MOST_TRIES": "how long a period is looked for",
    "compiler.proof.recorded.BITS": "parts the two halves of a number",
    "compiler.tape.table.INPUT": "a kind",
    "compiler.tape.table.NUMBER": "a kind",
    "compiler.trace.logged.INPUT_CODE": "a kind",
    "compiler.trace.logged._ADD_CODE": "a kind",
    "compiler.trace.logged._MUL_CODE": "a kind",
    "compiler.trace.logged._SUB_CODE": "a kind",
    "compiler.trace.logged.MOST_CODES": "more operations than there are",
    "compiler.trace.logged.NOBODY": "a mark",
    "compiler.trace.logged.NUMBER_CODE": "a kind",
    "compiler.trace.logged.PLACE": "parts the operands of an operation",
    "compiler.watch.ours._OF_PYTHON": "a flag of Python's",
    "compiler.watch.explorer.LARGEST": "what is larger is refused by name",
    "scalar.contexts._LATER": "flags of Python",
    "scalar.copies._SAME": "a key",
    "scalar.graph.CHOSEN": "a mark",
    "scalar.graph.INTRODUCED": "a mark",
    "scalar.graph.JOINED": "a mark",
    "scalar.graph.NEVER": "a mark",
    "scalar.graph.NOTES": "two bits of a mark",
    "scalar.switch.UNLIMITED": "more symbols than are ever recorded",
    "scalar.number.CONDITION": "how far notes go: with 0 graphs are compiled that are refused",
    "transforms.direct.DEEPEST": "deeper nestings go the way of all",
    "transforms.direct.EXACT": "whole numbers that are floats",
    "transforms.direct.FEW": "operands that are looked at in a quicker way",
    "solvers.arguments.LEAST_ERROR": "what is refused",
    "solvers.implicit.CLOSE": "what is refused",
    "solvers.implicit.CONTRACTION": "what is refused",
    "solvers.implicit.HALF_OF_DIGITS": "what is refused",
    "solvers.implicit.MOST_STEPS": "what is refused",
    "solvers.integrals.MOST_PIECES": "what is refused",
    "solvers.integrals.MOST_POINTS": "how much is kept, not what is computed",
    "solvers.integrals.MOST_SUMMED": "what is refused",
    "solvers.minimum.LEAST_CURVATURE": "what is refused",
    "solvers.odes.ADDED_UP": "what is refused",
    "solvers.odes.CONFIRMED": "what is refused",
    "solvers.odes.FINE": "what is refused",
    "solvers.odes.MANY": "which of two solvers of linear equations there is",
    "solvers.odes.MOST_SOLUTIONS": "how much is kept, not what is computed",
    "solvers.odes.SMALL": "what is refused",
    "solvers.rough.CURVED": "what is refused",
    "solvers.rough.CLOSEST": "what is refused",
    "solvers.rough.LONGEST_SHORT": "what is looked at twice",
    "solvers.rough.SHORT": "what is looked at twice",
    "solvers.slopes.MOST_KEPT": "how much is kept, not what is computed",
    "solvers.smooth.HIGHEST": "what is refused",
    "scalar.custom._FURTHER": "letters of arguments",
    "special.gammas.EULER": "a number of mathematics",
    "special.gammas.SHIFTED": "from where on a series has all digits",
    "special.bessel.ASYMPTOTIC": "from where on a series has all digits",
    "special.bessel.CLOSENESS": "up to where a series has all digits",
    "special.incomplete.GONE": "an exponent that leaves nothing",
    "special.bells.NODES": "how fine integrals are",
    "special.betas.SMALL": "up to where an integral is used",
    "special.integrals.BEYOND_BRANCH": "a number of mathematics",
    "special.integrals.NEAR": "up to where a series is used",
    "special.normal.FAR": "from where on a series has all digits",
    "special.uniform.LEAST_ORDER": "from where on a series has all digits",
    "special.uniform.TERMS": "how many terms of a series have all digits",
    "testing.expression.GRID": "how finely random numbers lie",
}

# What these show or tolerate depends on their constants; no number of the user's does.
SHOWING = (
    *("check", "compiler.listing", "drawing", "experiment", "explaining", "grading"),
    *("latex", "plotting", "viewing", "cli", "hypertext", "progress"),
)


CAPITALS = re.compile(r"^[\W_]*[A-Z][A-Z0-9_]*\b.*=", re.MULTILINE)  # parsing takes much longer


def constants() -> dict[str, Path]:
    """Find the plain numbers with capital names in the modules of the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if not CAPITALS.search(path.read_text("utf-8")):
            continue
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for name in _numbers(_parsed(path)):
            found[f"{module.removesuffix('.__init__')}.{name}"] = path
    return found


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _numbers(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from _capitals(target, node.value)


def _capitals(target: ast.expr, value: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
        for one, number in zip(target.elts, values, strict=False):
            yield from _capitals(one, number)
    elif isinstance(target, ast.Name) and target.id.isupper() and _is_number(value):
        yield target.id


def _is_number(value: ast.expr) -> bool:
    """Tell whether an expression is arithmetic with at least one plain number."""
    parts = list(ast.walk(value))
    arithmetic = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Name)
    return all(isinstance(part, (*arithmetic, ast.expr_context)) for part in parts) and any(
        isinstance(part, ast.Constant) and type(part.value) in (int, float) for part in parts
    )


@contextmanager
def forced(values: dict[str, float] = LOW) -> Iterator[None]:
    """Set thresholds inside this context."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            module, _, constant = name.rpartition(".")
            patch.setattr(importlib.import_module(f"tinygrad_nn.{module}"), constant, value)
        yield


def taken(path: Path, names: Collection[str]) -> Iterator[str]:
    """List which names a module takes from others: a number is forced where it is defined."""
    text = path.read_text("utf-8")
    for node in ast.walk(_parsed(path)) if any(name in text for name in names) else ():
        if isinstance(node, ast.ImportFrom):
            yield from (name.name for name in node.names if name.name in names)
