"""For each public function of NumPy that takes numbers, code that calls it on an array of three."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["CASES", "NO_CONCERN", "POINT", "REFUSED", "differences", "public_names"]

POINT = np.array([0.3, -0.7, 1.2])
M = np.array([[2.0, 0.3, 0.1], [0.2, 1.5, 0.4], [0.1, 0.2, 1.0]])
S = M @ M.T
W = np.array([1.0, -2.0, 0.5])

CASES: dict[str, Callable[[Any], Any]] = {
    # element by element
    **{
        name: (lambda f: lambda x: (f(x * x + 0.5) * W).sum())(getattr(np, name))
        for name in (
            *("absolute", "abs", "fabs", "negative", "positive", "square", "sqrt", "cbrt", "reciprocal"),
            *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh"),
            *("cosh", "tanh", "arctan", "arcsinh", "sign", "floor", "ceil", "trunc", "rint", "fix"),
            *("degrees", "radians", "deg2rad", "rad2deg", "conjugate", "conj", "real", "sinc", "i0"),
            *("round", "around", "nan_to_num", "angle", "imag"),
        )
        if hasattr(np, name)
    },
    **{
        name: (lambda f: lambda x: (f(x * 0.5) * W).sum())(getattr(np, name))
        for name in ("arcsin", "arccos", "arctanh")
        if hasattr(np, name)
    },
    "arccosh": lambda x: np.arccosh(x * x + 1.5).sum(),
    **{
        name: (lambda f: lambda x: (f(x * x + 0.5, W * W + 1.0) * W).sum())(getattr(np, name))
        for name in (
            *("add", "subtract", "multiply", "divide", "true_divide", "floor_divide", "power", "pow"),
            *("float_power", "remainder", "mod", "fmod", "maximum", "minimum", "fmax", "fmin"),
            *("hypot", "arctan2", "logaddexp", "logaddexp2", "copysign", "heaviside", "nextafter"),
        )
        if hasattr(np, name)
    },
    "divmod": lambda x: (np.divmod(x, 0.45)[1] * W).sum(),
    "modf": lambda x: (np.modf(x)[0] * W).sum(),
    "frexp": lambda x: np.frexp(x)[0].sum(),
    "ldexp": lambda x: np.ldexp(x, 2).sum(),
    "clip": lambda x: np.clip(x, -0.5, 1.0).sum(),
    # comparing
    **{
        name: (lambda f: lambda x: (f(x, 0.25) * x * x).sum())(getattr(np, name))
        for name in ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "isclose")
        if hasattr(np, name)
    },
    **{
        name: (lambda f: lambda x: (f(x) * x * x).sum())(getattr(np, name))
        for name in ("isfinite", "isinf", "isnan", "isneginf", "isposinf", "signbit", "iscomplex", "isreal")
        if hasattr(np, name)
    },
    "logical_and": lambda x: (np.logical_and(x > 0, x < 1) * x * x).sum(),
    "logical_or": lambda x: (np.logical_or(x > 1, x < 0) * x * x).sum(),
    "logical_xor": lambda x: (np.logical_xor(x > 0, x < 1) * x * x).sum(),
    "logical_not": lambda x: (np.logical_not(x > 0) * x * x).sum(),
    "any": lambda x: x.sum() * np.any(x > 1),
    "all": lambda x: x.sum() * np.all(x > -1),
    "allclose": lambda x: x.sum() * np.allclose(x, x),
    "array_equal": lambda x: x.sum() * np.array_equal(x, x),
    "array_equiv": lambda x: x.sum() * np.array_equiv(x, x),
    "isin": lambda x: (np.isin(x, [5.0], invert=True) * x * x).sum(),
    "count_nonzero": lambda x: x.sum() * np.count_nonzero(x > 0),
    # choosing
    "where": lambda x: np.where(x > 0, x * x, -x).sum(),
    "select": lambda x: np.select([x < 0, x < 1], [x * 2, x * x], 0.5).sum(),
    "piecewise": lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda v: v * v, lambda v: v * 3.0]).sum(),
    "choose": lambda x: np.choose([0, 1, 0], [x, x * x]).sum(),
    "extract": lambda x: (np.extract(x > 0, x) ** 2).sum(),
    "compress": lambda x: (np.compress([True, False, True], x) ** 2).sum(),
    "take": lambda x: (np.take(x, [0, 2]) ** 2).sum(),
    "take_along_axis": lambda x: (np.take_along_axis(x, np.array([2, 0]), 0) ** 2).sum(),
    "argwhere": lambda x: x[np.argwhere(x > 0)[0, 0]] ** 2,
    "flatnonzero": lambda x: (x[np.flatnonzero(x > 0)] ** 2).sum(),
    "nonzero": lambda x: (x[np.nonzero(x > 0)] ** 2).sum(),
    # order
    "sort": lambda x: (np.sort(x) * W).sum(),
    "argsort": lambda x: x[np.argsort(x)][0] ** 2,
    "lexsort": lambda x: x[np.lexsort((x,))][0] ** 2,
    "partition": lambda x: np.partition(x, 1)[1] ** 2,
    "argpartition": lambda x: x[np.argpartition(x, 1)[1]] ** 2,
    "max": lambda x: np.max(x) ** 2,
    "min": lambda x: np.min(x) ** 2,
    "amax": lambda x: np.amax(x) ** 2,
    "amin": lambda x: np.amin(x) ** 2,
    "argmax": lambda x: x[np.argmax(x)] ** 2,
    "argmin": lambda x: x[np.argmin(x)] ** 2,
    "nanmax": lambda x: np.nanmax(x) ** 2,
    "nanmin": lambda x: np.nanmin(x) ** 2,
    "nanargmax": lambda x: x[np.nanargmax(x)] ** 2,
    "nanargmin": lambda x: x[np.nanargmin(x)] ** 2,
    "ptp": lambda x: np.ptp(x) ** 2,
    "median": lambda x: np.median(x) ** 2,
    "percentile": lambda x: np.percentile(x, 30) ** 2,
    "quantile": lambda x: (np.quantile(x, [0.1, 0.5, 0.9]) ** 2).sum(),
    "nanmedian": lambda x: np.nanmedian(x) ** 2,
    "nanpercentile": lambda x: np.nanpercentile(x, 30) ** 2,
    "nanquantile": lambda x: np.nanquantile(x, 0.3) ** 2,
    "searchsorted": lambda x: x[0] * np.searchsorted([0.0, 0.5], x[1]),
    "digitize": lambda x: (x * np.digitize(x, [0.0, 0.5])).sum(),
    "unique": lambda x: (np.unique(x) ** 2).sum(),
    "unique_values": lambda x: (np.sort(np.unique_values(x)) * W).sum(),
    "union1d": lambda x: (np.union1d(x, [5.0]) ** 2).sum(),
    "intersect1d": lambda x: (np.intersect1d(x, x) ** 2).sum(),
    "setdiff1d": lambda x: (np.setdiff1d(x, [5.0]) ** 2).sum(),
    "setxor1d": lambda x: (np.setxor1d(x, [5.0]) ** 2).sum(),
    "histogram": lambda x: x.sum() * np.histogram(x, bins=3, range=(-1.0, 2.0))[0][0],
    "bincount": lambda x: np.bincount([0, 1, 1], weights=x)[1] ** 2,
    "trim_zeros": lambda x: (np.trim_zeros(x) ** 2).sum(),
    # sums and their like
    "sum": lambda x: np.sum(x) ** 2,
    "prod": lambda x: np.prod(x),
    "mean": lambda x: np.mean(x) ** 2,
    "average": lambda x: np.average(x, weights=[1.0, 2.0, 3.0]) ** 2,
    "var": lambda x: np.var(x),
    "std": lambda x: np.std(x),
    "nansum": lambda x: np.nansum(x) ** 2,
    "nanprod": lambda x: np.nanprod(x),
    "nanmean": lambda x: np.nanmean(x) ** 2,
    "nanvar": lambda x: np.nanvar(x),
    "nanstd": lambda x: np.nanstd(x),
    "cumsum": lambda x: (np.cumsum(x) ** 2).sum(),
    "cumprod": lambda x: np.cumprod(x).sum(),
    "nancumsum": lambda x: (np.nancumsum(x) ** 2).sum(),
    "nancumprod": lambda x: np.nancumprod(x).sum(),
    "cumulative_sum": lambda x: (np.cumulative_sum(x) ** 2).sum(),
    "cumulative_prod": lambda x: np.cumulative_prod(x).sum(),
    "diff": lambda x: (np.diff(x) ** 2).sum(),
    "ediff1d": lambda x: (np.ediff1d(x) ** 2).sum(),
    "gradient": lambda x: (np.gradient(x) ** 2).sum(),
    "trapezoid": lambda x: np.trapezoid(x * x, dx=0.1),
    "cov": lambda x: np.cov(x),
    "corrcoef": lambda x: np.corrcoef(x, [1.0, 2.0, 4.0])[0, 1],
    "convolve": lambda x: (np.convolve(x, [1.0, 2.0]) ** 2).sum(),
    "correlate": lambda x: (np.correlate(x, [1.0, 2.0]) ** 2).sum(),
    "interp": lambda x: np.interp(x, [-1.0, 0.0, 1.0, 2.0], [0.0, 1.0, 4.0, 9.0]).sum(),
    "unwrap": lambda x: (np.unwrap(x) ** 2).sum(),
    # products
    "dot": lambda x: np.dot(x, M @ x),
    "vdot": lambda x: np.vdot(x, x),
    "inner": lambda x: np.inner(x, x),
    "outer": lambda x: (np.outer(x, x) * M).sum(),
    "matmul": lambda x: np.matmul(x, np.matmul(M, x)),
    "vecdot": lambda x: np.vecdot(x, x),
    "matvec": lambda x: (np.matvec(M, x) ** 2).sum(),
    "vecmat": lambda x: (np.vecmat(x, M) ** 2).sum(),
    "tensordot": lambda x: (np.tensordot(M, x, 1) ** 2).sum(),
    "einsum": lambda x: np.einsum("i,ij,j", x, M, x, optimize=True),
    "kron": lambda x: (np.kron(x, x) * np.arange(9)).sum(),
    "cross": lambda x: (np.cross(x, [1.0, 2.0, 3.0]) ** 2).sum(),
    "trace": lambda x: np.trace(np.outer(x, x)),
    "polyval": lambda x: np.polyval([1.0, 2.0, 3.0], x).sum(),
    "polyadd": lambda x: (np.polyadd(x, [1.0, 2.0]) ** 2).sum(),
    "polysub": lambda x: (np.polysub(x, [1.0, 2.0]) ** 2).sum(),
    "polymul": lambda x: (np.polymul(x, [1.0, 2.0]) ** 2).sum(),
    "polydiv": lambda x: (np.polydiv(x, [1.0, 2.0])[0] ** 2).sum(),
    "polyder": lambda x: (np.polyder(x) ** 2).sum(),
    "polyint": lambda x: (np.polyint(x) ** 2).sum(),
    "polyfit": lambda x: (np.polyfit([0.0, 1.0, 2.0], x, 1) ** 2).sum(),
    "roots": lambda x: np.roots(x)[0].real,
    "poly": lambda x: np.poly(x).sum(),
    "vander": lambda x: np.vander(x).sum(),
    # shapes
    "reshape": lambda x: np.reshape(np.outer(x, x), 9)[4],
    "ravel": lambda x: (np.ravel(np.outer(x, x)) * np.arange(9)).sum(),
    "transpose": lambda x: (np.transpose(np.outer(x, x)) * M).sum(),
    "permute_dims": lambda x: (np.permute_dims(np.outer(x, x), (1, 0)) * M).sum(),
    "matrix_transpose": lambda x: (np.matrix_transpose(np.outer(x, W)) * M).sum(),
    "swapaxes": lambda x: (np.swapaxes(np.outer(x, W), 0, 1) * M).sum(),
    "moveaxis": lambda x: (np.moveaxis(np.outer(x, W), 0, 1) * M).sum(),
    "rollaxis": lambda x: (np.rollaxis(np.outer(x, W), 1) * M).sum(),
    "squeeze": lambda x: (np.squeeze(x[None]) ** 2).sum(),
    "expand_dims": lambda x: (np.expand_dims(x, 0) ** 2).sum(),
    "atleast_1d": lambda x: (np.atleast_1d(x) ** 2).sum(),
    "atleast_2d": lambda x: (np.atleast_2d(x) ** 2).sum(),
    "atleast_3d": lambda x: (np.atleast_3d(x) ** 2).sum(),
    "broadcast_to": lambda x: (np.broadcast_to(x, (2, 3)) ** 2).sum(),
    "broadcast_arrays": lambda x: (np.broadcast_arrays(x, M)[0] * M).sum(),
    "concatenate": lambda x: np.concatenate([x, np.ones(2)]).sum() ** 2,
    "concat": lambda x: np.concat([x, np.ones(2)]).sum() ** 2,
    "stack": lambda x: np.stack([x, x * x]).sum(axis=0)[1],
    "vstack": lambda x: (np.vstack([x, W]) ** 2).sum(),
    "hstack": lambda x: (np.hstack([x, W]) ** 2).sum(),
    "dstack": lambda x: (np.dstack([x, W]) ** 2).sum(),
    "column_stack": lambda x: (np.column_stack([x, W]) ** 2).sum(),
    "block": lambda x: (np.block([x, W]) ** 2).sum(),
    "append": lambda x: np.exp(np.append(x, 1.0)).sum(),
    "insert": lambda x: (np.insert(x, 1, 5.0) ** 2).sum(),
    "delete": lambda x: (np.delete(x, 1) ** 2).sum(),
    "resize": lambda x: (np.resize(x, 5) ** 2).sum(),
    "split": lambda x: (np.split(x, 3)[1] ** 2).sum(),
    "array_split": lambda x: (np.array_split(x, 2)[0] ** 2).sum(),
    "hsplit": lambda x: (np.hsplit(x, 3)[0] ** 2).sum(),
    "vsplit": lambda x: (np.vsplit(np.outer(x, x), 3)[0] ** 2).sum(),
    "dsplit": lambda x: (np.dsplit(x[None, None], 3)[0] ** 2).sum(),
    "unstack": lambda x: np.unstack(x)[0] ** 2,
    "tile": lambda x: np.tile(x, 2).sum() ** 2,
    "repeat": lambda x: np.repeat(x, 2).sum() ** 2,
    "roll": lambda x: (np.roll(x, 1) * x).sum(),
    "rot90": lambda x: (np.rot90(np.outer(x, W)) * M).sum(),
    "flip": lambda x: (np.flip(x) * W).sum(),
    "fliplr": lambda x: (np.fliplr(np.outer(x, W)) * M).sum(),
    "flipud": lambda x: (np.flipud(x) * W).sum(),
    "pad": lambda x: (np.pad(x, 1, mode="edge") ** 2).sum(),
    "diag": lambda x: (np.diag(x) * M).sum(),
    "diagflat": lambda x: (np.diagflat(x) * M).sum(),
    "diagonal": lambda x: (np.diagonal(np.outer(x, x)) * W).sum(),
    "tril": lambda x: np.tril(np.outer(x, x)).sum(),
    "triu": lambda x: np.triu(np.outer(x, x)).sum(),
    "meshgrid": lambda x: (np.meshgrid(x, W)[0] ** 2).sum(),
    "linspace": lambda x: (np.linspace(x[0], x[1], 4) ** 2).sum(),
    "logspace": lambda x: np.logspace(x[0], x[1], 4).sum(),
    "geomspace": lambda x: np.geomspace(x[0] + 1, x[2] + 2, 4).sum(),
    "full": lambda x: (np.full((2, 3), x) ** 2).sum(),
    "full_like": lambda x: (np.full_like(x, x[0]) ** 2).sum(),
    "zeros_like": lambda x: (np.zeros_like(x) + x).sum() ** 2,
    "ones_like": lambda x: (np.ones_like(x) * x).sum() ** 2,
    "empty_like": lambda x: x.sum() * np.empty_like(x).size,
    "copy": lambda x: (np.copy(x) ** 2).sum(),
    "asarray": lambda x: (np.asarray(x) ** 2).sum(),
    "asanyarray": lambda x: (np.asanyarray(x) ** 2).sum(),
    "array": lambda x: (np.array([x[0], x[1], 2.0]) ** 2).sum(),
    "ascontiguousarray": lambda x: (np.ascontiguousarray(x) ** 2).sum(),
    "fill_diagonal": lambda x: _in_place(np.fill_diagonal, np.outer(x, x), 3.0),
    "put": lambda x: _in_place(np.put, x * x, [0], [2.0]),
    "place": lambda x: _in_place(np.place, x * x, np.array([True, False, False]), [2.0]),
    "putmask": lambda x: _in_place(np.putmask, x * x, np.array([True, False, False]), [2.0]),
    "put_along_axis": lambda x: _in_place(np.put_along_axis, x * x, np.array([0]), np.array([2.0]), 0),
    "copyto": lambda x: _in_place(np.copyto, x * x, x * 3.0, where=np.array([True, False, True])),
    "apply_along_axis": lambda x: np.apply_along_axis(lambda r: r.sum() ** 2, 0, np.outer(x, x)).sum(),
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, np.outer(x, x), [0]).sum(),
    "frompyfunc": lambda x: np.frompyfunc(lambda v: v * v, 1, 1)(x).sum(),
    "fromfunction": lambda x: np.fromfunction(lambda i: x[i] ** 2, (3,), dtype=int).sum(),
    # linear algebra
    "linalg.norm": lambda x: np.linalg.norm(x),
    "linalg.vector_norm": lambda x: np.linalg.vector_norm(x),
    "linalg.matrix_norm": lambda x: np.linalg.matrix_norm(np.outer(x, x) + M),
    "linalg.solve": lambda x: np.linalg.solve(M + np.diag(x), x).sum(),
    "linalg.inv": lambda x: np.linalg.inv(M + np.diag(x)).sum(),
    "linalg.det": lambda x: np.linalg.det(M + np.diag(x)),
    "linalg.slogdet": lambda x: np.linalg.slogdet(M + np.diag(x))[1],
    "linalg.cholesky": lambda x: np.linalg.cholesky(S + np.diag(x * x)).sum(),
    "linalg.lstsq": lambda x: np.linalg.lstsq(np.vstack([M, np.outer(x, W)]), np.arange(6.0), rcond=None)[0].sum(),
    "linalg.multi_dot": lambda x: np.linalg.multi_dot([x, M, x]),
    "linalg.matrix_power": lambda x: np.linalg.matrix_power(M + np.diag(x), 3).sum(),
    "linalg.tensorsolve": lambda x: np.linalg.tensorsolve(M + np.diag(x), x).sum(),
    "linalg.tensorinv": lambda x: np.linalg.tensorinv(M + np.diag(x), 1).sum(),
    "linalg.outer": lambda x: (np.linalg.outer(x, x) * M).sum(),
    "linalg.cross": lambda x: (np.linalg.cross(x, W) ** 2).sum(),
    "linalg.matmul": lambda x: np.linalg.matmul(x, M @ x),
    "linalg.vecdot": lambda x: np.linalg.vecdot(x, x),
    "linalg.tensordot": lambda x: (np.linalg.tensordot(M, x, axes=1) ** 2).sum(),
    "linalg.trace": lambda x: np.linalg.trace(np.outer(x, x)),
    "linalg.diagonal": lambda x: (np.linalg.diagonal(np.outer(x, x)) * W).sum(),
    "linalg.matrix_transpose": lambda x: (np.linalg.matrix_transpose(np.outer(x, W)) * M).sum(),
    "linalg.pinv": lambda x: np.linalg.pinv(M + np.diag(x)).sum(),
    "linalg.qr": lambda x: np.linalg.qr(M + np.diag(x))[1].sum(),
    "linalg.svd": lambda x: np.linalg.svd(M + np.diag(x))[1].sum(),
    "linalg.svdvals": lambda x: np.linalg.svdvals(M + np.diag(x)).sum(),
    "linalg.eig": lambda x: np.linalg.eig(S + np.diag(x))[0].sum(),
    "linalg.eigh": lambda x: np.linalg.eigh(S + np.diag(x))[0].sum(),
    "linalg.eigvals": lambda x: np.linalg.eigvals(S + np.diag(x)).sum(),
    "linalg.eigvalsh": lambda x: np.linalg.eigvalsh(S + np.diag(x)).sum(),
    "linalg.cond": lambda x: np.linalg.cond(M + np.diag(x)),
    "linalg.matrix_rank": lambda x: x.sum() * np.linalg.matrix_rank(M + np.diag(x)),
}  # fmt: skip


def _in_place(function: Any, array: Any, *args: Any, **options: Any) -> Any:
    function(array, *args, **options)
    return (array * array).sum()


_ALIASES = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan",
    "atan2": "arctan2", "atanh": "arctanh", "row_stack": "vstack",
}  # fmt: skip
for _name, _other in _ALIASES.items():
    if hasattr(np, _name):
        CASES[_name] = CASES[_other]


def _is_there(name: str) -> bool:
    """Tell whether the NumPy that is installed has a function."""
    module, _, own = name.rpartition(".")
    return hasattr(np.linalg if module else np, own)


CASES = {name: f for name, f in CASES.items() if _is_there(name)}

REFUSED = {  # with an error that says what works instead
    "fmax": "max, of which NaN is the result",
    "fmin": "min, of which NaN is the result",
    "logaddexp2": "logaddexp",
    "heaviside": "step, or where",
    "nextafter": "the next float is no function to differentiate",
    "modf": "x - floor(x)",
    "frexp": "the exponent is no function to differentiate",
    "ldexp": "x * 2.0**n",
    "signbit": "x < 0",
    "nanpercentile": "percentile of those that are numbers",
    "nanquantile": "quantile of those that are numbers",
    "polydiv": "division of polynomials asks for types",
    "polyfit": "linalg.lstsq of np.vander",
    "roots": "complex numbers",
    "linalg.tensorsolve": "reshape, and linalg.solve",
    "linalg.tensorinv": "reshape, and linalg.inv",
    "linalg.pinv": "linalg.lstsq",
    "linalg.qr": "linalg.lstsq, or linalg.cholesky",
    "linalg.svd": "iterations on floats",
    "linalg.svdvals": "iterations on floats",
    "linalg.eig": "iterations on floats",
    "linalg.eigh": "iterations on floats",
    "linalg.eigvals": "iterations on floats",
    "linalg.eigvalsh": "iterations on floats",
    "linalg.cond": "iterations on floats",
    "linalg.matrix_rank": "iterations on floats",
}
ONLY_EAGER = {"logical_xor": "!= of comparisons"}

NO_CONCERN = {
    "types, memory and settings": (
        "array2string array_repr array_str asarray_chkfinite asfortranarray asmatrix astype base_repr "
        "binary_repr broadcast_shapes can_cast common_type einsum_path empty eye identity "
        "format_float_positional format_float_scientific from_dlpack get_include get_printoptions getbufsize "
        "geterr geterrcall info iscomplexobj isdtype isfortran isrealobj isscalar issubdtype iterable "
        "may_share_memory min_scalar_type mintypecode ndim nested_iters ones printoptions promote_types "
        "real_if_close require result_type set_printoptions setbufsize seterr seterrcall shape shares_memory "
        "show_config show_runtime size test linalg.test typename zeros bmat"
    ),
    "files and text": (
        "frombuffer fromfile fromregex fromstring fromiter genfromtxt load loadtxt save savetxt savez "
        "savez_compressed"
    ),
    "integers and bits": (
        "bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or "
        "bitwise_right_shift bitwise_xor gcd invert lcm left_shift packbits right_shift unpackbits"
    ),
    "places, which are integers": (
        "arange diag_indices diag_indices_from indices ix_ mask_indices ravel_multi_index tri tril_indices "
        "tril_indices_from triu_indices triu_indices_from unravel_index unique_all unique_counts unique_inverse"
    ),
    "dates": "busday_count busday_offset datetime_as_string datetime_data is_busday isnat",
    "windows of a fixed length": "bartlett blackman hamming hanning kaiser",
    "counting, which has no slope": "histogram2d histogram_bin_edges histogramdd",
    "complex numbers": "sort_complex",
    "the floats themselves": "spacing",
}  # fmt: skip


def differences(f: Callable[[Any], Any]) -> Any:
    """Give the derivative at the point by central differences."""
    h = 1e-6
    ends = [(f(POINT + h * e), f(POINT - h * e)) for e in np.eye(3)]
    return np.array([(after - before) / (2 * h) for after, before in ends], dtype=float)


def public_names() -> list[str]:
    """List the public functions of numpy and numpy.linalg."""
    found = []
    for module, prefix in ((np, ""), (np.linalg, "linalg.")):
        for name in dir(module):
            thing = getattr(module, name)
            if not name.startswith("_") and callable(thing) and not isinstance(thing, type):
                found.append(prefix + name)
    return found
