"""A program as formulas in LaTeX."""
