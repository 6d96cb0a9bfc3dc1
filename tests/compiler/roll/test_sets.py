"""Sets of colours: equal ones have one number, whatever they were made from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.roll.sets import Sets

COLOURS = st.integers(1, 9)


@given(st.lists(COLOURS, min_size=1), st.lists(st.tuples(st.integers(0), st.integers(0))))
def test_sets_are_what_they_hold(colours: list[int], unions: list[tuple[int, int]]) -> None:
    sets = Sets()
    made = [(sets.alone(colour), frozenset({colour})) for colour in colours]
    for left, right in unions:
        (one, its), (other, others) = made[left % len(made)], made[right % len(made)]
        made.append((sets.union(one, other), its | others))
    numbers: dict[frozenset[int], int] = {}
    for number, members in made:
        assert numbers.setdefault(members, number) == number
        assert {colour for colour in range(12) if sets.has(number, colour)} == members
        assert sets.only[number] == (min(members) if len(members) == 1 else 0)
    assert len(set(numbers.values())) == len(numbers)


def test_sets_of_one_mark_are_told_apart() -> None:
    sets = Sets()
    for colour in range(1, 5):
        sets.alone(colour)
    sets._marks = dict.fromkeys(range(1, 5), 0)
    pairs = [(one, other) for one in range(1, 5) for other in range(one + 1, 5)]
    found = [sets.union(sets.alone(one), sets.alone(other)) for one, other in pairs]
    assert len(set(found)) == len(pairs)
    assert [sets.has(number, one) for number, (one, _) in zip(found, pairs, strict=True)] == [
        True
    ] * 6


def test_a_chain_costs_no_more_for_being_long() -> None:
    sets = Sets()
    number = sets.alone(1)
    for colour in range(2, 2000):
        number = sets.union(number, sets.alone(colour))
    assert len({id(line) for line in sets._line}) == 2
    assert len(sets._line[number]) == 1999
