"""Where the command line prints."""

from rich.console import Console

__all__ = ["console"]

console = Console(markup=False, emoji=False, highlight=False)  # names are shown as they are
