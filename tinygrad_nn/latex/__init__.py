"""Formulas: expressions and labels as LaTeX."""

from .formula import to_latex as to_latex

__all__ = ["to_latex"]
