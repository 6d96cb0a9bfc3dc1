"""Whether things outside are as they were, as machine code: facts in a table, looked at in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

import numpy as np

from ..program.program import Ints
from ..watch.checks import Check
from ..watch.facts import MISSING, Asked, Content, Fact, Given, HasSize, Item, Parts
from ..watch.watch import Watch
from .objects import LAYOUT, address_of

__all__ = ["ASK", "HOLDS", "KNOWS", "table_of"]

ITEM, GIVEN, SIZE, PARTS, CELL, ASKED = range(6)  # kinds of rows
GETTERS = {  # of functions; they give nothing where Python shows None
    "__code__": "PyFunction_GetCode",
    "__defaults__": "PyFunction_GetDefaults",
    "__kwdefaults__": "PyFunction_GetKwDefaults",
    "__closure__": "PyFunction_GetClosure",
}

HOLDS = """
define i1 @same(ptr %a, ptr %b, i64 %n) {
entry:
  br label %word
word:
  %k = phi i64 [ 0, %entry ], [ %k1, %on ]
  %more = icmp slt i64 %k, %n
  br i1 %more, label %compare, label %yes
compare:
  %p = getelementptr i64, ptr %a, i64 %k
  %x = load i64, ptr %p, align 1
  %q = getelementptr i64, ptr %b, i64 %k
  %y = load i64, ptr %q, align 1
  %equal = icmp eq i64 %x, %y
  br i1 %equal, label %on, label %no
on:
  %k1 = add i64 %k, 1
  br label %word
yes:
  ret i1 1
no:
  ret i1 0
}

