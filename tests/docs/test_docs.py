"""The Python in README.md and docs/ runs, and prints what it says it prints."""

from __future__ import annotations

import doctest
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.exists()
]

# The text between ```python and ```, at any indentation; what else stands on the
# opening line (a title, highlighted lines) does not matter.
FENCE = re.compile(
    r"^([ \t]*)```(?:python|pycon)\b[^\n]*\n(.*?)^\1```[ \t]*$", re.MULTILINE | re.DOTALL
)


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield each block of Python with the number of the line before it."""
    for match in FENCE.finditer(text):
        yield text.count("\n", 0, match.start(2)), dedent(match[2])


def run_blocks(text: str, name: str) -> int:
    """Run the blocks of a page in order, in one namespace, and count them."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    runner = doctest.DebugRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    count = 0
    for line, block in blocks(text):
        if block.lstrip().startswith(">>>"):
            test = doctest.DocTestParser().get_doctest(block, namespace, name, name, line)
            test.globs = namespace  # get_doctest copies it: later blocks would not see the names
            runner.run(test, clear_globs=False)
        else:
            # Lines before the block are left blank, so that a traceback names the page's own.
            exec(compile("\n" * line + block, name, "exec"), namespace)
        count += 1
    return count


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    text = page.read_text(encoding="utf-8")
    assert run_blocks(text, str(page)) == len(
        re.findall(r"^\s*```(?:python|pycon)\b", text, re.MULTILINE)
    )


def test_the_menu_lists_every_page_once() -> None:
    def pages(entry: Any) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        return [
            page
            for part in (entry.values() if isinstance(entry, dict) else entry)
            for page in pages(part)
        ]

    menu = pages(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"])
    folder = ROOT / "docs"
    assert sorted(menu) == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.md")
    )


def test_blocks_share_names() -> None:
    page = "```python\na = 1\n```\n\n- item\n\n  ```python title='x'\n  >>> b = a + 1\n  >>> b\n  2\n  ```\n\n```python\nassert b == 2\n```\n"
    assert run_blocks(page, "page") == 3


def test_other_languages_are_left_alone() -> None:
    assert run_blocks("```sh\nrm\n```\n```\n1/0\n```\n", "page") == 0


def test_wrong_output_fails() -> None:
    with pytest.raises(doctest.DocTestFailure):
        run_blocks("```python\n>>> 1 + 1\n3\n```\n", "page")


def test_errors_fail_with_their_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run_blocks("# Title\n\n```python\na = 1\na / 0\n```\n", "page")
    assert caught.traceback[-1].lineno + 1 == 5


def test_doctest_errors_fail() -> None:
    with pytest.raises(doctest.UnexpectedException):
        run_blocks("```python\n>>> 1 / 0\n```\n", "page")
