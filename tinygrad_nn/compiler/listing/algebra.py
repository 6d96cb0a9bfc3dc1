"""Products and sums of views in the notation of linear algebra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .notation import View, arranged, element, natural

__all__ = [
    "Indices",
    "broadcast",
    "comprehension",
    "letters_of",
    "meeting",
    "product",
    "reduction",
    "runs",
]

LETTERS = "ijklmnopqrstuvw"


class Indices:
    """How far indices run, and which of them are the axes of the result, in their order."""

    def __init__(self, sizes: Mapping[int, int], out: Sequence[int]) -> None:
        self.sizes = dict(sizes)
        self.out = list(out)

    @property
    def summed(self) -> list[int]:
        """The indices that the result does not have."""
        return [index for index in self.sizes if index not in self.out]


def broadcast(view: View, order: Sequence[int]) -> str | None:
    """Write a view so that its axes meet those of an array with the axes `order`, as in NumPy.

    None if it is no slice of its array.
    """
    present = [index for index in order if index in view.indices]
    text = arranged(view, present)
    if text is None or not present:
        return text
    return meeting(text, present, order)


def reduction(name: str, view: View, indices: Indices) -> str:
    """Write a sum, or an extreme, of a view over the indices that the result lacks."""
    if not indices.summed:
        return broadcast(view, indices.out) or comprehension([view], indices, name)
    found = natural(view)
    if found is None:
        return comprehension([view], indices, name)
    order = found[1]
    rest = [index for index in order if index not in indices.summed]
    wanted = [index for index in indices.out if index in rest]
    if rest != wanted:
        order = wanted + [index for index in order if index in indices.summed]
    text = reduced(name, arranged(view, order) or "", order, indices.summed)
    return meeting(text, wanted, indices.out)


def meeting(text: str, present: Sequence[int], order: Sequence[int]) -> str:
    """Let what has some of the axes of the result meet them all."""
    if not present:
        return text
    cuts = [":" if index in present else "None" for index in order[order.index(present[0]) :]]
    return text if "None" not in cuts else f"{text}[{', '.join(cuts)}]"


def reduced(name: str, text: str, order: Sequence[int], summed: Sequence[int]) -> str:
    """Reduce an array over some of its axes."""
    axes = [str(place) for place, index in enumerate(order) if index in summed]
    if len(axes) == len(order):
        return f"{name}({text})"
    shown = axes[0] if len(axes) == 1 else f"({', '.join(axes)})"
    return f"{name}({text}, axis={shown})"


def product(left: View, right: View, indices: Indices) -> str:
    """Write the sum of the products of two views over the indices that the result lacks."""
    if natural(left) is None or natural(right) is None:
        return comprehension([left, right], indices, "sum")
    if not indices.summed:
        return _outer(left, right, indices) or " * ".join(
            broadcast(view, indices.out) or "" for view in (left, right)
        )
    return _matrix_product(left, right, indices) or _sum_of_products(left, right, indices)


def _outer(left: View, right: View, indices: Indices) -> str | None:
    for first, second in ((left, right), (right, left)):
        if [{index} for index in indices.out] == [first.indices, second.indices]:
            return f"outer({arranged(first, indices.out[:1])}, {arranged(second, indices.out[1:])})"
    return None


def _matrix_product(left: View, right: View, indices: Indices) -> str | None:
    if len(indices.summed) > 1:
        return None
    (inner,) = indices.summed
    if inner not in left.indices or inner not in right.indices:
        return None
    vectors = sorted((left, right), key=lambda view: len(view.indices) == 1)
    for first, second in (vectors, vectors[::-1]):  # a matrix before a vector
        rows = [index for index in indices.out if index in first.indices]
        columns = [index for index in indices.out if index in second.indices]
        stack = [index for index in rows if index in columns]
        rows = [index for index in rows if index not in stack]
        columns = [index for index in columns if index not in stack]
        if indices.out != stack + rows + columns or len(columns) > 1:
            continue
        if stack and (len(rows) != 1 or len(columns) != 1):
            continue
        a = arranged(first, [*stack, *rows, inner])
        b = arranged(second, [*stack, inner, *columns])
        return f"{a} @ {b}"
    return None


def _sum_of_products(left: View, right: View, indices: Indices) -> str:
    present = [index for index in indices.out if index in left.indices | right.indices]
    order = present + indices.summed
    for view in (left, right):
        found = natural(view)
        assert found is not None
        if set(found[1]) == set(order) and [i for i in found[1] if i in present] == present:
            order = found[1]
            break
    text = " * ".join(broadcast(view, order) or "" for view in (left, right))
    return meeting(reduced("sum", text, order, indices.summed), present, indices.out)


def comprehension(
    views: Sequence[View], indices: Indices, name: str, letters: Mapping[int, str] | None = None
) -> str:
    """Write an array by its elements, where no slices are multiplied."""
    letters = letters or letters_of(views, indices)
    text = " * ".join(element(view, letters) for view in views)
    if indices.summed:
        text = f"{name}({text} for {runs(indices.summed, indices, letters)})"
    return f"[{text} for {runs(indices.out, indices, letters)}]" if indices.out else text


def letters_of(views: Sequence[View], indices: Indices) -> dict[int, str]:
    """Give each index a letter that is no name of an array."""
    taken = {view.name for view in views} | {step for view in views for step, _, _ in view.moves}
    free = [letter for letter in LETTERS if letter not in taken]
    return dict(zip([*indices.out, *indices.summed], free, strict=False))


def runs(which: Sequence[int], indices: Indices, letters: Mapping[int, str]) -> str:
    """Write how far indices run."""
    return ", ".join(f"{letters[index]} < {indices.sizes[index]}" for index in which)