define i1 @holds(ptr %facts, i64 %n, ptr %t) {
entry:
  %some = icmp sgt i64 %n, 0
  br i1 %some, label %fact, label %yes
fact:
  %i = phi i64 [ 0, %entry ], [ %next, %on ]
  %kind.p = getelementptr [4 x i64], ptr %facts, i64 %i
  %kind = load i64, ptr %kind.p
  %a.p = getelementptr i64, ptr %kind.p, i64 1
  %a = load ptr, ptr %a.p
  %b.p = getelementptr i64, ptr %kind.p, i64 2
  %b = load ptr, ptr %b.p
  %c.p = getelementptr i64, ptr %kind.p, i64 3
  %c = load ptr, ptr %c.p
  %count = load i64, ptr %c.p
  switch i64 %kind, label %no [
    i64 0, label %item
    i64 1, label %given
    i64 2, label %size
    i64 3, label %parts
    i64 4, label %cell
    i64 5, label %asked
  ]
item:
  %get.p = getelementptr i8, ptr %t, i64 <PyDict_GetItem>
  %get = load ptr, ptr %get.p
  %found = call ptr %get(ptr %a, ptr %b)
  %is.found = icmp eq ptr %found, %c
  br i1 %is.found, label %on, label %no
given:
  %value = call ptr %b(ptr %a)
  %is.value = icmp eq ptr %value, %c
  br i1 %is.value, label %on, label %no
size:
  %measure.p = getelementptr i8, ptr %t, i64 <PyDict_Size>
  %measure = load ptr, ptr %measure.p
  %measured = call i64 %measure(ptr %a)
  %is.size = icmp eq i64 %measured, %count
  br i1 %is.size, label %on, label %no
parts:
  %size.p = getelementptr i8, ptr %a, i64 <size>
  %size.now = load i64, ptr %size.p
  %is.whole = icmp eq i64 %size.now, %count
  %items.p = getelementptr i8, ptr %a, i64 <list>
  %items = load ptr, ptr %items.p
  br i1 %is.whole, label %compare, label %no
compare:
  %are.same = call i1 @same(ptr %items, ptr %b, i64 %count)
  br i1 %are.same, label %on, label %no
cell:
  %content.p = getelementptr i8, ptr %a, i64 <cell>
  %content = load ptr, ptr %content.p
  %is.content = icmp eq ptr %content, %c
  br i1 %is.content, label %on, label %no
asked:
  %ask.p = getelementptr i8, ptr %t, i64 <PyObject_CallNoArgs>
  %ask = load ptr, ptr %ask.p
  %answer = call ptr %ask(ptr %a)
  %failed = icmp eq ptr %answer, null
  br i1 %failed, label %clear, label %answered
clear:
  %clear.p = getelementptr i8, ptr %t, i64 <PyErr_Clear>
  %forget = load ptr, ptr %clear.p
  call void %forget()
  br label %no
answered:
  %drop.p = getelementptr i8, ptr %t, i64 <Py_DecRef>
  %drop = load ptr, ptr %drop.p
  call void %drop(ptr %answer)
  %is.true = icmp eq ptr %answer, %c
  br i1 %is.true, label %on, label %no
on:
  %next = add i64 %i, 1
  %further = icmp slt i64 %next, %n
  br i1 %further, label %fact, label %yes
yes:
  ret i1 1
no:
  ret i1 0
}
"""
ASK = """
define ptr @ask(ptr %self, ptr %args, i64 %nargs, ptr %names) {
  %t = getelementptr i8, ptr %self, i64 <bytes>
  %facts.p = getelementptr ptr, ptr %t, i64 <facts>
  %facts = load ptr, ptr %facts.p
  %n.p = getelementptr i64, ptr %facts.p, i64 1
  %n = load i64, ptr %n.p
  %found = call i1 @holds(ptr %facts, i64 %n, ptr %t)
  %yes.p = getelementptr ptr, ptr %facts.p, i64 2
  %no.p = getelementptr ptr, ptr %facts.p, i64 3
  %answer.p = select i1 %found, ptr %yes.p, ptr %no.p
  %answer = load ptr, ptr %answer.p
  %keep.p = getelementptr ptr, ptr %facts.p, i64 4
  %keep = load ptr, ptr %keep.p
  call void %keep(ptr %answer)
  ret ptr %answer
}
"""
KNOWS = """
define i1 @knows(ptr %data, i64 %n, ptr %latest, i64 %count, i64 %first, i64 %mask) {
  %is.latest = icmp eq i64 %mask, 0
  br i1 %is.latest, label %look, label %one
look:
  %as.many = icmp eq i64 %n, %count
  br i1 %as.many, label %compare, label %no
compare:
  %found = call i1 @same(ptr %data, ptr %latest, i64 %n)
  ret i1 %found
one:
  %i = phi i64 [ 0, %0 ], [ %next, %on ]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %test, label %yes
test:
  %p = getelementptr i64, ptr %data, i64 %i
  %x = load i64, ptr %p, align 1
  %place = sub i64 %x, %first
  %has.bit = icmp ult i64 %place, 64
  br i1 %has.bit, label %bit, label %no
bit:
  %shifted = lshr i64 %mask, %place
  %is.known = trunc i64 %shifted to i1
  br i1 %is.known, label %on, label %no
on:
  %next = add i64 %i, 1
  br label %one
yes:
  ret i1 1
no:
  ret i1 0
}
"""


def table_of(
    checks: Iterable[Check], more: Iterable[Fact], known: Mapping[str, int]
) -> tuple[Ints, Any]:
    """Give a row for each fact, of checks and more, and what must live as long.

    Those of which machine code knows nothing are asked of one function of Python's. What is known
    are addresses of functions.
    """
    facts = [*more]
    others = []
    for check in checks:
        own = check.facts()
        if all(map(_is_coded, own)):
            facts += own
        else:
            others.append(check)
    if others:
        facts.append(Asked(Watch(others).written()))
    rows = [_row(fact, known) for fact in facts]
    return np.array(rows, np.int64).reshape(-1, 4), facts


def _is_coded(fact: Fact) -> bool:
    """Tell whether machine code knows how to look."""
    if isinstance(fact, Item):
        return type(fact.space) is dict
    if isinstance(fact, HasSize):
        return type(fact.container) is dict
    if isinstance(fact, Parts):
        return type(fact.container) is list
    if isinstance(fact, Given):
        return type(fact.owner) is FunctionType and fact.name in GETTERS
    return isinstance(fact, Content)


def _row(fact: Fact, known: Mapping[str, int]) -> tuple[int, int, int, int]:
    if isinstance(fact, Item):
        value = 0 if fact.value is MISSING else address_of(fact.value)
        return ITEM, address_of(fact.space), address_of(fact.name), value
    if isinstance(fact, HasSize):
        return SIZE, address_of(fact.container), 0, fact.size
    if isinstance(fact, Parts):
        first = address_of(fact.parts) + LAYOUT["tuple"]
        return PARTS, address_of(fact.container), first, len(fact.parts)
    if isinstance(fact, Given):
        value = 0 if fact.value is None else address_of(fact.value)
        return GIVEN, address_of(fact.owner), known[GETTERS[fact.name]], value
    if isinstance(fact, Content):
        return CELL, address_of(fact.cell), 0, address_of(fact.value)
    return ASKED, address_of(fact.function), 0, address_of(True)
