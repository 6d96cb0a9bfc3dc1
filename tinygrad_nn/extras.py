"""Optional dependencies: loaded when first used, and missed by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import MissingExtraError

__all__ = ["load_extra"]


def load_extra(module: str, extra: str, purpose: str) -> Any:
    """Import a module, or tell that `purpose` needs it, and which extra of this package has it."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{purpose} needs the package {package!r}, which is not installed: "
            f'pip install "tinygrad-nn[{extra}]"'
        ) from error
