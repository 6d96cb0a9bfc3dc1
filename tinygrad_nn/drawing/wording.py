"""What is written in a picture: on numbers, on scopes, and for who cannot see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..scalar.graph import Node
from ..scopes import name_of
from .lettering import pretty, span, symbols_of
from .outline import Number, Outline, Region
from .placing import Placed
from .style import Theme, literal, plain, small, table

__all__ = ["DASH", "Wording", "describe"]

DASH = "—"

_TOLD = 6  # leaves whose numbers a description tells


class Wording:
    """The texts of a picture, with numbers in so many significant digits."""

    def __init__(self, placed: Placed, precision: int) -> None:
        self.names = placed.names
        self.precision = precision
        self.met = {arg for node in placed.nodes if node.was_met for arg in node.args}

    def span(self, numbers: Iterable[float]) -> str:
        """Write numbers in as many digits as asked for."""
        return span(numbers, self.precision)

    def gradient(self, nodes: Sequence[Node], write: Callable[[Iterable[float]], str]) -> str:
        """Write gradients; a dash where no backward pass has been.

        A pass leaves its mark on inner nodes only: a leaf is known by its consumers.
        """
        met = [node for node in nodes if self._was_met(node)]
        return write(node.grad for node in met) if met else DASH

    def _was_met(self, node: Node) -> bool:
        return (node in self.met if node.is_leaf else node.was_met) or node.grad != 0.0

    def number(self, number: Number, ink: str | None, theme: Theme) -> str:
        """Write the label of a number: its name, how many there are, data and gradient."""
        nodes = number.nodes
        rows = [
            self._row("data", self.span(node.data for node in nodes), ink, theme),
            self._row("grad", self.gradient(nodes, self.span), ink, theme),
        ]
        title = f"<B>{name}</B>" if (name := literal(self.name(nodes)).strip()) else ""
        if number.count > 1:
            many = f"{' ' if title else ''}× {number.count:,}"
            title += small(many, 10, ink or theme.muted)
        if title:
            rows.insert(0, f'<TD COLSPAN="2" ALIGN="LEFT">{title}</TD>')
        return f"<{table(rows)}>"

    def name(self, nodes: Sequence[Node]) -> str:
        """Name some nodes that are alike."""
        return symbols_of(nodes, self.names)

    def exact(self, number: Number) -> str:
        """Write the numbers in all digits, and where they belong."""
        nodes = number.nodes
        name = ", ".join(filter(None, (name_of(node, self.names) for node in nodes[:3])))
        many = f"{len(nodes):,} numbers: " if len(nodes) > 1 else ""
        data = _exact(node.data for node in nodes)
        text = f"data = {data}, grad = {self.gradient(nodes, _exact)}"
        return f"{name}: {many}{text}" if name else many + text

    def _row(self, name: str, number: str, ink: str | None, theme: Theme) -> str:
        return (
            f'<TD ALIGN="LEFT">{small(name, color=ink or theme.muted)}</TD><TD ALIGN="LEFT">'
            f'<FONT POINT-SIZE="10.5" COLOR="{ink or theme.ink}"> {number}</FONT></TD>'
        )

    def title(self, region: Region) -> str:
        """Write the name of a scope, and how many there are."""
        many = f" × {region.count:,}" if region.count > 1 else ""
        return f"<B>{literal(pretty(region.name))}</B>{many}"

    def box(self, region: Region, ink: str) -> str:
        """Write the label of a closed scope: its name and what is inside."""
        rows = [self.title(region), *(small(line, color=ink) for line in self._contents(region))]
        return f"<{table([f'<TD>{row}</TD>' for row in rows])}>"

    def scope(self, region: Region) -> str:
        """Write a closed scope as one line of plain text."""
        contents = ", ".join(self._contents(region))
        return plain(f"{counted(region)}: {contents}" if contents else counted(region))

    def line(self, number: Number) -> str:
        """Write a number as one line of plain text."""
        nodes = number.nodes
        name = self.name(nodes)
        many = f"× {number.count:,}" if number.count > 1 else ""
        data = self.span(node.data for node in nodes)
        before = f"{name} {many}".strip() + " = " if name else f"({many}) " if many else ""
        gradient = self.gradient(nodes, self.span)
        after = "" if gradient == DASH else f", grad {gradient}"
        return plain(before + data + after)

    def _contents(self, region: Region) -> list[str]:
        """Count what is inside of a closed scope, of each if it stands for several."""
        each = len(region.scopes)
        operations = sum(bool(node.args) for node in region.nodes) // each
        parameters = sum(node in self.names for node in region.nodes) // each
        leaves = sum(node.is_leaf for node in region.nodes) // each - parameters
        return [
            f"{count:,} {one if count == 1 else several}"
            for count, one, several in (
                (operations, "operation", "operations"),
                (parameters, "parameter", "parameters"),
                (leaves, "leaf", "leaves"),
            )
            if count
        ]


def counted(region: Region) -> str:
    """Name a scope in plain text, and say how many there are."""
    many = f" × {region.count:,}" if region.count > 1 else ""
    return f"{pretty(region.name)}{many}"


def describe(outline: Outline, roots: Sequence[Node], precision: int) -> str:
    """Describe a picture in words, with numbers in so many significant digits."""
    names = outline.placed.names

    def told(nodes: Sequence[Node], unnamed: str) -> str:
        texts = [
            f"{symbols_of([node], names) or unnamed} = {span([node.data], precision)}"
            for node in nodes[:_TOLD]
        ]
        more = f" and {len(nodes) - _TOLD:,} more" if len(nodes) > _TOLD else ""
        return ", ".join(texts) + more

    nodes = outline.placed.nodes
    leaves = [node for node in nodes if node.is_leaf and node not in names]
    sentences = [f"{len(nodes):,} numbers", f"results: {told(roots, 'the result')}"]
    if leaves:
        sentences.append(f"leaves: {told(leaves, 'a leaf')}")
    if names:
        sentences.append(f"{len(names):,} parameters")
    if outline.root.regions:
        parts = ", ".join(map(counted, outline.root.regions[:_TOLD]))
        sentences.append(f"parts: {parts}")
    return plain("; ".join(sentences) + ".")


def _exact(numbers: Iterable[float]) -> str:
    found = list(numbers)
    return repr(found[0]) if len(found) == 1 else f"{min(found)!r} to {max(found)!r}"
