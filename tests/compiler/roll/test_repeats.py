"""Where steps may be a loop is seen from numbers: what is passed over there is none."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.compiler.roll.test_loops import chain
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.statements import Access, Loop, Map, Reduce, with_accesses
from tinygrad_nn.compiler.roll import loops, repeats
from tinygrad_nn.compiler.roll.repeats import Lines, Repeat, Slots


def perturbed(program: Program, rng: random.Random) -> Program:
    """Let some accesses be elsewhere: in another array, or at another place of theirs."""

    def moved(access: Access) -> Access:
        if access.array < 3 or rng.random() < 0.95:
            return replace(access, start=access.start + (rng.random() < 0.02))
        return replace(access, array=rng.randrange(3, len(program.arrays)))

    return replace(program, statements=[with_accesses(one, moved) for one in program.statements])


def everywhere(repeat: Repeat) -> set[tuple[int, int]]:
    """List all windows that are as long as any, or a few steps shorter, and end in the last step."""
    begin, end, length = repeat
    most = (end - begin) // length
    return {
        (first, count)
        for count in range(max(most - repeats.ODD_ENDS + 1, repeats.LEAST), most + 1)
        for first in range(begin, end - length * count + 1)
        if first + length * (count + 1) >= end
    }


def test_what_is_passed_over_is_no_loop() -> None:
    rng, passed, found = random.Random(0), 0, 0
    for _ in range(80):
        weights = [rng.choice((0, 1, t)) if rng.random() < 0.1 else t for t in range(10)]
        program = perturbed(chain(10, weights), rng)
        slots = Slots(program, Lines().of(program))
        for repeat in slots.repeats():
            windows = list(slots.windows(repeat))
            assert windows == sorted(windows, key=lambda one: (-one[1], -one[0]))
            assert everywhere(repeat) >= set(windows)
            for first, count in everywhere(repeat):
                moves = loops._moves_of_loop(program, slots.lines, first, repeat[2], count)
                assert moves is None or (first, count) in windows
                found += moves is not None
            passed += len(everywhere(repeat)) - len(windows)
    assert passed > 800
    assert found > 50


def test_lines_are_made_once() -> None:
    program, lines = chain(6), Lines()
    first = lines.of(program)
    assert all(one is other for one, other in zip(first, lines.of(program), strict=True))
    assert first[0].kind != first[2].kind == first[4].kind  # the first reads x, which is no state
    assert len({line.number for line in first}) == len(first)
    again = replace(program, statements=list(map(replace, program.statements)))
    assert [line.kind for line in lines.of(again)] == [line.kind for line in first]
    assert lines.of(again)[0].number != first[0].number


def test_what_is_no_loop_is_tried_once() -> None:
    """Steps that need nothing of each other are looked at once, in whatever program they stand."""
    program, lines = chain(12), Lines()
    for t in range(12):  # all read x
        one = program.statements[2 * t]
        assert isinstance(one, Reduce)
        _, weight = one.terms[0].factors
        terms = (replace(one.terms[0], factors=(Access(0, 0, (1,)), weight)),)
        program.statements[2 * t] = replace(one, terms=terms)
    hopeless = loops.Hopeless()
    assert loops._with_loops(program, lines, hopeless) is program
    assert len(hopeless) == len(Slots(program, lines.of(program)).repeats()) > 1


def test_nested_loops_are_of_a_kind_of_their_own() -> None:
    map_ = chain(1).statements[1]
    assert isinstance(map_, Map)
    body = (with_accesses(map_, lambda access: replace(access, strides=(0, *access.strides))),)
    program = replace(chain(1), statements=[Loop(2, body), Loop(2, body)])
    one, other = Lines().of(program)
    assert one.kind != other.kind
