"""Labels as they stand in formulas, in Unicode: w₁, αₜ, σ, and numbers in few digits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from ..latex.symbols import GREEK
from ..scalar.graph import Node
from ..scalar.operation import Op
from ..scopes import name_of

__all__ = ["pretty", "sign", "span", "symbol_of", "symbols_of"]

_LOWERED = str.maketrans("0123456789+-aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_LETTERS = {name: letter for letter, name in GREEK.items()}
_SYMBOL = re.compile(r"([^\W\d_]+)(?:_?(\d+)|_([aehijklmnoprstuvx]))?((?:\[\d+\])*)('*)")
_SIGNS = {"*": "×", "-": "−", "/": "÷", "**": "xʸ"}
_CHAINS = {"add": "Σ", "mul": "∏"}
_UNIT_ENTRY = re.compile(r"(?:.*\.)?(?:weight(?:\[\d+\])?\[(\d+)\]|bias(?:\[\d+\])?)")


def pretty(label: str) -> str:
    """Write a label as a symbol if it is one; any other stays as it is."""
    match = _SYMBOL.fullmatch(label)
    if match is None:
        return label
    word, number, index, places, primes = match.groups()
    if len(word) > 1 and word not in _LETTERS:
        return label
    below = [part for part in (number, index) if part] + re.findall(r"\d+", places)
    return _LETTERS.get(word, word) + ",".join(below).translate(_LOWERED) + "′" * len(primes)


def symbol_of(node: Node, names: Mapping[Node, str]) -> str:
    """Write the name of a node: a parameter's as its place in a unit of the model."""
    name = name_of(node, names)
    if name != names.get(node):
        return pretty(name)
    match = _UNIT_ENTRY.fullmatch(name)
    if match is None:
        return pretty(name.rpartition(".")[2])
    return f"w{int(match[1]) + 1}".translate(_LOWERED) if match[1] else "b"


def symbols_of(nodes: Sequence[Node], names: Mapping[Node, str]) -> str:
    """Write the names of nodes that are alike: of several the first and the last."""
    found = list(dict.fromkeys(name for node in nodes if (name := symbol_of(node, names))))
    return ", ".join(found) if len(found) < 3 else f"{found[0]} … {found[-1]}"


def sign(row: Op, operands: int) -> str:
    """Write what stands in the circle of an operation: its label, a sum's sign for a chain."""
    if operands > row.arity and row.name in _CHAINS:
        return _CHAINS[row.name]
    return _SIGNS.get(row.label, row.label)


def span(numbers: Iterable[float], precision: int) -> str:
    """Write a number, or between which ones several lie."""
    found = list(numbers)
    known = [number for number in found if not math.isnan(number)]
    ends = [min(known), max(known)] if known else found[:1]
    shown = [f"{number:.{precision}g}" for number in ends]
    text = shown[0] if shown[0] == shown[-1] else " … ".join(shown)
    return text if len(known) in (0, len(found)) else f"{text}, nan"
