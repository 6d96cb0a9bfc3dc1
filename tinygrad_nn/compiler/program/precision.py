"""The types of numbers that programs compute with, and what such a type cannot hold."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ...errors import ArgumentError
from .program import DOUBLE, Dtype, Program
from .statements import Loop, Map, Runs, Statement, Term, terms_of, unnested

__all__ = ["DTYPES", "dtype_of", "fitted"]

DTYPES = ("float64", "float32")
MOST = sys.float_info.max  # which stands for the greatest number of any type
ROUNDED = 1e-6  # how much of itself a constant may lose
WHOLE = {"float32": 1 << 24}  # up to which a type has all whole numbers


def dtype_of(given: Any) -> Dtype:
    """Give the type of numbers that a user asks for."""
    try:
        found = None if given is None else np.dtype(given)
    except (TypeError, ValueError):
        found = None
    if found is None or found.name not in DTYPES:
        raise ArgumentError(f"dtype is {given!r}: expected {' or '.join(map(repr, DTYPES))}")
    own: Dtype = np.dtype(found.type)  # the very one that arrays of this processor's have
    return own


def fitted(program: Program, dtype: Dtype) -> Program:
    """Give a program for numbers of a type; refuse what they cannot tell."""
    if dtype == DOUBLE:
        return program
    for lookup in program.lookups:
        if lookup.size > WHOLE[dtype.name]:
            raise ArgumentError(
                f"dtype is {dtype.name!r}, which cannot tell all places of a table of {lookup.size} "
                "entries apart: give dtype='float64'"
            )
    most = float(np.finfo(dtype).max)
    numbers = set(_numbers_of(program))
    results = {run.where for run in program.results if isinstance(run.where, float)}
    with np.errstate(all="ignore"):
        for number in (numbers - {MOST, -MOST}) | results:
            rounded = float(dtype.type(number))
            if math.isfinite(number) and not abs(rounded - number) <= ROUNDED * abs(number):
                raise ArgumentError(
                    f"dtype is {dtype.name!r}, and the program has the number {number!r}, which is "
                    f"{rounded} there: give dtype='float64', or write it with other numbers"
                )
    if numbers.isdisjoint((MOST, -MOST)):
        return program

    def fit(number: float) -> float:
        return math.copysign(most, number) if abs(number) == MOST else number

    constants = {n: np.clip(numbers, -most, most) for n, numbers in program.constants.items()}
    statements = [_with_numbers(statement, fit) for statement in program.statements]
    return replace(program, statements=statements, constants=constants)


def _numbers_of(program: Program) -> Iterator[float]:
    """Walk through the numbers that a program computes with."""
    for numbers in program.constants.values():
        yield from numbers.tolist()
    for statement in unnested(program.statements):
        yield from [term.coef for term in terms_of(statement)]
        if isinstance(statement, Map):
            yield from [x for x in statement.operands if isinstance(x, float)]


def _with_numbers(statement: Statement, change: Callable[[float], float]) -> Statement:
    """Give a statement with another number in place of each."""

    def in_term(term: Term) -> Term:
        return replace(term, coef=change(term.coef))

    if isinstance(statement, Loop):
        return replace(
            statement, body=tuple([_with_numbers(one, change) for one in statement.body])
        )
    if isinstance(statement, Map):
        operands = [change(x) if isinstance(x, float) else x for x in statement.operands]
        return replace(statement, operands=tuple(operands))
    if isinstance(statement, Runs):
        return replace(statement, term=in_term(statement.term))
    return replace(statement, terms=tuple(map(in_term, statement.terms)))
