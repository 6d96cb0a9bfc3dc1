"""Where the command line prints, and what it has no letter for."""

from rich.console import Console

__all__ = ["TAB", "console"]

console = Console(markup=False, emoji=False, highlight=False)  # names are shown as they are
TAB = ("tab", "\\t")  # what stands for a tab among options
