"""Choices in the notation of NumPy: table[index], and result[index] += what is added."""

from __future__ import annotations

from collections.abc import Sequence

from .algebra import Indices, broadcast, comprehension, letters_of, meeting, runs
from .notation import View, arranged, element, natural, number_text
from .reading import Part

__all__ = ["added", "chosen"]


def chosen(part: Part) -> str:
    """Write the elements that are chosen, without their coefficient."""
    views, indices = part.views()
    *tables, index = views
    one = _chosen_index(part)
    text = _rows(tables[0], index, indices, one) if len(tables) == 1 else None
    if text is not None:
        return text
    others = {which: n for which, n in indices.sizes.items() if which != one}
    letters = _letters(views, indices, one, index)
    return comprehension(tables, Indices(others, indices.out), "sum", letters)


def added(part: Part, target: str, shape: tuple[int, ...], samples: bool) -> str:
    """Write what is added to chosen results of a target; `samples` says by each sample."""
    views, indices = part.views()
    one = _chosen_index(part)
    axes = [(i, axis.size, axis.step) for i, axis in enumerate(part.kept()) if axis.step]
    result = View(target, shape, part.start, tuple(axes), False, part.moves)
    sign = "-" if part.coef < 0.0 else "+"
    size = "" if abs(part.coef) == 1.0 and len(views) > 1 else number_text(abs(part.coef))
    found = _added_rows(result, views, indices, one)
    if found is None:
        letters = _letters([result, *views], indices, one, views[-1])
        place = element(result, letters)
        value = [element(view, letters) for view in views[:-1]]
        which = [index for index in letters if index != one]
        over = f" for {runs(which, indices, letters)}" if which else ""
    else:
        place, *value = found
        over = ""
    over += " for each sample" if samples else ""
    return f"{place} {sign}= {' * '.join([size] * bool(size) + value)}{over}"


def _chosen_index(part: Part) -> int:
    return next(i for i, axis in enumerate(part.numbered()) if axis is part.chosen)


def _letters(views: Sequence[View], indices: Indices, one: int, index: View) -> dict[int, str]:
    """Give each index a letter, and that which is chosen the element that says it."""
    letters = letters_of(views, indices)
    return letters | {one: element(index, letters)}


def _rows(table: View, index: View, indices: Indices, one: int) -> str | None:
    """Write the choice of whole rows; None if it is of something else."""
    found = natural(index)
    if found is None or indices.summed != [one] or table.indices & index.indices:
        return None
    rest = [which for which in indices.out if which in table.indices]
    text = arranged(table, [one, *rest])
    own = [*found[1], *rest]
    present = [which for which in indices.out if which in own]
    if text is None or (own != present and len(own) > 2):
        return None
    text = f"{text}[{found[0]}]" + ".T" * (own != present)
    return meeting(text, present, indices.out)


def _added_rows(
    result: View, views: Sequence[View], indices: Indices, one: int
) -> tuple[str, ...] | None:
    """Write what is added to whole rows, and to which; None if it is something else."""
    index = views[-1]
    found = natural(index)
    rest = [which for which in indices.out if which != one]
    if found is None or result.indices & index.indices:
        return None
    own = [*found[1], *rest]
    values = [broadcast(view, own) for view in views[:-1]]
    place = arranged(result, [one, *rest])
    met = {which for view in views[:-1] for which in view.indices}
    if place is None or not met <= set(own) or None in values:
        return None
    return f"{place}[{found[0]}]", *[text or "" for text in values]
