"""Headers in C, compiled together and run: each tells how far it is from what Python had."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

COMPILERS = [found for found in map(shutil.which, ("gcc", "clang")) if found]
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic")
needs_compiler = pytest.mark.skipif(not COMPILERS, reason="there is no compiler of C")


def tried(
    headers: Mapping[str, str], folder: Path, *flags: str, compiler: str = ""
) -> dict[str, str]:
    """Compile headers by the names of their functions, and run their tests: what each prints.

    A test that fails is told so.
    """
    lines = []
    for name, text in headers.items():
        (folder / f"{name}.h").write_text(text)
        lines += [f"#define main test_{name}", f'#include "{name}.h"', "#undef main"]
    lines += ["int main(void)", "{"]
    lines += [f'    if (test_{name}()) printf("{name} failed\\n");' for name in headers]
    lines += ["    return 0;", "}"]
    found = compiled("\n".join(lines), folder, *flags, "-DTEST", compiler=compiler)
    by_name: dict[str, str] = dict.fromkeys(headers, "")
    for line in found.splitlines():
        name = line.split(":")[0].split(" ")[0]
        by_name[name] += line
    return by_name


def compiled(source: str, folder: Path, *flags: str, compiler: str = "") -> str:
    """Compile a program, by the first compiler if none is named, and run it; give what it prints."""
    (folder / "all.c").write_text(source + "\n")
    command = [compiler or COMPILERS[0], *FLAGS, *flags, "all.c", "-o", "all", "-lm"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return subprocess.run(
        [folder / "all"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
