"""A Value class of the usual kind, for the scalar GPT: micrograd has neither exp nor log."""

from __future__ import annotations

from functools import partial

from examples.usual_value import Value

from ..job import Engine
from . import scalar

ENGINES = [Engine("usual Value", {"gpt": partial(scalar.gpt, Value)})]
