"""Modules of JavaScript, run by node together."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no node")

MAIN = """
import { readFileSync } from 'node:fs';
const plain = (x) => typeof x === 'string' ? Number(x)
    : Array.isArray(x) ? x.map(plain) : x;
const flat = (x) => typeof x === 'number' ? [x]
    : ArrayBuffer.isView(x) ? [...x] : Object.values(x).flatMap(flat);
const found = {};
for (const [name, calls] of Object.entries(JSON.parse(readFileSync('calls.json', 'utf8')))) {
    const own = (await import(`./${name}.mjs`))[name];
    found[name] = calls.map((call) => {
        try {
            return flat(own(...call.map(plain))).map(String);
        } catch (error) {
            return `${error.name}: ${error.message}`;
        }
    });
}
console.log(JSON.stringify(found));
"""


def run(
    modules: Mapping[str, str], calls: Mapping[str, Sequence[Sequence[Any]]], folder: Path
) -> dict[str, list[Any]]:
    """Call the functions of modules, by name: the numbers of each call in a row, or its error."""
    assert NODE is not None
    for name, text in modules.items():
        (folder / f"{name}.mjs").write_text(text)
    (folder / "main.mjs").write_text(MAIN)
    (folder / "calls.json").write_text(json.dumps(_plain(dict(calls)), allow_nan=False))
    done = subprocess.run(
        [NODE, "main.mjs"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return {
        name: [one if isinstance(one, str) else [float(number) for number in one] for one in some]
        for name, some in json.loads(done.stdout).items()
    }


def _plain(nesting: Any) -> Any:
    """Give what JSON has: numbers that it does not have as texts, and dicts as lists inside."""
    if isinstance(nesting, float) and not math.isfinite(nesting):
        return "NaN" if math.isnan(nesting) else "Infinity" if nesting > 0 else "-Infinity"
    if isinstance(nesting, dict):
        return {name: _plain(part) for name, part in nesting.items()}
    if isinstance(nesting, list | tuple):
        return [_plain(part) for part in nesting]
    return nesting.tolist() if hasattr(nesting, "tolist") else nesting
