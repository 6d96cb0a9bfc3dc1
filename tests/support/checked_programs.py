"""Every program that a test compiles is compared with what it means.

It is checked, stored and read again, interpreted at random numbers,
parted into simple statements and interpreted again; all results are those of the NumPy backend,
and of machine code where the tests are told so. And it is proved to be what was recorded.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan
from typing import Any

import numpy as np
import pytest
from grids import Numbers, results, work
from machine_code import CODE

from tinygrad_nn.compiler import batched, plan
from tinygrad_nn.compiler.backends.backend import Backend
from tinygrad_nn.compiler.backends.bound import Bound
from tinygrad_nn.compiler.backends.memory import Layout, Memory
from tinygrad_nn.compiler.backends.numpy.code import NUMPY
from tinygrad_nn.compiler.listing.listing import listing
from tinygrad_nn.compiler.paths.faults import Faults
from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.phases import phases_of
from tinygrad_nn.compiler.program.program import Program, Role, indices_of
from tinygrad_nn.compiler.program.split import check_simple, split
from tinygrad_nn.compiler.program.statements import Access, Loop
from tinygrad_nn.compiler.program.store import load, save
from tinygrad_nn.compiler.program.unroll import unroll
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.compiler.proof.prove import prove_recording
from tinygrad_nn.compiler.readout import parts_of
from tinygrad_nn.compiler.sizes.turns import compile_recording
from tinygrad_nn.compiler.tape.recording import Recording
from tinygrad_nn.errors import ArgumentError, ProofError

SAMPLES = 3
MOST_LOOPS = 5_000  # numbers that the interpreter takes one by one
MOST_PROVED = 20_000  # numbers of a tape
MOST_NUMBERS = 500_000  # and all at once
TRIALS = 3  # rounding may decide a comparison, but not at all numbers near by

COUNTS: Counter[str] = Counter()


class Checker:
    """Checks programs, each content once."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._proved: set[int] = set()
        self._busy = False

    def check(self, program: Program) -> None:
        if self._busy:  # an operation of the user's compiles a function
            return
        self._busy = True
        try:
            self._check(program)
        finally:
            self._busy = False

    def prove(self, program: Program, recording: Recording) -> None:
        """Prove that a program computes what was recorded, each pair of them once."""
        tape = recording.tape
        if self._busy or len(tape) > MOST_PROVED or any(map(isnan, tape.number.values())):
            return
        numbers = (tape.args.first, tape.args.second, tape.number.items(), recording.outputs)
        content = (tuple(map(id, tape.rows)), *map(tuple, numbers), str(program.statements))
        if hash(content) in self._proved:
            return
        self._busy = True
        try:
            prove_recording(program, recording)
            COUNTS["proved"] += 1
        except ProofError as error:
            if "cannot be proved: " not in str(error):  # as its constants were rounded
                raise
            COUNTS["not proved"] += 1
        finally:
            self._busy = False
        self._proved.add(hash(content))

    def _check(self, program: Program) -> None:
        COUNTS["programs"] += 1
        try:
            text, numbers = save(program)
        except ArgumentError:  # an operation of the user's
            key = b"own"
        else:
            key = hashlib.sha1(b"".join([text.encode(), *[x.tobytes() for x in numbers]])).digest()
            if key in self._seen:
                return
            assert save(load(text, numbers))[0] == text
        COUNTS["different"] += 1
        COUNTS["statements"] += len(program.statements)
        verify(program)
        simple = split(program)
        if simple.statements != program.statements:
            verify(simple)
        check_simple(simple)
        assert phases_of(simple).coupled == phases_of(program).coupled
        COUNTS["simple statements"] += len(simple.statements)
        compare(program, simple, np.random.default_rng(list(key)))
        self._seen.add(key)  # what fails, fails again


def compare(program: Program, simple: Program, rng: Any) -> None:
    varies = any(array.per_sample for array in program.arrays)
    count = SAMPLES if varies else 1
    if work(program, count) > MOST_NUMBERS:
        COUNTS["too large"] += 1
        return
    has_loops = any(isinstance(statement, Loop) for statement in program.statements)
    unrolled = split(unroll(program)) if has_loops else simple
    inputs = random_inputs(program, count, rng)
    for trial in range(TRIALS):
        with np.errstate(all="ignore"):
            expected = computed(unrolled, inputs, count)
            wrong = [*differences(program, simple, inputs, count, expected)]
            if has_loops:
                by_steps = computed(simple, inputs, count)
                assert by_steps.tobytes() == expected.tobytes(), "loops compute other bits"
        if not wrong:
            return
        COUNTS[f"trial {trial} differs"] += 1
        inputs = {number: near_by(numbers, rng) for number, numbers in inputs.items()}
    raise AssertionError(f"{wrong}: not the same numbers as\n{listing(program)}")


