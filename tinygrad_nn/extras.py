"""Optional dependencies: loaded when first used, and missed by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import MissingExtraError

__all__ = ["load_extra"]


def load_extra(module: str, extra: str, purpose: str) -> Any:
    """Import an optional dependency.

    Parameters
    ----------
    module : str
        The module to import, as ``"scipy.special"``.
    extra : str
        The extra of this package that installs it.
    purpose : str
        What it is needed for, as the subject of a sentence.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    MissingExtraError
        When it is not installed; the message gives the command that does.

    Examples
    --------
    >>> load_extra("math", "maths", "arithmetic").sqrt(4.0)
    2.0
    >>> load_extra("no_such_module", "draw", "drawing a graph")
    Traceback (most recent call last):
    ...
    tinygrad_nn.errors.MissingExtraError: drawing a graph needs the package 'no_such_module', which is not installed: pip install "tinygrad-nn[draw]"
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{purpose} needs the package {package!r}, which is not installed: "
            f'pip install "tinygrad-nn[{extra}]"'
        ) from error
