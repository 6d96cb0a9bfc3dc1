"""Figures, made with matplotlib; loaded only when one is made."""

from .curves import plot_cost as plot_cost
from .operations import plot_operation as plot_operation

__all__ = ["plot_cost", "plot_operation"]
