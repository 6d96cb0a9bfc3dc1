"""An SVG that can be read aloud: a title, a description, and words for every part."""

from __future__ import annotations

import re
from html import escape
from zlib import crc32

__all__ = ["with_words"]

_OPENING = re.compile(r"<svg\b[^>]*>")
# What Graphviz writes of a part: its name, and if it has a tooltip a link with that.
_PART = re.compile(
    r'(<g id="[^"]*" class="(?:node|edge|cluster)">\s*)<title>[^<]*</title>\s*'
    r'(<g id="[^"]*"><a [^>]*?xlink:title="([^"]*)")?'
)


def with_words(svg: str, title: str, description: str) -> str:
    """Say in an SVG of Graphviz what it shows: its parts have names that tell a reader nothing.

    The picture gets the role of an image, a title and a description; a part is called by its
    tooltip. Several pictures may stand on one page: identifiers are made from the texts.
    """
    opening = _OPENING.search(svg)
    if opening is None:
        return svg
    key = f"{crc32(f'{title}{description}'.encode()):08x}"
    words = f'\n<title id="title-{key}">{escape(title)}</title>'
    labels = f"title-{key}"
    if description:
        words += f'\n<desc id="desc-{key}">{escape(description)}</desc>'
        labels += f" desc-{key}"
    start = f'{opening[0][:-1]} role="img" aria-labelledby="{labels}">{words}'
    body = _PART.sub(_renamed, svg[opening.end() :])
    return svg[: opening.start()] + start + body


def _renamed(part: re.Match[str]) -> str:
    """Call a part by its tooltip; what has none says itself what it is."""
    opening, link, tooltip = part.groups()
    return f"{opening}<title>{tooltip}</title>\n{link}" if link else opening
