"""What a row of the table of operations is, for whoever adds one."""

from .scalar.arities import Binary as Binary
from .scalar.arities import Ternary as Ternary
from .scalar.arities import Unary as Unary
from .scalar.operation import TABLE as TABLE
from .scalar.operation import Op as Op
from .scalar.operation import flat as flat
from .scalar.operation import forget as forget

__all__ = ["TABLE", "Binary", "Op", "Ternary", "Unary", "flat", "forget"]