def differences(
    program: Program, simple: Program, inputs: dict[int, Numbers], count: int, expected: Numbers
) -> Iterator[str]:
    if not is_near(results(program, inputs, [count]), expected):
        yield "all at once"
    blocks = [2, 1] if count == SAMPLES else [count]
    if not is_near(results(simple, inputs, blocks), expected):
        yield "simple, in blocks"
    for backend in CODE:
        COUNTS[backend.name] += 1
        if not is_near(computed(simple, inputs, count, backend), expected):
            yield f"by {backend.name}"
    if work(program, count) <= MOST_LOOPS:
        COUNTS["by loops"] += 1
        memory = interpret(program, {n: x.tolist() for n, x in inputs.items()}, count)
        found = [columns * (count // len(columns)) for columns in results_of(program, memory)]
        if not is_near(np.array(found).reshape(expected.shape), expected):
            yield "by loops"


def random_inputs(program: Program, count: int, rng: Any) -> dict[int, Numbers]:
    inputs = {}
    for number, array in enumerate(program.arrays):
        if array.role is Role.BATCH:
            inputs[number] = np.array([[count], [1.0 / count]])[: array.size]
        elif array.role in (Role.INPUT, Role.CAPTURED):
            shape = (array.size, count if array.per_sample else 1)
            signs = rng.choice([-1.0, 1.0], shape) if rng.random() < 0.5 else 1.0
            inputs[number] = rng.uniform(0.2, 1.7, shape) * signs
    for lookup in program.lookups:
        assert isinstance(lookup.places.where, Access)
        if lookup.places.where.array not in inputs:
            continue  # it was computed
        numbers = inputs[lookup.places.where.array]
        shape = (lookup.places.size, numbers.shape[1])
        numbers[indices_of(program, lookup.places)] = rng.integers(0, lookup.size, shape)
    return inputs


def near_by(numbers: Numbers, rng: Any) -> Numbers:
    """Move numbers a little; whole ones stay, as indices and the number of samples are."""
    moved = numbers * (1.0 + 1e-6 * rng.uniform(-1.0, 1.0, numbers.shape))
    return np.where(numbers == np.round(numbers), numbers, moved)


def computed(
    simple: Program, inputs: dict[int, Numbers], count: int, backend: Backend = NUMPY
) -> Numbers:
    """What a backend computes: a row for each result."""
    simple = backend.prepared(simple)
    layout = Layout(simple)
    maker = backend.maker(layout, phases_of(simple))
    memory = Memory(layout, count, row=maker.row(count))
    bound = Bound(memory, maker.code(memory))
    for number, numbers in inputs.items():
        bound.inputs[number][...] = numbers if bound.inputs[number].ndim == 2 else numbers[:, 0]
    for phase in (bound.before, bound.body, bound.after):
        phase()
    found = np.zeros((sum(run.size for run in simple.results), count))
    for part in parts_of(simple):
        rows = part.read(bound.memory)
        found[part.begin : part.end] = rows if rows.ndim == 2 else rows[:, None]
    return found


def is_near(found: Numbers, expected: Numbers) -> bool:
    """Whether numbers differ by rounding, as measured by the largest of all."""
    finite = np.isfinite(expected)
    same = np.array_equal(finite, np.isfinite(found)) and np.array_equal(
        found[~finite], expected[~finite], equal_nan=True
    )
    if not same or not finite.any():
        return same
    sizes = np.abs(expected[finite])
    scale = np.maximum(sizes, 1e-3 * max(1e-6, sizes.max()))
    return bool((np.abs(found[finite] - expected[finite]) <= 1e-9 * scale).all())


def _raised(_: Faults, error: BaseException) -> None:
    """Let errors of ours be none that Python steps in for, also where warnings are ignored."""
    raise AssertionError("an error of the compiler's own, while a path was recorded") from error


@contextmanager
def checked_programs() -> Iterator[None]:
    """Check each program when it is made."""
    checker = Checker()

    def checked(recording: Recording, check: bool = False) -> Program:
        program = compile_recording(recording, check)
        checker.check(program)
        checker.prove(program, recording)
        return program

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "compile_recording", checked)
        patch.setattr(batched, "compile_tape", checked)
        patch.setattr(Faults, "tell", _raised)
        yield
