"""The shapes and classes of few sums, or extremes, number by number.

As `Classes` finds them with arrays, which take as long for few terms as for a thousand.
"""

from __future__ import annotations

from .flatten import Flat

__all__ = ["Few", "classes_of_few"]

Term = tuple[int, int, int, int, int]  # families and places of both factors, and which term
# The families of a class, how many terms each member has, where their factors lie, coefficients,
# and the rank.
Few = tuple[int, int, list[int], list[int], list[int], list[float], int]


def classes_of_few(
    flat: Flat,
    entries: list[int],
    families: list[tuple[int, int]],
    places: list[tuple[int, int]],
    own: list[int],
    are_sums: bool,
) -> list[tuple[list[int], list[Few]]] | None:
    """List the members of each shape, and their classes; None if sums are written in an order.

    But for sums of one term, or of two of different kinds: these have no order that counts.
    `families` and `places` are of the factors of all terms; `own` is what of an entry itself
    counts for its shape.
    """
    is_written = False
    for entry in entries:
        if flat.written[entry]:
            is_written = True
    terms: list[list[Term]] = []
    shapes: dict[tuple[int, ...], list[int]] = {}
    begin = 0
    for number, entry in enumerate(entries):
        end = begin + flat.count[entry]
        its: list[Term] = []
        for index in range(begin, end):
            left, right = families[index]
            a, b = places[index]
            if right >= 0 and (left > right or (left == right and a > b)):
                left, right, a, b = right, left, b, a
            its.append((left, right, a, b, index))
        begin = end
        if is_written and (len(its) > 2 or (len(its) == 2 and its[0][:2] == its[1][:2])):
            return None
        its.sort()
        shape = [own[number]]
        for term in its:
            if are_sums and term[0] < 0:
                continue
            if len(shape) == 1 or shape[-2] != term[0] or shape[-1] != term[1]:
                shape += [term[0], term[1]]
        terms.append(its)
        shapes.setdefault(tuple(shape), []).append(number)
    coefs: list[float] = []
    for entry in entries:
        start = flat.start[entry]
        coefs += flat.coefs[start : start + flat.count[entry]]
    found: list[tuple[list[int], list[Few]]] = []
    for members in shapes.values():
        # What has an order is that of the first member that has one.
        ranked = [flat.written[entries[number]] for number in members]
        if is_written and not any(ranked):
            ranked[0] = 1
        its_terms = [terms[number] for number in members]
        found.append((members, _classes(its_terms, coefs, are_sums, ranked)))
    return found


def _classes(
    members: list[list[Term]], coefs: list[float], are_sums: bool, ranked: list[int]
) -> list[Few]:
    kinds = sorted({(term[0], term[1]) for its in members for term in its})
    found: list[Few] = []
    for left, right in kinds:
        counts: list[int] = []
        a: list[int] = []
        b: list[int] = []
        numbers: list[float] = []
        first, rank = -1, -1
        for number, its in enumerate(members):
            count = 0
            for term in its:
                if term[0] == left and term[1] == right:
                    count += 1
                    a.append(term[2])
                    b.append(term[3])
                    numbers.append(coefs[term[4]])
                    if first < 0:
                        first = term[4]
                    if rank < 0 and ranked[number]:
                        rank = term[4]
            counts.append(count)
        if are_sums and left < 0:
            numbers = _one_number_each(counts, numbers)
            if len(kinds) > 1 and not any(numbers):
                continue
            counts = [1] * len(members)
            a = [-1] * len(members)
            b = a
        if rank < 0:
            rank = first if any(ranked) else 0
        found.append((left, right, counts, a, b, numbers, rank))
    return found


def _one_number_each(counts: list[int], numbers: list[float]) -> list[float]:
    """Give the sum of the numbers of each member; -0.0, which changes nothing, for one that has none."""
    found: list[float] = []
    begin = 0
    for count in counts:
        total = numbers[begin] if count else -0.0
        for number in numbers[begin + 1 : begin + count]:
            total += number
        found.append(total)
        begin += count
    return found
