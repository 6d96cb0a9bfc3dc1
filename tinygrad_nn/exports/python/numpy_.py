"""NumPy."""

from __future__ import annotations

from .library import COMMON, Library

__all__ = ["NUMPY"]

NAMES = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atanh": "arctanh",
}
FUNCTIONS = {name: f"np.{NAMES.get(name, name)}" for name in COMMON.split()} | {
    "atan2": "np.arctan2",
    "cbrt": "np.cbrt",
    "erf": "erf",
    "erfc": "erfc",
    "floordiv": "np.floor_divide",
    "logaddexp": "np.logaddexp",
    "max": "np.maximum",
    "min": "np.minimum",
    "mod": "np.mod",
    "pow": "np.power",
    "rint": "np.rint",
    "sigmoid": "sigmoid",
    "sign": "np.sign",
}
HELPERS = {
    "erf": """\
erf = np.vectorize(math.erf, otypes=[DTYPE])
""",
    "erfc": """\
erfc = np.vectorize(math.erfc, otypes=[DTYPE])
""",
    "sigmoid": '''\
def sigmoid(x):
    """1 / (1 + exp(-x)), which overflows nowhere."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1.0 + e)
''',
    "chosen": '''\
def chosen(x, places, step, index, size, along):
    """Take x at places + step * index; 0 where the index is none of 0 ... size - 1."""
    inside = np.where((index >= 0) & (index < size), index, 0).astype(int)
    at = places + step * inside
    if along:  # each sample has its own index
        found = np.take_along_axis(x, at.reshape(*x.shape[:-1], -1), -1).reshape(at.shape)
    else:
        found = x[..., at]
    return np.where(inside == index, found, 0.0)
''',
    "added": '''\
def added(x, places, step, index, size, value, along):
    """Add a value to x at places + step * index, where the index is one of 0 ... size - 1."""
    inside = np.where((index >= 0) & (index < size), index, 0).astype(int)
    at, value = places + step * inside, np.where(inside == index, value, 0.0)
    rows = np.array(x).reshape(-1, x.shape[-1])
    at = at.reshape(len(rows), -1)
    np.add.at(rows, (np.arange(len(rows))[:, None], at), value.reshape(at.shape))
    return rows.reshape(x.shape)
''',
    "look": '''\
def look(x, size):
    """Refuse what is no place of a table of that size."""
    bad = np.ravel(x)[~np.isin(x, np.arange(size)).ravel()]
    if len(bad):
        raise ValueError(f"{bad[0]} is no place of a table of {size}")
''',
}

NUMPY = Library(
    module="np",
    imports="import numpy as np",
    functions=FUNCTIONS,
    helpers=HELPERS,
    array="np.array({}, DTYPE)",
    integers="np.array({})",
    number="{}",
    truth="({}).astype(DTYPE)",
    given="np.asarray(x, DTYPE)",
    buffer="np.array({})",
    put="{buffer}[..., {places}] = {value}",
    loops=True,
    moved="np.moveaxis({}, {}, {})",
    raises=True,
    decorator='@np.errstate(all="ignore")',
)
