"""Making a program that differs small, so that it can be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.sweeps.checking import check
from tests.sweeps.differences import Difference
from tests.sweeps.program import Program

NAME = re.compile(r"\bt\d+\b")


def statements(program: Program) -> list[list[str]]:
    """Part the lines into statements, each with the lines that are indented below it."""
    found: list[list[str]] = []
    for line in program.lines:
        if line.startswith(" ") and found:
            found[-1].append(line)
        else:
            found.append([line])
    return joined_loops(found)


def joined_loops(parts: list[list[str]]) -> list[list[str]]:
    """Put the statements that begin a loop before it: they are one."""
    found: list[list[str]] = []
    for part in parts:
        if part[0].startswith("for ") and found:
            found[-1] += part
        else:
            found.append(part)
    return found


def needed(program: Program) -> Program:
    """Leave out the statements whose names nothing reads."""
    wanted = set(NAME.findall(program.result))
    kept: list[str] = []
    for part in reversed(statements(program)):
        names = set(NAME.findall("\n".join(part)))
        made = {NAME.search(line).group() for line in part if NAME.search(line)}  # type: ignore[union-attr]
        if made & wanted:
            wanted |= names
            kept = part + kept
    return replace(program, lines=tuple(kept))


def smaller(program: Program) -> Iterator[Program]:
    """Return one number instead of all, the earlier ones first."""
    seen = []
    for part in statements(program):
        for name in dict.fromkeys(NAME.findall("\n".join(part))):
            if name not in seen:
                seen.append(name)
    for name in seen:
        yield needed(replace(program, result=name))


def in_every_way(program: Program) -> list[Difference]:
    return check(program, Counter(), Counter(), False)


def shrunk(
    difference: Difference, again: Callable[[Program], list[Difference]] = in_every_way
) -> Difference:
    """Find a smaller program that differs in the same way, if there is one."""
    for program in smaller(difference.program):
        try:
            for other in again(program):
                if other.way == difference.way and other.what == difference.what:
                    return other
        except Exception:  # a part of a program need not run
            continue
    return difference
