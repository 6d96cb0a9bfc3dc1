"""The same as JAX wants it: `while_loop` under `vmap`, and a gather."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax import lax
from jax import numpy as jnp

from ..engines.with_jax import ready
from . import functions
from .functions import COEFFICIENTS, PIECES, SCALE, TURNS


def implied_volatility(price: Any, S: Any, K: Any, T: Any, r: Any) -> Any:
    def error(v: Any) -> Any:
        d1 = (jnp.log(S / K) + (r + 0.5 * v * v) * T) / (v * jnp.sqrt(T))
        d2 = d1 - v * jnp.sqrt(T)
        below = jax.scipy.stats.norm.cdf
        return S * below(d1) - K * jnp.exp(-r * T) * below(d2) - price, d1

    def going(state: Any) -> Any:
        _, off, _, n = state
        return (abs(off) >= functions.CLOSE) & (n < TURNS)

    def turn(state: Any) -> Any:
        v, off, d1, n = state
        v = v - off / (S * SCALE * jnp.exp(-0.5 * d1 * d1) * jnp.sqrt(T))
        return v, *error(v), n + 1

    return lax.while_loop(going, turn, (0.3, *error(0.3), 0))[0]


def with_slope(price: Any, *others: Any) -> Any:
    """The slope by the price goes forward: `while_loop` has no way back."""
    return jax.jvp(lambda p: implied_volatility(p, *others), (price,), (1.0,))


def pieces(x: Any) -> Any:
    i = (PIECES * x).astype(int)
    d = x - i / PIECES
    a, b, c, e = jnp.array(COEFFICIENTS)[i]
    return a + d * (b + d * (c + d * e))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "implied_volatility": implied_volatility,
    "implied_volatility with its slope": with_slope,
    "pieces with their slopes": jax.value_and_grad(pieces),
}


def over_samples(name: str, *columns: Any) -> Callable[[], Any]:
    """Compile a function for all samples."""
    compiled = jax.jit(jax.vmap(FUNCTIONS[name]))
    arrays = [jnp.array(column) for column in columns]
    return lambda: ready(compiled, *arrays)
