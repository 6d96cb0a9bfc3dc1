"""Figures, made with matplotlib; loaded only when one is made."""

from .curves import plot_cost as plot_cost

__all__ = ["plot_cost"]
