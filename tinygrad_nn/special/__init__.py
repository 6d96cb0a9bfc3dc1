"""Special functions under SciPy's names, on floats and on Values, with derivatives of any order.

They are rows of a table like all other operations, which is loaded when one of them is first asked
for. Most of them are computed by SciPy: ``pip install "tinygrad-nn[science]"``.

Examples
--------
>>> from tinygrad_nn import grad
>>> from tinygrad_nn.special import digamma, gammaln, xlogy
>>> round(gammaln(10.0), 12)
12.801827480081
>>> grad(gammaln)(10.0) == digamma(10.0)
True
>>> grad(xlogy)(0.5, 1.0)
0.0
"""

from __future__ import annotations

from ..functions import log_softmax as log_softmax
from ..functions import logsumexp as logsumexp
from ..functions import softmax as softmax
from ..scalar.operation import SPECIAL
from ..scalar.ops import cbrt as cbrt
from ..scalar.ops import erf as erf
from ..scalar.ops import erfc as erfc
from ..scalar.ops import exp2 as exp2
from ..scalar.ops import expm1 as expm1
from ..scalar.ops import log1p as log1p
from ..scalar.ops import log_sigmoid as log_expit
from ..scalar.ops import sigmoid as expit
from . import reals as reals
from .bessel import i0e as i0e
from .bessel import i1e as i1e
from .bessel import ive as ive
from .bessel import j0 as j0
from .bessel import j1 as j1
from .bessel import jn as jn
from .bessel import k0e as k0e
from .bessel import k1e as k1e
from .bessel import kve as kve
from .bessel import y0 as y0
from .bessel import y1 as y1
from .bessel import yn as yn
from .betas import beta as beta
from .elementary import cosm1 as cosm1
from .elementary import log1mexp as log1mexp
from .elementary import logit as logit
from .elementary import sinc as sinc
from .elementary import xlog1py as xlog1py
from .elementary import xlogy as xlogy
from .gammas import betaln as betaln
from .gammas import digamma as digamma
from .gammas import gamma as gamma
from .gammas import lgamma as gammaln
from .gammas import log_binom as log_binom
from .gammas import polygamma as polygamma
from .incomplete import betainc as betainc
from .incomplete import gammainc as gammainc
from .incomplete import gammaincc as gammaincc
from .integrals import ellipe as ellipe
from .integrals import ellipk as ellipk
from .integrals import exp1 as exp1
from .integrals import expi as expi
from .integrals import lambertw as lambertw
from .normal import dawsn as dawsn
from .normal import erfcinv as erfcinv
from .normal import erfcx as erfcx
from .normal import erfinv as erfinv
from .normal import log_ndtr as log_ndtr
from .normal import ndtr as ndtr
from .normal import ndtri as ndtri
from .rows import find_function as find_function
from .rows import find_row as find_row

TABLE = SPECIAL
jv = jn
psi = digamma

__all__ = [
    "beta", "betainc", "betaln", "cbrt", "cosm1", "dawsn", "digamma", "ellipe", "ellipk", "erf",
    "erfc", "erfcinv", "erfcx", "erfinv", "exp1", "exp2", "expi", "expit", "expm1", "gamma",
    "gammainc", "gammaincc", "gammaln", "i0e", "i1e", "ive", "j0", "j1", "jn", "jv", "k0e", "k1e",
    "kve", "lambertw", "log1mexp", "log1p", "log_binom", "log_expit", "log_ndtr", "log_softmax",
    "logit", "logsumexp", "ndtr", "ndtri", "polygamma", "psi", "sinc", "softmax", "xlog1py",
    "xlogy", "y0", "y1", "yn",
]  # fmt: skip
