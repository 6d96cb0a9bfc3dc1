"""Reading a listing back: its lines computed with NumPy, as the grammar says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import TABLE
from tinygrad_nn.compiler.listing import formula, listing, notation, reading
from tinygrad_nn.compiler.listing.entries import Entry
from tinygrad_nn.compiler.listing.listing import Line, lines_of
from tinygrad_nn.compiler.listing.names import end_of
from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.program import Array, Piece, Program, Role
from tinygrad_nn.compiler.program.statements import sums_samples
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.scalar.operation import Op
from tinygrad_nn.scalar.reverse import local_partial

OPERAND = r"((?:v\d+_\d+|take\([^()]*\))(?:\[[^\]]*\]|\.reshape\([^)]*\))*)"
TIMES_TRANSPOSED = re.compile(rf"{OPERAND} @ {OPERAND}\.T(?![\w.\[])")
MOVED = re.compile(r"(?<=\+ )\[\d[\d, ]*\]|(?<![\w\])])\[\d[\d, ]*\](?=\[)")
COMPARED = re.compile(r"\b([i-w]) < (\d+)")


class Reader:
    """Computes a program from nothing but its listing, the inputs and the long tables."""

    def __init__(self, program: Program, arrays: list[list[list[float]]]) -> None:
        self.program = program
        self.tables: dict[str, Any] = {}
        with self._remembering_tables():
            self.lines = lines_of(program)
        self.count = sample_count(program, arrays)
        self.numbers = [
            np.full((self.count if array.per_sample else 1, array.size), np.nan)
            for array in program.arrays
        ]
        for numbers, rows in zip(self.numbers, arrays, strict=False):
            numbers[:] = rows
        for number, constants in program.constants.items():
            self.numbers[number][:] = constants
        self.read = np.full((self.count, len(self.lines.names.results)), np.nan)
        self.space: dict[str, Any] = {
            "take": lambda array, places: np.ravel(array)[np.asarray(places)],
            "outer": np.multiply.outer,
            "sum": _sum,
            "max": _extreme(np.maximum),
            "min": _extreme(np.minimum),
            "where": lambda c, x, y: np.where(np.not_equal(c, 0.0), x, y),
            "sum_runs": _runs(np.add),
            "max_runs": _runs(np.maximum),
            "min_runs": _runs(np.minimum),
            "sum_batch": self._sum_batch,
            "columns": self._columns,
            "array": lambda elements, *shape: np.array(elements, float).reshape(shape),
            "places": np.array,
            "inf": np.inf,
            "nan": np.nan,
        }
        for name, row in TABLE.items():
            self.space.setdefault(name, np.vectorize(row.quiet, otypes=[float]))
        self.variables: dict[str, tuple[str, int, Piece]] = {}
        for array, known in self.lines.names.pieces.items():
            for number, piece in enumerate(known):
                self.variables[piece.name] = f"v{array}_{number}", array, piece

    @contextmanager
    def _remembering_tables(self) -> Iterator[None]:
        def remembered(table: Any) -> str:
            text = write(table)
            self.tables[text] = table
            return text

        write = formula.table_text
        with pytest.MonkeyPatch.context() as patch:
            for module in (formula, listing, notation, reading):
                patch.setattr(module, "table_text", remembered)
            yield

    def run(self) -> None:
        self._run(list(zip(self.lines.statements, self.lines.entries, strict=True)), 0)
        self._read_results()

    def _run(self, lines: Iterable[tuple[Line, Entry]], depth: int) -> None:
        """Compute lines one after the other, those of a loop again in each step."""
        for around, grouped in groupby(lines, lambda pair: pair[0].loops[depth : depth + 1]):
            members = list(grouped)
            if not around:
                for line, entry in members:
                    self._compute(line, entry)
                continue
            header = re.fullmatch(r"for ([a-z]) in range\((\d+)\):", around[0].header)
            assert header is not None
            for step in range(int(header[2])):
                self.space[header[1]] = step
                self._run(members, depth + 1)
            del self.space[header[1]]

    def _compute(self, line: Line, entry: Entry) -> None:
        target = self._python(line.target)
        text = self._python(line.formula)
        if any(sums_samples(statement) for statement in entry.statements):
            text = TIMES_TRANSPOSED.sub(r"columns(lambda: \1, lambda: \2)", text)
        text = re.sub(r"sum_batch\(", "sum_batch(lambda: ", text)
        text, *added = text.split("; ")
        per_sample = self.program.arrays[line.array].per_sample
        for sample in range(self.count if per_sample else 1):
            self._enter(sample)
            value = eval(text, self.space)
            before = eval(target, self.space)
            assert line.shape.replace("batch", "").strip("(), ") == str(
                np.broadcast(before, np.zeros(()), value).shape
            ).strip("(), "), line
            place = target if target.endswith("]") else f"{target}[...]"
            exec(f"{place} {'+' * line.adds}= value", self.space | {"value": value})
            for addition in added:
                self._add(addition, sample)

    def _read_results(self) -> None:
        for line in self.lines.results:
            for sample in range(self.count):
                self._enter(sample)
                value = np.array(eval(self._python(line.formula), self.space), float)
                sizes = [int(n) for n in re.findall(r"\d+", line.shape)]
                self.read[sample, line.low : line.high + 1] = np.broadcast_to(value, sizes).ravel()

    def _add(self, text: str, sample: int) -> None:
        """Add to chosen results: `array[index] += value [for i in range(n) ...]`."""
        everywhere = " for each sample"
        place, sign, value = re.split(r" ([+-])= ", text.removesuffix(everywhere))
        value, *loops = value.split(" for ")
        start = _opening(place)
        over = "".join(f" for {loop}" for loop in loops) or " for _ in [0]"
        for one in range(self.count) if text.endswith(everywhere) else [sample]:
            self._enter(one)
            array = eval(place[:start], self.space)
            found = eval(f"[({place[start + 1 : -1]}, {value}){over}]", self.space)
            for *index, number in found:
                number = np.negative(number) if sign == "-" else number
                np.add.at(array, tuple(map(_whole, index)), number)

    def _python(self, text: str) -> str:
        for name in sorted(self.tables, key=len, reverse=True):
            if "#" in name and name in text:
                variable = f"table_{list(self.tables).index(name)}"
                self.space[variable] = self.tables[name]
                text = text.replace(name, variable)
        for name in sorted(self.variables, key=len, reverse=True):
            text = re.sub(
                rf"(?<![\w.'\]]){re.escape(name)}(?!\w|\()", self.variables[name][0], text
            )
        text = MOVED.sub(r"places(\g<0>)", text)
        text = COMPARED.sub(r"for \1 in range(\2)", text)
        text = re.sub(r"for (for \w in range\(\d+\))", r"\1", text)
        text = re.sub(r"(range\(\d+\)), (?=for)", r"\1 ", text)
        return _arrays(text)

    def _enter(self, sample: int) -> None:
        for variable, array, piece in self.variables.values():
            rows = self.numbers[array]
            row = rows[sample if len(rows) > 1 else 0]
            numbers = row[piece.start : end_of(piece)].reshape(piece.shape)
            self.space[variable] = numbers.view(_Table)

    def _sum_batch(self, one: Callable[[], Any]) -> Any:
        total: Any = 0.0
        for sample in range(self.count):
            self._enter(sample)
            total = total + np.array(one())
        return total

    def _columns(self, left: Callable[[], Any], right: Callable[[], Any]) -> Any:
        """Vectors of all samples, side by side; matrices are just multiplied."""
        if np.ndim(left()) == 2:
            return left() @ right().T
        return self._sum_batch(lambda: np.multiply.outer(left(), right()))


class _Table(np.ndarray[Any, Any]):
    """An array whose elements are chosen by numbers that are whole, and floats all the same."""

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(tuple(map(_whole, key)) if type(key) is tuple else _whole(key))


def _whole(index: Any) -> Any:
    return np.asarray(index).astype(int) if isinstance(index, np.ndarray | float) else index


def _opening(text: str) -> int:
    """Find the bracket that the last one closes."""
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise AssertionError(text)


def _arrays(text: str) -> str:
    """Turn comprehensions into calls that give arrays of the right shape."""
    for match in re.finditer(r"((?: for \w in range\(\d+\))+)\]", text):
        sizes = ", ".join(re.findall(r"range\((\d+)\)", match[1]))
        depth, start = 0, match.end() - 1
        while True:
            depth += {"]": 1, "[": -1}.get(text[start], 0)
            if depth == 0:
                break
            start -= 1
        old = text[start : match.end()]
        return (
            _arrays(text.replace(old, f"array({old[:-1].replace('[', '<', 1)}>, {sizes})"))
            if ("<" not in old)
            else text
        )
    return text.replace("array(<", "array([").replace(">, ", "], ")


def _sum(array: Any, axis: Any = None) -> Any:
    return np.sum(array, axis=axis) if hasattr(array, "shape") else np.sum(list(array))


def _extreme(ufunc: Any) -> Any:
    def extreme(*arrays: Any, axis: Any = None) -> Any:
        if len(arrays) == 1 and not isinstance(arrays[0], np.ndarray | float):
            return ufunc.reduce(list(arrays[0]))
        if len(arrays) == 1:
            every = tuple(range(np.ndim(arrays[0])))
            return ufunc.reduce(arrays[0], axis=every if axis is None else axis)
        total = arrays[0]
        for array in arrays[1:]:
            total = ufunc(total, array)
        return total

    return extreme


def _runs(ufunc: Any) -> Any:
    return lambda array, lengths: ufunc.reduceat(array, np.cumsum(lengths) - lengths)


@dataclass(frozen=True, eq=False)
class Sized:
    """A number, and the size of what was added up to get it.

    A result that is computed in another order lies within some units of rounding of this size.
    """

    number: float
    size: float

    @classmethod
    def of(cls, number: float) -> Sized:
        return cls(number, abs(number))

    @classmethod
    def apply(cls, op: Op, *operands: Sized) -> Sized:
        numbers = [operand.number for operand in operands]
        found = op.quiet(*numbers)
        size = abs(found)
        for place, rule in enumerate(op.partials):
            slope = local_partial(op, place, numbers, found) if rule is not None else 0.0
            if math.isfinite(slope) and slope != 0.0:
                size += abs(slope) * operands[place].size
        return cls(found, size)

    def __mul__(self, other: Sized) -> Sized:
        return Sized(self.number * other.number, self.size * other.size)

    def __lt__(self, other: float) -> bool:
        return self.number < other

    def __ge__(self, other: float) -> bool:
        return self.number >= other

    def __int__(self) -> int:
        return int(self.number)

    def __eq__(self, other: object) -> bool:
        return self.number == other

    __hash__ = None  # type: ignore[assignment]  # it is equal to plain numbers


def sample_count(program: Program, arrays: list[list[list[float]]]) -> int:
    """Give the number of samples; one if there are none."""
    rows = zip(program.arrays, arrays, strict=False)
    return max([len(given) for array, given in rows if array.per_sample], default=1)


def shaped(name: str, *shape: int, per_sample: bool = False) -> Array:
    """An input of a shape."""
    return Array(math.prod(shape), per_sample, Role.INPUT, name, (Piece(name, 0, shape),))


def shown(program: Program, inputs: Sequence[Any] = (), count: int = 1) -> list[str]:
    """Write the statements and results of a program, and check that they say what it means.

    Parameters
    ----------
    program : Program
    inputs : sequence
        The numbers of the first inputs, for each sample the same; others are random.
    count : int
        The number of samples.
    """
    verify(program)
    rng = np.random.default_rng(0)
    arrays = []
    for number, array in enumerate(program.arrays):
        if array.role is Role.INPUT:
            rows = rng.uniform(0.5, 2.0, (count if array.per_sample else 1, array.size))
            if number < len(inputs) and inputs[number] is not None:
                rows[:] = np.ravel(inputs[number])
            arrays.append(rows.tolist())
    check_listing(program, arrays)
    lines = lines_of(program)
    return [line.text for line in (*lines.statements, *lines.results)]


def check_listing(program: Program, arrays: list[list[list[float]]]) -> None:
    """Compute every result from the listing, and compare with what the program means.

    Parameters
    ----------
    program : Program
    arrays : list
        For each of its inputs the numbers sample by sample; of one that all samples share, one
        row.
    """
    inputs = {number: zip(*rows, strict=True) for number, rows in enumerate(arrays)}
    count = sample_count(program, arrays)
    memory = interpret(program, inputs, count, Sized.of, Sized.apply)
    reader = Reader(program, arrays)
    reader.run()
    said = {p for line in reader.lines.results for p in range(line.low, line.high + 1)}
    results = reader.lines.names.results
    for place, columns in enumerate(results_of(program, memory)):
        found = reader.read[:, place]
        if place not in said:
            found = reader.numbers[results.arrays[place]][:, results.places[place]]
        sized = [x if isinstance(x, Sized) else Sized.of(x) for x in columns]
        wanted = np.array([one.number for one in sized])
        size = np.array([one.size for one in sized])
        assert np.all(np.abs(found - wanted) <= 1e-12 * size + 1e-300), place
