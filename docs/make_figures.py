"""Makes the pictures of figures.md by running the code of that page: python docs/make_figures.py."""

from __future__ import annotations

import os
import re
from contextlib import chdir
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER / "figures.md"
PICTURES = FOLDER / "images" / "figures"


def code(page: str) -> str:
    """Join the blocks of Python of a page."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL))


def pictures(page: str) -> set[str]:
    """List the names of the pictures that a page shows."""
    return set(re.findall(r"\]\(images/figures/([\w.]+)\)", page))


def main() -> None:
    """Write the pictures; remove those that the page shows no longer."""
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # matplotlib then writes no date into a picture
    from matplotlib import rc_context

    page = PAGE.read_text(encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.iterdir():
        old.unlink()
    with chdir(PICTURES), rc_context({"svg.hashsalt": "tinygrad_nn"}):
        exec(code(page), {"__name__": "__main__"})


if __name__ == "__main__":
    main()
