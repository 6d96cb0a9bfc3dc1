"""A program as a file of Python, for a library of arrays."""
