"""PyTorch."""

from __future__ import annotations

from .library import COMMON, Library

__all__ = ["TORCH"]

FUNCTIONS = {name: f"torch.{name}" for name in COMMON.split()} | {
    "atan2": "torch.atan2",
    "cbrt": "cbrt",
    "erf": "torch.erf",
    "erfc": "torch.erfc",
    "floordiv": "floor_divide",
    "joined max": "greatest",
    "joined min": "least",
    "logaddexp": "torch.logaddexp",
    "max": "maximum",
    "min": "minimum",
    "mod": "torch.remainder",
    "pow": "torch.pow",
    "rint": "torch.round",
    "sigmoid": "torch.sigmoid",
    "sign": "sign",
    "special.log_expit": "torch.nn.functional.logsigmoid",
}
HELPERS = {
    "cbrt": '''\
def cbrt(x):
    """The cube root."""
    return torch.sign(x) * torch.abs(x) ** (1 / 3)
''',
    "floor_divide": '''\
def floor_divide(x, y):
    """The quotient, rounded down."""
    return torch.div(x, y, rounding_mode="floor")
''',
    "sign": '''\
def sign(x):
    """1, 0 or -1, as x is positive, 0 or negative."""
    return torch.where(x != x, x.detach(), torch.sign(x))
''',
    "maximum": '''\
def maximum(x, y):
    """The greater of two numbers; the slope at a tie goes to the first."""
    return torch.where((x >= y) | (x != x), x, y)
''',
    "minimum": '''\
def minimum(x, y):
    """The lesser of two numbers; the slope at a tie goes to the first."""
    return torch.where((x <= y) | (x != x), x, y)
''',
    "greatest": '''\
def greatest(x, axes):
    """The greatest number along the last axes; the slope at a tie goes to the first."""
    x = x.reshape(*x.shape[: x.ndim - len(axes)], -1)
    return torch.take_along_dim(x, torch.argmax(x, -1, keepdim=True), -1)[..., 0]
''',
    "least": '''\
def least(x, axes):
    """The least number along the last axes; the slope at a tie goes to the first."""
    x = x.reshape(*x.shape[: x.ndim - len(axes)], -1)
    return torch.take_along_dim(x, torch.argmin(x, -1, keepdim=True), -1)[..., 0]
''',
    "chosen": '''\
def chosen(x, places, step, index, size, along):
    """Take x at places + step * index; 0 where the index is none of 0 ... size - 1."""
    inside = torch.where((index >= 0) & (index < size), index, number(0.0)).long()
    at = places + step * inside
    if along:  # each sample has its own index
        found = torch.take_along_dim(x, at.reshape(*x.shape[:-1], -1), -1).reshape(at.shape)
    else:
        found = x[..., at]
    return torch.where(inside == index, found, number(0.0))
''',
    "added": '''\
def added(x, places, step, index, size, value, along):
    """Add a value to x at places + step * index, where the index is one of 0 ... size - 1."""
    inside = torch.where((index >= 0) & (index < size), index, number(0.0)).long()
    at, value = places + step * inside, torch.where(inside == index, value, number(0.0))
    at = at.reshape(*x.shape[:-1], -1)
    return torch.scatter_add(x, -1, at, value.reshape(at.shape))
''',
    "look": '''\
def look(x, size):
    """Give NaN where a number is no place of a table of that size, else 0."""
    good = torch.all((x >= 0) & (x < size) & (x == torch.floor(x)))
    return torch.where(good, number(0.0), number(torch.nan))
''',
    "put": '''\
def put(x, places, value):
    """Give x with other numbers at some places."""
    value = value.reshape(*x.shape[:-1], -1)
    return torch.index_copy(x, -1, torch.as_tensor(places).reshape(-1), value)
''',
}

TORCH = Library(
    module="torch",
    imports="import torch",
    functions=FUNCTIONS,
    helpers=HELPERS,
    array="torch.tensor({}, dtype=DTYPE)",
    integers="torch.tensor({})",
    number="number({})",
    truth="({}).to(DTYPE)",
    given="torch.as_tensor(x, dtype=DTYPE)",
    buffer="{}",
    put="{buffer} = put({buffer}, {places}, {value})",
    loops=True,
    moved="torch.movedim({}, {}, {})",
    raises=False,
    always='''\
def number(x):
    """A plain number as a tensor."""
    return torch.tensor(x, dtype=DTYPE)
''',
)
