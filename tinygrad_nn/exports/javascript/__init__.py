"""A program as one module in JavaScript."""
