"""Derivatives: of functions, of graphs, and of high orders."""

from .of_functions import grad as grad
from .of_functions import hessian as hessian
from .of_functions import jacfwd as jacfwd
from .of_functions import jacobian as jacobian
from .of_functions import jacrev as jacrev
from .of_functions import value_and_grad as value_and_grad
from .products import hvp as hvp
from .products import jvp as jvp
from .products import vjp as vjp

__all__ = ["grad", "hessian", "hvp", "jacfwd", "jacobian", "jacrev", "jvp", "value_and_grad", "vjp"]
