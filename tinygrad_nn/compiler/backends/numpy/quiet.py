"""Running code of NumPy's without its warnings, at little cost."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from functools import cache
from typing import Any

import numpy as np

from ....scalar.custom import Custom
from ...program.program import Program
from ...program.statements import Map, unnested

__all__ = ["quiet"]


def quiet(*programs: Program) -> Callable[..., Any]:
    """Give what calls a function of some programs, which is not to be called inside it again."""
    statements = [one for program in programs for one in unnested(program.statements)]
    ops = [one.op for one in statements if isinstance(one, Map)]
    if any(isinstance(op, Custom) for op in ops) or not _is_kept_in_contexts():
        return _with_errstate
    context = Context()  # an operation of the user's would find its variables empty
    context.run(_hush)
    return context.run


def _with_errstate(run: Callable[..., Any], *args: Any) -> Any:
    with np.errstate(all="ignore"):
        return run(*args)


def _hush() -> None:
    np.seterr(all="ignore")


@cache
def _is_kept_in_contexts() -> bool:
    """Tell whether NumPy keeps in a context variable what it warns of, as from 2.0 on."""
    before = np.geterr()
    context = Context()
    context.run(_hush)
    after = np.geterr()
    np.seterr(**before)
    return before == after and set(context.run(np.geterr).values()) == {"ignore"}
