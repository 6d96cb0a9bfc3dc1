"""Pickled functions in modules that were edited on the way: a program is used only where it holds.

Run it in the root of the repository::

    python -m tests.sweeps.edited --count 2000 --seed 1

One word of a module is changed at a time. Wherever the program that came along is used, it must
give what the function in the edited module gives. (That `calls` cannot be appended to is not seen:
what is only added to counts for nothing.)
"""

from __future__ import annotations

import builtins
import io
import pickle
import random
import sys
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import tinygrad_nn as tg
from tests.sweeps.options import asked
from tinygrad_nn.compiler.plan import Plan
from tinygrad_nn.errors import FaultWarning

OTHERS = {
    tokenize.NUMBER: ["0", "1", "2", "3.0", "-1.5", "2.0", "7"],
    tokenize.OP: ["+", "-", "*", "**", "/", ",", "<", "or"],
    tokenize.STRING: ['"p"', '"a"', '"b"', '"relu"', '"tanh"'],
}
KEPT = "calls"


def edited(rng: random.Random, source: str) -> str:
    """Change one word."""
    words = list(tokenize.generate_tokens(io.StringIO(source).readline))
    names = [w.string for w in words if w.type == tokenize.NAME and w.string != KEPT]
    others = OTHERS | {tokenize.NAME: names}
    word = rng.choice([w for w in words if w.type in others and w.string != KEPT])
    lines = source.splitlines(keepends=True)
    row, begin = word.start
    line = lines[row - 1]
    lines[row - 1] = (
        f"{line[:begin]}{rng.choice(others[word.type])}{line[begin + len(word.string) :]}"
    )
    return "".join(lines)


def module(source: str) -> Any:
    """Make the module `world` of a source the one that is imported."""
    made = ModuleType("world")
    made.__file__ = "world.py"
    sys.modules["world"] = made
    exec(builtins.compile(source, "world.py", "exec", dont_inherit=True), vars(made))
    return made


def sweep(
    source: str,
    functions: dict[str, Callable[[Any], Any]],
    count: int,
    seed: int,
    counts: Counter[str],
) -> Iterator[str]:
    """Edit a source so many times; yield each edit after which a program is used and wrong."""
    world = module(source)
    content = {}
    for name, transform in functions.items():
        function = tg.compile(transform(getattr(world, name)))
        function(1.5)
        content[name] = pickle.dumps(function)
    for number in range(count):
        text = edited(random.Random(1_000_003 * seed + number), source)
        try:
            world = module(text)
            arrived = {name: pickle.loads(one) for name, one in content.items()}
        except Exception:  # such a module cannot be imported
            counts["cannot be imported"] += 1
            continue
        for name, function in arrived.items():
            found = outcome(function)
            plan = function._latest  # the paths of one that looks at numbers are recorded anew
            if not isinstance(plan, Plan) or plan.trace.recording is not None:
                counts["recorded"] += 1
                continue
            counts["carried"] += 1
            expected = outcome(tg.compile(functions[name](getattr(world, name))))
            if found != expected:
                yield f"{name} gives {found} instead of {expected} in\n{text}"


def outcome(function: Callable[[float], Any]) -> str:
    """Give what a function gives, as a text, or the name of its error."""
    try:
        return repr(function(1.5))
    except Exception as error:
        return type(error).__name__


def main() -> int:
    sys.path[:0] = ["tests/compiler", "tests/support"]
    from test_pickling import SOURCE

    given = asked(__doc__, 2000, "edits", seed=1)
    counts: Counter[str] = Counter()
    functions = {"f": tg.value_and_grad, "shifted": tg.grad, "logarithm": tg.hessian}
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", FaultWarning)
    wrong = list(sweep(SOURCE, functions, given.count, given.seed, counts))
    print("\n\n".join([*wrong, f"{given.count} edits, {len(wrong)} of them wrong: {dict(counts)}"]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
