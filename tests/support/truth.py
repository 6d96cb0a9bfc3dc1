"""Every operation in mpmath: value and first derivatives from textbook formulas (DLMF 4, 6, 7).

Written apart from the package, in another form where there is one, so that an error in a
row is not repeated here.
"""

import mpmath as mp

mp.mp.dps = 60

ONE = mp.mpf(1)


def _sigmoid(x):
    return ONE / (ONE + mp.exp(-x))


def _softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def _logaddexp(x, y):
    low, high = sorted((x, y))
    return high + mp.log1p(mp.exp(low - high))


def _zero(*args):
    return mp.mpf(0)


# name: (value, derivative by the first argument, derivative by the second, ...)
TRUTH = {
    "add": (lambda x, y: x + y, lambda x, y: ONE, lambda x, y: ONE),
    "mul": (lambda x, y: x * y, lambda x, y: y, lambda x, y: x),
    "exp": (mp.exp, mp.exp),
    "log": (mp.log, lambda x: 1 / x),
    "max": (max, lambda x, y: mp.mpf(x >= y), lambda x, y: mp.mpf(x < y)),
    "neg": (lambda x: -x, lambda x: -ONE),
    "sub": (lambda x, y: x - y, lambda x, y: ONE, lambda x, y: -ONE),
    "div": (lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "pow": (
        lambda x, y: x**y,
        lambda x, y: y * x ** (y - 1) if y else mp.mpf(0),
        lambda x, y: x**y * mp.log(x) if x else mp.mpf(0) if y > 0 else -mp.inf,
    ),
    "mod": (
        lambda x, y: x - y * mp.floor(x / y),
        lambda x, y: ONE,
        lambda x, y: -mp.floor(x / y),
    ),
    "floordiv": (lambda x, y: mp.floor(x / y), _zero, _zero),
    "exp2": (lambda x: 2**x, lambda x: 2**x * mp.ln2),
    "expm1": (mp.expm1, mp.exp),
    "log2": (lambda x: mp.log(x) / mp.ln2, lambda x: 1 / (x * mp.ln2)),
    "log10": (mp.log10, lambda x: 1 / (x * mp.ln10)),
    "log1p": (mp.log1p, lambda x: 1 / (1 + x)),
    "sqrt": (mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x))),
    "cbrt": (
        lambda x: mp.sign(x) * mp.cbrt(abs(x)),
        lambda x: 1 / (3 * mp.cbrt(x * x)),
    ),
    "sin": (mp.sin, mp.cos),
    "cos": (mp.cos, lambda x: -mp.sin(x)),
    "tan": (mp.tan, lambda x: mp.sec(x) ** 2),
    "asin": (mp.asin, lambda x: 1 / mp.sqrt(1 - x * x)),
    "acos": (mp.acos, lambda x: -1 / mp.sqrt(1 - x * x)),
    "atan": (mp.atan, lambda x: 1 / (1 + x * x)),
    "atan2": (
        mp.atan2,
        lambda y, x: x / (x * x + y * y),
        lambda y, x: -y / (x * x + y * y),
    ),
    "sinh": (mp.sinh, mp.cosh),
    "cosh": (mp.cosh, mp.sinh),
    "tanh": (mp.tanh, lambda x: mp.sech(x) ** 2),
    "sech": (mp.sech, lambda x: -mp.sech(x) * mp.tanh(x)),
    "one_minus_square": (lambda x: 1 - x * x, lambda x: -2 * x),
    "lorentzian": (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    "direction": (
        lambda x, y: x / mp.sqrt(x * x + y * y),
        lambda x, y: y * y / mp.sqrt(x * x + y * y) ** 3,
        lambda x, y: -x * y / mp.sqrt(x * x + y * y) ** 3,
    ),
    "asinh": (lambda x: mp.sign(x) * mp.asinh(abs(x)), lambda x: 1 / mp.sqrt(1 + x * x)),
    "acosh": (mp.acosh, lambda x: 1 / mp.sqrt(x * x - 1)),
    "atanh": (mp.atanh, lambda x: 1 / (1 - x * x)),
    "erf": (mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "erfc": (mp.erfc, lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "abs": (abs, mp.sign),
    "sign": (mp.sign, _zero),
    "floor": (mp.floor, _zero),
    "ceil": (mp.ceil, _zero),
    "trunc": (lambda x: mp.sign(x) * mp.floor(abs(x)), _zero),
    "rint": (mp.nint, _zero),
    "min": (min, lambda x, y: mp.mpf(x <= y), lambda x, y: mp.mpf(x > y)),
    "step": (lambda x: mp.mpf(x > 0), _zero),
    "ge": (lambda x, y: mp.mpf(x >= y), _zero, _zero),
    "gt": (lambda x, y: mp.mpf(x > y), _zero, _zero),
    "le": (lambda x, y: mp.mpf(x <= y), _zero, _zero),
    "lt": (lambda x, y: mp.mpf(x < y), _zero, _zero),
    "eq": (lambda x, y: mp.mpf(x == y), _zero, _zero),
    "above": (lambda x, y: mp.mpf(x > y), _zero, _zero),
    "isnan": (lambda x: mp.mpf(mp.isnan(x)), _zero),
    "isinf": (lambda x: mp.mpf(mp.isinf(x)), _zero),
    "isfinite": (lambda x: mp.mpf(mp.isfinite(x)), _zero),
    "hypot": (
        lambda x, y: mp.sqrt(x * x + y * y),
        lambda x, y: x / mp.sqrt(x * x + y * y),
        lambda x, y: y / mp.sqrt(x * x + y * y),
    ),
    "sigmoid": (_sigmoid, lambda x: 1 / (2 + mp.exp(x) + mp.exp(-x))),
    "sigmoid_slope": (
        lambda x: 1 / (2 + mp.exp(x) + mp.exp(-x)),
        lambda x: -mp.tanh(x / 2) / (2 + mp.exp(x) + mp.exp(-x)),
    ),
    "softplus": (_softplus, _sigmoid),
    "log_sigmoid": (lambda x: -_softplus(-x), lambda x: _sigmoid(-x)),
    "logaddexp": (
        _logaddexp,
        lambda x, y: 1 / (1 + mp.exp(y - x)),
        lambda x, y: 1 / (1 + mp.exp(x - y)),
    ),
    "where": (
        lambda c, x, y: x if c else y,
        _zero,
        lambda c, x, y: mp.mpf(bool(c)),
        lambda c, x, y: mp.mpf(not c),
    ),
    "logical_not": (lambda x: mp.mpf(not x), _zero),
    "stop_gradient": (lambda x: x, _zero),
}
