"""Sorting, choosing, counting: lists of numbers."""

from __future__ import annotations

from itertools import pairwise

from tinygrad_nn import sqrt

from .case import case


def numbers(count, low=-3.0, high=3.0):
    return lambda r: ([r.uniform(low, high) for _ in range(count)],)


def whole(count, most=3):
    return lambda r: ([float(r.randint(0, most)) for _ in range(count)],)


@case(numbers(4))
def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else 0.5 * (values[middle - 1] + values[middle])


@case(numbers(4))
def insertion_sort(values):
    values = list(values)
    for i in range(1, len(values)):
        x, j = values[i], i
        while j > 0 and values[j - 1] > x:
            values[j] = values[j - 1]
            j -= 1
        values[j] = x
    return sum(x * (i + 1) for i, x in enumerate(values))


@case(numbers(4))
def quick_sort(values):
    def ordered(values):
        if len(values) <= 1:
            return values
        first, *rest = values
        low = ordered([x for x in rest if x < first])
        return [*low, first, *ordered([x for x in rest if not x < first])]

    return sum(x * (i + 1) for i, x in enumerate(ordered(values)))


@case(numbers(5))
def largest_run(values):
    """The greatest sum of neighbours."""
    best = now = values[0]
    for x in values[1:]:
        now = x if now < 0 else now + x
        if now > best:
            best = now
    return best


@case(whole(7, 1))
def longest_run(values):
    best = now = 1
    for a, b in pairwise(values):
        now = now + 1 if a == b else 1
        best = max(best, now)
    return best * 1.0 + 0.5 * values[0]


@case(whole(5))
def most_common(values):
    best, times = values[0], 0
    for x in values:
        if values.count(x) > times:
            best, times = x, values.count(x)
    return best * times


@case(numbers(5))
def trimmed_mean(values):
    kept = [x for x in values if x != max(values) and x != min(values)]
    return sum(kept) / len(kept)


@case(numbers(5))
def lowest_place(values):
    return values.index(min(values)) * 1.0 + min(values)


@case(lambda r: ([r.uniform(0, 3) for _ in range(4)], r.uniform(-1.0, 4.0)))
def inserted(values, x):
    values = sorted(values)
    place = 0
    while place < len(values) and values[place] < x:
        place += 1
    return place + (values[place] if place < len(values) else x)


@case(
    lambda r: ([r.uniform(1, 9) for _ in range(4)], [float(r.randint(1, 4)) for _ in range(4)], 6)
)
def knapsack(prices, weights, room):
    best = [0.0] * (room + 1)
    for price, weight in zip(prices, weights, strict=True):
        for left in range(room, int(weight) - 1, -1):
            best[left] = max(best[left], best[left - int(weight)] + price)
    return best[room]


@case(lambda r: ([r.uniform(0, 9) for _ in range(5)], r.uniform(0, 9)))
def nearest(values, x):
    return min(values, key=lambda v: abs(v - x)) * x


@case(lambda r: (whole(3)(r)[0], whole(3)(r)[0]))
def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        before, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            before, row[j + 1] = (
                row[j + 1],
                (before if x == y else 1 + min(before, row[j], row[j + 1])),
            )
    return row[-1] + 0.5 * a[0]


@case(lambda r: ([r.uniform(0, 5) for _ in range(8)],))
def hull_turns(flat):
    points = list(zip(flat[::2], flat[1::2], strict=True))
    left = 0
    total = 0.0
    for a, b, c in zip(points, points[1:], points[2:], strict=False):
        cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        left += cross > 0
        total = total + abs(cross)
    return total if left > 1 else -total


@case(numbers(3))
def triangle_kind(sides):
    a, b, c = sorted(abs(s) for s in sides)
    if a + b <= c:
        return 0.0 * a
    s = 0.5 * (a + b + c)
    return sqrt(s * (s - a) * (s - b) * (s - c))


@case(numbers(5))
def ranked(values):
    ranks = [sum(1 for other in values if other < x) for x in values]
    return sum(rank * x for rank, x in zip(ranks, values, strict=True))


@case(numbers(6))
def running(values):
    """A generator that ends early."""

    def sums():
        total = 0.0
        for x in values:
            total = total + x
            if total < -4:
                return
            yield total

    return max(sums(), default=0.0)


@case(lambda r: ([r.uniform(-1, 2) for _ in range(4)],))
def all_positive(values):
    if all(x > 0 for x in values):
        return sqrt(values[0] * values[-1])
    return sum(x for x in values if x > 0) if any(x > 1 for x in values) else 0.0
