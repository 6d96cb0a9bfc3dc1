"""JAX."""

from __future__ import annotations

from .library import COMMON, Library
from .numpy_ import NAMES

__all__ = ["JAX"]

FUNCTIONS = {name: f"jnp.{NAMES.get(name, name)}" for name in COMMON.split()} | {
    "abs": "magnitude",
    "atan2": "jnp.arctan2",
    "cbrt": "jnp.cbrt",
    "erf": "jax.scipy.special.erf",
    "erfc": "jax.scipy.special.erfc",
    "floordiv": "jnp.floor_divide",
    "hypot": "length",
    "joined max": "greatest",
    "joined min": "least",
    "logaddexp": "jnp.logaddexp",
    "max": "maximum",
    "min": "minimum",
    "mod": "jnp.mod",
    "pow": "jnp.power",
    "rint": "jnp.rint",
    "sigmoid": "jax.nn.sigmoid",
    "sign": "jnp.sign",
    "special.log_expit": "jax.nn.log_sigmoid",
}
HELPERS = {
    "magnitude": '''\
def magnitude(x):
    """The absolute value; its slope at 0 is 0."""
    return jnp.maximum(x, -x)
''',
    "length": '''\
def length(x, y):
    """The length of (x, y); it has no slopes at (0, 0), NaN as those of a root at 0."""
    size = jax.lax.stop_gradient(jnp.maximum(jnp.abs(x), jnp.abs(y)))
    size = jnp.where((size > 0) & jnp.isfinite(size), size, 1.0)
    found = size * jnp.sqrt((x / size) ** 2 + (y / size) ** 2)
    return jnp.where(jnp.isinf(x) | jnp.isinf(y), jnp.inf, found)
''',
    "maximum": '''\
def maximum(x, y):
    """The greater of two numbers; the slope at a tie goes to the first."""
    return jnp.where((x >= y) | (x != x), x, y)
''',
    "minimum": '''\
def minimum(x, y):
    """The lesser of two numbers; the slope at a tie goes to the first."""
    return jnp.where((x <= y) | (x != x), x, y)
''',
    "greatest": '''\
def greatest(x, axes):
    """The greatest number along the last axes; the slope at a tie goes to the first."""
    x = x.reshape(*x.shape[: x.ndim - len(axes)], -1)
    return jnp.take_along_axis(x, jnp.argmax(x, axis=-1, keepdims=True), -1)[..., 0]
''',
    "least": '''\
def least(x, axes):
    """The least number along the last axes; the slope at a tie goes to the first."""
    x = x.reshape(*x.shape[: x.ndim - len(axes)], -1)
    return jnp.take_along_axis(x, jnp.argmin(x, axis=-1, keepdims=True), -1)[..., 0]
''',
    "chosen": '''\
def chosen(x, places, step, index, size, along):
    """Take x at places + step * index; 0 where the index is none of 0 ... size - 1."""
    inside = jnp.where((index >= 0) & (index < size), index, 0).astype(int)
    at = places + step * inside
    if along:  # each sample has its own index
        found = jnp.take_along_axis(x, at.reshape(*x.shape[:-1], -1), -1).reshape(at.shape)
    else:
        found = x[..., at]
    return jnp.where(inside == index, found, 0.0)
''',
    "added": '''\
def added(x, places, step, index, size, value, along):
    """Add a value to x at places + step * index, where the index is one of 0 ... size - 1."""
    inside = jnp.where((index >= 0) & (index < size), index, 0).astype(int)
    at, value = places + step * inside, jnp.where(inside == index, value, 0.0)
    rows = x.reshape(-1, x.shape[-1])
    at = at.reshape(len(rows), -1)
    rows = rows.at[jnp.arange(len(rows))[:, None], at].add(value.reshape(at.shape))
    return rows.reshape(x.shape)
''',
    "look": '''\
def look(x, size):
    """Give NaN where a number is no place of a table of that size, else 0."""
    return jnp.where(jnp.all((x >= 0) & (x < size) & (x == jnp.floor(x))), 0.0, jnp.nan)
''',
}

JAX = Library(
    module="jnp",
    imports="import jax\nimport jax.numpy as jnp",
    functions=FUNCTIONS,
    helpers=HELPERS,
    array="jnp.array({}, DTYPE)",
    integers="jnp.array({})",
    number="{}",
    truth="({}).astype(DTYPE)",
    given="jnp.asarray(x, DTYPE)",
    buffer="{}",
    put="{buffer} = {buffer}.at[..., {places}].set({value})",
    loops=False,
    moved="jnp.moveaxis({}, {}, {})",
    raises=False,
    double='jax.config.update("jax_enable_x64", True)  # else numbers have 7 digits',
)
