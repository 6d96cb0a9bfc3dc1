"""The array form: statements over arrays, as plain data."""
