"""What is published beside the code says what the code says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

TOP = Path(__file__).parent.parent


def test_the_citation_names_the_version_that_is_built() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
    citation = (TOP / "CITATION.cff").read_text("utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [project["version"]]
    assert f"license: {project['license']}\n" in citation


def test_each_change_stands_under_a_heading_of_its_release() -> None:
    headings = re.findall(r"^## (.+)$", (TOP / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]" or re.fullmatch(
        r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", headings[0]
    )
