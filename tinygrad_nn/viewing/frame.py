"""View: a page that is written, to open in a browser or show in a notebook."""

from __future__ import annotations

from html import escape
from pathlib import Path

__all__ = ["View"]

_HEIGHT = 640  # pixels, of the frame in a notebook


class View:
    """A page that shows a graph; `view` makes it, and notebooks show it.

    Parameters
    ----------
    html : str
        The page.
    path : Path
        The file that it was written to.
    title : str
        What it shows, in words.

    Attributes
    ----------
    html : str
    path : Path
    title : str

    Examples
    --------
    >>> View("<p>2 < 3", Path("graph.html"), "Computation graph of loss")
    <View: Computation graph of loss, graph.html>
    """

    def __init__(self, html: str, path: Path, title: str) -> None:
        self.html = html
        self.path = path
        self.title = title

    def _repr_html_(self) -> str:
        """Show the page in a frame of its own, so that it and the notebook cannot disturb each other."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="{escape(self.title)}" width="100%" '
            f'height="{_HEIGHT}" style="border: 1px solid #9aa7b4"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<View: {self.title}, {self.path}>"
