"""Drawing: a finished picture, to show in a notebook or save."""

from __future__ import annotations

import os
from pathlib import Path

from ..arguments import check_path
from ..files import write_whole
from .accessible import with_words
from .rendering import FORMATS, render
from .style import Digraph

__all__ = ["Drawing"]


class Drawing:
    """A picture of a graph; `draw` makes it, and notebooks show it.

    Parameters
    ----------
    graph : graphviz.Digraph
        What is drawn.
    description : str
        The same in words, for who cannot see it; the SVG holds it.

    Examples
    --------
    >>> from tinygrad_nn import Value, draw
    >>> picture = draw(Value(2.0, label="x") * 3.0)
    >>> picture.source.startswith("digraph")
    True
    """

    def __init__(self, graph: Digraph, description: str = "") -> None:
        self._graph = graph
        self._description = description

    @property
    def source(self) -> str:
        """The picture in DOT, the language of Graphviz."""
        return str(self._graph.source)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            Where to; its suffix chooses the format: .svg, .png, .pdf or .dot.

        Returns
        -------
        Path
            The path of the file.

        Raises
        ------
        ArgumentError
            When the suffix is none of these, or the folder does not exist.
        DrawingError
            When Graphviz fails.
        MissingExtraError
            When nothing is installed that renders the format.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from tinygrad_nn import Value, draw
        >>> with TemporaryDirectory() as folder:
        ...     draw(Value(2.0) * 3.0).save(f"{folder}/product.svg").name
        'product.svg'
        """
        path = check_path(path, *(f".{kind}" for kind in FORMATS))
        kind = path.suffix.lower().removeprefix(".")
        write_whole(path, self._svg().encode() if kind == "svg" else render(self._graph, kind))
        return path

    def _svg(self) -> str:
        svg = render(self._graph, "svg").decode()
        return with_words(svg, str(self._graph.name), self._description)

    _repr_svg_ = _svg

    def __repr__(self) -> str:
        return f"<Drawing: {self._graph.name}>"
